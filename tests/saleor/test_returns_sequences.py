"""Whatever customers and staff do, in whatever order, and whichever jobs die: our sums are Saleor's.

Each sequence is drawn from its seed. ``SUPPORT_SEQUENCES`` says how many are tried (default 3, one in older
Saleors).
"""

import contextlib
import datetime
import os
import random
from decimal import Decimal

import pytest
from django.db import transaction
from saleor.site.models import SiteSettings

from saleor_support_plugin.errors import Errors, SupportError
from saleor_support_plugin.history import notes
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import ReceiptState, Return, ReturnReceipt
from saleor_support_plugin.shop import commands
from tests.saleor.returning import STAFF, WITH_CUSTOMER, Desk
from tests.shop.world import Crash

FEW = "3" if os.environ["SALEOR_VERSION"].startswith("3.23") else "1"
SEEDS = range(int(os.environ.get("SUPPORT_SEQUENCES", FEW)))
STEPS = 25
LINES = ((4, "4.00"), (3, "6.50"), (1, "19.99"))


class Sequence:
    """One order, and what happens to it."""

    def __init__(self, desk, draw):
        self.desk, self.draw = desk, draw
        self.told = []

    def run(self):
        acts = [
            *(self.request,) * 4,
            *(self.approve,) * 3,
            *(self.receive,) * 5,
            *(self.staff_moves_goods,) * 2,
            self.ship,
            self.decline,
            self.cancel,
            self.settle,
            self.reopen,
            self.staff_refunds,
            self.lose_jobs,
            self.die,
            self.retry,
        ]
        for _step in range(STEPS):
            for _try in range(10):  # until something can be done, perhaps in vain
                if self.some_act(self.draw.choice(acts)):
                    break
            self.work()
            self.check()
        self.settle_down()

    def some_act(self, act):
        """Do it; False: there was nothing to do it with, or it was refused."""
        said = None
        with contextlib.suppress(SupportError, Errors):
            said = act()
            self.told.append(f"{act.__name__} {said}")
        return said is not None

    def work(self):
        """What waits is done; a job that dies is left to the sweeps."""
        with contextlib.suppress(Crash):
            self.desk.work()

    def check(self):
        try:
            self.desk.check()
        except AssertionError as error:
            raise AssertionError("\n".join([*self.told[-12:], str(error)])) from error

    def settle_down(self):
        """The sweeps find whatever was lost."""
        for minutes in (11, 22, 33, 44):
            now = self.desk.shop.now() + datetime.timedelta(minutes=minutes)
            service.sweep_orders(now=now, limit=100)
            service.sweep_receipts(now=now, limit=100)
            service.sweep_settlements(now=now, limit=100)
            refunds.sweep(now=now, limit=100)
            refunds.watch(now=now, limit=100)
            notes.sweep(now=now, limit=100)
            self.work()
        self.check()
        assert not ReturnReceipt.objects.filter(state=ReceiptState.COUNTED).exists(), self.told
        unfinished = (RefundState.PLANNED, RefundState.STARTED, RefundState.UNKNOWN)
        assert not Refund.objects.filter(state__in=unfinished).exists(), self.told

    # -- what can happen -------------------------------------------------------------------

    def some(self, **wanted):
        """A return of the order, if there is one."""
        rows = list(Return.objects.filter(order_id=self.desk.order_id, **wanted).order_by("pk"))
        return self.draw.choice(rows or [None])

    def some_lines(self, most):
        """{order line id: pieces} of some lines; ``most`` gives the greatest number of each."""
        lines = self.draw.sample(list(most), self.draw.randint(1, len(most)))
        return {line: self.draw.randint(1, max(most[line], 1)) for line in lines}

    def request(self):
        wanted = self.some_lines({line.id: line.quantity for line in self.desk.order.lines})
        kind = self.draw.choice(("return", "return", "claim", "withdrawal"))
        reason = "not_as_described" if kind == "claim" else ""
        row = service.request(
            actor=self.desk.buyer,
            order_id=self.desk.order_id,
            lines=[(line, quantity, reason) for line, quantity in wanted.items()],
            kind=kind,
            now=self.desk.shop.now(),
        )
        if kind == "withdrawal":
            service.confirm(actor=self.desk.buyer, return_id=row.pk, now=self.desk.shop.now())
        return row.number, kind, sorted(wanted.values())

    def approve(self):
        row = self.some(authorisation="requested")
        if row is None:
            return None
        lines = {one.order_line_id: self.draw.randint(0, one.quantity) for one in row.lines.all()}
        more = {"keep": True, "override_reason": "As a favour."} if self.draw.random() < 0.2 else {}
        less = lines if self.draw.random() < 0.3 else None
        service.approve(actor=STAFF, return_id=row.pk, quantities=less, now=self.desk.shop.now(), **more)
        return row.number, more, less and sorted(less.values())

    def receive(self):
        row = self.some(authorisation="approved", closed_at=None)
        if row is None:
            return None
        counts = []
        for line in row.lines.all():
            left = line.approved_quantity - line.counted_quantity
            counted = [0, 0, 0, 0]
            for _piece in range(self.draw.randint(0, left + (self.draw.random() < 0.1))):
                counted[self.draw.choice((0, 0, 0, 1, 2, 3))] += 1
            counts.append(service.Count(line.order_line_id, *counted))
        service.receive(actor=STAFF, return_id=row.pk, counts=counts, now=self.desk.shop.now())
        return row.number, [(one.sellable, one.damaged, one.missing, one.not_ours) for one in counts]

    def ship(self):
        order = self.desk.order
        left = {line.id: line.quantity - line.quantity_fulfilled for line in order.lines}
        left = {line: quantity for line, quantity in left.items() if quantity > 0}
        if not left:
            return None
        wanted = self.some_lines(left)
        self.desk.world.fulfill(
            self.desk.order_id, wanted, warehouse=self.draw.choice(self.desk.world.warehouses)
        )
        return sorted(wanted.values())

    def decline(self):
        row = self.some(authorisation="requested")
        return (
            row
            and service.decline(actor=STAFF, return_id=row.pk, message="No.", now=self.desk.shop.now()).number
        )

    def cancel(self):
        row = self.some()
        who = self.draw.choice((STAFF, self.desk.buyer))
        return (
            row
            and service.cancel(
                actor=who, return_id=row.pk, reason="Changed.", now=self.desk.shop.now()
            ).number
        )

    def reopen(self):
        row = self.some()
        return (
            row
            and service.reopen(
                actor=STAFF, return_id=row.pk, reason="More to do.", now=self.desk.shop.now()
            ).number
        )

    def settle(self):
        row = self.some(authorisation="approved")
        amount = self.draw.choice((None, Decimal("0"), Decimal("1.50"), Decimal("4.00")))
        return row and (
            service.settle(
                actor=STAFF, return_id=row.pk, amount=amount, note="By hand.", now=self.desk.shop.now()
            ).number,
            amount,
        )

    def staff_moves_goods(self):
        parts = [
            (part, one)
            for one in self.desk.order.fulfillments
            if one.status.value in WITH_CUSTOMER
            for part in one.lines
        ]
        if not parts:
            return None
        part, _shipment = self.draw.choice(parts)
        quantity = self.draw.randint(1, part.quantity)
        how = self.draw.choice(("return", "return", "replace"))
        self.desk.world.move_goods(self.desk.order_id, {part.id: quantity}, how)
        self.desk.by_staff[part.order_line_id] += quantity
        return how, quantity

    def staff_refunds(self):
        order = self.desk.order
        left = sum(one.captured.amount for one in order.payments if one.is_active)
        left += sum(one.charged.amount for one in order.transactions)
        if left < 2:
            return None
        self.desk.world.refund(self.desk.order_id, "1.00")
        self.desk.refunded_by_staff += Decimal(1)
        return "1.00"

    def lose_jobs(self):
        """The broker forgets what waits after the next verb."""
        said = self.receive()
        self.desk.jobs.clear()
        return said

    def die(self):
        """The worker dies while it enters goods, before or after Saleor's own work."""
        said, after = self.receive(), self.draw.random() < 0.5
        if said is None:
            return None
        with self.desk.world.dying(commands.ReturnGoods, after=after), contextlib.suppress(Crash):
            self.desk.work()
        self.desk.jobs.clear()
        return after, said

    def retry(self):
        row = self.some(authorisation="approved")
        return row and service.retry_entry(actor=STAFF, return_id=row.pk, now=self.desk.shop.now())


@pytest.mark.parametrize("pay", ["payment", "transaction"])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_sequence_sets_our_sums_apart_from_saleors(world, shop, jobs, pay, seed):
    assert world.configure(world.channel_id, {"returns": True}) == set()
    draw = random.Random(f"{seed} {pay}")
    desk = Desk(shop, world, jobs, world.make_order(lines=LINES, pay=pay))
    SiteSettings.objects.update(fulfillment_allow_unpaid=True)  # also what was paid back in part is shipped
    first, *_rest = desk.order.lines
    world.fulfill(desk.order_id, {first.id: 3})
    jobs.clear()
    with transaction.atomic():
        service.sweep_orders(now=shop.now(), limit=1)  # from here on it reads what happens
    Sequence(desk, draw).run()
