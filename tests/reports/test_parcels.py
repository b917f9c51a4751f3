"""What the health report says of news of parcels that do not come in."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import SYSTEM, Actor, ActorKind, Permission
from saleor_support_plugin.reports import options, parcels
from saleor_support_plugin.reports.health import health
from saleor_support_plugin.tracking.models import Parcel, TrackingPayload
from sandbox import makers
from sandbox.home.shop import SHOP

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def channel(shop):
    made = makers.make_channel("here")
    makers.switch_on(made)
    return made


def problems(now, actor=SYSTEM):
    return [(one.level, one.code, one.message) for one in parcels.problems(actor, now)]


def staff(*channels):
    return Actor(ActorKind.STAFF, permissions=frozenset(Permission), channels=frozenset(channels))


def payload(channel, number, **values):
    return TrackingPayload.objects.create(
        channel_id=makers.gid(channel), adapter=values.pop("adapter", "aftership"), digest=str(number), body="{}", **values
    )  # fmt: skip


def polled(channel, number, **values):
    return Parcel.objects.create(
        fulfillment_id=str(number), order_id="O", channel_id=makers.gid(channel), state="skipped", **values
    )


def test_nothing_is_wrong_with_nothing(channel, now):
    payload(channel, 1, received_at=now - 14 * datetime.timedelta(minutes=1))
    payload(channel, 2, received_at=now - 8 * DAY, state="unreadable", error="old")
    payload(channel, 3, received_at=now - 8 * DAY, state="read")
    polled(channel, 1, next_poll_at=now - HOUR, polls_failed=2)
    polled(channel, 2, polls_failed=9)
    assert problems(now) == []


def test_webhooks_that_nobody_reads(channel, now):
    payload(channel, 1, received_at=now - HOUR)
    assert problems(now) == [
        ("critical", "payloads_waiting", "Webhooks of tracking providers are not read, since 2024-04-17 11:00 UTC.")
    ]  # fmt: skip


def test_webhooks_that_can_not_be_read(channel, now):
    payload(channel, 1, received_at=now - DAY, state="unreadable", error="The body is no JSON: ValueError.")
    payload(channel, 2, received_at=now - HOUR, state="unreadable", error="There is no object at msg.")
    payload(channel, 3, received_at=now - 2 * HOUR, state="unreadable", error="…", adapter="easypost")
    told = (
        "Webhooks of the last 7 days that could not be read: aftership 2, easypost 1. "
        "The latest: There is no object at msg."
    )  # fmt: skip
    assert problems(now) == [("warning", "payloads_unreadable", told)]


def test_sources_that_can_not_be_asked(channel, now):
    for number in range(3):
        polled(channel, number, next_poll_at=now + HOUR, polls_failed=3)
    told = "3 parcels could not be asked for 3 times or more; the log says why."
    assert problems(now) == [("warning", "polls_failing", told)]


def test_counting_stops(channel, now, monkeypatch):
    monkeypatch.setattr(parcels, "MOST", 2)
    for number in range(4):
        polled(channel, number, next_poll_at=now + HOUR, polls_failed=3)
    assert problems(now)[0][2].startswith("More than 2 parcels could not")


def test_parcels_that_wait_to_be_asked_for(channel, now):
    polled(channel, 1, next_poll_at=now - 3 * HOUR)
    assert problems(now) == [
        ("warning", "polls_late", "Parcels wait to be asked for since 2024-04-17 09:00 UTC.")
    ]


def test_staff_of_another_channel_sees_nothing_of_it(channel, now):
    payload(channel, 1, received_at=now - HOUR)
    polled(channel, 1, next_poll_at=now - 3 * HOUR, polls_failed=3)
    other = makers.make_channel("there")
    assert problems(now, staff(makers.gid(other))) == []
    assert len(problems(now, staff(makers.gid(channel)))) == 3


def test_the_report_has_it(channel, now):
    payload(channel, 1, received_at=now - HOUR)
    makers.switch_on(channel, tracking_provider="aftership")
    codes = {(one.code, one.channel) for one in health(actor=SYSTEM, now=now).problems}
    assert {("payloads_waiting", ""), ("tracking_source", "here")} <= codes


@pytest.mark.parametrize("number", [10, 100])
def test_it_costs_five_queries(channel, now, number):
    for one in range(number):
        payload(channel, one, received_at=now - HOUR, state="unreadable", error="…")
        polled(channel, one, next_poll_at=now - 3 * HOUR, polls_failed=3)
    with CaptureQueriesContext(connection) as queries:
        assert len(problems(now)) == 3
    assert len(queries) == 5


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"tracking_provider": "aftership", "tracking_secret": "0123456789abcdef"}, []),
        ({"tracking_provider": "aftership", "tracking_api_key": "k"}, []),
        (
            {"tracking_provider": "aftership"},
            ["The tracking provider is not heard and not asked: set its secret, or its key, or both."],
        ),
    ],
)
def test_a_provider_that_is_named_must_be_heard_or_asked(channel, values, expected):
    makers.switch_on(channel, **values)
    settings = SHOP.settings(makers.gid(channel))
    assert [one.message for one in parcels.of_channel(settings, "here")] == expected
    makers.switch_on(channel, tracking=False)
    assert list(parcels.of_channel(SHOP.settings(makers.gid(channel)), "here")) == []


@pytest.mark.parametrize("name", ["nobody", "signed"])
def test_a_provider_that_does_not_exist_is_refused(name):
    told = options.problems({"tracking_provider": name})
    assert told == {
        "tracking_provider": f"Tracking provider: There is no tracking provider {name!r}. "
        "There are: aftership, easypost, seventeentrack, shippo."
    }
    assert options.problems({"tracking_provider": "EasyPost"}) == {}
    assert set(options.problems({"tracking_provider": "a/b"})) == {"tracking_provider"}


@pytest.mark.parametrize("name", ["tracking_secret", "tracking_own_secret"])
def test_a_short_secret_is_refused(name):
    assert set(options.problems({name: "short"})) == {name}
    assert options.problems({name: "long-enough-to-keep"}) == {}


def test_secrets_are_not_shown(channel):
    makers.switch_on(
        channel, tracking_secret="0123456789abcdef", tracking_own_secret="fedcba9876543210", tracking_api_key="key-7"
    )  # fmt: skip
    shown = repr(SHOP.settings(makers.gid(channel)))
    assert not [one for one in ("0123456789abcdef", "fedcba9876543210", "key-7") if one in shown]
