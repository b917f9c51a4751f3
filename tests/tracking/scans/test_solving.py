"""A problem that is over: told once, to those who knew of it, and never beside what says more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications.models import Notification, OptOut
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers
from sandbox.home.shop import SHOP
from tests.tracking.scans.reports import HOUR, NOON, parcels, record, scan

CUSTOMS = ("exception", "customs")


@pytest.fixture(autouse=True)
def _mails(channel):
    makers.switch_on(channel, quiet_hours="none")


@pytest.fixture
def go(parcel, clock, send):
    """``go(hours, *where)``: the parcel is scanned there, so long after noon, and mails go out."""

    def run(hours, *where, of=None, **more):
        clock(NOON + hours * HOUR)
        record(of or parcel, scan(hours, *where, **more))
        send()

    return run


@pytest.fixture
def later(clock, send):
    """Mails go out so many hours after noon."""

    def run(hours):
        clock(NOON + hours * HOUR)
        send()

    return run


def told():
    """Kind and end of all that was written of the parcel since it left, oldest first."""
    rows = Notification.objects.exclude(kind__in=("order_shipped", "staff_incident", "in_transit"))
    return [f"{row.kind} {row.state} {row.reason}".strip() for row in rows.order_by("pk")]


def tasks():
    return [(row.key.split(":", 2)[2], row.state) for row in StaffTask.objects.order_by("pk")]


class TestTheCustomer:
    def test_is_told_when_it_has_gone_on_for_an_hour(self, go, later, mailoutbox):
        go(1, *CUSTOMS)
        go(3, "in_transit", expected_by=NOON.date())
        assert told() == ["incident_customs accepted", "incident_solved pending"]
        go(3.5, "in_transit", code="on")
        later(4.1)
        later(9)
        assert told() == ["incident_customs accepted", "incident_solved accepted"]
        mail = mailoutbox[-1]
        assert mail.subject == "The problem with your parcel from order #101 is solved"
        assert "On its way" in mail.body

    def test_delivered_is_the_news(self, go, later):
        go(1, *CUSTOMS)
        go(3, "in_transit")
        go(3.5, "delivered")
        later(9)
        assert told() == [
            "incident_customs accepted", "incident_solved skipped cancelled", "delivered accepted",
        ]  # fmt: skip

    def test_is_told_when_a_problem_was_none(self, parcel, go, later):
        """The adapter has learned what a word means after it took back that the problem was over."""
        go(0.5, "in_transit")
        go(1, *CUSTOMS)
        go(3, "in_transit", code="on")
        go(3.5, "exception", "damaged", code="odd")
        record(parcel, scan(3.5, "in_transit", code="odd"), now=NOON + 4 * HOUR, replace=True)
        later(9)
        assert told() == [
            "incident_customs accepted", "incident_solved skipped cancelled", "incident_damaged accepted",
            "incident_solved accepted",
        ]  # fmt: skip

    def test_so_is_what_comes_today(self, go, later):
        go(1, *CUSTOMS)
        go(3, "out_for_delivery")
        later(9)
        assert told() == ["incident_customs accepted", "out_for_delivery accepted"]

    def test_unless_that_is_not_told(self, go, later, channel):
        makers.switch_on(channel, quiet_hours="none", kinds_off="delivered")
        go(1, *CUSTOMS)
        go(3, "delivered", "neighbour")
        later(9)
        assert told() == [
            "incident_customs accepted", "delivered skipped kind_off", "incident_solved accepted",
        ]  # fmt: skip
        assert Notification.objects.get(kind="incident_solved").data["what"] == "Left with a neighbour"

    def test_or_the_customer_wants_only_what_is_necessary(self, go, later, channel):
        OptOut.objects.create(email="lucia@example.com", channel_id=makers.gid(channel))
        go(1, *CUSTOMS)
        go(3, "delivered")
        later(9)
        assert told() == [
            "incident_customs accepted", "delivered skipped opted_out", "incident_solved accepted",
        ]  # fmt: skip

    def test_delivered_after_a_delivery_that_was_none(self, go, later):
        go(1, "in_transit")
        go(2, "delivered")
        go(3, "exception", "lost", correction=True)
        go(9, "delivered", code="found")
        later(11)
        assert told() == ["delivered accepted", "incident_lost accepted", "incident_solved accepted"]

    def test_who_was_not_told_of_it_hears_nothing(self, parcel, clock, send, later):
        for hours, where in ((1, CUSTOMS), (3, ("in_transit",))):
            clock(NOON + hours * HOUR)
            record(parcel, scan(hours, *where))
        later(9)
        assert told() == ["incident_customs skipped cancelled"]

    def test_it_comes_back_within_the_hour(self, go, later):
        go(1, *CUSTOMS)
        go(3, "in_transit")
        go(3.5, *CUSTOMS)
        later(9)
        assert told() == ["incident_customs accepted", "incident_solved skipped cancelled"]
        go(10, "in_transit")
        later(12)
        assert told()[2:] == ["incident_solved accepted"]

    def test_it_comes_back_later(self, go, later):
        go(1, *CUSTOMS)
        go(3, "in_transit")
        later(5)
        go(6, *CUSTOMS)
        go(7, *CUSTOMS, code="again")
        assert told()[2:] == ["incident_customs accepted"]

    def test_another_problem_is_not_the_end_of_one(self, go, later):
        go(1, *CUSTOMS)
        go(3, "exception", "damaged")
        go(4, "returning")
        later(9)
        assert "incident_solved" not in " ".join(told())

    def test_a_box_of_two_is_one_mail(self, ship, order, clock, send, later):
        both = [ship(order=order, quantities={line: 1}) for line in order.lines.all()]
        for hours, where in ((1, CUSTOMS), (3, ("in_transit",))):
            clock(NOON + hours * HOUR)
            record(both[0], scan(hours, *where))
            send()
        row = Notification.objects.get(kind="incident_solved")
        assert [one["items"] for one in row.data["parcels"]] == [one.items for one in both]


class TestTheTask:
    def test_is_done(self, go):
        go(1, *CUSTOMS)
        go(2, "in_transit")
        assert tasks() == [("customs", "done")]
        task = StaffTask.objects.get()
        assert (task.note, task.closed_at) == (
            "It is over, by what we hear since: On its way.", NOON + 2 * HOUR,
        )  # fmt: skip
        entry = HistoryEntry.objects.get(verb="task_done")
        assert (entry.subject, entry.order_id, entry.actor_kind) == (
            f"task:{task.pk}", task.order_id, "system",
        )  # fmt: skip

    @pytest.mark.parametrize("end", ["delivered", "returned", "cancelled"])
    def test_at_every_end(self, go, end):
        go(1, *CUSTOMS)
        go(2, "returning")
        assert tasks() == [("customs", "open"), ("returning", "open")]
        go(3, end)
        assert tasks() == [("customs", "done"), ("returning", "done")]

    def test_what_staff_closed_stays_as_it_was(self, go):
        go(1, *CUSTOMS)
        StaffTask.objects.update(state="dismissed", note="Paid.")
        go(2, "delivered")
        assert list(StaffTask.objects.values_list("state", "note")) == [("dismissed", "Paid.")]

    def test_an_attempt_is_no_end(self, go):
        go(1, *CUSTOMS)
        go(2, "attempt_failed")
        assert tasks() == [("customs", "open")]

    def test_there_is_another_when_it_comes_back(self, go, later):
        go(1, *CUSTOMS)
        go(2, "in_transit")
        later(4)
        go(5, *CUSTOMS)
        assert [state for _key, state in tasks()] == ["done", "open"]
        assert tasks()[1][0] == "customs"


def test_queries_do_not_grow_with_parcels(channel, clock, settled):
    def cost(count, first):
        order = makers.make_order(channel)
        made = parcels(order, [f"{first}{place:03}" for place in range(count)])
        numbers = [one.tracking_key for one in made]
        clock(NOON + HOUR)
        record(made[0], *(scan(1, *CUSTOMS, number=number) for number in numbers))
        Notification.objects.update(state="accepted", finished_at=SHOP.now())
        with CaptureQueriesContext(connection) as queries:
            record(made[0], *(scan(2, "in_transit", number=number) for number in numbers))
        return [one["sql"].split(" (")[0][:50] for one in queries if "SAVEPOINT" not in one["sql"]]

    few, many = cost(4, "A"), cost(12, "B")
    assert sorted(few) == sorted(many)
    assert Notification.objects.filter(kind="incident_solved").count() == 16
    assert not StaffTask.objects.filter(state="open").exists()
