"""What must hold of returns at every moment, whatever happened before."""

from decimal import Decimal

from hypothesis.stateful import RuleBasedStateMachine, invariant

from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns.axes import Authorisation, Logistics, Settlement
from saleor_support_plugin.returns.models import ReceiptState, Return, ReturnReceipt
from saleor_support_plugin.returns.settlement import amounts
from saleor_support_plugin.shop.acts import ShopAct
from sandbox import makers, models

BACK = ("returned", "refunded_and_returned")
PAID = Decimal("25.00")
PRICES = {"Apple Juice": Decimal("4.00"), "Bean Juice": Decimal("6.50")}


class Lawful(RuleBasedStateMachine):
    """Looks at one order, ``world``, and its returns after each step."""

    @invariant()
    def goods(self):
        for line in self.world.order.lines.all():
            rows = models.FulfillmentLine.objects.filter(order_line=line).exclude(
                fulfillment__status="canceled"
            )
            back = sum(rows.filter(fulfillment__status__in=BACK).values_list("quantity", flat=True))
            assert sum(rows.values_list("quantity", flat=True)) <= line.quantity
            entered = 0
            for receipt in ReturnReceipt.objects.filter(state="entered", by_hand=False):
                counts = receipt.lines.filter(line__order_line_id=makers.gid(line))
                entered += sum(one.sellable + one.damaged for one in counts)
            assert entered <= back <= line.quantity

    @invariant()
    def each_receipt_is_entered_once(self):
        entered = ReturnReceipt.objects.filter(
            parent__order_id=self.world.order_id, state="entered", by_hand=False
        ).exclude(fulfillment_id="")
        assert len({one.fulfillment_id for one in entered}) == len(entered)
        for one in entered:
            assert ShopAct.objects.filter(reference=one.reference, state="done").count() == 1

    @invariant()
    def money(self):
        held = [
            *models.Payment.objects.filter(order=self.world.order).values_list("captured_amount", flat=True),
            *models.Transaction.objects.filter(order=self.world.order).values_list(
                "charged_value", flat=True
            ),
        ]
        settled = Refund.objects.filter(order_id=self.world.order_id, state=RefundState.SETTLED)
        assert sum(settled.values_list("amount", flat=True)) <= PAID - sum(held)
        assert all(one >= 0 for one in held)
        for row in self.rows():
            worth = sum(PRICES[one.product_name] * one.approved_quantity for one in row.lines.all())
            if row.resolution == "refund":
                assert amounts.paid(amounts.payouts(row)).given <= worth

    @invariant()
    def axes(self):
        for row in self.rows():
            lines = list(row.lines.all())
            receipts, payouts = row.receipts.count(), row.payouts.count()
            if row.authorisation != Authorisation.APPROVED:
                assert (receipts, payouts, row.completed_at) == (0, 0, None)
                assert row.settlement in (Settlement.NONE, Settlement.QUOTED)
                assert row.logistics not in (Logistics.PARTLY_RECEIVED, Logistics.RECEIVED)
                continue
            coming = [line for line in lines if not line.keep]
            counted = sum(line.counted_quantity for line in coming)
            wanted = sum(line.approved_quantity for line in coming)
            assert (row.logistics == Logistics.NOT_REQUIRED) == (wanted == 0)
            assert (row.logistics == Logistics.RECEIVED) == (0 < wanted == counted)
            assert (row.logistics == Logistics.PARTLY_RECEIVED) == (0 < counted < wanted)
            assert (row.completed_at is None) == (row.closed_at is None)
            if row.completed_at is not None:
                assert row.settlement == Settlement.SETTLED
                assert not row.receipts.exclude(state=ReceiptState.ENTERED).exists()
            if row.settlement == Settlement.SETTLED:
                assert row.completed_at is not None or row.reopened_at is not None
            if row.settlement in (Settlement.PENDING, Settlement.FAILED, Settlement.PARTLY):
                assert payouts

    def rows(self):
        return Return.objects.filter(order_id=self.world.order_id).order_by("pk")

    def any(self, pick, **filters):
        return self.one(pick, self.rows().filter(**filters))

    def one(self, pick, rows):
        found = list(rows.order_by("pk"))
        return found[pick % len(found)] if found else None
