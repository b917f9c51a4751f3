"""What can be asked of a carrier, of which parcel and when."""

import dataclasses
import datetime
from typing import Any

from saleor_support_plugin import texts
from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.tracking import addresses
from saleor_support_plugin.tracking.models import InstructionKind, Parcel
from saleor_support_plugin.tracking.status import Status

AHEAD = datetime.timedelta(days=30)  # carriers keep nothing longer
PLACE = 200
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


def check_status(parcel: Parcel, kind: InstructionKind) -> None:
    """Raise WrongState (field ``kind``) unless the carrier can still be asked for this."""
    status = Status(parcel.status)
    if status not in POSSIBLE[kind]:
        raise WrongState(
            f"The parcel is {parcel.get_status_display()}: the carrier can't do this any more, or not yet.",
            field="kind",
        )


def details(parcel: Parcel, wish: Wish, now: datetime.datetime) -> dict[str, Any]:
    """What the carrier must know, as an instruction keeps it.

    Raises:
        Invalid: what the kind needs is missing (REQUIRED), of no use to it, or can't be.
        Errors: for single fields of the address, like ``address.postalCode``.
    """
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
