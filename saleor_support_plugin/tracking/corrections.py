"""What staff sets right about a parcel: its carrier, its number, the window that is promised."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.shop.commands import ChangeTrackingNumber
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import FulfillmentStatus, Stream
from saleor_support_plugin.shop.errors import ShopRefused
from saleor_support_plugin.tracking import carriers, events, queries
from saleor_support_plugin.tracking.carriers import detection, own
from saleor_support_plugin.tracking.carriers.carrier import Carrier
from saleor_support_plugin.tracking.models import CarrierSource, Parcel
from saleor_support_plugin.tracking.promise import Source
from saleor_support_plugin.tracking.status import FINAL

NUMBER = 255
AHEAD = datetime.timedelta(days=365)  # nobody promises more than a year ahead
EVENTS = 200  # of the shop's that are read at once to find what follows from ours
FIELDS = (
    "carrier_code",
    "tracking_number",
    "promised_from",
    "promised_until",
    "promise_source",
)


def update(
    *,
    actor: Actor,
    parcel_id: int,
    now: datetime.datetime,
    carrier: str | None = None,
    tracking_number: str | None = None,
    promised_from: datetime.date | None = None,
    promised_until: datetime.date | None = None,
) -> Parcel:
    """Set right what is given; None leaves it as it is.

    Args:
        carrier: a code of the table or of the shop's own carriers, or a name; it stands, whatever the
            number says. "": what the number says.
        tracking_number: goes to the shop, too, as if staff had entered it there, and customers who knew
            the old one are told; "" takes it away.
        promised_from, promised_until: days of the destination, both included; the first may be left out.

    Raises:
        NotThere: no such parcel in the actor's channels.
        WrongState: the shipment was cancelled; the parcel has arrived (a promise is of no use); what it
            held was returned, or the shop no longer has the shipment (field ``trackingNumber``); the
            carrier itself has told a day (CONFLICT, field ``promisedUntil``).
        Invalid: no such carrier; a number that is too long; days that can't be (OUT_OF_RANGE); what the
            shop refuses (REFUSED_BY_SHOP).
        ShopUnavailable: the shop did not answer.

    In every case nothing was changed, but for one: where somebody else changes the parcel at the same
    moment, the shop may have the new number already; the parcel then follows within minutes.
    """
    parcel = _check(actor, queries.get(actor, parcel_id))
    before = {name: _plain(getattr(parcel, name)) for name in FIELDS}
    promised = promised_from is not None or promised_until is not None
    if promised:
        _check_promise(parcel, promised_from, promised_until, now)
    if carrier is not None and carrier.strip():
        _carrier(carrier, own.load(), parcel)
    if tracking_number is not None:  # no lock is held: what follows from it locks other parcels, too
        _renumber(parcel, tracking_number, now)
    with transaction.atomic():
        parcel = _check(actor, Parcel.objects.select_for_update().get(pk=parcel.pk))
        if promised:
            _promise(parcel, promised_from, promised_until, now)
        if carrier is not None:
            _carry(parcel, carrier)
        after = {name: _plain(getattr(parcel, name)) for name in FIELDS}
        was, became = history.differences(before, after)
        if became:
            history.record(
                actor=actor,
                verb="parcel_corrected",
                subject=f"parcel:{parcel.pk}",
                at=now,
                order_id=parcel.order_id,
                before=was,
                after=became,
            )
    return parcel


def _check(actor: Actor, parcel: Parcel) -> Parcel:
    if not actor.may(Permission.MANAGE_ORDERS, parcel.channel_id):
        raise NotThere("parcel")
    if parcel.cancelled_at is not None:
        raise WrongState("This shipment was cancelled.", field="id")
    return parcel


def _check_promise(
    parcel: Parcel, first: datetime.date | None, last: datetime.date | None, now: datetime.datetime
) -> datetime.date:
    """The last day, if the parcel can be promised these."""
    if last is None:
        raise Invalid("Say until when.", field="promisedUntil", code=Code.REQUIRED)
    if first is not None and first > last:
        raise Invalid(
            "The last day can't come before the first.", field="promisedUntil", code=Code.OUT_OF_RANGE
        )
    shipped = (parcel.shipped_at or now) - datetime.timedelta(days=1)  # by the destination's calendar
    if not shipped.date() <= (first or last) or last > (now + AHEAD).date():
        raise Invalid(
            "Choose days after the parcel left, at most a year ahead.",
            field="promisedUntil",
            code=Code.OUT_OF_RANGE,
        )
    if parcel.status in FINAL:
        raise WrongState(f"This parcel is {parcel.get_status_display()}.", field="promisedUntil")
    if parcel.promise_source == Source.CARRIER:
        raise WrongState(
            "The carrier itself has told a day, which counts.", field="promisedUntil", code=Code.CONFLICT
        )
    return last


def _promise(
    parcel: Parcel, first: datetime.date | None, until: datetime.date | None, now: datetime.datetime
) -> None:
    last = _check_promise(parcel, first, until, now)
    parcel.promised_from, parcel.promised_until = first or last, last
    parcel.promise_source = Source.STAFF
    parcel.save(update_fields=["promised_from", "promised_until", "promise_source"])


def _renumber(parcel: Parcel, given: str, now: datetime.datetime) -> None:
    """Change the number in the shop, and do at once what follows from that: see ``changes``."""
    number = texts.line(given, field="trackingNumber", maximum=NUMBER) if given.strip() else ""
    if number == _number(parcel):
        return
    shop = get_shop()
    order = shop.orders([parcel.order_id]).get(parcel.order_id)
    fulfillment = order.fulfillment(parcel.fulfillment_id) if order else None
    if fulfillment is None or fulfillment.status is not FulfillmentStatus.FULFILLED:
        raise WrongState(
            "What this parcel held was returned, or its shipment is gone: it gets no other number.",
            field="trackingNumber",
        )
    place = shop.last_sequence(Stream.ORDER_EVENTS)
    command = ChangeTrackingNumber(parcel.fulfillment_id, number)
    try:
        shop.act(command, f"parcel:{parcel.pk}:number:{uuid.uuid4().hex}")
    except ShopRefused as refused:
        raise Invalid(refused.message, field="trackingNumber", code=Code.REFUSED_BY_SHOP) from refused
    events.follow(order_id=parcel.order_id, after=place, now=now, limit=EVENTS)
    if number != _number(Parcel.objects.get(pk=parcel.pk)):
        raise WrongState(
            "The shop has the new number; somebody else changes this parcel just now, and it will follow "
            "within minutes.",
            field="trackingNumber",
            code=Code.CONFLICT,
        )


def _number(parcel: Parcel) -> str:
    """As staff gave it: a number, or a link."""
    return parcel.tracking_number or parcel.tracking_url


def _carry(parcel: Parcel, given: str) -> None:
    mine = own.load()
    if given.strip():
        code, name, page = _carrier(given, mine, parcel)
        parcel.carrier_source = CarrierSource.STAFF
    else:
        postal_code = _postal_code(parcel)
        found = detection.detect(_number(parcel), country=parcel.country, postal_code=postal_code, own=mine)
        code, name, page = found.carrier_code, found.carrier_name, found.url
        parcel.carrier_source = CarrierSource.NUMBER
    parcel.carrier_code, parcel.carrier = code, name
    parcel.tracking_url = page if parcel.tracking_key else parcel.tracking_url
    parcel.save(update_fields=["carrier_source", "carrier_code", "carrier", "tracking_url"])


def _carrier(given: str, mine: Sequence[Carrier], parcel: Parcel) -> tuple[str, str, str]:
    text = texts.line(given, field="carrier", maximum=60)
    known = next((one for one in mine if text.lower() in (one.code, one.name.lower())), None)
    known = known or carriers.get(carriers.code_of(text))
    if known is None:
        raise Invalid("No carrier has this code or name; add it to your own carriers first.", field="carrier")
    page = known.page(parcel.tracking_key, country=parcel.country, postal_code=_postal_code(parcel))
    return known.code, known.name, page


def _postal_code(parcel: Parcel) -> str:
    return str((parcel.address or {}).get("postal_code", ""))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
