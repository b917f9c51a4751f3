"""Orders as the shop would show them, for pure tests of money."""

import datetime
from decimal import Decimal

from saleor_support_plugin.shop.data import (
    GrantedRefund,
    Money,
    Order,
    OrderStatus,
    Payment,
    RefundStatus,
    Transaction,
)


def eur(amount):
    """So many euros."""
    return Money(Decimal(amount), "EUR")


def order(*, payments=(), transactions=(), granted=()):
    """An order of 1000 EUR with these means of payment."""
    return Order(
        id="order",
        number="7",
        channel_id="channel",
        channel="main",
        status=OrderStatus.FULFILLED,
        created_at=datetime.datetime(2024, 4, 1, tzinfo=datetime.UTC),
        customer_id=None,
        email="a@example.com",
        customer_name="",
        language="en",
        total=eur(1000),
        payments=tuple(payments),
        transactions=tuple(transactions),
        granted_refunds=tuple(granted),
    )


def payment(captured, *, id="payment", active=True):
    """A legacy payment that holds ``captured``."""
    return Payment(id, "card", active, eur(captured))


def transaction(charged, *, id="transaction", pending=0):
    """A transaction that holds ``charged``, with ``pending`` on its way back."""
    return Transaction(id, eur(charged), eur(0), eur(pending))


def granted(amount, status, *, id="grant", transaction_id="transaction"):
    """A granted refund."""
    return GrantedRefund(id, eur(amount), RefundStatus(status), "", transaction_id)
