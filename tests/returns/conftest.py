"""A delivered order with people around it."""

import dataclasses
import datetime

import pytest

from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.history import notes
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.returns import service
from sandbox import makers, models

MINUTE = datetime.timedelta(minutes=1)


@dataclasses.dataclass
class World:
    """One order of 3 apples (4.00) and 2 beans (6.50), delivered a day ago, and its people."""

    shop: object
    now: datetime.datetime
    channel: object
    customer: object
    order: object
    pay: str

    @property
    def order_id(self):
        return makers.gid(self.order)

    @property
    def apples(self):
        return makers.gid(self.order.lines.get(position=0))

    @property
    def beans(self):
        return makers.gid(self.order.lines.get(position=1))

    @property
    def buyer(self):
        return self.shop.identify(makers.request_for(self.customer))

    @property
    def guest(self):
        return Actor(ActorKind.GUEST, email="guest@example.com", order_id=self.order_id)

    def staff(self, **options):
        return self.shop.identify(makers.request_for(makers.make_staff(**options)))

    def ask(self, *lines, actor=None, now=None, **more):
        return service.request(
            actor=actor or self.buyer,
            order_id=self.order_id,
            lines=lines or [(self.apples, 2)],
            now=now or self.now,
            **more,
        )

    def approve(self, row, now=None, **more):
        return service.approve(actor=self.staff(), return_id=row.pk, now=now or self.now, **more)

    def receive(self, row, *counts, now=None, **more):
        """Count goods: ``counts`` or all that was approved, as sellable."""
        return service.receive(
            actor=self.staff(),
            return_id=row.pk,
            counts=counts or everything(row),
            now=now or self.now,
            **more,
        )

    def settle(self, row, amount=None, now=None, **more):
        return service.settle(
            actor=self.staff(), return_id=row.pk, amount=amount, now=now or self.now, **more
        )


def build(shop, now, pay="payment", **options):
    """A world; ``options`` as for makers.make_order."""
    channel, customer = makers.make_channel(), makers.make_customer()
    makers.switch_on(channel)
    options.setdefault("lines", (("Apple Juice", 3, "4.00"), ("Bean Juice", 2, "6.50")))
    order = makers.make_order(channel, customer, pay=pay, **options)
    makers.fulfill(order, hook=False, created_at=now - datetime.timedelta(days=1))
    return World(shop, now, channel, customer, order, pay)


@pytest.fixture
def world(shop, now):
    return build(shop, now)


def everything(row):
    """All that was approved and does not stay with the customer, as new."""
    return [
        service.Count(line.order_line_id, sellable=line.approved_quantity)
        for line in row.lines.order_by("pk")
        if line.approved_quantity and not line.keep
    ]


def decide(row, **answer):
    """Change what the policy answered for every line of a return."""
    row.refresh_from_db()
    for one in row.decision["lines"].values():
        one.update(answer)
    row.save(update_fields=["decision"])


def settle_down(now, rounds=3):
    """What the sweeps do, often enough that nothing is left to do."""
    for number in range(rounds):
        moment = now + 11 * MINUTE * (number + 1)
        service.sweep_receipts(now=moment, limit=100)
        service.sweep_settlements(now=moment, limit=100)
        refunds.sweep(now=moment, limit=100)
        refunds.watch(now=moment, limit=100)
    service.sweep_settlements(now=moment + 11 * MINUTE, limit=100)
    notes.sweep(now=moment, limit=100)


def returned(order):
    """How many pieces of the order the shop has taken back."""
    rows = models.FulfillmentLine.objects.filter(
        fulfillment__order=order, fulfillment__status__in=("returned", "refunded_and_returned")
    )
    return sum(rows.values_list("quantity", flat=True))
