"""Ask a carrier to do something else with a parcel: by its interface where an adapter can, else by staff."""

import dataclasses
import datetime
import logging
from typing import Any

from django.db import transaction
from django.db.models import F

from saleor_support_plugin import jobs, texts
from saleor_support_plugin.actors import SYSTEM, Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.history import notes
from saleor_support_plugin.history import service as history
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.states import move
from saleor_support_plugin.tracking import addresses, queries
from saleor_support_plugin.tracking.adapters import registry
from saleor_support_plugin.tracking.adapters.base import Answer, Instruction, Reply, Unavailable
from saleor_support_plugin.tracking.models import (
    CarrierInstruction,
    InstructionKind,
    InstructionState,
    Parcel,
)
from saleor_support_plugin.tracking.status import FINAL, Status
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

logger = logging.getLogger(__name__)

OPEN = (InstructionState.REQUESTED, InstructionState.HANDED_OVER)
LIMIT = 10  # of one parcel, ever: each may be work for a person
AHEAD = datetime.timedelta(days=30)  # carriers keep nothing longer
LEASE = datetime.timedelta(minutes=5)  # so long nobody else hands the same instruction over
TRIES = 5
PLACE, NOTE, REFERENCE = 200, 500, 200
_BEFORE = {Status.PENDING, Status.INFO_RECEIVED, Status.IN_TRANSIT}
_FAILED = {Status.ATTEMPT_FAILED, Status.EXCEPTION}

# While a parcel is in one of these, the carrier can still be asked for it.
POSSIBLE = {
    InstructionKind.NEW_ADDRESS: _BEFORE | _FAILED,
    InstructionKind.SAFE_PLACE: _BEFORE | {Status.OUT_FOR_DELIVERY, Status.ATTEMPT_FAILED},
    InstructionKind.REDELIVER: _FAILED | {Status.AVAILABLE_FOR_PICKUP},
    InstructionKind.HOLD: _BEFORE | _FAILED | {Status.OUT_FOR_DELIVERY},
    InstructionKind.RETURN_TO_SENDER: _BEFORE | _FAILED | {Status.AVAILABLE_FOR_PICKUP},
}
_TAKES = {
    InstructionKind.NEW_ADDRESS: {"address"},
    InstructionKind.SAFE_PLACE: {"place"},
    InstructionKind.REDELIVER: {"day"},
    InstructionKind.HOLD: {"place", "day"},
    InstructionKind.RETURN_TO_SENDER: set[str](),
}


@dataclasses.dataclass(frozen=True)
class Wish:
    """What shall be done.

    Attributes:
        address: compulsory for NEW_ADDRESS.
        place: where to leave it (compulsory for SAFE_PLACE) or to keep it (HOLD), one line.
        day: when to come again (REDELIVER), or until when to keep it (HOLD).
    """

    kind: InstructionKind
    address: Address | None = None
    place: str = ""
    day: datetime.date | None = None


def request(*, actor: Actor, parcel_id: int, wish: Wish, now: datetime.datetime) -> CarrierInstruction:
    """Write down what the carrier of a parcel shall do; a job hands it over.

    The same wish, while it is open, answers with the same instruction.

    Raises:
        NotThere: no such parcel of the actor's (field ``parcelId``).
        WrongState: the parcel is past the point where this is possible; another wish of this kind is
            open (CONFLICT; field ``kind``).
        Invalid: parcels are not followed in this channel (SWITCHED_OFF); too many for this parcel
            (LIMIT_REACHED); what the kind needs is missing (REQUIRED) or of no use to it.
        Errors: for single fields of the address, like ``address.postalCode``.
    """
    try:
        parcel = queries.get(actor, parcel_id)
    except NotThere as error:
        raise NotThere("parcel", field="parcelId") from error
    with transaction.atomic():
        parcel = Parcel.objects.select_for_update().get(pk=parcel.pk)
        if not _settings(parcel).is_on(Feature.TRACKING):
            raise Invalid("Write to the shop instead.", field="parcelId", code=Code.SWITCHED_OFF)
        _check_status(parcel, wish.kind)
        details = _details(parcel, wish, now)
        before = list(parcel.instructions.order_by("-pk"))
        same = next((one for one in before if one.kind == wish.kind and one.state in OPEN), None)
        if same is not None:
            return _same(same, details)
        if len(before) >= LIMIT:
            raise Invalid("Write to the shop instead.", field="parcelId", code=Code.LIMIT_REACHED)
        row = parcel.instructions.create(
            kind=wish.kind,
            details=details,
            requested_by=(actor.id or actor.name or actor.kind.value)[:200],
            is_customers=not actor.may(Permission.MANAGE_ORDERS, parcel.channel_id),
            created_at=now,
            next_try_at=now,
        )
        _noted(actor, "requested", row, parcel, now)
        jobs.later("hand_over_instruction", row.pk)
    return row


def decide(
    *,
    actor: Actor,
    instruction_id: int,
    to: InstructionState,
    now: datetime.datetime,
    note: str = "",
    reference: str = "",
) -> CarrierInstruction:
    """Say what the carrier answered (ACCEPTED, REFUSED), or that nobody wants it any more (WITHDRAWN);
    closes the task for staff.

    Raises:
        NotThere: no such instruction in the actor's channels.
        WrongState: it was decided already.
        Invalid: a refusal without a note (REQUIRED), or a text too long.
    """
    row = CarrierInstruction.objects.select_related("parcel").filter(pk=instruction_id).first()
    if row is None or not actor.may(Permission.MANAGE_ORDERS, row.parcel.channel_id):
        raise NotThere("instruction")
    note = texts.line(note, field="note", maximum=NOTE) if note.strip() else ""
    reference = texts.line(reference, field="reference", maximum=REFERENCE) if reference.strip() else ""
    if to is InstructionState.REFUSED and not note:
        raise Invalid("Say why the carrier won't.", field="note", code=Code.REQUIRED)
    with transaction.atomic():
        _end(actor, row, to, now, note=note, reference=reference or row.reference)
    return row


def hand_over(*, instruction_id: int, now: datetime.datetime) -> None:
    """Bring one instruction to its carrier, or to staff; nothing happens when that was done, or is being
    done by somebody else. No transaction is open while the carrier is asked."""
    due = CarrierInstruction.objects.filter(
        pk=instruction_id, state=InstructionState.REQUESTED, next_try_at__lte=now
    )
    if not due.update(next_try_at=now + LEASE, tries=F("tries") + 1):
        return
    row = CarrierInstruction.objects.select_related("parcel").get(pk=instruction_id)
    reply = _ask(row, row.parcel)
    with transaction.atomic():
        if reply is None and row.tries < TRIES:
            again = now + LEASE * 2**row.tries
            CarrierInstruction.objects.filter(pk=row.pk, state=row.state).update(next_try_at=again)
            return
        try:
            _answered(row, reply or Reply(Answer.NOT_SUPPORTED), now)
        except WrongState:  # somebody decided it meanwhile
            logger.info("Instruction %s was decided while its carrier was asked.", row.pk)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Hand over what waits and whose job was lost, and end what parcels have overtaken; how many."""
    due = CarrierInstruction.objects.filter(state=InstructionState.REQUESTED, next_try_at__lte=now)
    keys = list(due.order_by("next_try_at").values_list("pk", flat=True)[:limit])
    over = CarrierInstruction.objects.select_related("parcel").filter(
        state__in=OPEN, parcel__status__in=FINAL
    )
    ended = list(over.order_by("pk")[:limit])
    for row in ended:
        try:
            with transaction.atomic():
                note = f"The parcel is {row.parcel.get_status_display()}."
                _end(SYSTEM, row, InstructionState.WITHDRAWN, now, note=note)
        except WrongState:  # somebody decided it at the same moment
            logger.info("Instruction %s was decided meanwhile.", row.pk)
    for key in keys:
        hand_over(instruction_id=key, now=now)
    return len(keys) + len(ended)


def _settings(parcel: Parcel) -> SupportSettings:
    try:
        return get_shop().settings(parcel.channel_id)
    except NotFound:
        return SupportSettings(channel_id=parcel.channel_id)


def _check_status(parcel: Parcel, kind: InstructionKind) -> None:
    status = Status(parcel.status)
    if status not in POSSIBLE[kind]:
        raise WrongState(
            f"The parcel is {parcel.get_status_display()}: the carrier can't do this any more, or not yet.",
            field="kind",
        )


def _details(parcel: Parcel, wish: Wish, now: datetime.datetime) -> dict[str, Any]:
    """What the carrier must know, checked."""
    for name in ("address", "place", "day"):
        if getattr(wish, name) and name not in _TAKES[wish.kind]:
            raise Invalid("This is of no use to an instruction of this kind.", field=name)
    found: dict[str, Any] = {}
    if wish.kind is InstructionKind.NEW_ADDRESS:
        if wish.address is None:
            raise Invalid("Give the new address.", field="address", code=Code.REQUIRED)
        found["address"] = dataclasses.asdict(_address(parcel, wish.address))
    if wish.place.strip() or wish.kind is InstructionKind.SAFE_PLACE:
        found["place"] = texts.line(wish.place, field="place", maximum=PLACE)
    if wish.day is not None:
        if not now.date() <= wish.day <= (now + AHEAD).date():
            raise Invalid("Choose a day of the next 30.", field="day", code=Code.OUT_OF_RANGE)
        found["day"] = wish.day.isoformat()
    return found


def _address(parcel: Parcel, given: Address) -> Address:
    """As for an order that has not left: a whole address, in the same country."""
    address = addresses.clean(given)
    if parcel.country not in ("", address.country):
        raise Invalid(
            f"A parcel on its way can't go to another country than {parcel.country}.",
            field="address.country",
        )
    if parcel.address and Address(**parcel.address) == address:
        raise Invalid("The parcel goes there already.", field="address")
    return address


def _same(row: CarrierInstruction, details: dict[str, Any]) -> CarrierInstruction:
    if row.details != details:
        raise WrongState(
            "The carrier was asked for something of this kind already.", field="kind", code=Code.CONFLICT
        )
    return row


def _ask(row: CarrierInstruction, parcel: Parcel) -> Reply | None:
    """The carrier's answer; None: it could not be asked now."""
    settings = _settings(parcel)
    adapter = registry.find(settings.tracking_provider) if settings.is_on(Feature.TRACKING) else None
    if adapter is None or not settings.tracking_api_key or not parcel.tracking_key:
        return Reply(Answer.NOT_SUPPORTED)
    instruction = Instruction(
        kind=row.kind,
        number=parcel.tracking_key,
        carrier=parcel.carrier_code,
        details=row.details,
        reference=f"instruction:{row.pk}",
    )
    try:
        return adapter.instruct(instruction, api_key=settings.tracking_api_key)
    except Unavailable as error:
        logger.warning("%s could not take instruction %s: %s", adapter.name, row.pk, error)
        return Reply(Answer.NOT_SUPPORTED) if error.refused else None
    except Exception:  # whatever somebody else's adapter raises: tried again, then a person does it
        logger.exception("%s could not take instruction %s.", adapter.name, row.pk)
        return None


def _answered(row: CarrierInstruction, reply: Reply, now: datetime.datetime) -> None:
    note, reference = _cut(reply.note, NOTE), _cut(reply.reference, REFERENCE)
    if reply.answer in (Answer.ACCEPTED, Answer.REFUSED):
        _end(SYSTEM, row, InstructionState(reply.answer.value), now, note=note, reference=reference)
        return
    move(row, InstructionState.HANDED_OVER, next_try_at=None, reference=reference)
    _noted(SYSTEM, "handed_over", row, row.parcel, now)
    if reply.answer is Answer.NOT_SUPPORTED:
        worklist.open_task(
            kind=TaskKind.CARRIER_INSTRUCTION,
            key=f"instruction:{row.pk}",
            subject=f"parcel:{row.parcel_id}",
            channel_id=row.parcel.channel_id,
            order_id=row.parcel.order_id,
            summary=f"Tell the carrier: {describe(row)}",
            at=now,
        )


def _end(
    actor: Actor,
    row: CarrierInstruction,
    to: InstructionState,
    now: datetime.datetime,
    *,
    note: str = "",
    reference: str = "",
) -> None:
    """Move it to its end, and close the task that was opened for it."""
    move(row, to, decided_at=now, next_try_at=None, note=note, reference=reference or row.reference)
    _noted(actor, to.value, row, row.parcel, now)
    worklist.finish(key=f"instruction:{row.pk}", note=note or to.label, at=now)


def _noted(actor: Actor, verb: str, row: CarrierInstruction, parcel: Parcel, now: datetime.datetime) -> None:
    """One row of history, and a line for staff in the order's timeline."""
    history.record(
        actor=actor,
        verb=f"carrier_instruction_{verb}",
        subject=f"parcel:{parcel.pk}",
        at=now,
        order_id=parcel.order_id,
        after={"instruction": row.pk, "kind": row.kind, "details": row.details, "note": row.note},
    )
    by = f" by {actor.name or actor.kind.value}" if verb == "requested" else ""
    notes.write(
        order_id=parcel.order_id,
        reference=f"instruction:{row.pk}:{verb}",
        now=now,
        message=f"Carrier instruction {verb.replace('_', ' ')}{by}: {describe(row)}"
        + (f" ({row.note})" if row.note else ""),
    )


def describe(row: CarrierInstruction) -> str:
    """An instruction in one English line, for staff."""
    parcel, details = row.parcel, row.details
    number = parcel.tracking_number or parcel.number
    parts = [
        ", ".join(filter(None, (details.get("address") or {}).values())),
        details.get("place", ""),
        details.get("day", ""),
    ]
    said = "; ".join(filter(None, parts))
    what = InstructionKind(row.kind).label.lower()
    return f"parcel {number}: {what}" + (f": {said}" if said else "") + "."


def _cut(text: str, maximum: int) -> str:
    return " ".join(text.replace("\x00", "").split())[:maximum]
