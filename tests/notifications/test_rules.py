"""Whether a message goes out, waits or is dropped: each rule, and their order."""

import dataclasses
import datetime
import zoneinfo

import pytest

from saleor_support_plugin.notifications import kinds, rules
from saleor_support_plugin.notifications.models import Reason
from saleor_support_plugin.notifications.rules import SEND, Facts, Outcome, judge, quiet_until
from saleor_support_plugin.settings import Feature
from tests.notifications.samples import SETTINGS

NOW = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
MADRID = zoneinfo.ZoneInfo("Europe/Madrid")
NIGHT = datetime.time(22), datetime.time(8)


def facts(kind="order_shipped", **changes):
    given = {"created_at": NOW, "happened_at": NOW, "due_at": NOW, "zone": MADRID}
    return Facts(kind=kinds.get(kind), **{**given, **changes})


def verdict(known, now=NOW, **options):
    found = judge(known, dataclasses.replace(SETTINGS, quiet_hours=NIGHT, **options), now=now)
    return found.outcome, found.reason


def test_nothing_stands_against_it():
    assert judge(facts(), SETTINGS, now=NOW) == SEND


def test_the_feature_is_off():
    assert verdict(facts(), since={}) == (Outcome.SKIP, Reason.SWITCHED_OFF)


def test_the_kind_is_off():
    assert verdict(facts(), kinds_off=frozenset({"order_shipped"})) == (Outcome.SKIP, Reason.KIND_OFF)


def test_a_kind_that_is_off_at_first():
    assert verdict(facts("in_transit")) == (Outcome.SKIP, Reason.KIND_OFF)
    assert verdict(facts("in_transit"), kinds_on=frozenset({"in_transit"})) == (Outcome.SEND, "")


def test_what_happened_before_the_switch_is_never_mailed():
    since = {Feature.NOTIFICATIONS: NOW - HOUR}
    assert verdict(facts(happened_at=NOW - HOUR), since=since) == (Outcome.SEND, "")
    before = facts(happened_at=NOW - HOUR - datetime.timedelta(seconds=1))
    assert verdict(before, since=since) == (Outcome.SKIP, Reason.BEFORE_SWITCH)


def test_a_kind_that_is_off_at_first_counts_from_its_own_switch():
    on = {"kinds_on": frozenset({"in_transit"}), "kinds_since": {"in_transit": NOW}}
    assert verdict(facts("in_transit", happened_at=NOW - HOUR), **on) == (Outcome.SKIP, Reason.BEFORE_SWITCH)
    assert verdict(facts("in_transit"), **on) == (Outcome.SEND, "")


def test_nothing_on_its_way_after_returning():
    known = facts("out_for_delivery", silenced_by="incident_returning")
    found = judge(known, SETTINGS, now=NOW)
    assert (found.outcome, found.reason) == (Outcome.SKIP, Reason.RETURNING)
    assert found.detail == "There is a message incident_returning about it."


def test_late_by_more_than_the_limit_is_stale():
    assert verdict(facts(), now=NOW + 48 * HOUR) == (Outcome.SEND, "")
    late = NOW + 48 * HOUR + datetime.timedelta(seconds=1)
    assert verdict(facts(), now=late) == (Outcome.SKIP, Reason.STALE)
    assert verdict(facts(), now=late, stale_hours=72) == (Outcome.SEND, "")


def test_old_when_it_was_written_is_stale():
    assert verdict(facts(happened_at=NOW - 49 * HOUR)) == (Outcome.SKIP, Reason.STALE)
    assert verdict(facts(happened_at=NOW - 47 * HOUR)) == (Outcome.SEND, "")


def test_planned_ahead_is_not_stale():
    planned = facts("delivered", created_at=NOW - 200 * HOUR, happened_at=NOW - 250 * HOUR)
    assert verdict(planned) == (Outcome.SEND, "")


def test_suppressed():
    found = judge(facts(suppressed="It came back: 550 no such user"), SETTINGS, now=NOW)
    assert found == rules.Verdict(Outcome.SKIP, Reason.SUPPRESSED, "It came back: 550 no such user")


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("delivered", (Outcome.SKIP, Reason.OPTED_OUT)),
        ("order_shipped", (Outcome.SEND, "")),  # essential
        ("guest_link", (Outcome.SEND, "")),  # asked for
        ("staff_incident", (Outcome.SEND, "")),  # not the customer's to choose
    ],
)
def test_opted_out(kind, wanted):
    assert verdict(facts(kind, opted_out=True)) == wanted


def test_it_waits_until_the_group_is_complete():
    found = judge(facts(gathers_until=NOW + HOUR), SETTINGS, now=NOW)
    assert (found.outcome, found.reason, found.until) == (
        Outcome.WAIT, Reason.WAITS_FOR_MORE, NOW + HOUR,
    )  # fmt: skip
    assert verdict(facts(gathers_until=NOW)) == (Outcome.SEND, "")


def test_at_night_only_what_is_urgent():
    night = datetime.datetime(2026, 11, 24, 23, 30, tzinfo=MADRID)
    calm = facts("late_dispatch", created_at=night, happened_at=night, due_at=night)
    found = judge(calm, dataclasses.replace(SETTINGS, quiet_hours=NIGHT), now=night)
    assert (found.outcome, found.reason) == (Outcome.WAIT, Reason.QUIET_HOURS)
    assert found.until == datetime.datetime(2026, 11, 25, 8, 0, tzinfo=MADRID)
    assert verdict(facts(due_at=night), now=night) == (Outcome.SEND, "")


def test_too_many_to_one_address():
    assert verdict(facts(recent=19)) == (Outcome.SEND, "")
    found = judge(facts(recent=20), SETTINGS, now=NOW)
    assert (found.outcome, found.reason, found.until) == (Outcome.WAIT, Reason.TOO_MANY, NOW + rules.ROOM)
    assert verdict(facts("ticket_reply", recent=500)) == (Outcome.SEND, "")  # a person wrote it


def test_the_order_of_the_rules():
    worst = facts(
        "delivered", happened_at=NOW - 900 * HOUR, silenced_by="incident_returning", suppressed="It came back",
        opted_out=True, recent=99, gathers_until=NOW + HOUR,
    )  # fmt: skip
    since = {Feature.NOTIFICATIONS: NOW - HOUR}
    off = frozenset({"delivered"})
    seen = [
        verdict(worst, since={}),
        verdict(worst, since=since, kinds_off=off),
        verdict(worst, since=since),
        verdict(worst),
        verdict(dataclasses.replace(worst, silenced_by="")),
        verdict(dataclasses.replace(worst, silenced_by="", happened_at=NOW)),
        verdict(dataclasses.replace(worst, silenced_by="", happened_at=NOW, suppressed="")),
        verdict(facts("delivered", recent=99, gathers_until=NOW + HOUR)),
        verdict(facts("delivered", recent=99)),
    ]
    assert [reason for _outcome, reason in seen] == [
        "switched_off", "kind_off", "before_switch", "returning", "stale", "suppressed", "opted_out",
        "waits_for_more", "too_many",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "hours", "until"),
    [
        ("2026-11-24 21:59", "22:00-08:00", None),
        ("2026-11-24 22:00", "22:00-08:00", "2026-11-25 08:00"),
        ("2026-11-25 03:00", "22:00-08:00", "2026-11-25 08:00"),
        ("2026-11-25 08:00", "22:00-08:00", None),
        ("2026-11-25 13:30", "13:00-15:00", "2026-11-25 15:00"),
        ("2026-11-25 15:00", "13:00-15:00", None),
        ("2026-12-31 23:00", "22:00-08:00", "2027-01-01 08:00"),
        ("2026-03-28 23:00", "22:00-08:00", "2026-03-29 08:00"),  # a night of seven hours
        ("2026-10-24 23:00", "22:00-08:00", "2026-10-25 08:00"),  # one of nine
        ("2026-11-24 12:00", "none", None),
    ],
)
def test_quiet_hours_by_the_customers_clock(clock, hours, until):
    def moment(text):
        return datetime.datetime.fromisoformat(text).replace(tzinfo=MADRID)

    given = None
    if hours != "none":
        begin, end = hours.split("-")
        given = datetime.time.fromisoformat(begin), datetime.time.fromisoformat(end)
    found = quiet_until(given, MADRID, moment(clock).astimezone(datetime.UTC))
    assert found == (None if until is None else moment(until))


def test_an_end_that_the_clock_leaves_out_is_never_in_the_past():
    end = datetime.time(2, 30)  # left out in Madrid on that night
    now = datetime.datetime(2026, 3, 29, 0, 59, tzinfo=datetime.UTC)
    while until := quiet_until((datetime.time(1), end), MADRID, now):
        assert until > now
        now = until
    assert now == datetime.datetime(2026, 3, 29, 1, 30, tzinfo=datetime.UTC)
