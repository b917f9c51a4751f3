"""Whatever happens in whatever order: never more goods and never more money than there was."""

import contextlib
import datetime
import os
import random
from decimal import Decimal

import pytest
from django.db import connection

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Authorisation, Logistics, Return, Settlement
from saleor_support_plugin.shop.commands import GrantRefund, RefundPayment, RequestGrantedRefund, ReturnGoods
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from sandbox import makers, models
from sandbox.home import money, orders
from sandbox.home.errors import Refused
from tests.refunds.kills import Killed, boundaries
from tests.returns.conftest import build

PRICES = {"Apple Juice": Decimal("4.00"), "Bean Juice": Decimal("6.50")}
PAID = Decimal("25.00")
LEGAL = {  # authorisation, logistics → settlements
    (Authorisation.REQUESTED, Logistics.AWAITING): {Settlement.NONE},
    (Authorisation.APPROVED, Logistics.AWAITING): {Settlement.NONE, Settlement.FAILED},
    (Authorisation.APPROVED, Logistics.RECEIVED): set(Settlement),
}


class Life:
    """One order and everything that may happen to it, in an order drawn from ``seed``."""

    def __init__(self, shop, now, seed):
        self.dice = random.Random(seed)
        self.shop = shop
        pay = self.dice.choice(["payment", "transaction"])
        settles = self.dice.choice(["success", "pending", "failure"])
        self.world = build(shop, now, pay, settles=settles)
        self.staff = self.world.staff()
        self.now = now

    def step(self):
        """One act of somebody; its refusal is an answer like any other."""
        self.now += datetime.timedelta(minutes=self.dice.choice([1, 5, 11]))
        act = self.dice.choice(
            [
                self.ask,
                self.ask,
                self.approve,
                self.approve,
                self.execute,
                self.carry_out,
                self.sweep,
                self.sweep,
                self.staff_takes_back,
                self.provider_answers,
                self.trouble,
                self.killed,
            ]
        )
        try:
            act()
        except (SupportError, Refused):
            pass
        finally:
            connection.run_on_commit = []

    def ask(self):
        lines = [(line, self.dice.randint(1, 3)) for line in (self.world.apples, self.world.beans)]
        self.world.ask(*self.dice.sample(lines, self.dice.randint(1, 2)), now=self.now)

    def approve(self):
        if row := self._any(Return, authorisation="requested"):
            service.approve(actor=self.staff, return_id=row.pk, now=self.now)

    def execute(self):
        if row := self._any(Return):
            service.execute(return_id=row.pk, now=self.now)

    def carry_out(self):
        if refund := self._any(Refund):
            refunds.carry_out(refund_id=refund.pk, now=self.now)
            service.settle_refund(refund_id=refund.pk, now=self.now)

    def sweep(self):
        service.sweep(now=self.now, limit=10)
        refunds.sweep(now=self.now, limit=10)
        refunds.watch(now=self.now, limit=10)

    def staff_takes_back(self):
        line = self._any(models.FulfillmentLine, fulfillment__status="fulfilled")
        if line and self.dice.random() < 0.3:
            orders.take_back(self.world.order, [(makers.gid(line), 1)])

    def provider_answers(self):
        if granted := self._any(models.GrantedRefund, status="pending"):
            money.settle(granted, success=self.dice.random() < 0.7)

    def trouble(self):
        if self.dice.random() < 0.6:
            return
        command = self.dice.choice([ReturnGoods, RefundPayment, GrantRefund, RequestGrantedRefund])
        error = self.dice.choice([ShopUnavailable("Down."), ShopRefused("No.")])
        after = isinstance(error, ShopUnavailable) and self.dice.random() < 0.5
        self.shop.trouble(command, error, after=after)

    def killed(self):
        with boundaries(self.dice.randint(1, 40)), contextlib.suppress(Killed):
            self.dice.choice([self.execute, self.carry_out])()

    def check(self):
        """What must hold at every moment."""
        for line in self.world.order.lines.all():
            rows = models.FulfillmentLine.objects.filter(order_line=line)
            back = sum(rows.filter(fulfillment__status="returned").values_list("quantity", flat=True))
            assert sum(rows.values_list("quantity", flat=True)) == line.quantity
            ours = Return.objects.filter(logistics="received", lines__order_line_id=makers.gid(line))
            assert sum(ours.values_list("lines__approved_quantity", flat=True)) <= back <= line.quantity
        held = [
            *models.Payment.objects.values_list("captured_amount", flat=True),
            *models.Transaction.objects.values_list("charged_value", flat=True),
        ]
        settled = Refund.objects.filter(state=RefundState.SETTLED).values_list("amount", flat=True)
        assert sum(settled) <= PAID - sum(held)
        for row in Return.objects.all():
            assert row.settlement in LEGAL[row.authorisation, row.logistics]
            assert (row.fulfillment_id == "") == (row.logistics == Logistics.AWAITING)
            if row.logistics == Logistics.RECEIVED:
                worth = sum(PRICES[one.product_name] * one.approved_quantity for one in row.lines.all())
                assert row.due_amount == worth
            if row.refund:
                assert row.refund.amount <= row.due_amount

    def _any(self, model, **filters):
        return self.dice.choice([None, *model.objects.filter(**filters).order_by("pk")])


SEQUENCES = int(os.environ.get("SUPPORT_SEQUENCES", "8"))  # `make faults` runs more


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_any_sequence(shop, now, seed):
    life = Life(shop, now, seed)
    for _ in range(60):
        life.step()
        life.check()
    shop.reset()  # no more trouble: everything comes to its end, or to a person
    for _ in range(4):
        life.now += datetime.timedelta(minutes=11)
        life.sweep()
        for granted in models.GrantedRefund.objects.filter(status="pending"):
            money.settle(granted, success=True)
        life.check()
    assert not Return.objects.filter(authorisation="approved", settlement__in=("none",)).exists()
    waiting = Return.objects.filter(settlement="pending")
    assert set(waiting.values_list("refund__state", flat=True)) <= {RefundState.UNKNOWN}
