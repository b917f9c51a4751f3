"""A process that dies anywhere on the way from the count to the money."""

import pytest
from django.db import connection

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import ReturnStatus
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import models
from tests.refunds.kills import Killed, boundaries
from tests.returns.conftest import build, returned, settle_down


def _end(world, row):
    """All that counts when the dust has settled."""
    row.refresh_from_db()
    payments = models.Payment.objects.filter(order=world.order).values_list("captured_amount", flat=True)
    charged = models.Transaction.objects.filter(order=world.order).values_list("refunded_value", flat=True)
    events = models.Note.objects.filter(order=world.order).exclude(type="note_added")
    texts = models.Note.objects.filter(order=world.order, type="note_added")

    def ours(model):
        return model.objects.filter(order_id=world.order_id)

    return {
        "status": row.status,
        "settlement": row.settlement,
        "logistics": row.logistics,
        "receipts": list(row.receipts.order_by("pk").values_list("state", flat=True)),
        "entered": list(row.lines.order_by("pk").values_list("returned_quantity", flat=True)),
        "worth": list(row.lines.order_by("pk").values_list("counts__worth", "counts__refunded_before")),
        "payouts": list(row.payouts.order_by("pk").values_list("amount", "left_out", "is_replaced")),
        "refunds": list(row.payouts.order_by("pk").values_list("refund__state", flat=True)),
        "returned": returned(world.order),
        "money": [*payments, *charged],
        "granted": models.GrantedRefund.objects.filter(order=world.order).count(),
        "events": sorted(events.values_list("type", flat=True)),
        "notes": sorted(text.split(": ")[1] for text in texts.values_list("message", flat=True)),
        "mails": sorted(ours(Notification).values_list("kind", flat=True)),
        "tasks": sorted(ours(StaffTask).values_list("kind", flat=True)),
    }


def _run(shop, now, pay, fatal):
    """One return from its count to the end, killed at the ``fatal``-th boundary (None: never)."""
    world = build(shop, now, pay)
    row = world.ask((world.apples, 2), (world.beans, 1))
    world.approve(row)
    died, staff = False, world.staff()
    counts = [service.Count(world.apples, sellable=1, damaged=1), service.Count(world.beans, sellable=1)]

    def receive():
        return service.receive(actor=staff, return_id=row.pk, counts=counts, key="k", now=now)

    with boundaries(fatal) as count:
        try:
            receipt = receive()
            service.enter(receipt_id=receipt.pk, now=now)
            service.settle_due(return_id=row.pk, now=now)
            refund = Refund.objects.get(order_id=world.order_id)
            refunds.carry_out(refund_id=refund.pk, now=now)
            service.settle_refund(refund_id=refund.pk, now=now)
        except Killed:
            died = True
    connection.run_on_commit = []  # jobs die with their process
    receive()  # whoever counted tries again what was not answered
    connection.run_on_commit = []
    settle_down(now)
    return died, count, _end(world, row)


@pytest.mark.parametrize("pay", ["payment", "transaction"])
def test_killed_at_every_boundary(shop, now, pay):
    """Wherever the process dies: the end is that of an undisturbed run and each act happened once.

    Only between the word "started" and the provider's answer nobody can know: there the end is a
    person's task, and money has moved at most once.
    """
    asked = "RefundPayment" if pay == "payment" else "RequestGrantedRefund"
    _died, _count, expected = _run(shop, now, pay, None)
    assert (expected["status"], expected["tasks"]) == (ReturnStatus.COMPLETED, [])
    fatal, unsure = 0, set()
    while True:
        fatal += 1
        died, count, end = _run(shop, now, pay, fatal)
        if not died:
            break
        if end != expected:
            unsure.add(count.last if count.last.startswith("before Re") else "after the started row")
            assert count.crossed.count(f"before {asked}") <= 1
            assert (end["refunds"], end["tasks"]) == ([RefundState.UNKNOWN], [TaskKind.REFUND_UNKNOWN])
            assert (end["receipts"], end["payouts"]) == (expected["receipts"], expected["payouts"])
            assert "payment_refunded" not in end["events"]
            assert "transaction_refund_requested" not in end["events"]
            assert end["returned"] == expected["returned"]
        assert count.crossed.count("before ReturnGoods") <= 1
    assert fatal > 30  # it did die at every one of them
    assert unsure == {"after the started row", f"before {asked}"}
