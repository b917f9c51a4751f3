"""What goes back for a return if all that was approved comes, less fees: what the customer is told."""

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.returns import notices, policy, queries
from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.returns.policy import KindAnswer, Part, fees
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.data import Money, Order


class Quote(NamedTuple):
    """An amount and how it comes about.

    Attributes:
        amount: what the customer is told; None where other goods are sent instead of money.
        fees: what is deducted, as ``Return.fees`` keeps it.
    """

    amount: Money | None
    fees: list[dict[str, str]]


def there(
    order: Order, row: Return, wanted: Mapping[str, int], *, field: str = "id"
) -> dict[str, Sequence[Part]]:
    """Which pieces of each order line these many are, when what others hold that were approved is left alone.

    Raises:
        Invalid: some of them are not with the customer any more (TOO_MANY).
    """
    others = queries.taken(order.id, but=row.pk, approved_only=True)
    found: dict[str, Sequence[Part]] = {}
    for line_id, quantity in wanted.items():
        left = policy.parts(order, line_id)
        for other in others:
            if other.order_line_id == line_id:
                left = policy.without(left, policy.allot(left, other.quantity, other.at))
        mine = policy.allot(left, quantity, row.created_at)
        if policy.pieces(mine) < quantity:
            line = order.line(line_id)
            raise Invalid(
                f"Only {policy.pieces(mine)} of {line.product_name if line else line_id} can still be "
                f"returned, not {quantity}.",
                field=field,
                code=Code.TOO_MANY,
            )
        found[line_id] = mine
    return found


def check_free(order: Order, row: Return, wanted: Mapping[str, int]) -> None:
    """Let through what neither went back nor is in another return, asked for or approved.

    Raises:
        Invalid: some of it is (TOO_MANY, field ``id``).
    """
    others = queries.taken(order.id, but=row.pk)
    for line_id, quantity in wanted.items():
        held = sum(one.quantity for one in others if one.order_line_id == line_id)
        free = policy.pieces(policy.parts(order, line_id)) - held
        if free < quantity:
            line = order.line(line_id)
            raise Invalid(
                f"Only {max(free, 0)} of {line.product_name if line else line_id} can still be returned, not "
                f"{quantity}.",
                field="id",
                code=Code.TOO_MANY,
            )


def quote(
    order: Order,
    row: Return,
    worth: Mapping[str, Decimal],
    answers: Mapping[str, KindAnswer],
    *,
    promised: Decimal,
    delivery: Decimal = ZERO,
) -> Quote:
    """What goes back for lines (by order line id) that are worth so much, and for the ``delivery``; of a
    refund never more than is left of the order's money, of which so much is ``promised`` to others."""
    if row.resolution not in (Resolution.REFUND, Resolution.CREDIT):
        return Quote(None, [])
    pieces = [
        (answers.get(line_id, KindAnswer(ReturnKind(row.kind))), paid) for line_id, paid in worth.items()
    ]
    found = fees.quote(pieces, currency=row.currency, resolution=row.resolution)
    whole = Money(found.total + delivery, row.currency)
    if row.resolution == Resolution.REFUND:
        whole = notices.payable(whole, refunds.refundable(order), promised)
    return Quote(whole, [_fee(one) for one in found.fees])


def fees_of(
    worth: Mapping[str, Decimal],
    answers: Mapping[str, KindAnswer],
    currency: str,
    resolution: str = Resolution.REFUND,
) -> list[dict[str, str]]:
    """The fees of lines (by order line id) that are worth so much, as ``Return.fees`` keeps them."""
    return [_fee(one) for one in _of(worth, answers, currency, resolution).fees]


def bonus_of(worth: Mapping[str, Decimal], answers: Mapping[str, KindAnswer], currency: str) -> Decimal:
    """What comes on top of a credit for lines (by order line id) that are worth so much."""
    return _of(worth, answers, currency, Resolution.CREDIT).bonus


def _of(
    worth: Mapping[str, Decimal], answers: Mapping[str, KindAnswer], currency: str, resolution: str
) -> fees.Quote:
    pieces = [(answers[line_id], paid) for line_id, paid in worth.items() if line_id in answers]
    return fees.quote(pieces, currency=currency, resolution=resolution)


def _fee(one: fees.Deduction) -> dict[str, str]:
    return {"code": one.code, "label": one.label, "amount": str(one.amount)}


def send_by(settings: SupportSettings, now: datetime.datetime, days: int) -> datetime.datetime:
    """The first moment (UTC) after the last day on which goods may be sent, by the shop's calendar."""
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    day = now.astimezone(zone).date() + datetime.timedelta(days=days + 1)
    return datetime.datetime.combine(day, datetime.time(), zone).astimezone(datetime.UTC)


def last_day(settings: SupportSettings, moment: datetime.datetime) -> datetime.date:
    """The day, by the shop's calendar, that a deadline (exclusive) still allows."""
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    return (moment - datetime.timedelta(microseconds=1)).astimezone(zone).date()
