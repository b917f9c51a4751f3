"""Refunds as others look at them, and what of an order's money they hold."""

from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.refunds.policy import Claim

OPEN = (RefundState.PLANNED, RefundState.STARTED, RefundState.PENDING, RefundState.UNKNOWN)


def of(reference: str) -> Refund | None:
    """The refund with this reference, or None; its ``state`` says how far it has come."""
    return Refund.objects.filter(reference=reference).first()


def claims(order_id: str, *, but: int = 0) -> list[Claim]:
    """What our own open refunds of the order hold, without the refund ``but`` (its pk; 0: all of them)."""
    return [
        Claim(
            state=RefundState(one.state),
            amount=one.amount,
            payment_id=one.payment_id,
            granted_refund_id=one.granted_refund_id,
            captured_before=one.captured_before,
        )
        for one in Refund.objects.filter(order_id=order_id, state__in=OPEN).exclude(pk=but)
    ]


def payment_is_busy(payment_id: str, *, but: int) -> bool:
    """Whether another refund of ours is being asked for through this legacy Payment right now."""
    return (
        Refund.objects.filter(payment_id=payment_id, state__in=(RefundState.STARTED, RefundState.PENDING))
        .exclude(pk=but)
        .exists()
    )
