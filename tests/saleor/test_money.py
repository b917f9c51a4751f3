"""Returns and refunds in Saleor, many at once on PostgreSQL: one winner each, and the money once."""

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import connections, transaction
from saleor.order.models import Fulfillment
from saleor.payment.models import Payment

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.history.models import OrderNote
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, ReturnStatus
from saleor_support_plugin.shop.acts import ShopAct
from saleor_support_plugin.shop.data import Money
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.shop.saleor import executor
from saleor_support_plugin.shop.saleor.ids import uuid_key
from saleor_support_plugin.shop.switches import Switch
from saleor_support_plugin.worklist.models import StaffTask, TaskKind

THREADS = 6
STAFF = Actor(ActorKind.STAFF, "u", permissions=frozenset(Permission))


def race(shop, *verbs):
    """Run ``verbs`` at once, THREADS of them in turn; returns results and refusals."""
    results, start = [], threading.Barrier(THREADS)

    def run(number):
        start.wait()
        try:
            with shop.writing():
                results.append(verbs[number % len(verbs)]())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == THREADS
    failed = [one for one in results if isinstance(one, Exception) and not isinstance(one, SupportError)]
    assert failed == []
    return [one for one in results if not isinstance(one, Exception)]


@pytest.fixture(autouse=True)
def clean(database):
    for model in (Return, Refund, ShopAct, OrderNote):
        model.objects.all().delete()


@pytest.fixture(params=["payment", "transaction"])
def order_id(request, world):
    assert world.configure(world.channel_id, {"returns": True}) == set()
    made = world.make_order(lines=((3, "4.00"), (2, "6.50")), pay=request.param)
    world.fulfill(made)
    return made


def count(row, line, pieces, now):
    """Staff counts so many pieces as new, once."""
    counts = [service.Count(line.id, sellable=pieces)]
    return service.receive(actor=STAFF, return_id=row.pk, counts=counts, key="k", now=now)


def test_the_whole_way_of_two_returns(shop, order_id):
    now = shop.now()
    order = shop.order(order_id)
    apples, beans = order.lines
    actor = Actor(ActorKind.CUSTOMER, order.customer_id)

    def ask(line, key=""):
        return lambda: service.request(actor=actor, order_id=order_id, lines=[(line.id, 1)], now=now, key=key)

    asked = race(shop, ask(apples))
    assert len(asked) == 3  # of six
    assert {one.pk for one in race(shop, ask(beans, "k"))} == {Return.objects.get(key="k").pk}
    first, second = asked[0], Return.objects.get(key="k")
    assert len(race(shop, lambda: service.approve(actor=STAFF, return_id=first.pk, now=now))) == 1
    service.approve(actor=STAFF, return_id=second.pk, now=now)
    for row, line in ((first, apples), (second, beans)):
        race(shop, lambda row=row, line=line: count(row, line, 1, now))
    one, other = (row.receipts.get() for row in (first, second))
    race(
        shop,
        lambda: service.enter(receipt_id=one.pk, now=now),
        lambda: service.enter(receipt_id=other.pk, now=now),
    )
    race(
        shop,
        lambda: service.settle_due(return_id=first.pk, now=now),
        lambda: service.settle_due(return_id=second.pk, now=now),
    )
    one, other = Refund.objects.order_by("amount")
    race(
        shop,
        lambda: refunds.carry_out(refund_id=one.pk, now=now),
        lambda: refunds.carry_out(refund_id=other.pk, now=now),
        lambda: refunds.sweep(now=now, limit=10),
    )
    refunds.sweep(now=now, limit=10)
    refunds.watch(now=now, limit=10)
    service.sweep_settlements(now=now, limit=10)
    assert set(Refund.objects.values_list("state", flat=True)) == {RefundState.SETTLED}
    assert {row.status for row in Return.objects.filter(pk__in=(first.pk, second.pk))} == {
        ReturnStatus.COMPLETED
    }
    after = shop.order(order_id)
    left = sum(one.captured.amount for one in after.payments) + sum(
        one.charged.amount for one in after.transactions
    )
    assert left == Decimal("14.50")
    taken = Fulfillment.objects.filter(order_id=_key(order_id), status="returned")
    assert sum(line.quantity for one in taken for line in one.lines.all()) == 2


def _key(order_id):
    return uuid_key("Order", order_id, "order")


def test_staff_refunds_the_payment_at_the_same_moment(shop, world):
    """Never more than was paid, whoever comes first; nobody is told that it failed when it did not."""
    assert world.configure(world.channel_id, {"returns": True}) == set()
    order_id = world.make_order(lines=((3, "4.00"),), pay="payment")
    world.fulfill(order_id)
    now, order = shop.now(), shop.order(order_id)
    asked = service.request(
        actor=Actor(ActorKind.CUSTOMER, order.customer_id),
        order_id=order_id,
        lines=[(order.lines[0].id, 3)],
        now=now,
    )
    service.approve(actor=STAFF, return_id=asked.pk, now=now)
    service.enter(receipt_id=count(asked, order.lines[0], 3, now).pk, now=now)
    service.settle_due(return_id=asked.pk, now=now)
    refund = Refund.objects.get()
    payment = Payment.objects.get(order_id=_key(order_id))
    refunds._begin(refund.pk, now)
    world.do(
        "mutation ($id: ID!) { paymentRefund(paymentId: $id, amount: 10) { errors { message } } }",
        {"id": Refund.objects.get().payment_id},
    )
    refund = refunds.carry_out(refund_id=refund.pk, now=now)
    payment.refresh_from_db()
    assert (refund.state, payment.captured_amount) == (RefundState.FAILED, 2)
    assert "Cannot refund more than captured." in refund.message


def test_returns_are_switched_off_before_the_money_is_back(shop, world):
    """What was decided is still paid; after that our App has the right to it no more."""
    assert world.configure(world.channel_id, {"returns": True}) == set()
    order_id = world.make_order(lines=((3, "4.00"),), pay="transaction")
    world.fulfill(order_id)
    now, order = shop.now(), shop.order(order_id)
    asked = service.request(
        actor=Actor(ActorKind.CUSTOMER, order.customer_id),
        order_id=order_id,
        lines=[(order.lines[0].id, 3)],
        now=now,
    )
    service.approve(actor=STAFF, return_id=asked.pk, now=now)
    service.enter(receipt_id=count(asked, order.lines[0], 3, now).pk, now=now)
    service.settle_due(return_id=asked.pk, now=now)
    Switch.objects.all().delete()
    assert "payment.handle_payments" in executor.needed_permissions()
    refund = refunds.carry_out(refund_id=Refund.objects.get().pk, now=now)
    assert (refund.state, refund.message) == (RefundState.SETTLED, "")
    assert executor.needed_permissions() == {"order.manage_orders"}


def test_a_gateway_without_an_answer(shop, world):
    """A legacy payment app that can't be reached: Saleor calls it a refusal, but nobody knows."""
    assert world.configure(world.channel_id, {"returns": True}) == set()
    order_id = world.make_order(lines=((3, "4.00"),), pay="payment")
    Payment.objects.filter(order_id=_key(order_id)).update(gateway="app:999999:card")
    payment = Payment.objects.get(order_id=_key(order_id))
    payment.transactions.update(kind="capture", is_success=True)
    now, order = shop.now(), shop.order(order_id)
    with transaction.atomic():
        refund = refunds.plan(
            actor=STAFF,
            order=shop.lock_order(order_id),
            amount=Money(Decimal(4), order.total.currency),
            reference="return:1",
            subject="return:1",
            now=now,
        )
    with pytest.raises(ShopUnavailable, match="no usable answer"):
        refunds.carry_out(refund_id=refund.pk, now=now)
    late = now + datetime.timedelta(minutes=11)
    assert refunds.carry_out(refund_id=refund.pk, now=late).state == RefundState.UNKNOWN
    tasks = StaffTask.objects.filter(key__startswith=f"refund:{refund.pk}:")
    assert list(tasks.values_list("kind", "subject")) == [(TaskKind.REFUND_UNKNOWN, "return:1")]
