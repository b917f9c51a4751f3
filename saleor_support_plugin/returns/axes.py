"""The words of a return: its kind, its three axes with their transitions, and the status that people see."""

from collections.abc import Mapping

from django.db import models


class ReturnKind(models.TextChoices):
    """What the customer wants."""

    RETURN = "return"  # give goods back and get money or credit
    EXCHANGE = "exchange"  # get other goods for them
    CLAIM = "claim"  # something is wrong, and it is the shop's or the carrier's fault; goods may stay
    WITHDRAWAL = "withdrawal"  # the statutory right to leave the contract: no reason may be demanded


class Resolution(models.TextChoices):
    """What the customer gets for the goods."""

    REFUND = "refund"  # the money, the way it was paid
    CREDIT = "credit"  # credit with the shop
    EXCHANGE = "exchange"  # other goods
    REPLACEMENT = "replacement"  # the same goods once more


class Authorisation(models.TextChoices):
    """Do we agree?"""

    UNCONFIRMED = "unconfirmed"  # asked for, and not yet confirmed by the customer; holds no goods
    REQUESTED = "requested"  # the customer asked, nobody decided yet
    NEEDS_INFORMATION = "needs_information"  # the customer owes an answer; the clock stands still
    APPROVED = "approved"  # a rule or staff agreed
    DECLINED = "declined"  # staff refused; the quantities are free again
    CANCELED = "canceled"  # the customer or staff took it back; the quantities are free again
    EXPIRED = "expired"  # not confirmed, or not sent in time; the quantities are free again


class Logistics(models.TextChoices):
    """Where are the goods?"""

    NOT_REQUIRED = "not_required"  # they stay with the customer
    AWAITING = "awaiting"  # still the customer's to send
    LABEL_SENT = "label_sent"  # still the customer's to send, who has a label
    IN_TRANSIT = "in_transit"  # on their way to the shop
    DELIVERED = "delivered"  # the carrier has handed them over; the shop has not counted them
    LOST = "lost"  # the carrier lost them
    PARTLY_RECEIVED = "partly_received"  # the shop has counted some of them
    RECEIVED = "received"  # the shop has counted, or given up, all of them


class Settlement(models.TextChoices):
    """Is the money back?"""

    NONE = "none"  # nothing is owed yet
    QUOTED = "quoted"  # the customer was told an amount, with the approval
    PENDING = "pending"  # a refund is on its way
    PARTLY = "partly"  # some of it is back, and more goods may come
    SETTLED = "settled"  # the money is back, or there was none to give
    FAILED = "failed"  # the shop or the provider refused; a person has a task


class ReturnStatus(models.TextChoices):
    """What customers see, derived from the three axes."""

    UNCONFIRMED = "unconfirmed"  # the customer has to confirm it
    REQUESTED = "requested"  # the shop has to decide
    NEEDS_INFORMATION = "needs_information"  # the customer has to answer
    APPROVED = "approved"  # the shop agreed; the customer has to send the goods
    ON_ITS_WAY = "on_its_way"  # the goods are with the carrier, or lie at the shop uncounted
    PARTLY_RECEIVED = "partly_received"  # the shop has counted some of the goods
    RECEIVED = "received"  # the shop has all that will come
    BEING_REFUNDED = "being_refunded"  # the money is on its way
    COMPLETED = "completed"  # nothing is left to do
    DECLINED = "declined"  # the shop refused
    CANCELED = "canceled"  # taken back
    EXPIRED = "expired"  # too late


class ShipmentState(models.TextChoices):
    """How far one parcel with returned goods has come."""

    AWAITING = "awaiting"  # to be handed to the carrier
    LABEL_SENT = "label_sent"  # the customer has a label for it
    IN_TRANSIT = "in_transit"  # with the carrier
    DELIVERED = "delivered"  # handed over to the shop
    LOST = "lost"  # the carrier lost it
    CANCELED = "canceled"  # void: the return ended, or all its goods were counted, without it


class Disposition(models.TextChoices):
    """What the shop found when it counted a piece."""

    SELLABLE = "sellable"  # as new
    DAMAGED = "damaged"  # the shop's article, not to be sold any more
    MISSING = "missing"  # it was not in the parcel
    NOT_OURS = "not_ours"  # something else was in the parcel instead


Table = Mapping[str, frozenset[str]]

_SENT = frozenset(
    {
        Logistics.IN_TRANSIT,
        Logistics.DELIVERED,
        Logistics.LOST,
        Logistics.PARTLY_RECEIVED,
        Logistics.RECEIVED,
    }
)
_PAID = frozenset({Settlement.PENDING, Settlement.PARTLY, Settlement.SETTLED, Settlement.FAILED})

AUTHORISATION: Table = {
    Authorisation.UNCONFIRMED: frozenset(
        {Authorisation.REQUESTED, Authorisation.CANCELED, Authorisation.EXPIRED}
    ),
    Authorisation.REQUESTED: frozenset(
        {
            Authorisation.NEEDS_INFORMATION,
            Authorisation.APPROVED,
            Authorisation.DECLINED,
            Authorisation.CANCELED,
        }
    ),
    Authorisation.NEEDS_INFORMATION: frozenset(
        {Authorisation.REQUESTED, Authorisation.APPROVED, Authorisation.DECLINED, Authorisation.CANCELED}
    ),
    Authorisation.APPROVED: frozenset({Authorisation.CANCELED, Authorisation.EXPIRED}),
    # Staff may take it up again, with a reason.
    Authorisation.DECLINED: frozenset({Authorisation.REQUESTED}),
    Authorisation.CANCELED: frozenset({Authorisation.REQUESTED}),
    Authorisation.EXPIRED: frozenset({Authorisation.REQUESTED, Authorisation.APPROVED}),
}

LOGISTICS: Table = {
    # Taken up again, it is decided anew: goods that were to stay may have to come, labels are void.
    Logistics.NOT_REQUIRED: frozenset({Logistics.AWAITING}),
    Logistics.AWAITING: _SENT | {Logistics.NOT_REQUIRED, Logistics.LABEL_SENT},
    Logistics.LABEL_SENT: _SENT | {Logistics.NOT_REQUIRED, Logistics.AWAITING},
    Logistics.IN_TRANSIT: _SENT - {Logistics.IN_TRANSIT},
    Logistics.DELIVERED: _SENT - {Logistics.DELIVERED, Logistics.IN_TRANSIT},
    Logistics.LOST: _SENT - {Logistics.LOST},  # found again
    Logistics.PARTLY_RECEIVED: frozenset({Logistics.RECEIVED}),
}

SETTLEMENT: Table = {
    Settlement.NONE: _PAID | {Settlement.QUOTED},
    Settlement.QUOTED: _PAID,
    Settlement.PENDING: _PAID - {Settlement.PENDING},
    Settlement.PARTLY: _PAID - {Settlement.PARTLY},
    Settlement.FAILED: _PAID - {Settlement.FAILED},
    Settlement.SETTLED: frozenset({Settlement.PENDING, Settlement.PARTLY}),  # reopened: more goods were found
}

SHIPMENT: Table = {
    ShipmentState.AWAITING: frozenset(ShipmentState) - {ShipmentState.AWAITING},
    ShipmentState.LABEL_SENT: frozenset(ShipmentState) - {ShipmentState.AWAITING, ShipmentState.LABEL_SENT},
    ShipmentState.IN_TRANSIT: frozenset({ShipmentState.DELIVERED, ShipmentState.LOST}),
    ShipmentState.LOST: frozenset({ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED}),  # found again
    # The label was used all the same, and the return was taken up again.
    ShipmentState.CANCELED: frozenset(
        {ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED, ShipmentState.LOST}
    ),
}

# Goods that such a return asks for are nobody else's to ask for.
HOLDING = (Authorisation.REQUESTED, Authorisation.NEEDS_INFORMATION, Authorisation.APPROVED)


def status(authorisation: str, logistics: str, settlement: str, *, completed: bool) -> ReturnStatus:
    """The one status that people see. A failed settlement is the shop's to mend, so it looks pending."""
    if authorisation != Authorisation.APPROVED:
        return ReturnStatus(authorisation)
    if completed:
        return ReturnStatus.COMPLETED
    where = _WHERE[Logistics(logistics)]
    if settlement in (Settlement.PENDING, Settlement.FAILED) and where is not ReturnStatus.APPROVED:
        return ReturnStatus.BEING_REFUNDED
    return where


_WHERE = {
    Logistics.NOT_REQUIRED: ReturnStatus.RECEIVED,
    Logistics.AWAITING: ReturnStatus.APPROVED,
    Logistics.LABEL_SENT: ReturnStatus.APPROVED,
    Logistics.IN_TRANSIT: ReturnStatus.ON_ITS_WAY,
    Logistics.DELIVERED: ReturnStatus.ON_ITS_WAY,
    Logistics.LOST: ReturnStatus.ON_ITS_WAY,
    Logistics.PARTLY_RECEIVED: ReturnStatus.PARTLY_RECEIVED,
    Logistics.RECEIVED: ReturnStatus.RECEIVED,
}
