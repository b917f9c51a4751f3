"""Parcels with returned goods: their labels, who handed them in, and what tracking says of them."""

import dataclasses
import datetime
import logging
import urllib.parse

from django.db import transaction

from saleor_support_plugin import jobs, texts
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.files import service as files
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.axes import Authorisation, Logistics, ShipmentState
from saleor_support_plugin.returns.labels import planning
from saleor_support_plugin.returns.logistics import way_back
from saleor_support_plugin.returns.models import Return, ReturnShipment
from saleor_support_plugin.states import move, table
from saleor_support_plugin.tracking import returning
from saleor_support_plugin.tracking.carriers import normalise
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.worklist import service as worklist

logger = logging.getLogger(__name__)

NUMBER_LIMIT = 255
CARRIER_LIMIT = 60
URL_LIMIT = 2000
KEY_LIMIT = 64
MOST = 20  # parcels of one return


@dataclasses.dataclass(frozen=True)
class _Said:
    """What somebody says of a parcel, cleaned."""

    number: str
    carrier: str
    key: str
    url: str = ""
    file_id: int | None = None


def attach_label(
    *,
    actor: Actor,
    return_id: int,
    now: datetime.datetime,
    file_id: int | None = None,
    url: str = "",
    carrier: str = "",
    tracking_number: str = "",
    key: str = "",
) -> ReturnShipment:
    """Give the customer a label to send the goods with: one parcel for each label. The customer is mailed
    how to send them, with a link to the label. The same ``key`` (at most 64 characters) gives the same.

    Args:
        file_id: a file of ``files`` that belongs to this return's order; or
        url: a web address of the carrier's, https, at most 2000 characters.
        carrier: code or name, at most 60 characters.
        tracking_number: of the label, at most 255 characters; from then on it is followed.

    Raises:
        NotThere: no such return in the actor's channels, or no such file.
        WrongState: it is not approved, or its goods are here or stay with the customer.
        Invalid: neither file nor address (REQUIRED); no https address; a text too long; another parcel
            has the number, or the key was used for another label (CONFLICT); too many (LIMIT_REACHED).
    """
    ground.for_staff(actor, return_id)
    said = _clean(tracking_number, carrier, key, url=url, file_id=file_id)
    if not said.url and said.file_id is None:
        raise Invalid("Give a file or a web address.", field="fileId", code=Code.REQUIRED)
    with transaction.atomic():
        order, row = ground.locked_with_order(return_id)
        earlier = row.shipments.filter(key=said.key).first() if said.key else None
        if earlier is not None:
            return _same(earlier, said)
        _check_state(row)
        _check_number(row, said.number)
        if said.file_id is not None:
            files.attach(
                actor=actor,
                ids=[said.file_id],
                subject=row.subject,
                part="label",
                now=now,
                order_id=row.order_id,
                field="fileId",
            )
        shipment = _open(actor, row, said, ShipmentState.LABEL_SENT, now)
        if row.logistics == Logistics.AWAITING:
            move(row, Logistics.LABEL_SENT, field="logistics")
        worklist.finish(key=planning.task_key(row), note="The customer has a label.", at=now)
        entry = notices.record(
            row,
            "return_label_attached",
            actor=actor,
            now=now,
            said=f"has a label{_of(said)}, by {notices.by(actor)}",
            after={"shipment": shipment.pk, "carrier": said.carrier, "number": said.number},
        )
        way_back.mail_approved(order, row, queries.lines([row.pk])[row.pk], entry, now)
        jobs.later("follow_return_shipments")
    return shipment


def report(
    *,
    actor: Actor,
    return_id: int,
    now: datetime.datetime,
    tracking_number: str = "",
    carrier: str = "",
    key: str = "",
) -> ReturnShipment:
    """The customer, or staff, says that a parcel was handed in; with its number it is followed.

    A label that waits is taken for this parcel, one with the same number first. The same ``key``, and the
    same number again, give the same parcel. Without a number nobody can follow it; one that is said later
    is that of the parcel on its way that has none.

    Raises:
        NotThere: no such return that the actor may see.
        WrongState: it is not approved, or its goods are here or stay with the customer.
        Invalid: as :func:`attach_label`.
    """
    row = queries.get(actor, return_id)
    said = _clean(tracking_number, carrier, key)
    with transaction.atomic():
        _order, row = ground.locked(row.pk)
        earlier = row.shipments.filter(key=said.key).first() if said.key else None
        if earlier is not None:
            return _same(earlier, said)
        _check_state(row, by_staff=ground.is_staffs(actor, row))
        _check_number(row, said.number)
        nameless = _nameless(row, said)
        if nameless is not None:
            return _named_later(actor, row, nameless, said, now)
        shipment = _reported(actor, row, said, now)
        if shipment.state in (ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED, ShipmentState.LOST):
            return shipment
        move(shipment, ShipmentState.IN_TRANSIT, state_at=now, reported_by=actor.kind.value)
        before = row.logistics
        along(row, now)
        notices.record(
            row,
            "return_shipped",
            actor=actor,
            now=now,
            said=f"handed in{_of(said)}, says {notices.by(actor)}",
            before={"logistics": before},
            after={"logistics": row.logistics, "shipment": shipment.pk, "number": said.number},
        )
        jobs.later("follow_return_shipments")
    return shipment


def along(row: Return, now: datetime.datetime) -> None:
    """Bring the return to where its parcels are; what was counted already counts more."""
    states = set(row.shipments.values_list("state", flat=True))
    order = (
        (ShipmentState.IN_TRANSIT, Logistics.IN_TRANSIT),
        (ShipmentState.LOST, Logistics.LOST),
        (ShipmentState.DELIVERED, Logistics.DELIVERED),
        (ShipmentState.LABEL_SENT, Logistics.LABEL_SENT),
    )
    to = next((place for state, place in order if state in states), Logistics.AWAITING)
    if row.logistics in (Logistics.PARTLY_RECEIVED, Logistics.RECEIVED):
        return
    if str(to) in {str(one) for one in table(Return, "logistics").get(row.logistics, ())}:
        sent = to in (Logistics.IN_TRANSIT, Logistics.DELIVERED, Logistics.LOST)
        more = {"shipped_at": now, "remind_at": None} if sent and row.shipped_at is None else {}
        move(row, to, field="logistics", **more)
        if sent and row.unsent_at is not None:
            worklist.finish(key=row.unsent_key, note="The goods are on their way.", at=now)


def _clean(number: str, carrier: str, key: str, *, url: str = "", file_id: int | None = None) -> _Said:
    def line(value: str, field: str, maximum: int) -> str:
        return texts.line(value, field=field, maximum=maximum) if value.strip("\x00 \t\r\n") else ""

    url = line(url, "url", URL_LIMIT)
    if url and not is_link(url):
        raise Invalid("Use an address that begins with https://.", field="url")
    return _Said(
        number=line(number, "trackingNumber", NUMBER_LIMIT),
        carrier=line(carrier, "carrier", CARRIER_LIMIT),
        key=line(key, "key", KEY_LIMIT),
        url=url,
        file_id=file_id,
    )


def is_link(url: str) -> bool:
    """Whether this is an https address that a mail can link to."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not set(url) & set(" <>\"'\\`{}|^")


def _check_state(row: Return, *, by_staff: bool = True) -> None:
    if row.authorisation != Authorisation.APPROVED or row.closed_at is not None:
        raise ground.wrong(row, by_staff=by_staff)
    if row.logistics == Logistics.NOT_REQUIRED:
        raise WrongState("Nothing of this return has to be sent back.", field="id")
    if row.logistics == Logistics.RECEIVED:
        raise WrongState(
            "All goods of this return have been counted: nothing more is to be sent.", field="id"
        )


def _check_number(row: Return, number: str) -> None:
    if number and returning.belongs_to_another(
        channel_id=row.channel_id, number=number, order_id=row.order_id
    ):
        raise Invalid(
            "This number belongs to another parcel; give the one on the label of the return.",
            field="trackingNumber",
            code=Code.CONFLICT,
        )


def _same(earlier: ReturnShipment, said: _Said) -> ReturnShipment:
    is_label = bool(said.url) or said.file_id is not None
    other_label = is_label and (earlier.label_url, earlier.label_id) != (said.url, said.file_id)
    # Without a number, it may have been said since.
    if other_label or (said.number and earlier.tracking_number != said.number):
        raise Invalid("This key was used for another parcel.", field="key", code=Code.CONFLICT)
    return earlier


def _reported(actor: Actor, row: Return, said: _Said, now: datetime.datetime) -> ReturnShipment:
    """The shipment that is meant: the one with this number, else a label that waits, else a new one."""
    every = list(row.shipments.order_by("pk"))
    known = [one for one in every if one.state != ShipmentState.CANCELED]
    if said.number:
        for one in (*known, *every):  # a void label that was used all the same is its parcel, too
            if _has(one, said.number):
                return one if one in known else _numbered(row, one, said, now)
    waiting = (ShipmentState.AWAITING, ShipmentState.LABEL_SENT)
    for one in known:
        if one.state in waiting and not (said.number and one.tracking_number):
            return _numbered(row, one, said, now)
    if not said.number and known:
        return known[-1]  # no number: nothing says that it is another parcel
    return _open(actor, row, said, ShipmentState.AWAITING, now)


def _has(shipment: ReturnShipment, number: str) -> bool:
    """Whether this is its number, however it is written; links and what is no number only as they are."""
    key = normalise(number)
    return shipment.tracking_number == number or (bool(key) and normalise(shipment.tracking_number) == key)


def _nameless(row: Return, said: _Said) -> ReturnShipment | None:
    """The parcel that was handed in without a number, if this report names one that no parcel has."""
    if not said.number:
        return None
    known = list(row.shipments.exclude(state=ShipmentState.CANCELED).order_by("pk"))
    if any(_has(one, said.number) for one in known):
        return None
    sent = (one for one in known if one.state == ShipmentState.IN_TRANSIT and not one.tracking_number)
    return next(sent, None)


def _named_later(
    actor: Actor, row: Return, shipment: ReturnShipment, said: _Said, now: datetime.datetime
) -> ReturnShipment:
    shipment = _numbered(row, shipment, said, now)
    notices.record(
        row,
        "return_number_reported",
        actor=actor,
        now=now,
        said=f"was handed in{_of(said)}, says {notices.by(actor)}",
        after={"shipment": shipment.pk, "number": said.number},
    )
    jobs.later("follow_return_shipments")
    return shipment


def _numbered(row: Return, shipment: ReturnShipment, said: _Said, now: datetime.datetime) -> ReturnShipment:
    shipment.tracking_number = said.number or shipment.tracking_number
    shipment.carrier = said.carrier or shipment.carrier
    shipment.key = shipment.key or said.key
    shipment.parcel = _parcel(row, shipment, now)
    shipment.save(update_fields=["tracking_number", "carrier", "key", "parcel"])
    return shipment


def _open(
    actor: Actor, row: Return, said: _Said, state: ShipmentState, now: datetime.datetime
) -> ReturnShipment:
    if row.shipments.count() >= MOST:
        raise Invalid(f"A return has at most {MOST} parcels.", field="id", code=Code.LIMIT_REACHED)
    shipment = ReturnShipment.objects.create(
        parent=row,
        state=state,
        carrier=said.carrier,
        tracking_number=said.number,
        label_url=said.url,
        label_id=said.file_id,
        reported_by=actor.kind.value,
        key=said.key,
        created_at=now,
        state_at=now,
        checked_at=now,
    )
    shipment.parcel = _parcel(row, shipment, now)
    if shipment.parcel is not None:
        shipment.save(update_fields=["parcel"])
    return shipment


def _parcel(row: Return, shipment: ReturnShipment, now: datetime.datetime) -> Parcel | None:
    return returning.follow(
        name=f"{row.subject}:{shipment.pk}",
        subject=row.subject,
        order_id=row.order_id,
        order_number=row.order_number,
        channel_id=row.channel_id,
        customer_id=row.customer_id,
        label=row.number,
        number=shipment.tracking_number,
        carrier=shipment.carrier,
        now=now,
    )


def _of(said: _Said) -> str:
    named = " ".join(filter(None, (said.carrier, said.number)))
    return f" ({named})" if named else ""
