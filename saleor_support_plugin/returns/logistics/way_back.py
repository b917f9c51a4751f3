"""How goods come back, as the customer is told: with the approval, with a label, and in the reminder."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import notices, policy
from saleor_support_plugin.returns.axes import Resolution, ShipmentState
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.labels import planning
from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.returns.policy import ReturnSettings, SettleOn, WhoPays
from saleor_support_plugin.returns.settlement import amounts, quotes
from saleor_support_plugin.returns.slip import contents as slip
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order


def words(settings: ReturnSettings, messages: Sequence[str], destination: str) -> str:
    """How to send goods back to the warehouse of this name, as the customer reads it: the rules' words, and
    the channel's with the warehouse's address."""
    own = (settings.instructions, settings.drop_off, settings.address_of(destination))
    return "\n\n".join(filter(None, (*messages, *own)))


def mail_data(row: Return, order: Order | None, now: datetime.datetime) -> dict[str, Any]:
    """What mails about an approved return say besides its number and goods."""
    settings = get_shop().settings(row.channel_id)
    until = row.send_by and quotes.last_day(settings, row.send_by).isoformat()
    living = row.shipments.exclude(state=ShipmentState.CANCELED)
    label = living.exclude(label_url="", label_id=None).order_by("-pk").first()
    return {
        "instructions": row.instructions,
        "send_by": until,
        "label_url": label.label_url if label else "",
        "label_ready": label is not None and not label.label_url,
        "slip_url": "" if order is None else slip.url(row, settings, now=now, order=order),
    }


def mail_approved(
    order: Order, row: Return, lines: Sequence[ReturnLine], entry: HistoryEntry, now: datetime.datetime
) -> None:
    """Tell the customer what was approved of the return's ``lines`` and what was not, what goes back, and how
    to send the goods."""
    approved = [line for line in lines if line.approved_quantity]
    coming = [line for line in approved if not line.keep]
    kept = [(line, line.approved_quantity) for line in approved if line.keep]
    answers = explained.load(row.decision)
    terms = policy.terms(answers[line.order_line_id] for line in approved if line.order_line_id in answers)
    amount = None if row.quoted_amount is None else notices.amount_of(row, row.quoted_amount)
    taken_off = sum((Decimal(one["amount"]) for one in row.fees), Decimal(0))
    notices.mail(
        row,
        "return_approved",
        order=order,
        entry=entry,
        lines=coming or approved,
        now=now,
        data={
            **mail_data(row, order, now),
            "label_follows": planning.follows(row),
            "kept": notices.listed(kept) if coming else [],
            "shop_pays": terms.who_pays is WhoPays.SHOP,
            "on_scan": amounts.settle_on(row) is SettleOn.SCAN,
            "on_inspection": amounts.settle_on(row) is SettleOn.INSPECTION,
            "declined": notices.listed((line, line.quantity - line.approved_quantity) for line in lines),
            "credit": row.resolution == Resolution.CREDIT,
            "exchange": row.resolution == Resolution.EXCHANGE,
            "replacement": row.resolution == Resolution.REPLACEMENT,
            "refund": notices.money(amount) if amount else None,
            "fees": notices.money(notices.amount_of(row, taken_off)),
            "message": row.decision_message,
        },
    )
