"""Money back: the semantics of Saleor's refund mutations for both payment worlds.

Every function runs inside the caller's transaction and raises :class:`Refused` before it writes.
"""

from decimal import Decimal
from typing import Any

from saleor_support_plugin.shop.current import get_shop
from sandbox import models
from sandbox.home import hooks, ids, orders
from sandbox.home.errors import Refused


def refund_payment(payment_id: Any, amount: Decimal | None, app: str = "") -> models.Payment:
    """``paymentRefund``: less is captured afterwards; all of it when no amount is given. ``app``: the
    identifier of the app that asks, if it is one."""
    payment = models.Payment.objects.select_related("order").filter(pk=ids.key(payment_id, "Payment")).first()
    if payment is None:
        raise Refused(f"Couldn't resolve to a node: {payment_id}", field="paymentId", code="NOT_FOUND")
    amount = payment.captured_amount if amount is None else amount
    if amount <= 0:
        raise Refused("Amount should be a positive number.", code="PAYMENT_ERROR")
    if amount > payment.captured_amount:
        raise Refused("Cannot refund more than captured.", code="PAYMENT_ERROR")
    if not payment.is_active:
        raise Refused("This payment cannot be refunded.", code="PAYMENT_ERROR")
    payment.captured_amount -= amount
    payment.charge_status = "partially-refunded" if payment.captured_amount else "fully-refunded"
    payment.is_active = bool(payment.captured_amount)
    payment.save()
    orders.add_event(payment.order, "payment_refunded", app=app, parameters={"amount": str(amount)})
    hooks.after_order_event(payment.order)
    return payment


def grant_refund(
    order: models.Order,
    transaction_id: Any,
    amount: Decimal | None,
    reason: str,
    app: str = "",
    page: models.Page | None = None,
) -> models.GrantedRefund:
    """``orderGrantRefundCreate``: a promise on one of the order's transactions."""
    row = order.transactions.filter(token=ids.key(transaction_id, "TransactionItem")).first()
    if row is None:
        text = f"Couldn't resolve to a node: {transaction_id}"
        raise Refused(text, field="transactionId", code="NOT_FOUND")
    if amount is None:
        text = "You must provide at least one of `amount`, `lines`, `grantRefundForShipping`."
        raise Refused(text, field="amount", code="REQUIRED")
    if amount <= 0:
        raise Refused("Amount should be a positive number.", field="amount", code="INVALID")
    if amount > row.charged_value:
        text = "Amount cannot be greater than the charged amount of provided transaction."
        raise Refused(text, field="amount", code="AMOUNT_GREATER_THAN_AVAILABLE")
    return models.GrantedRefund.objects.create(
        order=order,
        transaction=row,
        amount=amount,
        currency=row.currency,
        reason=reason,
        reason_reference=page,
        app=app,
    )


def request_granted_refund(granted_refund_id: Any) -> models.Transaction:
    """``transactionRequestRefundForGrantedRefund``: the transaction's ``settles`` says what comes of it."""
    rows = models.GrantedRefund.objects.select_related("transaction", "order")
    granted = rows.filter(pk=ids.key(granted_refund_id, "OrderGrantedRefund")).first()
    field = "grantedRefundId"
    if granted is None:
        raise Refused(f"Couldn't resolve to a node: {granted_refund_id}", field=field, code="NOT_FOUND")
    if granted.status == "pending":
        raise Refused("The refund request is already in progress.", field=field, code="REFUND_IS_PENDING")
    if granted.status == "success":
        raise Refused(
            "The granted refund is already processed.", field=field, code="REFUND_ALREADY_PROCESSED"
        )
    row = granted.transaction
    if row.charged_value < granted.amount:
        text = (
            f"The granted refund amount {granted.amount} is greater than available charged amount "
            f"on transactionItem ({row.charged_value})."
        )
        raise Refused(text, field=field, code="AMOUNT_GREATER_THAN_AVAILABLE")
    granted.status = row.settles
    granted.save(update_fields=["status"])
    if row.settles != "failure":
        row.charged_value -= granted.amount
        if row.settles == "pending":
            row.refund_pending_value += granted.amount
        else:
            row.refunded_value += granted.amount
            _refunded(granted)
        row.save()
    orders.add_event(granted.order, "transaction_refund_requested")
    return row


def settle(granted: models.GrantedRefund, *, success: bool) -> None:
    """The provider's late answer to a pending refund (in Saleor the payment app reports it)."""
    row = granted.transaction
    row.refund_pending_value -= granted.amount
    if success:
        row.refunded_value += granted.amount
        _refunded(granted)
    else:
        row.charged_value += granted.amount
    row.save()
    granted.status = "success" if success else "failure"
    granted.save(update_fields=["status"])


def report_refund(row: models.Transaction, amount: Decimal) -> None:
    """The provider gave money back that nobody here had granted (its own app reports it)."""
    row.charged_value -= amount
    row.refunded_value += amount
    row.save()
    models.TransactionEvent.objects.create(
        transaction=row, type="refund_success", amount=amount, created_at=get_shop().now()
    )
    hooks.after_order_event(row.order)


def _refunded(granted: models.GrantedRefund) -> None:
    models.TransactionEvent.objects.create(
        transaction=granted.transaction,
        granted_refund=granted,
        type="refund_success",
        amount=granted.amount,
        app=granted.app,
        created_at=get_shop().now(),
    )
    hooks.after_order_event(granted.order)
