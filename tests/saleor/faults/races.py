"""Races on returns inside the shop's process, on PostgreSQL: many threads, one verb each."""

import collections
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connections
from saleor.order.models import Fulfillment

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, ReturnReceipt, ReturnStatus
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.saleor.ids import uuid_key
from tests.saleor.world import SaleorWorld

STAGES = 4  # deciding, counting, entering, paying
STAFF = Actor(ActorKind.STAFF, "u", name="Sam", permissions=frozenset(Permission))


def run(world: SaleorWorld, first: int, rounds: int, threads: int) -> dict[str, int]:
    """Bring so many returns of 3 pieces all the way, and race through one stage of each in turn; what came
    of it, added up."""
    found: collections.Counter[str] = collections.Counter()
    for number in range(first, first + rounds):
        found.update(_round(world, number, threads))
    return dict(found)


def _round(world: SaleorWorld, number: int, threads: int) -> collections.Counter[str]:
    shop, found = get_shop(), collections.Counter[str](rounds=1)

    def race(stage: int, verb: Callable[[int], Any]) -> list[Any]:
        return together(verb, threads if number % STAGES == stage else 1)

    # A payment app is asked by a worker, of which there is none here: test_money races through those.
    order_id = world.make_order(lines=((3, "4.00"), (1, "6.50")), pay="payment")
    world.fulfill(order_id)
    now, order = shop.now(), shop.order(order_id)
    line = order.lines[0].id
    with shop.writing():
        asked = service.request(
            actor=Actor(ActorKind.CUSTOMER, order.customer_id), order_id=order_id, lines=[(line, 3)], now=now
        )
    key = asked.pk
    found["approvals"] += len(race(0, lambda _n: service.approve(actor=STAFF, return_id=key, now=now)))

    def count(pieces: int, name: str) -> ReturnReceipt:
        counts = [service.Count(line, sellable=pieces)]
        return service.receive(actor=STAFF, return_id=key, counts=counts, key=name, now=now)

    found["receipts"] += len({one.pk for one in race(1, lambda _n: count(2, "once"))})
    race(1, lambda place: count(1, f"k{place}"))  # one piece is left: one of them gets it
    row = Return.objects.get(pk=key)
    found["pieces"] += sum(one.counted_quantity for one in row.lines.all())
    for receipt in row.receipts.all():
        race(2, lambda _n, pk=receipt.pk: service.enter(receipt_id=pk, now=now))
    race(3, lambda _n: service.settle_due(return_id=key, now=now))
    for refund in Refund.objects.filter(order_id=order_id):
        race(3, lambda _n, pk=refund.pk: refunds.carry_out(refund_id=pk, now=now))
        race(3, lambda _n, pk=refund.pk: refunds.look_again(refund_id=pk, now=now))
        race(3, lambda _n, pk=refund.pk: service.settle_refund(refund_id=pk, now=now))
    _end(order_id, key, found)
    return found


def _end(order_id: str, return_id: int, found: collections.Counter[str]) -> None:
    row, after = Return.objects.get(pk=return_id), get_shop().order(order_id)
    found["completed"] += row.status is ReturnStatus.COMPLETED
    back = Fulfillment.objects.filter(order_id=uuid_key("Order", order_id, "order"), status="returned")
    found["fulfillments"] += back.count()
    found["returned"] += sum(line.quantity for one in back for line in one.lines.all())
    left = sum(one.captured.amount for one in after.payments)
    left += sum(one.charged.amount for one in after.transactions)
    states = list(Refund.objects.filter(order_id=order_id).values_list("state", "amount"))
    found["wrong"] += (left, states) != (Decimal("6.50"), [(RefundState.SETTLED, Decimal(12))])


def together(verb: Callable[[int], Any], threads: int) -> list[Any]:
    """What ``verb(number)`` answers in so many threads at once, without refusals.

    Raises:
        Exception: what broke the first thread that broke.
    """
    won: list[Any] = []
    broken: list[Exception] = []
    start = threading.Barrier(threads)

    def one(number: int) -> None:
        start.wait()
        try:
            with get_shop().writing():
                won.append(verb(number))
        except SupportError:
            pass
        except Exception as error:  # raised below, where somebody hears of it
            broken.append(error)
        finally:
            connections.close_all()

    running = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(120)
    if broken:
        raise broken[0]
    if any(thread.is_alive() for thread in running):
        raise TimeoutError("A thread did not come back within two minutes.")
    return won
