"""What can be given back, and through which payment: pure arithmetic on an order as the shop shows it."""

import dataclasses
from collections.abc import Iterable
from decimal import Decimal

from saleor_support_plugin.refunds.models import RefundState, RefundWay
from saleor_support_plugin.shop.data import Money, Order, Payment, RefundStatus, Transaction

ZERO = Decimal(0)
PROMISED = (RefundStatus.NONE, RefundStatus.PENDING)  # granted, and the money has not moved yet
IN_FLIGHT = (RefundState.STARTED, RefundState.PENDING)


@dataclasses.dataclass(frozen=True)
class Source:
    """One payment that money can go back through, and how much of it."""

    way: RefundWay
    id: str
    available: Decimal


@dataclasses.dataclass(frozen=True)
class Claim:
    """One of our own refunds of the order that has not come to its end.

    Attributes:
        payment_id: the legacy Payment it goes through; "" while no way is chosen, and for Transactions
            (there the shop itself shows the granted refund).
        captured_before: what that payment held before we asked for the refund.
    """

    state: RefundState
    amount: Decimal
    payment_id: str = ""
    granted_refund_id: str = ""
    captured_before: Decimal | None = None


def sources(order: Order, claims: Iterable[Claim] = ()) -> tuple[Source, ...]:
    """Every payment of the order that still holds money, Transactions first, largest first.

    What the shop calls *charged* and *captured* is already without what went back. Taken off are
    refunds that were promised and have not moved money yet, so that nothing is promised twice.
    """
    held = tuple(claims)
    unbound = sum(
        (
            one.amount.amount
            for one in order.granted_refunds
            if one.transaction_id is None and one.status in PROMISED
        ),
        ZERO,
    )
    found = [
        Source(RefundWay.TRANSACTION, one.id, _of_transaction(order, one) - unbound)
        for one in order.transactions
    ] + [Source(RefundWay.PAYMENT, one.id, _of_payment(one, held)) for one in order.payments if one.is_active]
    worth = [one for one in found if one.available > 0]
    return tuple(sorted(worth, key=lambda one: (one.way is RefundWay.PAYMENT, -one.available)))


def refundable(order: Order, claims: Iterable[Claim] = ()) -> Money:
    """How much of the order's money can still be given back in all, less what we have planned already."""
    held = tuple(claims)
    planned = sum((one.amount for one in held if one.state is RefundState.PLANNED), ZERO)
    # A started refund through a Transaction whose grant the shop does not show yet.
    planned += sum(
        (
            one.amount
            for one in held
            if one.state is RefundState.STARTED and not one.payment_id and not one.granted_refund_id
        ),
        ZERO,
    )
    whole = sum((one.available for one in sources(order, held)), ZERO)
    return Money(max(whole - planned, ZERO), order.total.currency)


def choose(order: Order, amount: Decimal, claims: Iterable[Claim] = ()) -> Source | None:
    """The payment that ``amount`` goes back through, or None: a person decides.

    One refund goes through one payment. Splitting it over several would mean to guess which of the
    customer's means of payment should get how much back, so we don't. Among those that hold enough,
    Transactions come first, then the one that holds most.
    """
    return next((one for one in sources(order, claims) if one.available >= amount), None)


def _of_transaction(order: Order, transaction: Transaction) -> Decimal:
    granted = [one for one in order.granted_refunds if one.transaction_id == transaction.id]
    asked = sum((one.amount.amount for one in granted if one.status is RefundStatus.PENDING), ZERO)
    promised = sum((one.amount.amount for one in granted if one.status is RefundStatus.NONE), ZERO)
    # What the provider has acknowledged (refund_pending) has left ``charged`` already.
    unacknowledged = max(asked - transaction.refund_pending.amount, ZERO)
    return transaction.charged.amount - unacknowledged - promised


def _of_payment(payment: Payment, claims: Iterable[Claim]) -> Decimal:
    captured = payment.captured.amount
    reserved = ZERO
    for claim in claims:
        if claim.payment_id != payment.id:
            continue
        in_flight = claim.state in IN_FLIGHT and not _has_left(claim, captured)
        if in_flight or claim.state is RefundState.UNKNOWN:
            reserved += claim.amount
    return captured - reserved


def _has_left(claim: Claim, captured: Decimal) -> bool:
    return claim.captured_before is not None and captured <= claim.captured_before - claim.amount
