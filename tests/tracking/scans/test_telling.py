"""What becomes of a parcel is told: to the customer once, and of problems to staff, too."""

import datetime

import pytest

from saleor_support_plugin import tasks
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.scans import cases, service
from saleor_support_plugin.tracking.status import SubStatus
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers
from sandbox.home.shop import SHOP
from tests.tracking.scans.reports import DAY, HOUR, NOON, parcels, record, scan, told
from tests.tracking.shipping import MINUTE, UPS

LUCIA = "lucia@example.com"
KINDS = {
    ("in_transit", ""): "in_transit",
    ("out_for_delivery", ""): "out_for_delivery",
    ("attempt_failed", "absent"): "delivery_attempt_failed",
    ("available_for_pickup", ""): "pickup_ready",
    ("returning", ""): "incident_returning",
    ("exception", ""): "incident_other",
    ("exception", "incorrect_address"): "incident_wrong_address",
    ("exception", "moved"): "incident_wrong_address",
    ("exception", "customs"): "incident_customs",
    ("exception", "documents_missing"): "incident_customs",
    ("exception", "payment_due"): "incident_customs",
    ("exception", "refused"): "incident_refused",
    ("exception", "damaged"): "incident_damaged",
    ("exception", "disposed"): "incident_damaged",
    ("exception", "lost"): "incident_lost",
    ("exception", "weather"): "incident_delay",
    ("exception", "missed_connection"): "incident_delay",
    ("exception", "processing_delay"): "incident_delay",
    ("exception", "external_delay"): "incident_delay",
    ("exception", "pickup_missed"): "incident_other",
    ("exception", "rejected"): "incident_other",
    ("exception", "stalled"): "incident_other",
    ("exception", "other"): "incident_other",
}


def data(kind):
    return Notification.objects.get(kind=kind).data


def switch_on_at_two(channel, feature):
    makers.save_config(channel, {feature.value: False}, NOON)
    makers.switch_on(channel, feature, now=NOON + 2 * HOUR)


@pytest.mark.parametrize(("where", "kind"), KINDS.items())
def test_each_status_has_its_kind(parcel, where, kind):
    record(parcel, scan(1, *where))
    rows = [row for row in told() if row[0] != "pickup_reminder"]
    assert rows == [(kind, LUCIA)]


@pytest.mark.parametrize("where", ["pending", "info_received", "expired", "returned", "cancelled"])
def test_the_others_have_none(parcel, where):
    record(parcel, scan(-1, "info_received"), now=NOON)
    record(parcel, scan(1, where))
    assert told() == []


def test_delivered_and_what_follows(parcel, channel):
    makers.switch_on(channel, kinds_on="check_in")
    record(parcel, scan(1, "in_transit"))
    record(parcel, scan(5, "delivered", "neighbour"))
    assert told() == [("in_transit", LUCIA), ("delivered", LUCIA)]
    found = data("delivered")
    assert (found["place"], found["delivered_at"]) == ("Left with a neighbour", "2024-04-17T17:00:00+00:00")
    row = Notification.objects.get(kind="check_in")
    assert (row.state, row.due_at) == ("pending", NOON + 5 * HOUR + 5 * DAY)


def test_where_it_waits(parcel):
    record(
        parcel,
        scan(1, "available_for_pickup", point=("Estanco 14", "Calle Mayor 3"), pickup_code="4711",
             pickup_until=datetime.date(2024, 4, 24)),
    )  # fmt: skip
    found = data("pickup_ready")
    assert (found["point"], found["code"]) == (["Estanco 14", "Calle Mayor 3"], "4711")
    assert found["until"] == "2024-04-24"
    assert told("pickup_reminder") == [("pickup_reminder", LUCIA)]


def test_when_it_comes(parcel):
    record(parcel, scan(1, "in_transit", expected_by=datetime.date(2024, 4, 19)))
    record(parcel, scan(2, "out_for_delivery", window="14:00-16:00"))
    record(parcel, scan(3, "attempt_failed", "absent", next_attempt=datetime.date(2024, 4, 18)))
    assert data("in_transit")["expected_by"] == "2024-04-19"
    assert data("out_for_delivery")["window"] == "14:00-16:00"
    assert data("delivery_attempt_failed")["next_attempt"] == "2024-04-18"
    assert data("delivery_attempt_failed")["reason"] == "The courier met nobody"


def test_a_day_that_is_over_is_not_promised(parcel):
    record(parcel, scan(72, "in_transit", expected_by=datetime.date(2024, 4, 19)))
    assert data("in_transit")["expected_by"] is None


def test_in_the_customers_language(channel, ship):
    customer = makers.make_customer("ana@example.com", language="es")
    parcel = ship(order=makers.make_order(channel, customer))
    record(parcel, scan(1, "exception", "weather"))
    row = Notification.objects.get(kind="incident_delay")
    assert row.data["what"] not in ("", "Delayed by the weather")


def test_only_the_first_time(parcel, clock, send):
    for hours, where in enumerate(["in_transit", "exception", "in_transit", "exception", "in_transit"]):
        clock(NOON + hours * HOUR)
        record(parcel, scan(hours, where, "customs" if where == "exception" else ""))
        send()
    assert told("in_transit", "incident_customs") == [("in_transit", LUCIA), ("incident_customs", LUCIA)]


def test_two_problems_are_two(parcel):
    record(parcel, scan(1, "exception", "customs"))
    record(parcel, scan(2, "exception", "documents_missing"))
    assert told() == [("incident_customs", LUCIA)] * 2


def test_of_a_batch_only_where_it_is_now(parcel):
    record(parcel, scan(1, "in_transit"), scan(2, "exception", "customs"), scan(3, "out_for_delivery"))
    assert told() == [("out_for_delivery", LUCIA)]


def test_what_comes_late_is_no_news(parcel):
    record(parcel, scan(3, "out_for_delivery"))
    record(parcel, scan(2, "exception", "lost"), now=NOON + 4 * HOUR)
    assert told() == [("out_for_delivery", LUCIA)]
    assert Parcel.objects.get().exception == "lost"


def test_a_corrected_delivery(parcel):
    record(parcel, scan(1, "in_transit"))
    record(parcel, scan(2, "delivered"))
    record(parcel, scan(3, "exception", "lost", correction=True))
    assert told() == [("in_transit", LUCIA), ("delivered", LUCIA), ("incident_lost", LUCIA)]


class TestOnlyDeliveriesAreReported:
    """By some carriers; that is not the same as a history that is loaded when it is over."""

    @pytest.mark.parametrize("source", ["aftership", "poll:aftership", "signed"])
    def test_it_is_told(self, parcel, source):
        record(parcel, scan(5, "delivered"), source=source, now=NOON + 52 * HOUR)
        assert told() == [("delivered", LUCIA)]

    def test_when_the_scan_came_before_the_parcel(self, channel_id, ship):
        early = scan(0, "delivered")
        service.record([early], channel_id=channel_id, source="aftership", now=NOON)
        ship()
        assert told() == [("delivered", LUCIA)]

    @pytest.mark.parametrize("source", ["file", "staff:VXNlcjox", "app:QXBwOjE="])
    def test_not_what_is_loaded(self, parcel, source):
        record(parcel, scan(5, "delivered"), source=source)
        assert told() == []

    def test_not_what_is_more_than_a_delivery(self, parcel):
        record(parcel, scan(1, "in_transit"), scan(5, "delivered"), source="aftership")
        assert told() == []

    def test_not_what_is_two_days_old(self, parcel):
        record(parcel, scan(5, "delivered"), source="aftership", now=NOON + 54 * HOUR)
        assert told() == []

    def test_not_of_a_parcel_that_nobody_announced(self, parcel):
        Parcel.objects.update(state="skipped", reason="before_switch")
        record(parcel, scan(5, "delivered"), source="aftership")
        assert told() == []

    def test_not_of_one_that_came_back(self, parcel):
        record(parcel, scan(5, "returned"), source="aftership")
        assert told() == []


class TestNobodyHears:
    """Of what is no news."""

    def test_history_that_is_over(self, parcel):
        record(parcel, scan(1, "in_transit"), scan(2, "delivered"))
        assert told() == []

    def test_history_that_is_over_in_pieces_of_one_number(self, parcel, monkeypatch):
        monkeypatch.setattr(service, "CHUNK", 1)
        record(parcel, scan(1, "in_transit"), scan(2, "delivered"), scan(2, "in_transit", number="N0"))
        assert told() == []

    def test_before_the_switch(self, parcel, channel):
        switch_on_at_two(channel, Feature.NOTIFICATIONS)
        record(parcel, scan(1, "out_for_delivery"), now=NOON + 3 * HOUR)
        record(parcel, scan(1.5, "exception", "lost"), now=NOON + 3 * HOUR)
        assert told() == []
        assert not StaffTask.objects.exists()
        record(parcel, scan(3, "exception", "damaged"))
        assert told() == [("incident_damaged", LUCIA)]

    def test_before_parcels_were_followed(self, parcel, channel):
        switch_on_at_two(channel, Feature.TRACKING)
        record(parcel, scan(1, "out_for_delivery"), now=NOON + 3 * HOUR)
        assert told() == []

    def test_an_entry_before_the_switch_is_not_made_up_for(self, parcel, channel):
        switch_on_at_two(channel, Feature.NOTIFICATIONS)
        record(parcel, scan(1, "in_transit"), now=NOON + 2 * HOUR)
        record(parcel, scan(3, "exception", "customs"))
        record(parcel, scan(4, "in_transit"))
        assert told() == [("incident_customs", LUCIA)]

    def test_the_order_came_from_elsewhere(self, channel):
        order = makers.make_order(channel, origin="bulk_create")
        (made,) = parcels(order, [UPS])
        record(made, scan(1, "exception", "lost"))
        assert told() == []
        assert not StaffTask.objects.exists()

    def test_staff_chose_so(self, ship):
        made = ship(notify=False)
        record(made, scan(1, "out_for_delivery"))
        assert told() == []

    def test_switched_off(self, parcel, channel):
        makers.switch_on(channel, notifications=False, tracking=False)
        record(parcel, scan(1, "exception", "lost"))
        assert (told(), StaffTask.objects.count()) == ([], 0)

    def test_the_order_is_gone(self, parcel, order):
        from sandbox import models

        models.Order.objects.all().delete()
        record(parcel, scan(1, "exception", "lost"))
        assert (told(), Parcel.objects.get().status) == ([], "exception")


class TestStaff:
    """Whoever takes the task keeps what the mail promises."""

    @pytest.fixture(autouse=True)
    def _hours(self, channel):
        makers.switch_on(
            channel, time_zone="Europe/Madrid", business_hours="mon-fri 09:00-17:00", holidays="2024-04-18",
            staff_addresses="one@shop.example, two@shop.example",
        )  # fmt: skip

    def test_one_task_and_the_day_of_the_mail(self, parcel):
        for hours in (1, 2):
            record(parcel, scan(hours, "exception", "customs"))
        (task,) = StaffTask.objects.all()
        assert data("incident_customs")["update_by"] == "2024-04-19"  # the next working day
        assert task.summary == (
            f"Order 101, parcel 101-1 (UPS {UPS}): Held by customs."
            " The customer was promised news by 2024-04-19."
        )
        assert (task.kind, task.key) == ("parcel_problem", f"parcel:{parcel.pk}:customs")
        assert (task.order_id, task.channel_id) == (parcel.order_id, parcel.channel_id)
        assert task.subject == f"fulfillment:{parcel.fulfillment_id}"

    def test_the_alert(self, parcel):
        record(parcel, scan(1, "exception", "incorrect_address"))
        rows = Notification.objects.filter(kind="staff_incident").order_by("recipient")
        assert [row.recipient for row in rows] == ["one@shop.example", "two@shop.example"]
        assert rows[0].data["what"] == "The address is wrong or incomplete"
        assert rows[0].data["update_by"] == "2024-04-19"
        assert data("incident_wrong_address")["address"]["city"] == "MADRID"

    def test_it_turns_back(self, parcel):
        record(parcel, scan(1, "exception", "refused"))
        record(parcel, scan(2, "returning"))
        keys = set(StaffTask.objects.values_list("key", flat=True))
        assert keys == {f"parcel:{parcel.pk}:refused", f"parcel:{parcel.pk}:returning"}

    def test_without_mails_there_is_still_the_task(self, parcel, channel):
        makers.switch_on(channel, notifications=False)
        record(parcel, scan(1, "exception", "lost"))
        assert told() == []
        assert StaffTask.objects.get().summary == f"Order 101, parcel 101-1 (UPS {UPS}): Lost."


class TestTogether:
    """Several parcels of one order."""

    @pytest.fixture
    def both(self, ship, order, mailoutbox, send):
        lines = list(order.lines.all())
        made = [ship(order=order, quantities={line: 1}, number=f"{place}00{UPS}")
                for place, line in enumerate(lines, 1)]  # fmt: skip
        send()
        mailoutbox.clear()
        return made

    def go(self, both, clock, send, where, hours, *more):
        for place, parcel in enumerate(both):
            clock(NOON + hours * HOUR + place * MINUTE / 4)
            told_ = scan(hours, *where, number=parcel.tracking_key, **(more[place] if more else {}))
            record(parcel, told_, now=SHOP.now())
        send()

    @pytest.mark.parametrize("where", ["in_transit", "out_for_delivery", "delivered"])
    def test_are_one_mail(self, both, channel, clock, send, mailoutbox, where):
        makers.switch_on(channel, kinds_on="in_transit", quiet_hours="none")
        self.go(both, clock, send, ("info_received",), 0.5)
        self.go(both, clock, send, (where,), 1)
        (mail,) = mailoutbox
        assert "Your parcels from order #1042" in mail.subject
        assert all(parcel.tracking_number in mail.body for parcel in both)
        states = Notification.objects.filter(kind=where).order_by("pk").values_list("state", "reason")
        assert list(states) == [("skipped", "merged"), ("accepted", "")]

    def test_what_holds_for_one_only_is_not_said_of_both(self, both, channel, clock, send, mailoutbox):
        self.go(both, clock, send, ("out_for_delivery",), 1, {"window": "9-11"}, {"window": "14-16"})
        (mail,) = mailoutbox
        assert "14-16" not in mail.body
        assert "9-11" not in mail.body

    def test_what_holds_for_both_is(self, both, channel, clock, send, mailoutbox):
        self.go(both, clock, send, ("out_for_delivery",), 1, {"window": "9-11"}, {"window": "9-11"})
        assert "9-11" in mailoutbox[0].body


def test_every_sub_status_of_an_exception_has_a_kind():
    assert set(cases.INCIDENTS) <= set(SubStatus)
    assert {kind for _where, kind in KINDS.items()} == {
        *(kind for kind in cases.KINDS.values() if kind != "delivered"),
        *cases.INCIDENTS.values(),
        cases.OTHER,
    }


def test_the_mails_go_out(parcel, clock, send, mailoutbox):
    record(parcel, scan(1, "info_received"))
    clock(NOON + 2 * HOUR)
    record(parcel, scan(2, "exception", "customs"))
    send()
    clock(NOON + 5 * HOUR)
    record(parcel, scan(5, "delivered"))
    send()
    tasks.deliver_due()
    assert [mail.subject for mail in mailoutbox if "customs" in mail.subject.lower()]
    assert mailoutbox[-1].subject == f"Your parcel from order #{101} has been delivered"
