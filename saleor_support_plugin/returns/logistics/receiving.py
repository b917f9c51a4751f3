"""Count returned goods, line by line and as often as parcels come; ``entering`` tells the shop."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from django.db import transaction

from saleor_support_plugin import jobs, texts
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.axes import Authorisation, Logistics, Resolution, ShipmentState
from saleor_support_plugin.returns.models import (
    Disposition,
    Return,
    ReturnLine,
    ReturnReceipt,
    ReturnReceiptLine,
)
from saleor_support_plugin.returns.policy import SettleOn
from saleor_support_plugin.returns.settlement import amounts
from saleor_support_plugin.returns.settlement.amounts import Counting
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.shop.data import Money, Order
from saleor_support_plugin.states import move
from saleor_support_plugin.tracking import returning
from saleor_support_plugin.worklist import service as worklist

NOTE_LIMIT = 500
WAREHOUSE_LIMIT = 255
KEY_LIMIT = 64
MOST = 2_147_483_647  # pieces; what a column holds


@dataclasses.dataclass(frozen=True)
class Count:
    """What was found of one order line, in pieces; see :class:`axes.Disposition`."""

    order_line_id: str
    sellable: int = 0
    damaged: int = 0
    missing: int = 0
    not_ours: int = 0

    @property
    def pieces(self) -> int:
        """All of them."""
        return self.sellable + self.damaged + self.missing + self.not_ours


def receive(
    *,
    actor: Actor,
    return_id: int,
    counts: Sequence[Count],
    now: datetime.datetime,
    warehouse: str = "",
    note: str = "",
    key: str = "",
) -> ReturnReceipt:
    """Write down what came; a job enters the sellable and the damaged pieces in the shop.

    May be called again for what comes later, up to what was approved. What was counted as missing or as
    not the shop's may be found later: then it counts as found. The same ``key`` (at most 64 characters)
    answers with the same receipt.

    Args:
        warehouse: where the goods lie now, at most 255 characters; "": where they were to go.
        note: for staff, at most 500 characters.

    Raises:
        NotThere: no such return in the actor's channels.
        WrongState: it is not approved, is completed, or its goods stay with the customer.
        Invalid: nothing was counted (REQUIRED); a text too long; the key was used for another count
            (CONFLICT).
        Errors: for single lines, fields like ``lines.0.sellable``: NOT_FOUND, OUT_OF_RANGE, TOO_MANY.
    """
    ground.for_staff(actor, return_id)
    key, note, warehouse = _texts(key, note, warehouse)
    with transaction.atomic():
        order, row = ground.locked(return_id)
        earlier = row.receipts.filter(key=key).first() if key else None
        if earlier is not None:
            return _same(earlier, counts)
        _check_state(row)
        lines = {line.order_line_id: line for line in queries.lines([row.pk])[row.pk]}
        wanted = _check(counts, lines)
        receipt = ReturnReceipt.objects.create(
            parent=row,
            warehouse=warehouse or row.destination,
            note=note,
            actor_kind=actor.kind.value,
            actor_id=actor.id or "",
            key=key,
            created_at=now,
            checked_at=now,
        )
        _store(receipt, wanted)
        entry = _arrived(actor, row, list(lines.values()), receipt, wanted, now)
        _tell(order, row, list(lines.values()), wanted, entry, now)
        jobs.later("enter_receipt", receipt.pk)
    return receipt


def _texts(key: str, note: str, warehouse: str) -> tuple[str, str, str]:
    return (
        texts.line(key, field="key", maximum=KEY_LIMIT) if key.strip() else "",
        texts.block(note, field="note", maximum=NOTE_LIMIT) if note.strip("\x00 \t\r\n") else "",
        texts.line(warehouse, field="warehouse", maximum=WAREHOUSE_LIMIT) if warehouse.strip() else "",
    )


def _same(earlier: ReturnReceipt, counts: Sequence[Count]) -> ReturnReceipt:
    before = {
        Count(one.line.order_line_id, one.sellable, one.damaged, one.missing, one.not_ours)
        for one in earlier.lines.select_related("line")
    }
    if before != {one for one in counts if one.pieces}:
        raise Invalid("This key was used for another count.", field="key", code=Code.CONFLICT)
    return earlier


def _check_state(row: Return) -> None:
    if row.authorisation != Authorisation.APPROVED or row.closed_at is not None:
        raise ground.wrong(row)
    if row.logistics == Logistics.NOT_REQUIRED:
        raise WrongState("Nothing of this return has to be sent back: there is nothing to count.", field="id")


def _check(counts: Sequence[Count], lines: Mapping[str, ReturnLine]) -> list[tuple[ReturnLine, Count]]:
    """The lines with their counts; every one that can't be is one error."""
    errors: list[SupportError] = []
    found: dict[str, tuple[ReturnLine, Count]] = {}
    for number, one in enumerate(counts):
        try:
            line = _check_line(one, lines, f"lines.{number}")
            if one.order_line_id in found:
                raise Invalid("Name each line once.", field=f"lines.{number}.orderLineId")
        except SupportError as error:
            errors.append(error)
            continue
        found[one.order_line_id] = line, one
    if errors:
        raise Errors(errors)
    counted = [pair for pair in found.values() if pair[1].pieces]
    if not counted:
        raise Invalid("Say how many pieces you found.", field="lines", code=Code.REQUIRED)
    return counted


def _check_line(one: Count, lines: Mapping[str, ReturnLine], field: str) -> ReturnLine:
    line = lines.get(one.order_line_id)
    if line is None or line.keep:
        raise NotThere("line to be received in this return", field=f"{field}.orderLineId")
    for name in Disposition.values:
        if not 0 <= getattr(one, name) <= MOST:
            argument = {"not_ours": "notOurs"}.get(name, name)
            raise Invalid("Count 0 or more.", field=f"{field}.{argument}", code=Code.OUT_OF_RANGE)
    open_ = line.approved_quantity - line.counted_quantity
    found = max(one.sellable + one.damaged - open_, 0)  # of what had been given up
    if one.pieces > open_ + min(found, line.missing_quantity + line.not_ours_quantity):
        most = open_ + line.missing_quantity + line.not_ours_quantity
        raise Invalid(
            f"Of {line.product_name} {line.approved_quantity} were approved; at most {most} of them can "
            "still be counted.",
            field=f"{field}.sellable",
            code=Code.TOO_MANY,
        )
    return line


def _store(receipt: ReturnReceipt, wanted: Sequence[tuple[ReturnLine, Count]]) -> None:
    ReturnReceiptLine.objects.bulk_create(
        [
            ReturnReceiptLine(
                receipt=receipt,
                line=line,
                sellable=one.sellable,
                damaged=one.damaged,
                missing=one.missing,
                not_ours=one.not_ours,
            )
            for line, one in wanted
        ]
    )
    for line, one in wanted:
        found = max(one.pieces - (line.approved_quantity - line.counted_quantity), 0)
        again = min(found, line.missing_quantity)
        line.missing_quantity += one.missing - again
        line.not_ours_quantity += one.not_ours - (found - again)
        line.sellable_quantity += one.sellable
        line.damaged_quantity += one.damaged
    fields = ["sellable_quantity", "damaged_quantity", "missing_quantity", "not_ours_quantity"]
    ReturnLine.objects.bulk_update([line for line, _one in wanted], fields)


def _arrived(
    actor: Actor,
    row: Return,
    lines: Sequence[ReturnLine],
    receipt: ReturnReceipt,
    wanted: Sequence[tuple[ReturnLine, Count]],
    now: datetime.datetime,
) -> HistoryEntry:
    before = row.logistics
    is_all = all(line.keep or line.counted_quantity >= line.approved_quantity for line in lines)
    to = Logistics.RECEIVED if is_all else Logistics.PARTLY_RECEIVED
    if row.logistics != to:
        move(row, to, field="logistics", **({"received_at": now} if is_all else {}))
    if is_all:
        _close_shipments(row, now)
        worklist.finish(key=f"{row.subject}:uncounted", note="The goods were counted.", at=now)
        worklist.finish(key=f"{row.subject}:lost", note="The goods were counted.", at=now)
        worklist.finish(key=row.unsent_key, note="The goods were counted.", at=now)
    return notices.record(
        row,
        "return_received",
        actor=actor,
        now=now,
        said=f"received: {_said(wanted)}",
        before={"logistics": before},
        after={
            "logistics": row.logistics,
            "receipt": receipt.pk,
            "lines": [
                [one.order_line_id, one.sellable, one.damaged, one.missing, one.not_ours]
                for _line, one in wanted
            ],
        },
    )


def _said(wanted: Sequence[tuple[ReturnLine, Count]]) -> str:
    parts = []
    for line, one in wanted:
        found = [
            f"{getattr(one, name)} {label.lower()}"
            for name, label in Disposition.choices
            if getattr(one, name)
        ]
        parts.append(f"{line.product_name} ({', '.join(found)})")
    return ", ".join(parts)


def _close_shipments(row: Return, now: datetime.datetime) -> None:
    """Nothing more will come: what was on its way has come, a label that nobody used is void."""
    open_ = list(row.shipments.select_for_update().order_by("pk"))
    sent = {ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED, ShipmentState.LOST}
    some_sent = any(one.state in sent for one in open_)
    for one in open_:
        if one.state == ShipmentState.DELIVERED:
            continue
        unused = some_sent and one.state not in sent
        if one.parcel_id is not None:
            returning.close(one.parcel_id, now=now)
        if one.state == ShipmentState.CANCELED:
            continue
        move(one, ShipmentState.CANCELED if unused else ShipmentState.DELIVERED, state_at=now)


def _tell(
    order: Order | None,
    row: Return,
    lines: Sequence[ReturnLine],
    wanted: Sequence[tuple[ReturnLine, Count]],
    entry: HistoryEntry,
    now: datetime.datetime,
) -> None:
    """The customer hears what came and what did not, and what goes back for it where that is sure."""
    came = [(line, one.sellable + one.damaged) for line, one in wanted if one.sellable + one.damaged]
    refund = None
    at_once = row.resolution == Resolution.REFUND and amounts.settle_on(row) is not SettleOn.INSPECTION
    if order is not None and at_once and came:
        owed = amounts.owed(order, row, lines, Counting.RECEIVED).net
        open_ = max(owed - amounts.paid(amounts.payouts(row)).claimed, ZERO)
        refund = notices.money(Money(amounts.payable(order, row, open_), row.currency))
    notices.mail(
        row,
        "return_received",
        order=order,
        entry=entry,
        lines=(),
        data={
            "items": [_item(*one) for one in came] or None,
            "refund": refund,
            "refund_by": None,
            "damaged": notices.listed((line, one.damaged) for line, one in wanted),
            "missing": notices.listed((line, one.missing) for line, one in wanted),
            "not_ours": notices.listed((line, one.not_ours) for line, one in wanted),
            "more_to_come": row.logistics == Logistics.PARTLY_RECEIVED,
        },
        now=now,
    )


def _item(line: ReturnLine, quantity: int) -> dict[str, object]:
    return {
        "name": line.product_name,
        "variant": line.variant_name,
        "sku": line.sku,
        "quantity": quantity,
    }
