"""Ask a carrier to do something else with a parcel: by its interface where an adapter can, else by staff."""

import datetime
import logging
from collections.abc import Mapping
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
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.states import move
from saleor_support_plugin.tracking import queries, wishes
from saleor_support_plugin.tracking.adapters import registry
from saleor_support_plugin.tracking.adapters.base import Answer, Instruction, Reply, Unavailable
from saleor_support_plugin.tracking.models import (
    CarrierInstruction,
    InstructionKind,
    InstructionState,
    Parcel,
)
from saleor_support_plugin.tracking.status import FINAL
from saleor_support_plugin.tracking.wishes import Wish
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

logger = logging.getLogger(__name__)

OPEN = (InstructionState.REQUESTED, InstructionState.HANDED_OVER)
LIMIT = 10  # of one parcel, ever: each may be work for a person
LEASE = datetime.timedelta(minutes=5)  # so long nobody else hands the same instruction over
TRIES = 5
NOTE, REFERENCE = 500, 200


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
        wishes.check_status(parcel, wish.kind)
        details = wishes.details(parcel, wish, now)
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
    number = " ".join(filter(None, (parcel.carrier, parcel.tracking_number)))
    parts = [
        _address(details.get("address") or {}),
        details.get("place", ""),
        details.get("day", ""),
    ]
    said = "; ".join(filter(None, parts))
    what = InstructionKind(row.kind).label.lower()
    which = f"{parcel.number} ({number})" if number else parcel.number
    return f"parcel {which}: {what}" + (f": {said}" if said else "") + "."


def _address(fields: Mapping[str, str]) -> str:
    person = " ".join(filter(None, (fields.get("first_name"), fields.get("last_name"))))
    rest = (value for name, value in fields.items() if name not in ("first_name", "last_name"))
    return ", ".join(filter(None, (person, *rest)))


def _cut(text: str, maximum: int) -> str:
    return " ".join(text.replace("\x00", "").split())[:maximum]
