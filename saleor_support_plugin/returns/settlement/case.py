"""One return that is settled: what of it counts, what is owed, and what was done about it."""

import functools
from decimal import Decimal

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.returns import queries
from saleor_support_plugin.returns.axes import Logistics, Resolution, ShipmentState
from saleor_support_plugin.returns.models import ReceiptState, Return, ReturnLine
from saleor_support_plugin.returns.policy import SettleOn
from saleor_support_plugin.returns.settlement import amounts, standing
from saleor_support_plugin.returns.settlement.amounts import Counting, Owed, Paid
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.shop.data import Money, Order

_MAY_COME = {ShipmentState.AWAITING, ShipmentState.LABEL_SENT, ShipmentState.IN_TRANSIT}


class Case:
    """One open, approved return, held, with its order (None when it is gone)."""

    def __init__(self, order: Order | None, row: Return) -> None:
        self.order, self.row = order, row
        self.lines: list[ReturnLine] = list(queries.lines([row.pk])[row.pk])
        self.receipts = list(row.receipts.order_by("pk"))
        self.payouts = amounts.payouts(row)
        self.settle_on = amounts.settle_on(row)

    @property
    def paid(self) -> Paid:
        """What was done about what is owed."""
        return amounts.paid(self.payouts)

    @property
    def is_entered(self) -> bool:
        """Whether the shop knows of all that was counted."""
        return all(one.state == ReceiptState.ENTERED for one in self.receipts)

    @property
    def is_here(self) -> bool:
        """Whether all goods that will come have come, and the shop knows."""
        return amounts.is_here(self.row) and self.is_entered

    @functools.cached_property
    def is_lost(self) -> bool:
        """Whether carriers lost all that has not come: that is the shop's to bear."""
        if self.row.logistics != Logistics.PARTLY_RECEIVED or not self.is_entered:
            return self.row.logistics == Logistics.LOST
        states = set(self.row.shipments.values_list("state", flat=True))
        return ShipmentState.LOST in states and not states & _MAY_COME

    @property
    def is_automatic(self) -> bool:
        """Whether the money goes back without a person."""
        if self.row.resolution != Resolution.REFUND or any(one.by_hand for one in self.receipts):
            return False
        return self.row.logistics == Logistics.NOT_REQUIRED or self.settle_on is not SettleOn.INSPECTION

    @property
    def counting(self) -> Counting:
        """Which pieces count without a person's word."""
        if self.settle_on is SettleOn.SCAN and self._was_scanned():
            return Counting.ALL
        return Counting.ENTERED

    def owed(self, counting: Counting) -> Owed:
        """What is owed in all when these pieces count; nothing can be when the order is gone."""
        if self.order is None:
            return Owed()
        return amounts.owed(self.order, self.row, self.lines, counting)

    @property
    def left_open(self) -> Decimal:
        """What a person, who last said what goes back, did not give of what was owed then."""
        claimed = left = ZERO
        for one in self.payouts:
            if one.is_replaced:
                continue
            claimed += one.amount + one.left_out
            if one.actor_kind != SYSTEM.kind.value:
                left = max(Decimal(one.basis.get("owed", "0")) - claimed, ZERO)
        return left

    @property
    def owed_by_hand(self) -> Owed:
        """What a credit has to be in all; of other things nobody knows what they are worth."""
        if self.row.resolution != Resolution.CREDIT:
            return Owed()
        return self.owed(Counting.ALL if self.is_lost else self.counting)

    @property
    def open_by_hand(self) -> Decimal:
        return max(self.owed_by_hand.net - self.paid.given, ZERO)

    @property
    def lack(self) -> str:
        """What has to be done about the goods first."""
        return "" if self.is_lost else standing.lacking(self.lines, is_entered=self.is_entered)

    def money(self, amount: Decimal) -> Money:
        return Money(amount, self.row.currency)

    def _was_scanned(self) -> bool:
        """Whether a carrier has had the goods; a number that a customer reports proves nothing."""
        decided = self.row.decided_at
        return (
            decided is not None
            and self.row.shipments.filter(
                parcel__first_scan_at__isnull=False, parcel__first_scan_at__gte=decided
            ).exists()
        )
