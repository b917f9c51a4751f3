"""Asking sources that misbehave, and parcels that change while a source is asked."""

import itertools

import pytest

from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import polling
from saleor_support_plugin.tracking.adapters import Unavailable, Unreadable
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status
from sandbox import makers
from tests.tracking.test_polling import DAY, HOUR, MINUTE, Fake, asking, fake, fresh, parcel, poll

__all__ = ["asking", "fake", "parcel"]


def test_scans_that_can_not_be_kept_stop_no_other_source(asking, fake, parcel, now, monkeypatch):
    other = makers.make_channel(slug="other")
    makers.switch_on(other, tracking_provider="fake", tracking_api_key="the-key", notifications=False)
    bad, good, theirs = parcel("BAD1"), parcel("GOOD2"), parcel("THEIRS3", where=other)

    def answer(asked, *, api_key):
        times = {"BAD1": None}  # somebody's adapter did not find out when
        return [Scan(one.number, times.get(one.number, now), "x", Status.IN_TRANSIT) for one in asked]

    monkeypatch.setattr(fake, "poll", answer)
    assert poll(now) == 3
    assert [fresh(one).status for one in (bad, good, theirs)] == ["pending", "in_transit", "in_transit"]
    assert [one.polls_failed for one in (bad, good, theirs)] == [1, 0, 0]
    assert bad.next_poll_at > now


def test_a_number_that_changes_while_it_is_asked_for_is_asked_for_anew(
    asking, fake, parcel, now, monkeypatch
):
    row, failing = parcel("OLD1"), parcel("OLD2")

    def answer(asked, *, api_key):
        if asked[0].number == "OLD2":
            raise Unavailable("No answer: ReadTimeout.")
        # What happens when staff change the number, or take it away: see tracking.parcels.
        Parcel.objects.filter(pk=row.pk).update(tracking_key="NEW1", next_poll_at=None)
        Parcel.objects.filter(pk=failing.pk).update(tracking_key="", next_poll_at=None)
        return []

    monkeypatch.setattr(Fake, "batch", 1)
    monkeypatch.setattr(fake, "poll", answer)
    poll(now, limit=1)
    assert fresh(row).next_poll_at is None
    monkeypatch.setattr(
        fake, "poll", lambda asked, *, api_key: seen.extend(one.number for one in asked) or []
    )
    seen = []
    poll(now + MINUTE)
    assert seen == ["NEW1"]


def test_a_number_that_is_taken_away_while_a_source_fails_is_not_asked_for(
    asking, fake, parcel, now, monkeypatch
):
    row = parcel("OLD1")

    def answer(asked, *, api_key):
        Parcel.objects.filter(pk=row.pk).update(tracking_key="", next_poll_at=None)
        raise Unavailable("No answer: ReadTimeout.")

    monkeypatch.setattr(fake, "poll", answer)
    poll(now)
    assert fresh(row).next_poll_at is None
    Parcel.objects.filter(pk=row.pk).update(next_poll_at=now)  # however that came about
    assert poll(now + DAY) == 0
    assert fresh(row).next_poll_at is None  # or health would tell of it for ever


def test_a_source_that_breaks_on_everything_is_not_asked_for_each_parcel(
    asking, fake, parcel, now, monkeypatch
):
    monkeypatch.setattr(Fake, "batch", 50)
    rows = [parcel() for _one in range(50)]
    fake.error = Unreadable("The answer is no JSON.")
    assert poll(now) == 50
    assert len(fake.calls) == polling.TRIES
    assert {fresh(row).polls_failed for row in rows} == {1}
    assert all(row.next_poll_at >= now + 7 * MINUTE for row in rows)


def test_a_source_that_breaks_on_many_is_asked_no_more_than_so_often(asking, fake, parcel, now, monkeypatch):
    monkeypatch.setattr(Fake, "batch", 64)
    rows = [parcel() for _one in range(64)]
    fake.bad = {row.tracking_key for row in rows[1::2]}
    assert poll(now) == 64
    assert len(fake.calls) <= polling.TRIES + 1
    assert all(fresh(row).next_poll_at > now for row in rows)


def test_asking_for_fewer_at_a_time_keeps_to_the_quota(asking, fake, parcel, now, monkeypatch):
    monkeypatch.setattr(Fake, "batch", 4)
    monkeypatch.setattr(Fake, "per_minute", 7)
    rows = [parcel() for _one in range(4)]
    fake.error = Unreadable("There is no object at data.")
    poll(now)
    assert sum(len(call) for call in fake.calls) <= 7
    assert all(fresh(row).next_poll_at > now for row in rows)
    assert {row.polls_failed for row in rows} == {1}  # or it would begin anew every minute


def test_who_was_answered_before_a_source_went_down_did_not_fail(asking, fake, parcel, now, monkeypatch):
    rows = {key: parcel(key) for key in ("A1", "B2", "C3")}

    def answer(asked, *, api_key):
        if len(asked) > 1:
            raise Unreadable("There is no object at data.")
        if asked[0].number != "A1":
            raise Unavailable("The answer was 429.", retry_after=120)
        return []

    monkeypatch.setattr(fake, "poll", answer)
    assert poll(now) == 3
    assert [fresh(rows[key]).polls_failed for key in ("A1", "B2", "C3")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (Unavailable("The answer was 429.", retry_after=7200), 2 * HOUR),
        (Unavailable("The answer was 401.", refused=True), 6 * HOUR),
    ],
)
def test_parcels_that_leave_during_a_pause_wait_too(error, pause, asking, fake, parcel, now):
    parcel()
    fake.error = error
    assert poll(now) == 1
    late = parcel("LATE9")
    assert poll(now + MINUTE) == 0
    assert fresh(late).next_poll_at == now + pause
    fake.error = None
    assert poll(now + pause) == 2
    assert len(fake.calls) == 2


def test_a_pause_is_of_one_account(asking, fake, parcel, now, monkeypatch):
    other = makers.make_channel(slug="other")
    makers.switch_on(other, tracking_provider="fake", tracking_api_key="another-key")
    mine, theirs = parcel("MINE1"), parcel("THEIRS2", where=other)

    def answer(asked, *, api_key):
        if asked[0].number == "MINE1":
            raise Unavailable("The answer was 429.", retry_after=36_000)
        return []

    monkeypatch.setattr(fake, "poll", answer)
    assert poll(now) == 2
    assert fresh(mine).next_poll_at == now + 10 * HOUR
    assert fresh(theirs).next_poll_at < now + 6 * HOUR


def test_a_pause_is_of_all_channels_with_the_same_key(asking, fake, parcel, now):
    other = makers.make_channel(slug="other")
    makers.switch_on(other, tracking_provider="fake", tracking_api_key="the-key")
    parcel(), parcel(where=other)
    fake.error = Unavailable("The answer was 429.", retry_after=7200)
    assert poll(now) == 1
    assert poll(now + 119 * MINUTE) == 0
    fake.error = None
    assert poll(now + 121 * MINUTE) == 2


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1e9, 1e300])
def test_odd_pauses_break_nothing(seconds, asking, fake, parcel, now):
    row = parcel()
    fake.error = Unavailable("The answer was 429.", retry_after=seconds)
    assert poll(now) == 1
    assert now < fresh(row).next_poll_at <= now + DAY


def test_a_shop_that_does_not_answer_stops_the_run(asking, fake, parcel, now, monkeypatch):
    parcel(), parcel()
    fake.status = Status.IN_TRANSIT
    calls = itertools.count()

    def broken(*args, **more):
        next(calls)
        raise ShopUnavailable("no answer")

    monkeypatch.setattr(polling.service, "record", broken)
    with pytest.raises(ShopUnavailable):
        poll(now)
    assert next(calls) == 1


def test_what_too_many_have_is_no_number_to_ask_for(asking, fake, parcel, now, monkeypatch):
    monkeypatch.setattr("saleor_support_plugin.tracking.numbers.MANY", 4)
    rows = [parcel("TEXT", shipped_at=now - 2 * DAY) for _one in range(5)]
    parcel("KEY1")
    poll(now)
    assert fake.numbers == ["KEY1"]
    assert {fresh(row).next_poll_at for row in rows} == {now + polling.LONGEST}
