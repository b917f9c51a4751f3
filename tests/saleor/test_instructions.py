"""Instructions to carriers on PostgreSQL: many clicks and many workers at the same moment."""

import collections
import threading

import pytest
from saleor.core.db.connection import allow_writer

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.tracking import instructions
from saleor_support_plugin.tracking.adapters.base import Answer, Reply
from saleor_support_plugin.tracking.models import (
    CarrierInstruction,
    InstructionKind,
    InstructionState,
    Parcel,
)
from saleor_support_plugin.tracking.wishes import Wish
from saleor_support_plugin.worklist.models import StaffTask
from tests.saleor.test_tracking import OPTIONS, leave, together

CLICKS = 20
STAFF = Actor(ActorKind.STAFF, id="s", name="Sara", permissions=frozenset({Permission.MANAGE_ORDERS}))


@pytest.fixture
def parcel(world, shop):
    """A parcel that has left, of a channel where parcels are followed."""
    assert world.configure(world.channel_id, OPTIONS) == set()
    yield leave(world, shop, "HV-1001-7002")
    with allow_writer():
        for model in (CarrierInstruction, StaffTask, HistoryEntry, Parcel):
            model.objects.all().delete()


def noted(row):
    found = HistoryEntry.objects.filter(after__instruction=row.pk)
    return collections.Counter(found.values_list("verb", flat=True))


def test_many_clicks_are_one_instruction_with_one_end(shop, parcel, monkeypatch):
    def ask():
        wish = Wish(InstructionKind.SAFE_PLACE, place="Shed")
        instructions.request(actor=STAFF, parcel_id=parcel.pk, wish=wish, now=shop.now())

    assert together([ask] * CLICKS) == []
    row = CarrierInstruction.objects.get()
    assert noted(row) == {"carrier_instruction_requested": 1}

    asked, slow = [], threading.Event()

    def carrier(instruction, of):
        asked.append(instruction.pk)
        slow.wait(1)
        return Reply(Answer.NOT_SUPPORTED)

    monkeypatch.setattr(instructions, "_ask", carrier)
    work = lambda: instructions.hand_over(instruction_id=row.pk, now=shop.now())  # noqa: E731
    CarrierInstruction.objects.update(next_try_at=shop.now())
    assert together([work] * CLICKS) == []
    assert asked == [row.pk]
    assert StaffTask.objects.filter(key=f"instruction:{row.pk}").count() == 1

    def decide():
        to = InstructionState.ACCEPTED
        instructions.decide(actor=STAFF, instruction_id=row.pk, to=to, now=shop.now())

    errors = together([decide] * CLICKS)
    assert [type(one) for one in errors] == [WrongState] * (CLICKS - 1)
    assert noted(row)["carrier_instruction_accepted"] == 1
    assert StaffTask.objects.get(key=f"instruction:{row.pk}").state == "done"
