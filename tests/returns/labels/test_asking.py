"""A carrier makes the label of an approved return: once, outside of transactions, where it is needed."""

import datetime

import pytest
from django.db import connection

from saleor_support_plugin import jobs, tasks
from saleor_support_plugin.errors import Errors
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.returns import labels, service
from saleor_support_plugin.returns.desk import options
from saleor_support_plugin.returns.labels import registry
from saleor_support_plugin.returns.models import (
    LabelState,
    Logistics,
    ReasonList,
    Return,
    ReturnLabel,
    ReturnReason,
    ShipmentState,
)
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from tests.returns import told
from tests.returns.labels import asked
from tests.returns.labels.asked import MADE
from tests.returns.labels.courier import PDF, Courier, Finder

MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
LINK = labels.Label(url="https://labels.example.com/7", carrier="dhl", tracking_number="00340434292135100186")


def test_the_customer_gets_the_label_by_a_mail_of_its_own(world, use, run_jobs, clock):
    maker = use(Courier(), address="Warehouse Oslo\n\nHavnegata 1 \n0150 Oslo", destination="Oslo")
    row = asked.approved(world)
    first = told.mail(row, "return_approved").data
    assert (first["label_follows"], first["label_ready"], first["label_url"]) == (True, False, "")
    assert maker.asked == []  # a job asks, after the commit
    run_jobs()
    [(request, settings)] = maker.asked
    assert (settings.api_key, settings.channel) == ("the-key", world.channel.slug)
    assert "the-key" not in repr(settings)
    assert (request.number, request.order_number) == (row.number, row.order_number)
    assert request.reference == f"return:{row.pk}:label:{asked.label(row).pk}"
    assert [(one.name, one.sku != "", one.quantity, one.grams) for one in request.goods] == [
        ("Apple Juice", request.goods[0].sku != "", 2, None),
        ("Bean Juice", request.goods[1].sku != "", 1, None),
    ]
    assert [str(one.unit_price.normalize()) for one in request.goods] == ["4", "6.5"]
    assert {one.currency for one in request.goods} == {row.currency}
    assert request.sender == world.shop.order(row.order_id).shipping_address
    assert request.country == row.country
    assert request.receiver == ("Warehouse Oslo", "Havnegata 1", "0150 Oslo")
    assert request.destination == "Oslo"
    row.refresh_from_db()
    assert (asked.label(row).state, asked.label(row).next_try_at) == (LabelState.ATTACHED, None)
    assert asked.shipments(row) == [MADE]
    assert row.logistics == Logistics.LABEL_SENT
    assert told.mails(row) == ["return_requested", "return_approved", "return_approved"]
    second = told.last_mail(row).data
    assert (second["label_follows"], second["label_ready"]) == (False, True)
    file = Attachment.objects.get(pk=row.shipments.get().label_id)
    assert (file.name, file.content_type, file.size) == (
        f"label-{row.number}.pdf",
        "application/pdf",
        len(PDF),
    )
    assert Parcel.objects.get(subject=row.subject).tracking_key == "1Z999AA10123456784"
    assert StaffTask.objects.count() == 0
    assert told.verbs(row)[2:] == ["return_label_asked", "return_label_attached"]


def test_a_label_may_be_an_address(world, use, run_jobs):
    maker = use(Courier())
    maker.given["label"] = LINK
    row = asked.approved(world)
    run_jobs()
    assert asked.shipments(row) == [(ShipmentState.LABEL_SENT, "dhl", LINK.tracking_number, LINK.url, False)]
    assert told.last_mail(row).data["label_url"] == LINK.url


def test_no_transaction_is_open_while_the_carrier_is_asked(world, use):
    maker = use(Courier())
    row = asked.approved(world)
    maker.watch = lambda: states.append(asked.label(row).state)
    states = []
    asked.make(row, world.now)
    assert states == [LabelState.ASKED]  # committed before the carrier is asked
    assert maker.depths == {len(connection.savepoint_ids)}


@pytest.mark.parametrize(("reason", "times"), [("damaged", 1), ("", 0)])
def test_only_where_the_shop_pays_unless_always(world, use, run_jobs, reason, times):
    maker = use(Courier(), always=False)
    if reason:
        ReturnReason.objects.create(code="faulty", list=ReasonList.FAULT, label="Faulty", is_free=True)
        row = world.ask((world.apples, 1, "faulty"), kind="claim", comment="It is broken.")
    else:
        row = world.ask((world.apples, 1))
    row = world.approve(row, keep=False)
    run_jobs()
    assert len(maker.asked) == times
    assert bool(told.mails(row).count("return_approved") == 2) is bool(times)


def test_none_for_goods_that_stay_and_none_where_no_maker_is_chosen(world, use, run_jobs):
    row = asked.approved(world)
    assert not told.mail(row, "return_approved").data["label_follows"]
    maker = use(Courier())
    world.approve(world.ask((world.apples, 1)), keep=True, override_reason="Cheap.")
    run_jobs()
    assert maker.asked == []
    assert ReturnLabel.objects.count() == 0


def test_nobody_is_asked_for_what_nobody_needs_any_more(world, use):
    maker = use(Courier())
    by_staff = asked.approved(world)
    service.attach_label(
        actor=world.staff(), return_id=by_staff.pk, url="https://example.com/l", now=world.now
    )
    taken_back = world.approve(world.ask((world.beans, 1)))
    service.cancel(actor=world.buyer, return_id=taken_back.pk, now=world.now)
    for row in (by_staff, taken_back):
        assert asked.make(row, world.now).state == LabelState.DROPPED
    assert maker.asked == []
    assert StaffTask.objects.count() == 0


def test_approved_once_more_is_a_persons(world, use, run_jobs):
    maker = use(Courier())
    row = asked.approved(world)
    run_jobs()
    for moment in (row.remind_at, row.send_by):
        service.sweep_deadlines(now=moment, limit=10)
    assert Return.objects.get(pk=row.pk).authorisation == "expired"
    later = row.send_by + HOUR
    service.reopen(actor=world.staff(), return_id=row.pk, reason="It came.", now=later)
    run_jobs()
    assert len(maker.asked) == 1
    task = StaffTask.objects.get(kind=TaskKind.RETURN_LABEL)
    assert "approved once more" in task.summary
    assert told.last_mail(row).data["label_follows"] is True


def test_only_makers_that_are_there_can_be_chosen(world, use):
    use(Courier())
    labels.register(Finder())
    change = {"actor": world.staff(), "channel_id": makers.gid(world.channel), "now": world.now}
    with pytest.raises(Errors) as caught:
        options.update(values={"label_maker": "pigeon"}, **change)
    [error] = caught.value.errors
    assert (error.field, error.message) == (
        "labelMaker",
        "There is no label maker of this name. There are: courier, finder.",
    )
    with registry.MAKERS.only():
        options.update(values={"send_days": 20}, **change)  # what was chosen before is nobody's hindrance
        assert options.update(values={"label_maker": ""}, **change).label_maker == ""


def test_its_jobs(world, use, clock):
    maker = use(Courier())
    row = asked.approved(world)
    assert jobs.PERIODIC["sweep_return_labels"] == 2 * MINUTE
    tasks.sweep_return_labels()
    assert (len(maker.asked), asked.shipments(row)) == (1, [MADE])
