"""What history, mails and timeline notes say about a return, and its sums of money."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from types import MappingProxyType
from typing import Any

from babel.numbers import get_currency_precision

from saleor_support_plugin.actors import SYSTEM, Actor, ActorKind
from saleor_support_plugin.history import notes
from saleor_support_plugin.history import service as history
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.returns.axes import ReturnKind
from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.returns.policy import Part
from saleor_support_plugin.shop.data import Money, Order
from saleor_support_plugin.worklist import service as worklist

# With these verbs a person has seen what the customer wrote.
_HEARD = frozenset(
    {
        "return_information_requested",
        "return_approved",
        "return_declined",
        "return_canceled",
        "return_payout",
    }
)


def record(
    row: Return,
    verb: str,
    *,
    actor: Actor,
    now: datetime.datetime,
    said: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """Write what was done to a return (``verb``: like "return_approved") into history and, as ``said``
    (a sentence's rest, plain English), into the order's timeline; in the verb's transaction.

    What people decide closes the task that the customer wrote: nothing that happens by itself does.
    """
    touch(row, now)
    entry = history.record(
        actor=actor,
        verb=verb,
        subject=row.subject,
        at=now,
        order_id=row.order_id,
        before=before,
        after=after,
    )
    notes.write(
        order_id=row.order_id,
        reference=f"{row.subject}:{verb}:{entry.pk}",
        now=now,
        message=f"Return {row.number} {said}",
    )
    if verb in _HEARD and actor.kind is not ActorKind.SYSTEM:
        heard(row, now)
    return entry


def silently(
    row: Return,
    verb: str,
    *,
    now: datetime.datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """Write what happened to a return by itself into history and not into the order's timeline."""
    touch(row, now)
    return history.record(
        actor=SYSTEM,
        verb=verb,
        subject=row.subject,
        at=now,
        order_id=row.order_id,
        before=before,
        after=after,
    )


def touch(row: Return, now: datetime.datetime) -> None:
    """Something of the return has changed: who asks for what changed since finds it."""
    row.updated_at = now
    Return.objects.filter(pk=row.pk).update(updated_at=now)


def heard(row: Return, now: datetime.datetime) -> None:
    """Staff has seen to what the customer wrote, or nobody needs to any more."""
    worklist.finish(key=row.comment_key, note="The return was seen to.", at=now)


def mail(
    row: Return,
    kind: str,
    *,
    order: Order | None,
    entry: HistoryEntry,
    lines: Iterable[ReturnLine],
    data: Mapping[str, Any],
    now: datetime.datetime,
    due: datetime.datetime | None = None,
) -> None:
    """Write a mail to the customer about what ``entry`` says, with the return's number, kind and ``lines``;
    nobody is told when the order is gone."""
    if order is None:
        return
    notifications.notify(
        kind=kind,
        subject=row.subject,
        occasion=f"{entry.verb.removeprefix('return_')}:{entry.pk}",
        order=order,
        now=now,
        due=due,
        data={
            "return_number": row.number,
            "items": items(lines),
            "claim": row.kind == ReturnKind.CLAIM,
            "exchange": row.kind == ReturnKind.EXCHANGE,
            "withdrawal": row.kind == ReturnKind.WITHDRAWAL,
            **data,
        },
    )


def by(actor: Actor) -> str:
    """Who, in a sentence for staff."""
    return actor.name or actor.email or actor.kind.value


def due(order: Order, parts: Iterable[Part]) -> Money:
    """What the customer paid for ``parts``, without those whose money has gone back already.

    Each line's share of what was paid for it (its unit price is rounded, and would make more or less of
    it), gross and after discounts, cut to the currency's smallest coin: never more than was paid.
    """
    pieces: Counter[str] = Counter()
    for one in parts:
        pieces[one.order_line_id] += 0 if one.refunded else one.quantity
    shares = (
        cut(Money(line.total_price.amount * pieces[line.id] / line.quantity, order.total.currency))
        for line in order.lines
        if pieces[line.id]
    )
    return Money(sum((one.amount for one in shares), Decimal(0)), order.total.currency)


def payable(owed: Money, refundable: Money, promised: Decimal) -> Money:
    """What can go back of what is ``owed`` when of the order's ``refundable`` money so much is
    ``promised`` to others."""
    left = max(refundable.amount - promised, Decimal(0))
    return cut(Money(min(owed.amount, left), owed.currency))


def cut(money: Money) -> Money:
    """The amount in whole smallest coins of its currency, rounded down."""
    coin = Decimal(1).scaleb(-get_currency_precision(money.currency))
    return Money(money.amount.quantize(coin, ROUND_DOWN), money.currency)


def items(lines: Iterable[ReturnLine]) -> list[dict[str, Any]]:
    """The lines as mails list them."""
    return [
        {
            "name": line.product_name,
            "variant": line.variant_name,
            "sku": line.sku,
            "quantity": line.approved_quantity or line.quantity,
        }
        for line in lines
    ]


def listed(counted: Iterable[tuple[ReturnLine, int]]) -> list[str]:
    """Pieces as mails list them apart from their items, like "2 × Olive oil (500 ml)"; lines without any
    are left out."""
    return [
        f"{pieces} × {line.product_name}" + (f" ({line.variant_name})" if line.variant_name else "")
        for line, pieces in counted
        if pieces
    ]


def money(amount: Money) -> Mapping[str, str] | None:
    """An amount as mails carry it; None for nothing."""
    if amount.amount <= 0:
        return None
    return {"amount": f"{cut(amount).amount:f}", "currency": amount.currency}


def amount_of(row: Return, amount: Decimal) -> Money:
    """An amount in the return's currency."""
    return Money(amount, row.currency)


def reasons(lines: Iterable[ReturnLine], labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """Why, in one line: each reason once, with the customer's own words; ``labels``: how the reader's
    language names reasons, by code."""
    named = ((labels.get(line.reason, line.reason_label), line.note) for line in lines)
    said = [": ".join(filter(None, one)) for one in named]
    return "; ".join(dict.fromkeys(filter(None, said)))


def goods(lines: Iterable[ReturnLine]) -> str:
    """The goods in one line, for the shop's timeline."""
    return ", ".join(f"{line.approved_quantity or line.quantity} × {line.product_name}" for line in lines)


def text(amount: Money) -> str:
    """An amount in a sentence for staff, like "12.30 EUR"."""
    return f"{cut(amount).amount:f} {amount.currency}"


def note(row: Return, verb: str, rest: str) -> str:
    """A sentence for the shop's timeline that starts with the return's number."""
    return f"Return {row.number} {verb}: {rest}"
