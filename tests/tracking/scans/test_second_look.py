"""What is told when a parcel's way is not straight, or its reports are odd."""

import datetime

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking import events, reporting
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.scans import folding, service
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers, models
from sandbox.home import orders
from sandbox.home.shop import SHOP
from tests.tracking.scans.reports import DAY, HOUR, NOON, parcels, record, scan, told
from tests.tracking.shipping import UPS

LUCIA, OTHER = "lucia@example.com", "ZW1A2B3C"


def states(*kinds):
    rows = Notification.objects.filter(kind__in=kinds).order_by("pk")
    return [(row.kind, row.state, row.reason) for row in rows]


class TestOverOtherwise:
    """What was over, and was not so."""

    def test_a_delivery_that_is_heard_of_after_the_return(self, parcel):
        record(parcel, scan(1, "in_transit"))
        record(parcel, scan(9, "returned"))
        record(parcel, scan(5, "delivered"), now=NOON + 10 * HOUR)
        assert Parcel.objects.get().status == "delivered"
        assert told() == [("in_transit", LUCIA)]

    def test_nobody_is_asked_how_it_was_when_it_did_not_come(self, parcel, channel):
        makers.switch_on(channel, kinds_on="check_in")
        record(parcel, scan(1, "in_transit"))
        record(parcel, scan(2, "delivered"))
        record(parcel, scan(3, "exception", "incorrect_address", correction=True))
        ended = ("skipped", "cancelled")
        assert states("delivered", "check_in") == [("delivered", *ended), ("check_in", *ended)]
        assert told("incident_wrong_address") == [("incident_wrong_address", LUCIA)]


class TestOneBox:
    """Two shipments of one order with one number."""

    @pytest.fixture
    def both(self, ship, order):
        return [ship(order=order, quantities={line: 1}) for line in order.lines.all()]

    @pytest.mark.parametrize(
        ("where", "kinds"),
        [
            (("exception", "customs"), ["incident_customs"]),
            (("available_for_pickup",), ["pickup_ready", "pickup_reminder"]),
            (("attempt_failed",), ["delivery_attempt_failed"]),
        ],
    )
    def test_is_one_mail(self, both, where, kinds):
        record(both[0], scan(1, *where))
        assert [kind for kind, _recipient in told()] == kinds
        row = Notification.objects.get(kind=kinds[0])
        assert [one["items"] for one in row.data["parcels"]] == [one.items for one in both]
        assert StaffTask.objects.count() == (where[0] == "exception")

    def test_another_order_has_its_own(self, ship, both):
        ship()
        record(both[0], scan(1, "exception", "customs"))
        assert told() == [("incident_customs", LUCIA)] * 2


class TestNumbers:
    """Staff changes the number of one of two parcels."""

    @pytest.fixture(autouse=True)
    def _begun(self, channel, now):
        makers.switch_on(channel, quiet_hours="none")
        events.sweep(now=now - DAY, limit=100)

    def change(self, number):
        orders.track(models.Fulfillment.objects.order_by("pk").first(), number)
        events.sweep(now=SHOP.now(), limit=100)

    def test_whoever_stays_in_the_box_is_still_told_of(self, ship, order):
        one, two = [ship(order=order, quantities={line: 1}) for line in order.lines.all()]
        record(one, scan(1, "available_for_pickup"))
        self.change(OTHER)
        rows = Notification.objects.filter(kind__in=("pickup_ready", "pickup_reminder"))
        shown = [(row.state, [one["items"] for one in row.data["parcels"]]) for row in rows]
        assert shown == [("pending", [two.items])] * 2

    def test_to_one_that_was_delivered_before(self, parcel, ship, clock, send):
        other = ship(number=OTHER)
        record(other, scan(1, "in_transit", number=OTHER))
        record(other, scan(2, "delivered", number=OTHER))
        clock(NOON + 3 * HOUR)
        send()
        self.change(OTHER)
        assert Parcel.objects.get(pk=parcel.pk).status == "delivered"
        assert told("tracking_changed", "delivered") == [("delivered", LUCIA), ("tracking_changed", LUCIA)]


class TestNumberGivenAgain:
    """By the carrier, to another order months later: its scans are the later parcel's."""

    @pytest.fixture
    def later(self, parcel, channel):
        record(parcel, scan(1, "in_transit"))
        (made,) = parcels(makers.make_order(channel, email="ana@example.com"), [UPS])
        Parcel.objects.filter(pk=made.pk).update(shipped_at=NOON + 60 * DAY)
        return made

    @pytest.mark.parametrize("is_reviewed", [False, True])
    def test_the_first_customer_hears_nothing(self, parcel, later, is_reviewed):
        record(later, scan(61 * 24, "out_for_delivery"))
        if is_reviewed:
            Parcel.objects.update(review_at=NOON)
            service.sweep(now=NOON + 62 * DAY, limit=10)
        assert told("out_for_delivery") == [("out_for_delivery", "ana@example.com")]
        found = Parcel.objects.order_by("pk").values_list("status", flat=True)
        assert list(found) == ["expired", "out_for_delivery"]

    def test_the_second_is_not_born_with_the_first_ones_end(self, parcel, later):
        record(parcel, scan(40 * 24, "delivered"), now=NOON + 60 * DAY)
        assert Parcel.objects.get(pk=later.pk).status == "pending"

    def test_it_is_joined_late(self, parcel, later):
        Parcel.objects.filter(pk=later.pk).update(tracking_key="")
        record(parcel, scan(40 * 24, "delivered"), now=NOON + 50 * DAY)
        made = Parcel.objects.get(pk=later.pk)
        made.tracking_key = UPS
        folding.join([made], now=NOON + 60 * DAY)
        assert made.status == "pending"


@pytest.mark.parametrize("name", ["pickup_until", "expected_by", "next_attempt"])
@pytest.mark.parametrize("day", [datetime.date.min, datetime.date.max])
@pytest.mark.parametrize("status", ["available_for_pickup", "in_transit", "attempt_failed"])
def test_ends_of_the_calendar(parcel, name, day, status, run_jobs):
    record(parcel, scan(1, status, **{name: day}))
    run_jobs()
    assert Parcel.objects.get().status == status


@pytest.mark.parametrize("zone", [-14, 14])
@pytest.mark.parametrize("year", [datetime.MINYEAR, datetime.MAXYEAR])
def test_ends_of_time(year, zone):
    day = (1, 1) if year == datetime.MINYEAR else (12, 31)
    moment = datetime.datetime(year, *day, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=zone)))
    good, bad = reporting.sift([{"number": UPS, "happened_at": moment, "status": "delivered"}], now=NOON)
    assert (good, [one.error.field for one in bad]) == ([], ["happenedAt"])


@pytest.mark.parametrize("given", [{"status": "in_transit"}, {"status": "delivered"}, {"code": "X"}])
def test_a_correction_that_corrects_nothing_is_refused(given):
    row = {"number": UPS, "happened_at": NOON, "correction": True, **given}
    good, bad = reporting.sift([row], now=NOON)
    assert (good, [one.error.field for one in bad]) == ([], ["correction"])
