"""Returns of one order in every state that a document of the matrix needs."""

import datetime
from typing import Any

from graphql_relay import to_global_id

from saleor_support_plugin.returns.models import (
    Authorisation,
    Listed,
    Logistics,
    ReceiptState,
    Return,
    ReturnLine,
    ReturnListEntry,
    ReturnReason,
    ReturnRule,
)
from sandbox import makers


def stand(order, now: datetime.datetime) -> dict[str, str]:
    """Global ids by name: returns of one piece each, a reason of the shop's own, a rule, an entry."""
    channel = makers.gid(order.channel)
    approved: dict[str, Any] = {"authorisation": Authorisation.APPROVED, "decided_at": now}
    found = {
        "unconfirmed": a_return(
            order,
            now,
            authorisation=Authorisation.UNCONFIRMED,
            confirm_by=now + datetime.timedelta(hours=48),
        ),
        "questioned": a_return(
            order, now, authorisation=Authorisation.NEEDS_INFORMATION, question="Which one?", asked_at=now
        ),
        "approved": a_return(order, now, **approved),
        "kept": a_return(order, now, **approved, logistics=Logistics.NOT_REQUIRED),
        "declined": a_return(order, now, authorisation=Authorisation.DECLINED, closed_at=now, decided_at=now),
        "stuck": a_return(order, now, **approved, logistics=Logistics.RECEIVED),
    }
    found["stuck"].receipts.create(actor_kind="staff", created_at=now, state=ReceiptState.STUCK)
    reason = ReturnReason.objects.create(
        code="own", list="wish", label="Ours", position=90, created_at=now, updated_at=now
    )
    rule = ReturnRule.objects.create(
        name="Ours", channel_id=channel, position=1, is_active=False, created_at=now, updated_at=now
    )
    entry = ReturnListEntry.objects.create(
        list=Listed.BLOCK, channel_id=channel, email="bad@example.com", created_at=now
    )
    return {
        **{name: to_global_id("SupportReturn", row.pk) for name, row in found.items()},
        "reason": to_global_id("SupportReturnReason", reason.pk),
        "returnRule": to_global_id("SupportReturnRule", rule.pk),
        "entry": to_global_id("SupportReturnListEntry", entry.pk),
    }


def a_return(order, now: datetime.datetime, *, quantity: int = 1, **values: Any) -> Return:
    """A return of the order's first line as it is kept, without any mail."""
    line = order.lines.order_by("position").first()
    row = Return.objects.create(
        order_id=makers.gid(order),
        order_number=str(order.number),
        channel_id=makers.gid(order.channel),
        customer_id=makers.gid(order.user) if order.user_id else "",
        email=order.user.email if order.user_id else order.user_email,
        currency=order.currency,
        country="ES",
        created_at=now,
        updated_at=now,
        **values,
    )
    is_approved = row.authorisation == Authorisation.APPROVED
    ReturnLine.objects.create(
        parent=row,
        order_line_id=makers.gid(line),
        product_name="Juice",
        unit_price="5.00",
        quantity=quantity,
        approved_quantity=quantity if is_approved else 0,
        sellable_quantity=quantity if row.logistics == Logistics.RECEIVED else 0,
        keep=row.logistics == Logistics.NOT_REQUIRED,
        reason="changed_mind",
        reason_label="I changed my mind",
        fault="nobody",
    )
    return row
