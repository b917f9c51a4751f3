"""What goes back for a return if all that was approved comes, less fees: what the customer is told."""

import datetime
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.returns import notices, policy, queries
from saleor_support_plugin.returns.axes import Resolution
from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.returns.policy import KindAnswer, Part
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.data import Money, Order

NOTHING = Decimal(0)


class Quote(NamedTuple):
    """An amount and how it comes about.

    Attributes:
        amount: what the customer is told; None where other goods are sent instead of money.
        fees: what is deducted, as ``Return.fees`` keeps it: ``amount`` is for all approved pieces,
            ``percent`` and ``flat`` are what it is made of.
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
    parts: Mapping[str, Sequence[Part]],
    answers: Mapping[str, KindAnswer],
) -> Quote:
    """What goes back for these pieces; of a refund never more than is left of the order's money."""
    if row.resolution not in (Resolution.REFUND, Resolution.CREDIT):
        return Quote(None, [])
    worth = {line_id: notices.due(order, some).amount for line_id, some in parts.items()}
    goods = sum(worth.values(), NOTHING)
    fees = fees_of(worth, answers, order.total.currency)
    owed = max(goods - sum((Decimal(one["amount"]) for one in fees), NOTHING), NOTHING)
    if row.resolution == Resolution.CREDIT:
        bonus = max(
            (answers[line_id].credit_bonus for line_id in parts if line_id in answers), default=NOTHING
        )
        return Quote(notices.cut(Money(owed * (100 + bonus) / 100, order.total.currency)), fees)
    money = Money(owed, order.total.currency)
    left = notices.payable(money, refunds.refundable(order), queries.promised(order.id, but=row.pk))
    return Quote(left, fees)


def fees_of(
    worth: Mapping[str, Decimal], answers: Mapping[str, KindAnswer], currency: str
) -> list[dict[str, str]]:
    """The fees of lines that are worth so much, one for each code; those that are waived are left out."""
    found: dict[str, dict[str, Any]] = {}
    for line_id, amount in worth.items():
        for fee in answers[line_id].fees if line_id in answers and amount else ():
            if fee.waived:
                continue
            one = found.setdefault(
                fee.code, {"label": fee.label, "flat": NOTHING, "part": NOTHING, "percent": NOTHING}
            )
            one["flat"] = max(one["flat"], fee.amount)
            one["percent"] = max(one["percent"], fee.percent)
            one["part"] += amount * fee.percent / 100
    return [
        {
            "code": code,
            "label": one["label"],
            "amount": str(notices.cut(Money(one["flat"] + one["part"], currency)).amount),
            "flat": str(one["flat"]),
            "percent": str(one["percent"]),
        }
        for code, one in found.items()
    ]


def keeps(worth: Decimal, answer: KindAnswer | None) -> bool:
    """Whether the rule lets the customer keep pieces that are worth so much."""
    return answer is not None and answer.keep_below is not None and worth <= answer.keep_below


def send_by(settings: SupportSettings, now: datetime.datetime, days: int) -> datetime.datetime:
    """The first moment (UTC) after the last day on which goods may be sent, by the shop's calendar."""
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    day = now.astimezone(zone).date() + datetime.timedelta(days=days + 1)
    return datetime.datetime.combine(day, datetime.time(), zone).astimezone(datetime.UTC)


def last_day(settings: SupportSettings, moment: datetime.datetime) -> datetime.date:
    """The day, by the shop's calendar, that a deadline (exclusive) still allows."""
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    return (moment - datetime.timedelta(microseconds=1)).astimezone(zone).date()


def worth_of(lines: Iterable[ReturnLine], order: Order, parts: Mapping[str, Sequence[Part]]) -> Decimal:
    """What the customer paid for the pieces of these lines that ``parts`` names."""
    return sum((notices.due(order, parts.get(line.order_line_id, ())).amount for line in lines), NOTHING)
