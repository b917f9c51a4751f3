"""Asking sources for parcels: whom, when, how often, and what happens when they say no."""

import datetime
import types

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import jobs
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import adapters, polling
from saleor_support_plugin.tracking.adapters import Asked, Unavailable, Unreadable, registry
from saleor_support_plugin.tracking.models import Parcel, TrackingEvent
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status
from sandbox import makers
from sandbox.home.shop import SHOP

MINUTE, HOUR, DAY = polling.MINUTE, polling.HOUR, polling.DAY


class Fake(adapters.Adapter):
    """A source whose answers a test sets."""

    name, title = "fake", "Fake carrier"
    polls, batch, per_minute = True, 3, 1000
    minimum_interval = 10 * MINUTE

    def __init__(self):
        self.calls, self.status, self.error, self.bad = [], None, None, set()

    def poll(self, asked, *, api_key):
        assert api_key == "the-key"
        self.calls.append(list(asked))
        if self.error is not None:
            raise self.error
        if self.bad & {one.number for one in asked}:
            raise Unreadable("There is no object at data.")
        if self.status is None:
            return []
        return [Scan(one.number, SHOP.now(), f"code {self.status}", self.status) for one in asked]

    @property
    def numbers(self):
        return [one.number for call in self.calls for one in call]


@pytest.fixture
def fake():
    with registry.ADAPTERS.only(made := Fake()):
        yield made


@pytest.fixture
def asking(channel, fake):
    """The channel asks the fake carrier."""
    makers.switch_on(channel, tracking_provider="fake", tracking_api_key="the-key", notifications=False)
    return channel


@pytest.fixture
def parcel(channel, now):
    """``parcel(number)`` makes one that left yesterday."""
    count = iter(range(1, 10_000))

    def make(key="", *, where=channel, **values):
        number = next(count)
        return Parcel.objects.create(
            **{
                "fulfillment_id": f"F{number}", "order_id": "O1", "channel_id": makers.gid(where), "state": "skipped",
                "tracking_key": key or f"KEY{number}", "shipped_at": now - DAY, "country": "ES",
                "carrier_code": "seur", **values,
            }
        )  # fmt: skip

    return make


def poll(moment, limit=100):
    return polling.poll(now=moment, limit=limit)


def fresh(row):
    row.refresh_from_db()
    return row


def test_a_parcel_is_asked_for_and_its_scans_are_kept(asking, fake, parcel, now):
    row, fake.status = parcel("KEY1"), Status.IN_TRANSIT
    assert poll(now) == 1
    assert fake.calls == [[Asked("KEY1", "seur", "ES", is_new=True)]]
    event = TrackingEvent.objects.get()
    assert (event.key, event.status, event.source) == ("KEY1", "in_transit", "poll:fake")
    assert (fresh(row).status, row.polls_failed) == ("in_transit", 0)
    assert now + 0.85 * 3 * HOUR <= row.next_poll_at <= now + 1.15 * 3 * HOUR
    assert poll(now + 2 * HOUR) == 0
    assert poll(now + 4 * HOUR) == 1
    assert fake.calls[1] == [Asked("KEY1", "seur", "ES", is_new=False)]


@pytest.mark.parametrize(
    "options", [{"tracking_api_key": ""}, {"tracking": False}, {"tracking_provider": ""}]
)
def test_nobody_is_asked_without_a_key_and_a_source(options, asking, fake, parcel, now):
    row = parcel()
    poll(now)
    makers.switch_on(asking, **options)
    assert poll(now + DAY) == 0
    assert len(fake.calls) == 1
    assert fresh(row).next_poll_at is None


def test_a_package_that_was_removed_is_asked_no_more(asking, fake, parcel, now):
    row = parcel()
    poll(now)
    with registry.ADAPTERS.only():
        assert poll(now + DAY) == 0
    assert fresh(row).next_poll_at is None


def test_a_source_that_can_not_be_asked_is_not(asking, fake, parcel, now, monkeypatch):
    monkeypatch.setattr(Fake, "polls", False)
    parcel()
    assert poll(now) == 0
    assert fake.calls == []


def test_options_that_can_not_be_read_stop_no_other_channel(asking, fake, parcel, now, shop, monkeypatch):
    other = makers.make_channel(slug="other")
    real = shop.settings

    def settings(channel_id):
        if channel_id == makers.gid(other):
            raise polling.SupportError("The options can't be read.")
        return real(channel_id)

    monkeypatch.setattr(shop, "settings", settings)
    parcel()
    assert poll(now) == 1


@pytest.mark.parametrize("status", [Status.DELIVERED, Status.RETURNED, Status.CANCELLED, Status.EXPIRED])
def test_an_end_is_an_end(status, asking, fake, parcel, now):
    ended, ends = parcel(status=status), parcel("KEY9")
    fake.status = status
    assert poll(now) == 1
    assert fake.numbers == ["KEY9"]
    assert (fresh(ends).status, ends.next_poll_at) == (status, None)
    assert poll(now + 2 * DAY) == 0
    assert fresh(ended).next_poll_at is None


def test_what_ends_by_a_webhook_is_not_asked_for_again(asking, fake, parcel, now):
    row, fake.status = parcel(), Status.IN_TRANSIT
    poll(now)
    Parcel.objects.update(status="delivered")
    assert poll(now + DAY) == 0
    assert fresh(row).next_poll_at is None


def test_only_what_left_within_sixty_days_and_has_a_number(asking, fake, parcel, now):
    parcel(shipped_at=now - 61 * DAY)
    parcel(shipped_at=None)
    Parcel.objects.filter(pk=parcel().pk).update(tracking_key="")
    old = parcel("OLD4", shipped_at=now - 60 * DAY + HOUR)
    assert poll(now) == 1
    assert fake.numbers == ["OLD4"]
    assert poll(now + 2 * DAY) == 1
    assert fresh(old).next_poll_at is None
    assert poll(now + 4 * DAY) == 0


@pytest.mark.parametrize(
    ("status", "quiet", "reports", "wait"),
    [
        (Status.PENDING, 0, False, 4 * HOUR), (Status.INFO_RECEIVED, 0, False, 4 * HOUR),
        (Status.IN_TRANSIT, 0, False, 3 * HOUR), (Status.OUT_FOR_DELIVERY, 0, False, 45 * MINUTE),
        (Status.ATTEMPT_FAILED, 0, False, 3 * HOUR), (Status.AVAILABLE_FOR_PICKUP, 0, False, 6 * HOUR),
        (Status.EXCEPTION, 0, False, 4 * HOUR), (Status.RETURNING, 0, False, 12 * HOUR),
        (Status.IN_TRANSIT, 7, False, 6 * HOUR), (Status.IN_TRANSIT, 14, False, 12 * HOUR),
        (Status.IN_TRANSIT, 0, True, 12 * HOUR), (Status.RETURNING, 14, True, DAY),
    ],
)  # fmt: skip
def test_how_often_depends_on_where_it_is(status, quiet, reports, wait):
    found = polling.interval(status, quiet_for=quiet * DAY, adapter=Fake(), reports=reports)
    assert found == wait


def test_every_open_status_has_its_interval():
    assert {*polling.INTERVALS, *polling.OVER} == set(Status)


def test_no_source_is_asked_more_often_than_it_allows():
    class Slow(Fake):
        minimum_interval = 5 * HOUR

    found = polling.interval(Status.OUT_FOR_DELIVERY, quiet_for=0 * DAY, adapter=Slow(), reports=False)
    assert found == 5 * HOUR


def test_where_webhooks_come_parcels_are_asked_for_more_seldom(asking, fake, parcel, now):
    makers.switch_on(asking, tracking_secret="0123456789abcdef")
    row, fake.status = parcel(), Status.IN_TRANSIT
    poll(now)
    assert now + 0.85 * 12 * HOUR <= fresh(row).next_poll_at <= now + 1.15 * 12 * HOUR


def test_parcels_that_left_together_part(asking, fake, parcel, now):
    for _one in range(20):
        parcel()
    poll(now)
    assert len(set(Parcel.objects.values_list("next_poll_at", flat=True))) == 20


def test_failures_back_off_and_a_success_forgets_them(asking, fake, parcel, now):
    row, moment = parcel(), now
    fake.error = Unavailable("No answer: ReadTimeout.")
    for failures, wait in enumerate((15, 30, 60, 120, 240, 480, 960, 1440, 1440), 1):
        assert poll(moment) == 1
        assert fresh(row).polls_failed == failures
        assert moment + wait * MINUTE / 2 <= row.next_poll_at <= moment + wait * MINUTE
        moment = row.next_poll_at
    fake.error = None
    assert poll(moment) == 1
    assert fresh(row).polls_failed == 0


def test_a_source_that_is_down_is_asked_once_a_run(asking, fake, parcel, now):
    for _one in range(9):
        parcel()
    fake.error = Unavailable("No answer: ConnectTimeout.")
    assert poll(now) == 3
    assert len(fake.calls) == 1


def test_who_says_when_to_come_again_is_left_alone_until_then(asking, fake, parcel, now):
    for _one in range(9):
        parcel()
    fake.error = Unavailable("The answer was 429.", retry_after=7200)
    assert poll(now) == 3
    fake.error = None
    assert poll(now + 119 * MINUTE) == 0
    assert poll(now + 121 * MINUTE) == 9


def test_a_key_that_is_refused_is_tried_again_after_six_hours(asking, fake, parcel, now):
    parcel()
    fake.error = Unavailable("The answer was 401.", refused=True)
    assert poll(now) == 1
    assert poll(now + 6 * HOUR - MINUTE) == 0
    assert poll(now + 6 * HOUR + MINUTE) == 1


def test_parcels_are_asked_for_a_few_at_a_time(asking, fake, parcel, now):
    for _one in range(7):
        parcel()
    assert poll(now) == 7
    assert [len(call) for call in fake.calls] == [3, 3, 1]


def test_a_run_asks_for_no_more_than_it_may(asking, fake, parcel, now):
    for _one in range(7):
        parcel()
    assert poll(now, limit=4) == 4
    assert poll(now, limit=4) == 3
    assert sorted(fake.numbers) == sorted(Parcel.objects.values_list("tracking_key", flat=True))


def test_a_run_ends_in_time(asking, fake, parcel, now, monkeypatch):
    for _one in range(7):
        parcel()
    moments = iter([0.0, 1.0, polling.RUN + 1.0])
    monkeypatch.setattr(polling, "time", types.SimpleNamespace(monotonic=lambda: next(moments)))
    assert poll(now) == 3


def test_the_quota_of_a_minute_is_kept_by_all_channels_of_an_account(asking, fake, parcel, now, monkeypatch):
    monkeypatch.setattr(Fake, "per_minute", 4)
    other = makers.make_channel(slug="other")
    makers.switch_on(other, tracking_provider="fake", tracking_api_key="the-key")
    for number in range(6):
        parcel(where=(asking, other)[number % 2])
    assert poll(now) == 4
    assert poll(now + datetime.timedelta(seconds=30)) == 0
    assert poll(now + 2 * MINUTE) == 2
    assert len(set(fake.numbers)) == 6


def test_a_number_that_two_parcels_share_is_asked_for_once(asking, fake, parcel, now):
    parcel("SAME1"), parcel("SAME1")
    fake.status = Status.OUT_FOR_DELIVERY
    assert poll(now) == 2
    assert fake.numbers == ["SAME1"]
    assert set(Parcel.objects.values_list("status", flat=True)) == {"out_for_delivery"}


def test_an_answer_that_can_not_be_read_keeps_nothing_from_the_others(asking, fake, parcel, now, caplog):
    rows = {key: parcel(key) for key in ("A1", "B2", "C3")}
    fake.bad, fake.status = {"B2"}, Status.IN_TRANSIT
    assert poll(now) == 3
    assert {key: fresh(row).status for key, row in rows.items()} == {
        "A1": "in_transit", "B2": "pending", "C3": "in_transit",
    }  # fmt: skip
    assert [fresh(rows[key]).polls_failed for key in ("A1", "B2", "C3")] == [0, 1, 0]
    assert "An answer of Fake carrier can't be used: There is no object at data." in caplog.text


def test_an_adapter_that_breaks_is_backed_off_from(asking, fake, parcel, now, caplog):
    row, fake.error = parcel(), ValueError("with the-key in it")
    assert poll(now) == 1
    assert fresh(row).polls_failed == 1
    assert "the-key" not in caplog.text


def test_what_was_not_asked_for_is_not_heard(asking, fake, parcel, now, monkeypatch):
    parcel("MINE1")
    stray = [Scan("OTHERS3", now, "x", Status.DELIVERED), Scan("mi-ne 1", now, "y", Status.IN_TRANSIT)]
    monkeypatch.setattr(fake, "poll", lambda asked, *, api_key: stray)
    poll(now)
    assert list(TrackingEvent.objects.values_list("key", flat=True)) == ["MINE1"]


def test_what_somebody_asks_for_is_left_alone(asking, fake, parcel, now, monkeypatch):
    parcel()
    seen = []

    def answer(asked, *, api_key):
        seen.append(poll(now + MINUTE))  # another worker, while this one waits for the answer
        return []

    monkeypatch.setattr(fake, "poll", answer)
    assert poll(now) == 1
    assert seen == [0]


def test_a_worker_that_dies_loses_nothing(asking, fake, parcel, now):
    row, fake.error = parcel(), SystemExit()
    with pytest.raises(SystemExit):
        poll(now)
    fake.error = None
    assert fresh(row).next_poll_at == now + polling.LEASE
    assert poll(now + polling.LEASE) == 1


def test_a_shop_that_does_not_answer_is_told_to_the_job(asking, fake, parcel, now, monkeypatch):
    row, fake.status = parcel(), Status.IN_TRANSIT

    def broken(*args, **more):
        raise ShopUnavailable("no answer")

    monkeypatch.setattr(polling.service, "record", broken)
    with pytest.raises(ShopUnavailable):
        poll(now)
    assert fresh(row).next_poll_at == now + polling.LEASE


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_source_is_asked(asking, fake, parcel, now, monkeypatch):
    parcel()
    seen = []
    monkeypatch.setattr(fake, "poll", lambda asked, *, api_key: seen.append(connection.in_atomic_block) or [])
    assert poll(now) == 1
    assert seen == [False]


def test_queries_do_not_grow_with_the_parcels(asking, fake, parcel, now, monkeypatch):
    monkeypatch.setattr(Fake, "batch", 100)
    counts = []
    for moment, number in ((now, 10), (now + DAY, 90)):
        for _one in range(number):
            parcel()
        fake.status = Status.IN_TRANSIT
        with CaptureQueriesContext(connection) as queries:
            poll(moment)
        # SQLite takes rows to insert a few at a time.
        counts.append(sum(not query["sql"].startswith("INSERT") for query in queries))
    assert [len(call) for call in fake.calls] == [10, 100]
    assert counts[1] <= counts[0]


def test_the_job_asks(asking, fake, parcel):
    parcel()
    jobs.run("poll_parcels")
    assert len(fake.calls) == 1


def test_a_key_is_not_shown(asking, fake):
    source = polling.source_of(SHOP.settings(makers.gid(asking)))
    assert "the-key" not in repr(source)
    assert "the-key" not in source.account
