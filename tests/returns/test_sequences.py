"""Whatever happens in whatever order: never more goods and never more money than there was."""

import contextlib
import datetime
import os
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.axes import Authorisation, Logistics
from saleor_support_plugin.returns.models import ReturnReceipt, ReturnShipment
from saleor_support_plugin.shop.commands import GrantRefund, RefundPayment, RequestGrantedRefund, ReturnGoods
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status, SubStatus
from saleor_support_plugin.worklist.models import StaffTask, TaskState
from sandbox import makers, models
from sandbox.home import money, orders
from sandbox.home.errors import Refused
from tests.refunds.kills import Killed, boundaries
from tests.returns.conftest import build, decide
from tests.returns.lawful import Lawful

SEQUENCES = int(os.environ.get("SUPPORT_SEQUENCES", "6"))  # the variable asks for more, drawn anew
STEPS = 30
SCANS = (
    (Status.IN_TRANSIT, None),
    (Status.DELIVERED, None),
    (Status.EXCEPTION, SubStatus.LOST),
    (Status.OUT_FOR_DELIVERY, None),
)
PICK = st.integers(0, 10_000)


@transaction.atomic
def pay_back(order, line, quantity):
    """Staff gives money for goods that stay where they are."""
    orders.refund_goods(order, [(makers.gid(line), quantity)])
    amount = quantity * line.order_line.unit_price
    if payment := order.payments.first():
        money.refund_payment(makers.gid(payment), amount)
    elif row := order.transactions.filter(charged_value__gte=amount).first():
        money.report_refund(row, amount)
    else:
        raise Refused("There is not so much left.")


STAFF_ACTS = {
    "return": lambda order, line, quantity: orders.take_back(order, [(makers.gid(line), quantity)]),
    "replace": lambda order, line, quantity: orders.replace_goods(order, [(makers.gid(line), quantity)]),
    "cancel": lambda _order, line, _quantity: orders.cancel_fulfillment(line.fulfillment),
    "refund": pay_back,
}


class Life(Lawful):
    """One order and everything that may happen to it."""

    shop, start = None, None

    @initialize(
        pay=st.sampled_from(["payment", "transaction"]),
        settles=st.sampled_from(["success", "pending", "failure"]),
        settle_on=st.sampled_from(["receipt", "scan", "inspection"]),
        requests=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=3),
        approved=st.integers(0, 3),
    )
    def begin(self, pay, settles, settle_on, requests, approved):
        self.shop.reset()
        self.now = self.start
        self.world = build(self.shop, self.start, pay, settles=settles)
        self.staff = self.world.staff()
        self.numbers = 0
        for apples, beans in requests:
            self.ask(apples, beans, "return", settle_on, by_staff=False)
        for row in self.rows()[:approved]:
            self.approve(row.pk, None, fewer=False)

    # -- the customer ----------------------------------------------------------------------

    @rule(
        apples=st.integers(0, 3),
        beans=st.integers(0, 2),
        kind=st.sampled_from(["return", "claim", "withdrawal", "exchange"]),
        settle_on=st.sampled_from(["receipt", "scan", "inspection"]),
        by_staff=st.booleans(),
    )
    def ask(self, apples, beans, kind, settle_on, by_staff):
        with self.step():
            reason = "defective" if kind == "claim" else ""
            wanted = [(self.world.apples, apples, reason), (self.world.beans, beans, reason)]
            row = service.request(
                actor=self.staff if by_staff else self.world.buyer,
                order_id=self.world.order_id,
                lines=[one for one in wanted if one[1]],
                kind=kind,
                override_reason="Because." if by_staff else "",
                now=self.now,
            )
            decide(row, settle_on=settle_on)

    @rule(pick=PICK)
    def confirm(self, pick):
        with self.step():
            if row := self.any(pick, authorisation="unconfirmed"):
                service.confirm(actor=self.world.buyer, return_id=row.pk, now=self.now)

    @rule(pick=PICK, by_staff=st.booleans())
    def cancel(self, pick, by_staff):
        with self.step():
            if (row := self.any(pick)) and pick % 3 == 0:
                actor = self.staff if by_staff else self.world.buyer
                service.cancel(actor=actor, return_id=row.pk, now=self.now)

    @rule(pick=PICK, again=st.booleans())
    def report(self, pick, again):
        with self.step():
            if row := self.any(pick, authorisation="approved"):
                self.numbers += not again
                number = f"RETURN{self.world.order.number}X{self.numbers}"
                actor = self.world.buyer
                service.report_shipment(actor=actor, return_id=row.pk, tracking_number=number, now=self.now)

    # -- staff -----------------------------------------------------------------------------

    @rule(pick=PICK, keep=st.sampled_from([None, None, True, False]), fewer=st.booleans())
    def approve(self, pick, keep, fewer):
        with self.step():
            waiting = self.rows().filter(authorisation__in=("requested", "needs_information"))
            if row := waiting.filter(pk=pick).first() or self.one(pick, waiting):
                lines = list(row.lines.order_by("pk"))
                quantities = {lines[0].order_line_id: lines[0].quantity - 1} if fewer else None
                service.approve(
                    actor=self.staff,
                    return_id=row.pk,
                    quantities=quantities,
                    keep=keep,
                    override_reason="Because.",
                    now=self.now,
                )

    @rule(pick=PICK, asks=st.booleans())
    def ask_or_decline(self, pick, asks):
        with self.step():
            if row := self.any(pick, authorisation="requested"):
                if asks:
                    service.ask(actor=self.staff, return_id=row.pk, question="Why?", now=self.now)
                else:
                    service.decline(actor=self.staff, return_id=row.pk, message="No.", now=self.now)

    @rule(pick=PICK)
    def reopen(self, pick):
        with self.step():
            if row := self.any(pick, closed_at__isnull=False):
                service.reopen(actor=self.staff, return_id=row.pk, reason="Found.", now=self.now)

    @rule(pick=PICK)
    def label(self, pick):
        with self.step():
            if row := self.any(pick, authorisation="approved"):
                url = "https://carrier.example/label"
                service.attach_label(actor=self.staff, return_id=row.pk, url=url, now=self.now)

    @rule(
        pick=PICK,
        counts=st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=2, max_size=2),
        everything=st.booleans(),
    )
    def receive(self, pick, counts, everything):
        with self.step():
            if row := self.any(pick, authorisation="approved", closed_at__isnull=True):
                lines = list(row.lines.order_by("pk"))
                found = [
                    service.Count(line.order_line_id, *one) for line, one in zip(lines, counts, strict=False)
                ]
                if everything:
                    found = [
                        service.Count(one.order_line_id, one.approved_quantity - one.counted_quantity)
                        for one in lines
                    ]
                service.receive(actor=self.staff, return_id=row.pk, counts=found, now=self.now)

    @rule(pick=PICK, amount=st.sampled_from([None, None, Decimal(0), Decimal(1), Decimal("6.50")]))
    def settle(self, pick, amount):
        with self.step():
            if row := self.any(pick, authorisation="approved"):
                service.settle(
                    actor=self.staff, return_id=row.pk, amount=amount, note="So be it.", now=self.now
                )

    @rule(pick=PICK, by_hand=st.booleans())
    def mend(self, pick, by_hand):
        """Somebody sees to what is stuck."""
        with self.step():
            rows = ReturnReceipt.objects.filter(state="stuck", parent__order_id=self.world.order_id)
            if receipt := self.one(pick, rows):
                if by_hand:
                    actor = self.staff
                    service.settle_by_hand(actor=actor, receipt_id=receipt.pk, note="Done.", now=self.now)
                else:
                    service.retry_entry(actor=self.staff, return_id=receipt.parent_id, now=self.now)

    @rule(pick=PICK, quantity=st.integers(1, 2), how=st.sampled_from(["", "", *STAFF_ACTS]))
    def staff_acts_in_the_shop(self, pick, quantity, how):
        with self.step():
            order = self.world.order
            lines = models.FulfillmentLine.objects.filter(
                fulfillment__status__in=("fulfilled", "refunded"), fulfillment__order=order
            )
            if how and (line := self.one(pick, lines)):
                STAFF_ACTS[how](order, line, quantity)

    @rule(pick=PICK)
    def ship_again(self, pick):
        """What staff had cancelled leaves once more."""
        with self.step():
            lines = self.world.order.lines.filter(quantity_fulfilled__lt=F("quantity"))
            if line := self.one(pick, lines):
                makers.fulfill(self.world.order, {line: line.quantity - line.quantity_fulfilled}, hook=False)

    @rule(picks=st.lists(PICK, min_size=2, max_size=8))
    def go_on(self, picks):
        """What comes next for some of the returns, one step for each pick."""
        for pick in picks:
            with self.step():
                self.next_step(pick)

    def next_step(self, pick):
        if (row := self.any(pick, closed_at__isnull=True)) is None:
            return
        if row.authorisation != Authorisation.APPROVED:
            self.approve(row.pk, None, fewer=False)
        elif row.logistics not in (Logistics.RECEIVED, Logistics.NOT_REQUIRED):
            found = [
                service.Count(one.order_line_id, one.approved_quantity - one.counted_quantity)
                for one in row.lines.order_by("pk")
            ]
            some = found if pick % 2 else found[:1]
            service.receive(actor=self.staff, return_id=row.pk, counts=some, now=self.now)
        elif receipt := row.receipts.filter(state="counted").first():
            service.enter(receipt_id=receipt.pk, now=self.now)
        else:
            self.settle_next(pick, row)

    def settle_next(self, pick, row):
        service.settle_due(return_id=row.pk, now=self.now)
        for payout in row.payouts.filter(refund__isnull=False):
            refunds.carry_out(refund_id=payout.refund_id, now=self.now)
            service.settle_refund(refund_id=payout.refund_id, now=self.now)
        row.refresh_from_db()
        if row.closed_at is None and pick % 2:
            service.settle(actor=self.staff, return_id=row.pk, note="So be it.", now=self.now)

    # -- jobs, carriers, providers ---------------------------------------------------------

    @rule(pick=PICK, word=st.sampled_from(SCANS))
    def scan(self, pick, word):
        with self.step():
            rows = ReturnShipment.objects.filter(parent__order_id=self.world.order_id, parcel__isnull=False)
            if shipment := self.one(pick, rows):
                status, sub_status = word
                event = Scan(
                    shipment.tracking_number, self.now, status.value, status, sub_status, correction=True
                )
                channel_id = shipment.parent.channel_id
                scans.record([event], channel_id=channel_id, source="test", now=self.now)

    @rule(days=st.sampled_from([0, 0, 0, 1, 22]))
    def sweep(self, days):
        with self.step():
            self.now += datetime.timedelta(days=days)
            self.all_sweeps()

    @rule(pick=PICK)
    def jobs(self, pick):
        with self.step():
            self.some_job(pick)

    @rule(pick=PICK, boundary=st.integers(1, 40))
    def killed(self, pick, boundary):
        with self.step(), boundaries(boundary), contextlib.suppress(Killed):
            self.some_job(pick)

    @rule(pick=PICK, success=st.booleans())
    def provider_answers(self, pick, success):
        with self.step():
            rows = models.GrantedRefund.objects.filter(status="pending", order=self.world.order)
            if granted := self.one(pick, rows):
                money.settle(granted, success=success)

    @rule(
        command=st.sampled_from([ReturnGoods, RefundPayment, GrantRefund, RequestGrantedRefund]),
        error=st.sampled_from([ShopUnavailable("Down."), ShopRefused("No.")]),
        after=st.booleans(),
    )
    def trouble(self, command, error, after):
        self.shop.trouble(command, error, after=after and isinstance(error, ShopUnavailable))

    def some_job(self, pick):
        """One of the jobs that wait."""
        receipts = ReturnReceipt.objects.filter(state="counted", parent__order_id=self.world.order_id)
        if (receipt := self.one(pick, receipts)) and pick % 2:
            service.enter(receipt_id=receipt.pk, now=self.now)
        elif row := self.any(pick):
            service.settle_due(return_id=row.pk, now=self.now)
        if refund := self.one(pick, Refund.objects.filter(order_id=self.world.order_id)):
            refunds.carry_out(refund_id=refund.pk, now=self.now)
            service.settle_refund(refund_id=refund.pk, now=self.now)

    def all_sweeps(self):
        """What beat does."""
        service.follow_shipments(now=self.now, limit=10)
        service.sweep_orders(now=self.now, limit=10)
        service.sweep_receipts(now=self.now, limit=10)
        service.sweep_settlements(now=self.now, limit=10)
        service.sweep_deadlines(now=self.now, limit=10)
        refunds.sweep(now=self.now, limit=10)
        refunds.watch(now=self.now, limit=10)

    # -- helpers ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def step(self):
        """One act of somebody; its refusal is an answer like any other, and so is an outage."""
        self.now += datetime.timedelta(minutes=11)
        try:
            yield
        except (SupportError, Refused, ShopUnavailable):
            pass
        finally:
            connection.run_on_commit = []

    def teardown(self):
        """No more trouble: everything comes to its end, or to a person."""
        if not hasattr(self, "world"):
            return
        self.shop.reset()
        for _ in range(4):
            self.now += datetime.timedelta(minutes=11)
            self.all_sweeps()
            for granted in models.GrantedRefund.objects.filter(status="pending", order=self.world.order):
                money.settle(granted, success=True)
            connection.run_on_commit = []
        self.goods()
        self.money()
        self.axes()
        for row in self.rows().filter(authorisation="approved", closed_at__isnull=True):
            assert not row.receipts.filter(state="counted").exists()
            if row.logistics in (Logistics.RECEIVED, Logistics.NOT_REQUIRED):
                task = StaffTask.objects.filter(subject=row.subject, state=TaskState.OPEN).exists()
                assert task or row.reopened_at is not None
        guest = Actor(ActorKind.GUEST, order_id=self.world.order_id)
        answer = service.eligibility(actor=guest, order_id=self.world.order_id, now=self.now)
        assert all(line.returnable >= 0 for line in answer.lines)


@pytest.mark.django_db
def test_any_sequence(shop, now):
    Life.shop, Life.start = shop, now
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=SEQUENCES,
            derandomize="SUPPORT_SEQUENCES" not in os.environ,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
