"""A return in a real Saleor, without its processes: the verbs, the jobs they queue, and Saleor's own sums."""

import dataclasses
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.utils.module_loading import import_string
from saleor.order.models import Fulfillment, FulfillmentLine
from saleor.payment.models import Payment, TransactionItem

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.axes import HOLDING
from saleor_support_plugin.returns.models import Return, ReturnLine, ReturnPayout
from saleor_support_plugin.shop.saleor.ids import global_id, uuid_key

STAFF = Actor(ActorKind.STAFF, "staff", permissions=frozenset({Permission.MANAGE_ORDERS}))
WITH_CUSTOMER = ("fulfilled", "refunded")
BACK = ("returned", "refunded_and_returned")


@dataclasses.dataclass
class Desk:
    """One order, its people, and the jobs that wait.

    Attributes:
        by_staff: pieces of each order line that staff took back, replaced or cancelled without us.
        refunded_by_staff: money that staff gave back without us.
    """

    shop: Any
    world: Any
    jobs: list[tuple[str, tuple[Any, ...]]]
    order_id: str
    by_staff: Counter[str] = dataclasses.field(default_factory=Counter)
    refunded_by_staff: Decimal = Decimal(0)

    @property
    def order(self) -> Any:
        """The order as the plugin sees it now."""
        return self.shop.order(self.order_id)

    @property
    def buyer(self) -> Actor:
        """The member who placed the order; for a guest's order, somebody with its link."""
        customer = self.order.customer_id
        if customer:
            return Actor(ActorKind.CUSTOMER, customer, email=self.order.email)
        return Actor(ActorKind.GUEST, email=self.order.email, order_id=self.order_id)

    # -- verbs, each followed by the jobs that it queues ------------------------------------

    def ask(
        self, wanted: dict[str, int], *, actor: Actor | None = None, reason: str = "", **more: Any
    ) -> Return:
        """Ask for {order line id: quantity}."""
        lines = [(line, quantity, reason) for line, quantity in wanted.items()]
        row = service.request(
            actor=actor or self.buyer, order_id=self.order_id, lines=lines, now=self.shop.now(), **more
        )
        return self.done(row)

    def approve(self, row: Return, **more: Any) -> Return:
        """Staff agrees."""
        return self.done(service.approve(actor=STAFF, return_id=row.pk, now=self.shop.now(), **more))

    def receive(self, row: Return, *counts: service.Count, **more: Any) -> Return:
        """Staff counts what came; without ``counts`` all of it, as new."""
        found = counts or tuple(
            service.Count(line.order_line_id, sellable=line.approved_quantity - line.counted_quantity)
            for line in row.lines.all()
        )
        service.receive(actor=STAFF, return_id=row.pk, counts=found, now=self.shop.now(), **more)
        return self.done(row)

    def done(self, row: Return) -> Return:
        """The return once the jobs that wait have run."""
        self.work()
        row.refresh_from_db()
        return row

    def work(self) -> None:
        """Run the jobs that wait, and those they queue."""
        for _round in range(200):
            if not self.jobs:
                return
            name, args = self.jobs.pop(0)
            import_string(name)(*args)
        pytest.fail(f"The jobs do not come to an end: {self.jobs[:5]}")

    # -- what Saleor says ------------------------------------------------------------------

    def pieces(self, *statuses: str) -> Counter[str]:
        """{order line id: pieces} in fulfilments of these statuses, from Saleor's own rows."""
        rows = FulfillmentLine.objects.filter(
            fulfillment__order_id=self._key, fulfillment__status__in=statuses
        )
        found: Counter[str] = Counter()
        for line, quantity in rows.values_list("order_line_id", "quantity"):
            found[global_id("OrderLine", line)] += quantity
        return found

    def money_back(self) -> Decimal:
        """What has gone back of the order's money, by Saleor's own rows."""
        payments = Payment.objects.filter(order_id=self._key)
        items = TransactionItem.objects.filter(order_id=self._key)
        by_payment = sum((one.total - one.captured_amount for one in payments), Decimal(0))
        return by_payment + sum((one.refunded_value for one in items), Decimal(0))

    def status(self) -> str:
        """Saleor's status of the order."""
        return str(self.world.row(self.order_id).status)

    def statuses(self) -> Counter[str]:
        """How many fulfilments that hold anything are in each status."""
        rows = Fulfillment.objects.filter(order_id=self._key, lines__isnull=False).distinct()
        return Counter(rows.values_list("status", flat=True))

    @property
    def _key(self) -> Any:
        return uuid_key("Order", self.order_id, "order")

    # -- whether our sums are Saleor's -----------------------------------------------------

    def check(self) -> None:
        """Our books and Saleor's agree, and nothing came back or was paid that had not left."""
        order = self.order
        lines = ReturnLine.objects.filter(parent__order_id=self.order_id)
        entered, held = Counter[str](), Counter[str]()
        for line in lines.select_related("parent"):
            entered[line.order_line_id] += line.returned_quantity
            assert line.returned_quantity <= line.received_quantity <= line.approved_quantity <= line.quantity
            if line.parent.authorisation in HOLDING and line.parent.closed_at is None:
                wanted = line.approved_quantity if line.parent.decided_at else line.quantity
                given_up = line.missing_quantity + line.not_ours_quantity
                held[line.order_line_id] += wanted - given_up - line.returned_quantity
        back, there = self.pieces(*BACK), self.pieces(*WITH_CUSTOMER)
        replaced = self.pieces("replaced")
        assert back + replaced == entered + self.by_staff, (back, replaced, entered, self.by_staff)
        for line in order.lines:
            fulfilled = line.quantity_fulfilled
            assert there[line.id] + back[line.id] + replaced[line.id] == fulfilled, line
        self._check_status(order, back, replaced)
        self._check_money()

    def _check_status(self, order: Any, back: Counter[str], replaced: Counter[str]) -> None:
        total = sum(line.quantity for line in order.lines) - replaced.total()
        if 0 < back.total() < total:
            assert self.status() == "partially_returned"
        elif total and back.total() == total:
            assert self.status() == "returned"
        else:
            assert self.status() in ("fulfilled", "partially fulfilled", "unfulfilled")

    def _check_money(self) -> None:
        settled = Refund.objects.filter(order_id=self.order_id, state=RefundState.SETTLED)
        ours = sum(settled.values_list("amount", flat=True), Decimal(0))
        assert self.money_back() == ours + self.refunded_by_staff
        assert self.money_back() <= self.order.total.amount
        payouts = ReturnPayout.objects.filter(parent__order_id=self.order_id, refund__isnull=False)
        assert {one.refund_id for one in payouts} == set(
            Refund.objects.filter(order_id=self.order_id).values_list("pk", flat=True)
        )
        assert all(one.amount == one.refund.amount for one in payouts.select_related("refund"))
