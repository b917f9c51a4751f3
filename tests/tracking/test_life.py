"""The life of a parcel follows from its scans, whatever order they come in."""

import dataclasses
import datetime
import itertools
import random

import pytest

from saleor_support_plugin.tracking import life
from saleor_support_plugin.tracking.status import FINAL, Status, SubStatus

LEFT = datetime.datetime(2024, 4, 17, 12, 0, tzinfo=datetime.UTC)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


@dataclasses.dataclass
class Scanned:
    """A scan as the fold wants it."""

    happened_at: datetime.datetime
    status: str = ""
    sub_status: str = ""
    code: str = "x"
    carrier: str = "ups"
    description: str = ""
    place: str = ""
    details: dict = dataclasses.field(default_factory=dict)
    correction: bool = False
    received_at: datetime.datetime = LEFT + 90 * DAY
    source: str = "test"


def at(hours, status="", sub_status="", **more):
    return Scanned(LEFT + hours * HOUR, status, sub_status, **more)


def fold(*events, now=LEFT + 2 * DAY, shipped_at=LEFT, **more):
    return life.fold(events, now=now, shipped_at=shipped_at, **more)


def test_nothing_is_known():
    assert fold() == life.Life()


def test_a_whole_way():
    found = fold(
        at(1, "info_received"),
        at(2, "in_transit", details={"service": "Express", "expected_by": "2024-04-19"}),
        at(20, "out_for_delivery", details={"expected_by": "2024-04-18"}),
        at(23, "delivered", "neighbour"),
    )
    assert (found.status, found.sub_status, found.since) == ("delivered", "neighbour", LEFT + 23 * HOUR)
    assert (found.first_scan_at, found.last_scan_at) == (LEFT + 2 * HOUR, LEFT + 23 * HOUR)
    assert (found.delivered_at, found.exception, found.carrier) == (LEFT + 23 * HOUR, "", "ups")
    assert (found.expected_by, found.service) == (datetime.date(2024, 4, 18), "Express")
    assert (found.is_first, found.is_final, found.review_at) == (True, True, None)


def test_the_carriers_clock_decides_not_the_order_of_arrival():
    scans = [at(1, "in_transit"), at(2, "exception", "customs"), at(3, "in_transit"), at(4, "delivered")]
    wanted = fold(*scans)
    assert all(fold(*order) == wanted for order in itertools.permutations(scans))


@pytest.mark.parametrize("final", sorted(FINAL))
@pytest.mark.parametrize("later", sorted(set(Status) - {Status.EXPIRED}))
def test_what_is_final_does_not_go_back(final, later):
    found = fold(at(1, "in_transit"), at(2, final), at(3, later))
    assert (found.status, found.since) == (final, LEFT + 2 * HOUR)


@pytest.mark.parametrize("final", sorted(FINAL))
@pytest.mark.parametrize("later", sorted(Status))
def test_only_a_delivery_is_corrected_and_only_to_an_exception(final, later):
    found = fold(at(1, "in_transit"), at(2, final), at(3, later, "lost", correction=True))
    is_taken_back = final == "delivered" and later == "exception"
    assert found.status == ("exception" if is_taken_back else final)
    if is_taken_back:
        assert (found.delivered_at, found.exception, found.sub_status) == (None, "lost", "lost")


def test_after_a_correction_it_lives_on():
    found = fold(at(2, "delivered"), at(3, "exception", correction=True), at(9, "delivered", code="y"))
    assert (found.status, found.delivered_at, found.is_first) == ("delivered", LEFT + 9 * HOUR, False)


def test_a_correction_of_the_same_moment_comes_after_what_it_corrects():
    both = at(2, "delivered"), at(2, "exception", "lost", code="a", correction=True)
    assert fold(*both).status == fold(*reversed(both)).status == "exception"


class TestAClockThatIsAhead:
    """Of a carrier: its delivery is dated later than the person's correction of it."""

    def test_a_correction_counts(self):
        ahead = at(3, "delivered", received_at=LEFT + HOUR)
        both = ahead, at(2, "exception", "lost", correction=True, received_at=LEFT + 2 * HOUR)
        for order in (both, both[::-1]):
            found = fold(*order)
            assert (found.status, found.sub_status, found.delivered_at) == ("exception", "lost", None)

    def test_what_follows_counts_again(self):
        ahead = at(3, "delivered", received_at=LEFT + HOUR)
        taken_back = at(2, "exception", "lost", correction=True, received_at=LEFT + 2 * HOUR)
        assert fold(ahead, taken_back, at(9, "delivered", code="y")).delivered_at == LEFT + 9 * HOUR

    @pytest.mark.parametrize(("known", "dated"), [(3, 4), (1, 1.5)])
    def test_a_delivery_that_was_not_known_or_was_over_by_then_is_not_meant(self, known, dated):
        delivered = at(dated, "delivered", received_at=LEFT + known * HOUR)
        earlier = at(1, "exception", "lost", correction=True, received_at=LEFT + 2 * HOUR)
        assert fold(delivered, earlier).status == "delivered"


def test_words_that_nobody_knows_change_nothing():
    known = [at(1, "in_transit")]
    found = fold(*known, at(2), at(3))
    assert dataclasses.replace(found, heard_at=None) == dataclasses.replace(fold(*known), heard_at=None)
    assert found.heard_at == LEFT + 3 * HOUR


def test_entries_are_first_once():
    scans = [at(1, "in_transit"), at(2, "exception", "customs"), at(3, "in_transit"),
             at(4, "exception", "customs"), at(5, "exception", "lost")]  # fmt: skip
    assert [fold(*scans[:count]).is_first for count in range(1, 6)] == [True, True, False, False, True]


def test_an_exception_without_a_reason_is_another_one():
    found = fold(at(1, "exception"), at(2, "in_transit"))
    assert (found.status, found.sub_status, found.exception) == ("in_transit", "", "other")


def test_staying_somewhere_is_no_new_entry():
    found = fold(at(1, "in_transit"), at(5, "in_transit", place="Madrid", code="y"))
    assert (found.since, found.last_scan_at) == (LEFT + HOUR, LEFT + 5 * HOUR)


def test_how_it_was_delivered_may_be_told_later():
    found = fold(at(1, "delivered"), at(2, "delivered", "signed"))
    assert (found.sub_status, found.delivered_at) == ("signed", LEFT + HOUR)


class TestTwoSources:
    """The same scan told by two sources, which name the carrier differently, counts once."""

    def test_what_is_understood_counts(self):
        one, other = at(1, "", carrier="UPS Inc"), at(1, "in_transit", carrier="ups")
        assert fold(one, other).status == fold(other, one).status == "in_transit"
        assert len(life.own([one, other], shipped_at=LEFT)) == 1

    def test_whoever_comes_first(self):
        one, other = at(1, "exception", "lost", carrier="a"), at(1, "exception", "damaged", carrier="b")
        assert fold(one, other) == fold(other, one)


class TestWhoseNumber:
    """Carriers use their numbers again."""

    def test_long_before_it_left(self):
        assert fold(at(-31 * 24, "delivered"), at(1, "in_transit")).status == "in_transit"
        assert fold(at(-29 * 24, "info_received"), now=LEFT).status == "info_received"

    def test_after_a_long_silence(self):
        old = at(24, "in_transit")
        late = at(24 + 121 * 24, "out_for_delivery")
        assert fold(old, late, now=LEFT + 125 * DAY).status == "expired"
        assert fold(late, now=LEFT + 125 * DAY).status == "pending"
        assert fold(old, at(24 + 119 * 24, "delivered")).status == "delivered"


class TestExpiry:
    """Thirty days without a scan."""

    def test_it_expires(self):
        scans = [at(0, "in_transit"), at(1)]
        assert fold(*scans, now=LEFT + 30 * DAY).status == "in_transit"
        found = fold(*scans, now=LEFT + HOUR + 30 * DAY)
        assert (found.status, found.since) == ("expired", LEFT + HOUR + 30 * DAY)
        assert (found.last_scan_at, found.review_at) == (LEFT, None)
        assert fold(*scans).review_at == LEFT + HOUR + 30 * DAY

    @pytest.mark.parametrize("final", sorted(FINAL))
    def test_what_is_over_does_not(self, final):
        assert fold(at(0, final), now=LEFT + 60 * DAY).status == final

    def test_what_nobody_ever_scanned_does_not(self):
        assert fold(now=LEFT + 60 * DAY).status == "pending"

    def test_it_may_be_found(self):
        scans = [at(0, "in_transit"), at(40 * 24, "in_transit", code="found")]
        assert fold(*scans, now=LEFT + 41 * DAY).status == "in_transit"


class TestTakenBack:
    """The shop cancels a shipment."""

    def test_before_anything(self):
        found = fold(cancelled_at=LEFT + HOUR)
        assert (found.status, found.since, found.is_final) == ("cancelled", LEFT + HOUR, True)

    def test_on_the_way(self):
        found = fold(at(1, "in_transit"), at(3, "delivered"), cancelled_at=LEFT + 2 * HOUR)
        assert (found.status, found.since) == ("cancelled", LEFT + 2 * HOUR)

    def test_after_the_delivery(self):
        assert fold(at(1, "delivered"), cancelled_at=LEFT + 2 * HOUR).status == "delivered"


@pytest.mark.parametrize("seed", range(200))
def test_any_order_and_any_number_of_times(seed):
    chance = random.Random(seed)
    scans = [
        at(
            chance.randrange(12),
            chance.choice([*Status, ""]),
            chance.choice([*SubStatus, ""]),
            code=chance.choice("abc"),
            carrier=chance.choice(["ups", "United Parcel", ""]),
            correction=chance.random() < 0.1,
        )
        for _number in range(chance.randrange(1, 25))
    ]
    cancelled_at = LEFT + 6 * HOUR if chance.random() < 0.3 else None
    wanted = fold(*scans, cancelled_at=cancelled_at)
    again = scans + chance.choices(scans, k=len(scans))
    chance.shuffle(again)
    assert fold(*again, cancelled_at=cancelled_at) == wanted
