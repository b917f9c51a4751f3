"""What staff does in the shop without us: goods that are gone can't come back through an open return.

The shop's order events say where to look, with a cursor of our own; besides, every open return is looked at
once a day. To look twice does nothing, so events are read again until they are old enough.
"""

import datetime
import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.returns import ground, notices, policy, queries
from saleor_support_plugin.returns.axes import HOLDING, Authorisation, Logistics, Resolution, Settlement
from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.returns.settlement import amounts, conflicts, doubles
from saleor_support_plugin.returns.settlement.amounts import Counting
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Money, Order, Stream
from saleor_support_plugin.shop.errors import NotFound, ShopUnavailable
from saleor_support_plugin.states import move
from saleor_support_plugin.tracking.models import SweepCursor

logger = logging.getLogger(__name__)

CURSOR = "returns"
STREAMS = (Stream.ORDER_EVENTS, Stream.REFUNDS)
OVERLAP = datetime.timedelta(minutes=10)  # events are committed later than they are numbered
PAGES = 20
DAILY = datetime.timedelta(days=1)

GONE = "These goods are not with you any more: the shop has taken them back, or the order was cancelled."


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Look at the open returns of orders to which something happened, and at up to ``limit`` others that
    nobody has looked at for a day; returns how many orders were looked at.

    Raises:
        ShopUnavailable: the shop did not answer; the next run begins at the same place.
    """
    happened: set[str] = set()
    for stream in STREAMS:
        happened |= _read_on(stream, now, limit)
    open_ = Return.objects.filter(authorisation__in=HOLDING, closed_at__isnull=True)
    wanted = list(open_.filter(order_id__in=happened).values_list("order_id", flat=True))
    old = open_.filter(reconciled_at__lte=now - DAILY).order_by("reconciled_at", "pk")
    wanted += old.values_list("order_id", flat=True)[:limit]
    for order_id in dict.fromkeys(wanted):
        try:
            reconcile(order_id=order_id, now=now)
        except ShopUnavailable:
            raise
        except Exception:  # one order must not stop the others
            logger.exception("Returns of order %s: looked at again tomorrow.", order_id)
            Return.objects.filter(order_id=order_id).update(reconciled_at=now)
    return len(dict.fromkeys(wanted))


def reconcile(*, order_id: str, now: datetime.datetime) -> None:
    """Hold the open returns of an order against what the shop says of its goods now.

    Requests that nobody has decided are reduced to what is left, or cancelled with a mail; approved ones
    for which not enough is left, whose money staff gave back, or whose very goods staff may have returned,
    go to a person. Older ones come first.

    Raises:
        ShopUnavailable: the shop did not answer; nothing was changed.
    """
    with transaction.atomic():
        try:
            order: Order | None = get_shop().lock_order(order_id)
        except NotFound:
            order = None
        open_ = Return.objects.filter(order_id=order_id, authorisation__in=HOLDING, closed_at__isnull=True)
        keys = list(open_.order_by("pk").values_list("pk", flat=True))
        rows = [ground.locked_row(key) for key in keys]
        Return.objects.filter(pk__in=keys).update(reconciled_at=now)
        lines = queries.lines(keys)
        left = _left(order, rows, lines)
        approved = [row for row in rows if row.authorisation == Authorisation.APPROVED]
        causes = {row.pk: _short(row, lines[row.pk], left, now) for row in approved}
        short = {key for key, found in causes.items() if found}
        for row in rows:
            if row.authorisation != Authorisation.APPROVED:
                _fit(order, row, lines[row.pk], left, now)
        for row in approved:  # at last: what requests hold that were to be reduced is free now
            if order is None or row.pk in short:
                causes[row.pk] |= {conflicts.SAME, conflicts.MONEY}
                continue
            causes[row.pk] |= _ask_which(order, row, lines[row.pk], now)
            # What another return lacks, this one's money would seem to lack.
            causes[row.pk] |= {conflicts.MONEY} if short else _check_money(order, row, lines[row.pk], now)
        conflicts.keep(approved, causes, now)


Left = dict[str, int]


def _left(order: Order | None, rows: Sequence[Return], lines: Mapping[int, Sequence[ReturnLine]]) -> Left:
    """Pieces of each order line that are with the customer and that no completed return holds; what staff
    returned, cancelled or replaced is not among them."""
    found: Left = {}
    if order is not None:
        found = {line.id: policy.pieces(policy.parts(order, line.id)) for line in order.lines}
    ours = {row.pk for row in rows}
    completed = ReturnLine.objects.filter(
        parent__order_id=rows[0].order_id if rows else "",
        parent__authorisation=Authorisation.APPROVED,
        parent__closed_at__isnull=False,
    ).exclude(parent_id__in=ours)
    for line in completed:
        found[line.order_line_id] = found.get(line.order_line_id, 0) - _held(line)
    return found


def _held(line: ReturnLine) -> int:
    """Of an approved line the pieces that the shop has not entered and may still get, or that stay."""
    given_up = line.missing_quantity + line.not_ours_quantity
    return line.approved_quantity - given_up - line.returned_quantity


def _short(row: Return, lines: Sequence[ReturnLine], left: Left, now: datetime.datetime) -> set[str]:
    """Why an approved return expects more than is left, as causes; a person hears of them."""
    causes = set()
    for line in lines:
        held, there = _held(line), left.get(line.order_line_id, 0)
        left[line.order_line_id] = there - held
        if held > max(there, 0):
            cause = f"{line.pk}:{held - max(there, 0)}"
            causes.add(cause)
            what = (
                f"of {line.product_name} {held} are expected, but only {max(there, 0)} are still with the "
                "customer: staff returned, replaced or cancelled them in the shop, or the order is gone."
            )
            conflicts.ask(row, cause, what, now)
    return causes


def _ask_which(order: Order, row: Return, lines: Sequence[ReturnLine], now: datetime.datetime) -> set[str]:
    """Whether staff returned what this return expects, though enough is left: a person knows which it was."""
    if any(line.counted_quantity for line in lines):
        return {conflicts.SAME}  # the task stands until the goods are entered
    causes = set()
    for one in doubles.found(order, row, lines):
        causes.add(one.cause)
        what = (
            f"staff returned {one.pieces} × {one.line.product_name} in the shop since it was approved. "
            "Dismiss this task if these are other goods. If they are the same ones, cancel the return, "
            "or count them here and complete the task that asks then."
        )
        conflicts.ask(row, one.cause, what, now)
    return causes


def _check_money(order: Order, row: Return, lines: Sequence[ReturnLine], now: datetime.datetime) -> set[str]:
    """Whether staff gave the money for these goods back already."""
    if row.resolution != Resolution.REFUND or row.settlement not in (Settlement.NONE, Settlement.QUOTED):
        return {conflicts.MONEY}  # what was asked before stands
    if row.quoted_amount is None or row.logistics == Logistics.NOT_REQUIRED:
        return {conflicts.MONEY}
    owed = amounts.owed(order, row, lines, Counting.ALL).net
    lessened = any(line.missing_quantity + line.not_ours_quantity for line in lines)
    could: Decimal = amounts.payable(order, row, owed)
    if could >= row.quoted_amount or (lessened and could >= owed):
        return set()
    told, can = (notices.text(Money(one, row.currency)) for one in (row.quoted_amount, max(could, ZERO)))
    cause = f"{conflicts.MONEY}{could:f}"
    what = (
        f"the customer was promised {told}, but only {can} would go back now: staff refunded some of it in "
        "the shop."
    )
    conflicts.ask(row, cause, what, now)
    return {cause}


def _fit(
    order: Order | None, row: Return, lines: Sequence[ReturnLine], left: Left, now: datetime.datetime
) -> None:
    """Reduce a request to what is left."""
    wanted = {line.pk: min(line.quantity, max(left.get(line.order_line_id, 0), 0)) for line in lines}
    for line in lines:
        left[line.order_line_id] = left.get(line.order_line_id, 0) - wanted[line.pk]
    if all(wanted[line.pk] == line.quantity for line in lines):
        return
    before = [[line.order_line_id, line.quantity] for line in lines]
    if not any(wanted.values()):
        _cancel(order, row, lines, before, now)
        return
    for line in lines:
        if wanted[line.pk] == line.quantity:
            continue
        line.quantity = wanted[line.pk]
        if line.quantity:
            line.save(update_fields=["quantity"])
        else:
            line.delete()
    kept = [line for line in lines if line.quantity]
    notices.record(
        row,
        "return_reduced",
        actor=SYSTEM,
        now=now,
        said=f"reduced to {notices.goods(kept)}: the rest is not with the customer any more.",
        before={"lines": before},
        after={"lines": [[line.order_line_id, line.quantity] for line in kept]},
    )


def _cancel(
    order: Order | None,
    row: Return,
    lines: Sequence[ReturnLine],
    before: list[list[object]],
    now: datetime.datetime,
) -> None:
    authorisation = row.authorisation
    move(row, Authorisation.CANCELED, field="authorisation", closed_at=now, asked_at=None, remind_at=None)
    entry = notices.record(
        row,
        "return_canceled",
        actor=SYSTEM,
        now=now,
        said="cancelled: none of its goods are with the customer any more.",
        before={"authorisation": authorisation, "lines": before},
        after={"authorisation": row.authorisation, "reason": GONE},
    )
    notices.mail(
        row, "return_cancelled", order=order, entry=entry, lines=lines, now=now, data={"reason": GONE}
    )


def _read_on(stream: Stream, now: datetime.datetime, limit: int) -> set[str]:
    """The orders to which something happened since the last time; events of the last ten minutes are read
    again."""
    name = f"{CURSOR}:{stream}"
    cursor = SweepCursor.objects.filter(name=name).first()
    if cursor is None:
        last = get_shop().last_sequence(stream)
        SweepCursor.objects.bulk_create([SweepCursor(name=name, sequence=last)], ignore_conflicts=True)
        return set()
    place, found = cursor.sequence, set[str]()
    for _page in range(PAGES):
        keys = get_shop().order_events_after(place, limit, stream)
        found |= {key.order_id for key in keys if key.order_id}
        place = keys[-1].sequence if keys else place
        if len(keys) < limit:
            break
    _move(cursor, place, now)
    return found


def _move(cursor: SweepCursor, place: int, now: datetime.datetime) -> None:
    """Settle what had been reached ten minutes ago."""
    settled = cursor.sequence
    if cursor.ahead is not None and cursor.ahead_at is not None:
        if now < cursor.ahead_at + OVERLAP:
            return
        settled = cursor.ahead
    elif place == settled:
        return
    ahead = place if place > settled else None
    SweepCursor.objects.filter(pk=cursor.pk, sequence=cursor.sequence).update(
        sequence=settled, ahead=ahead, ahead_at=now if ahead is not None else None
    )
