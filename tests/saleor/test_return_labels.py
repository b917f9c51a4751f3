"""A carrier makes the label of a return in a real Saleor: its sender, its secret, and what the customer gets."""

import pytest

from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.returns.desk import options
from saleor_support_plugin.returns.labels import registry
from saleor_support_plugin.returns.labels.contract import Behaviour
from saleor_support_plugin.returns.models import LabelState, Logistics, ReturnLabel
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from tests.returns.labels.courier import Courier
from tests.saleor.returning import STAFF
from tests.saleor.test_returns import kinds, make


@pytest.fixture
def courier(tmp_path, settings):
    settings.SUPPORT_FILES_ROOT = str(tmp_path / "files")
    with registry.MAKERS.only(made := Courier()):
        yield made


@pytest.fixture
def desk(world, shop, jobs, courier):
    desk = make(world, shop, jobs, "payment")
    assert world.configure(world.channel_id, {"label_api_key": "the-key"}) == set()
    options.update(
        actor=STAFF,
        channel_id=world.channel_id,
        values={"label_maker": "courier", "label_always": True, "address": "Warehouse\nOslo"},
        now=shop.now(),
    )
    return desk


def test_the_customer_gets_a_label_that_is_followed(desk, courier):
    apples, _beans = desk.order.lines
    row = desk.approve(desk.ask({apples.id: 2}))
    [(request, settings)] = courier.asked
    assert settings.api_key == "the-key"
    assert (request.sender, request.country) == (desk.order.shipping_address, row.country)
    assert [one.quantity for one in request.goods] == [2]
    assert request.receiver == ("Warehouse", "Oslo")
    assert (row.logistics, ReturnLabel.objects.get().state) == (Logistics.LABEL_SENT, LabelState.ATTACHED)
    assert Attachment.objects.get(subject=row.subject, part="label").content_type == "application/pdf"
    assert Parcel.objects.get(subject=row.subject).tracking_key == "1Z999AA10123456784"
    assert kinds(row) == ["return_requested", "return_approved", "return_approved"]
    assert StaffTask.objects.count() == 0


def test_what_the_carrier_refuses_is_a_persons(desk, courier):
    courier.behaviour = Behaviour.REFUSES
    apples, _beans = desk.order.lines
    row = desk.approve(desk.ask({apples.id: 1}))
    task = StaffTask.objects.get()
    assert (task.kind, task.subject) == (TaskKind.RETURN_LABEL, row.subject)
    assert row.logistics == Logistics.AWAITING
