"""Parcels that come back: labels, reports, what carriers say, and what nobody says."""

import datetime

import pytest

from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, WrongState
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Logistics, ReturnShipment, ReturnStatus, ShipmentState
from saleor_support_plugin.tracking import queries as parcels
from saleor_support_plugin.tracking.models import Direction, Parcel
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status, SubStatus
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from tests.returns import told
from tests.returns.conftest import decide, settle_down

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
NUMBER = "1Z999AA10123456784"
URL = "https://carrier.example/label.pdf?a=1"


@pytest.fixture
def row(world):
    return world.approve(world.ask())


def _label(world, row, now=None, **more):
    more.setdefault("url", URL)
    return service.attach_label(actor=world.staff(), return_id=row.pk, now=now or world.now, **more)


def _report(world, row, number=NUMBER, now=None, actor=None, **more):
    return service.report_shipment(
        actor=actor or world.buyer,
        return_id=row.pk,
        tracking_number=number,
        now=now or world.now,
        **more,
    )


def _scan(world, at, status, sub_status=None, number=NUMBER):
    event = Scan(number, at, f"{status.value}{sub_status}", status, sub_status)
    scans.record([event], channel_id=makers.gid(world.channel), source="test", now=at)
    return service.follow_shipments(now=at, limit=10)


def _axes(row):
    row.refresh_from_db()
    return row.logistics, row.status


def test_a_label_is_mailed(world, row):
    shipment = _label(world, row, carrier="ups", tracking_number=NUMBER)
    assert _axes(row) == (Logistics.LABEL_SENT, ReturnStatus.APPROVED)
    assert (shipment.state, shipment.label_url, shipment.reported_by) == ("label_sent", URL, "staff")
    first, mail = Notification.objects.filter(kind="return_approved").order_by("pk")
    assert (first.data["label_url"], mail.data["label_url"]) == ("", URL)
    parcel = shipment.parcel
    assert (parcel.direction, parcel.subject, parcel.carrier_code) == (Direction.RETURN, row.subject, "ups")
    assert parcel.tracking_key == NUMBER


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"url": ""}, Code.REQUIRED, "fileId"),
        ({"url": "javascript:alert(1)"}, Code.INVALID, "url"),
        ({"url": "http://carrier.example/a"}, Code.INVALID, "url"),
        ({"url": 'https://carrier.example/"><b>'}, Code.INVALID, "url"),
        ({"url": "https://c.example/" + "x" * 2000}, Code.TOO_LONG, "url"),
        ({"tracking_number": "x" * 256}, Code.TOO_LONG, "trackingNumber"),
        ({"carrier": "x\ny"}, Code.INVALID, "carrier"),
        ({"key": "x" * 65}, Code.TOO_LONG, "key"),
    ],
)
def test_labels_that_can_not_be(world, row, more, code, field):
    with pytest.raises(Invalid) as refused:
        _label(world, row, **more)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not ReturnShipment.objects.exists()


def test_who_attaches_labels(world, row):
    elsewhere = world.staff(channels=[makers.make_channel()])
    for actor in (world.buyer, world.guest, world.staff(permissions=[]), elsewhere):
        with pytest.raises(NotThere):
            service.attach_label(actor=actor, return_id=row.pk, url=URL, now=world.now)


def test_a_key_attaches_once(world, row):
    assert _label(world, row, key="k").pk == _label(world, row, key="k").pk
    assert ReturnShipment.objects.count() == 1
    others = (
        {"url": "https://other.example/"},
        {"url": "", "file_id": told.photo(world, world.staff())},
        {"tracking_number": NUMBER},
    )
    for other in others:
        with pytest.raises(Invalid) as refused:
            _label(world, row, key="k", **other)
        assert (refused.value.code, refused.value.field) == (Code.CONFLICT, "key")
    assert ReturnShipment.objects.count() == 1


def test_a_key_reports_once(world, row):
    label = _label(world, row)
    assert _report(world, row, key="k").pk == _report(world, row, key="k").pk == label.pk
    with pytest.raises(Invalid) as refused:
        _report(world, row, number="1Z999AA10123456785", key="k")
    assert (refused.value.code, refused.value.field) == (Code.CONFLICT, "key")


def test_a_key_of_a_label_that_got_its_number_since(world, row):
    label = _label(world, row, key="k")
    _report(world, row)
    assert _label(world, row, key="k").pk == label.pk


def test_the_customer_hands_it_in(world, row):
    shipment = _report(world, row)
    assert _axes(row) == (Logistics.IN_TRANSIT, ReturnStatus.ON_ITS_WAY)
    assert (shipment.state, row.shipped_at, shipment.parcel.carrier_code) == ("in_transit", world.now, "ups")
    assert _report(world, row, number=f" {NUMBER.lower()} ", now=world.now + HOUR).pk == shipment.pk
    assert ReturnShipment.objects.count() == 1


def test_a_label_that_waits_is_the_parcel_handed_in(world, row):
    label = _label(world, row)
    shipment = _report(world, row)
    assert (shipment.pk, shipment.tracking_number, shipment.state) == (label.pk, NUMBER, "in_transit")
    second = _report(world, row, number="1Z999AA10123456785")
    assert second.pk != label.pk


def test_handed_in_without_a_number(world, row):
    shipment = _report(world, row, number="")
    assert (shipment.parcel, shipment.state) == (None, ShipmentState.IN_TRANSIT)
    assert _report(world, row, number="").pk == shipment.pk
    assert _axes(row)[0] == Logistics.IN_TRANSIT


def test_a_number_that_is_said_later_is_followed(world, row):
    sent = _report(world, row, number="", key="one")
    later = _report(world, row, now=world.now + HOUR, key="two")
    assert (later.pk, later.tracking_number, later.state) == (sent.pk, NUMBER, "in_transit")
    assert later.parcel.tracking_number == NUMBER
    assert told.verbs(row)[-1] == "return_number_reported"
    assert told.notes(row)[-1] == f"was handed in ({NUMBER}), says {world.buyer.name}"
    assert _report(world, row, now=world.now + 2 * HOUR).pk == sent.pk  # said once more: nothing new
    assert _report(world, row, number="", key="one", now=world.now + 2 * HOUR).pk == sent.pk
    assert told.verbs(row).count("return_number_reported") == 1
    second = _report(world, row, number="1Z999AA10123456785", now=world.now + 2 * HOUR)
    assert second.pk != sent.pk
    _scan(world, world.now + 3 * HOUR, Status.DELIVERED)
    sent.refresh_from_db()
    assert sent.state == "delivered"


def test_a_label_that_waits_comes_before_a_parcel_without_a_number_only_for_its_own(world, row):
    sent = _report(world, row, number="")
    label = _label(world, row, tracking_number=NUMBER)
    assert _report(world, row).pk == label.pk  # its number
    assert _report(world, row, number="1Z999AA10123456785").pk == sent.pk


def test_who_reports(world, row):
    assert _report(world, row, actor=world.guest).reported_by == "guest"
    stranger = world.shop.identify(makers.request_for(makers.make_customer()))
    for actor in (stranger, world.staff(permissions=[])):
        with pytest.raises(NotThere):
            _report(world, row, actor=actor)


def test_the_number_of_another_parcel(world, row):
    """What is scanned of a parcel to a customer must not count as goods that come back."""
    outbound = Parcel.objects.create(
        fulfillment_id="f",
        order_id=row.order_id,
        channel_id=row.channel_id,
        tracking_number=NUMBER,
        tracking_key=NUMBER,
        shipped_at=world.now - DAY,
    )
    for number in (NUMBER, "1z 999-AA10123456784"):
        with pytest.raises(Invalid) as refused:
            _report(world, row, number=number)
        assert (refused.value.code, refused.value.field) == (Code.CONFLICT, "trackingNumber")
    outbound.delete()
    _report(world, row)
    other = world.approve(world.ask((world.beans, 1)))
    assert _report(world, other).parcel is not None  # both in one box


def test_when_nothing_is_to_be_sent(world, row):
    asked = world.ask((world.beans, 1))
    with pytest.raises(WrongState, match=r"not decided on this return yet\."):
        _report(world, asked)
    world.receive(row)
    for verb in (_report, _label):
        with pytest.raises(WrongState, match="have been counted: nothing more is to be sent"):
            verb(world, row)


def test_a_parcel_on_its_way(world, row):
    shipment = _label(world, row, tracking_number=NUMBER)
    assert _scan(world, world.now + HOUR, Status.INFO_RECEIVED) == 0
    assert _axes(row)[0] == Logistics.LABEL_SENT
    assert _scan(world, world.now + 2 * HOUR, Status.IN_TRANSIT) == 1
    assert _axes(row)[0] == Logistics.IN_TRANSIT
    assert _scan(world, world.now + 3 * HOUR, Status.DELIVERED) == 1
    shipment.refresh_from_db()
    assert (_axes(row)[0], shipment.state) == (Logistics.DELIVERED, ShipmentState.DELIVERED)
    assert service.follow_shipments(now=world.now + 4 * HOUR, limit=10) == 0
    kinds = set(Notification.objects.values_list("kind", flat=True))
    assert kinds == {"return_requested", "return_approved"}  # no mail of outbound parcels tells of it


def test_reverse_parcels_are_not_among_those_to_customers(world, row):
    _report(world, row)
    for actor in (world.buyer, world.staff()):
        assert not parcels.visible(actor).exists()
    with pytest.raises(NotThere):
        parcels.get(world.staff(), Parcel.objects.get().pk)


def test_a_parcel_that_got_lost(world, row):
    _report(world, row)
    _scan(world, world.now + HOUR, Status.IN_TRANSIT)
    assert _scan(world, world.now + DAY, Status.EXCEPTION, SubStatus.LOST) == 1
    assert _axes(row)[0] == Logistics.LOST
    task = StaffTask.objects.get()
    assert (task.kind, task.subject, task.state) == (TaskKind.RETURN_LOST, row.subject, "open")
    mail = Notification.objects.get(kind="incident_other")
    assert mail.data["parcels"][0]["tracking_number"] == NUMBER
    assert mail.data["update_by"] in task.summary
    # It is the shop's to bear: a person pays for what never came, and nobody may ask for it again.
    world.settle(row, now=world.now + 2 * DAY)
    settle_down(world.now + 2 * DAY)
    row.refresh_from_db()
    task.refresh_from_db()
    assert (row.status, int(row.payouts.get().amount), task.state) == ("completed", 8, "done")
    answer = service.eligibility(actor=world.buyer, order_id=world.order_id, now=world.now + 2 * DAY)
    assert answer.line(world.apples).returnable == 1


def test_a_parcel_that_is_found_again(world, row):
    _report(world, row)
    _scan(world, world.now + HOUR, Status.EXCEPTION, SubStatus.LOST)
    assert _scan(world, world.now + DAY, Status.IN_TRANSIT) == 1
    assert _axes(row)[0] == Logistics.IN_TRANSIT
    assert StaffTask.objects.get().state == "done"


def test_a_parcel_nobody_hears_of(world, row):
    _report(world, row, number="")
    assert service.follow_shipments(now=world.now + 20 * DAY, limit=10) == 0
    assert service.follow_shipments(now=world.now + 21 * DAY, limit=10) == 1
    assert (_axes(row)[0], StaffTask.objects.get().kind) == (Logistics.LOST, TaskKind.RETURN_LOST)


def test_goods_that_nobody_counts(world, row):
    _report(world, row)
    _scan(world, world.now + HOUR, Status.DELIVERED)
    service.follow_shipments(now=world.now + 2 * DAY, limit=10)
    assert not StaffTask.objects.exists()
    for days in (4, 5):
        service.follow_shipments(now=world.now + days * DAY, limit=10)
    task = StaffTask.objects.get()
    assert (task.kind, task.subject) == (TaskKind.RETURN_UNCOUNTED, row.subject)
    world.receive(row, now=world.now + 6 * DAY)
    task.refresh_from_db()
    assert task.state == "done"


def test_money_goes_back_when_the_carrier_has_the_goods(world):
    row = world.ask()
    decide(row, settle_on="scan")
    world.approve(row)
    _report(world, row)
    settle_down(world.now)
    assert row.payouts.count() == 0  # a number alone proves nothing
    _scan(world, world.now + HOUR, Status.IN_TRANSIT)
    settle_down(world.now + DAY)
    row.refresh_from_db()
    assert ([int(one.amount) for one in row.payouts.all()], row.settlement) == ([8], "partly")
    world.receive(row, now=world.now + 2 * DAY)
    settle_down(world.now + 2 * DAY)
    row.refresh_from_db()
    assert (row.status, row.payouts.count()) == (ReturnStatus.COMPLETED, 1)
    end = Notification.objects.latest("pk")  # the mail before it said that we write again
    assert (end.kind, end.data["refunded"]) == ("return_completed", {"amount": "8.00", "currency": "EUR"})


def test_a_person_hears_of_money_for_goods_that_did_not_come(world):
    row = world.ask()
    decide(row, settle_on="scan")
    world.approve(row)
    _report(world, row)
    _scan(world, world.now + HOUR, Status.IN_TRANSIT)
    settle_down(world.now + DAY)
    one, other = service.Count(world.apples, sellable=1), service.Count(world.apples, missing=1)
    world.receive(row, one, now=world.now + 2 * DAY)
    settle_down(world.now + 2 * DAY)
    assert not StaffTask.objects.exists()
    world.receive(row, other, now=world.now + 3 * DAY)
    settle_down(world.now + 3 * DAY)
    row.refresh_from_db()
    task = StaffTask.objects.get()
    assert (row.status, task.kind, task.state) == ("completed", TaskKind.RETURN_CONFLICT, "open")
    assert "8.00 EUR went back" in task.summary
    assert "only 4.00 EUR is owed" in task.summary


def test_an_empty_box_is_paid_for_once(world):
    """Its money went back with the scan: what was missing can't be asked for, and paid for, again."""
    row = world.ask()
    decide(row, settle_on="scan")
    world.approve(row)
    _report(world, row)
    _scan(world, world.now + HOUR, Status.IN_TRANSIT)
    settle_down(world.now + DAY)
    world.receive(row, service.Count(world.apples, missing=1, not_ours=1), now=world.now + 2 * DAY)
    settle_down(world.now + 2 * DAY)
    answer = service.eligibility(actor=world.buyer, order_id=world.order_id, now=world.now + 3 * DAY)
    assert answer.line(world.apples).returnable == 1
    with pytest.raises(Errors) as refused:
        world.ask((world.apples, 2), now=world.now + 3 * DAY)
    assert refused.value.code is Code.TOO_MANY


def test_one_parcel_comes_and_the_other_is_lost(world, row):
    """What the carrier lost is the shop's to bear, whatever else has come."""
    second = "1Z999AA10123456785"
    _report(world, row)
    _report(world, row, number=second)
    _scan(world, world.now + HOUR, Status.EXCEPTION, SubStatus.LOST)
    world.receive(row, service.Count(world.apples, sellable=1), now=world.now + 2 * HOUR)
    settle_down(world.now + 2 * HOUR)
    with pytest.raises(WrongState):
        world.settle(row, now=world.now + 3 * HOUR)  # the second is still on its way
    _scan(world, world.now + DAY, Status.DELIVERED, number=second)
    world.settle(row, now=world.now + 2 * DAY)
    settle_down(world.now + 2 * DAY)
    row.refresh_from_db()
    assert (row.status, [int(one.amount) for one in row.payouts.order_by("pk")]) == ("completed", [4, 4])
    assert StaffTask.objects.get().state == "done"


def test_labels_nobody_used_are_void_when_all_is_here(world, row):
    used, unused = _report(world, row), _label(world, row)
    world.receive(row)
    states = {one.pk: one.state for one in ReturnShipment.objects.all()}
    assert states == {used.pk: ShipmentState.DELIVERED, unused.pk: ShipmentState.CANCELED}


def test_a_return_has_so_many_parcels(world, row):
    for _ in range(20):
        _label(world, row)
    with pytest.raises(Invalid) as refused:
        _label(world, row)
    assert refused.value.code is Code.LIMIT_REACHED


def test_one_parcel_that_fails_stops_nobody(world, row, monkeypatch):
    _report(world, row)
    other = world.approve(world.ask((world.beans, 1)))
    _report(world, other, number="")
    from saleor_support_plugin.returns import ground

    real = ground.locked

    def locked(return_id):
        if return_id == row.pk:
            raise RuntimeError("Broken.")
        return real(return_id)

    monkeypatch.setattr(ground, "locked", locked)
    assert service.follow_shipments(now=world.now + 22 * DAY, limit=10) == 1


def test_what_was_counted_is_followed_no_longer(world, row):
    parcel = _label(world, row, tracking_number=NUMBER).parcel
    world.receive(row)
    parcel.refresh_from_db()
    assert (parcel.tracking_key, parcel.next_poll_at, parcel.closed_at) == ("", None, world.now)
