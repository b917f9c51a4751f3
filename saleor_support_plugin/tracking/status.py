"""The life of a parcel in words of ours, whoever carries it. Pure."""

import enum


class Status(enum.StrEnum):
    """Where a parcel is."""

    PENDING = "pending"  # nobody but the shop knows of it yet
    INFO_RECEIVED = "info_received"  # the carrier knows of it and has not got it
    IN_TRANSIT = "in_transit"  # the carrier has it
    OUT_FOR_DELIVERY = "out_for_delivery"  # it comes today
    ATTEMPT_FAILED = "attempt_failed"  # the courier was there and could not hand it over
    AVAILABLE_FOR_PICKUP = "available_for_pickup"  # it waits for the customer at a shop or locker
    DELIVERED = "delivered"  # the customer, or whoever took it, has it
    EXCEPTION = "exception"  # something went wrong, see the sub-status
    EXPIRED = "expired"  # the carrier, or we, gave up hearing of it
    RETURNING = "returning"  # on its way back to the sender
    RETURNED = "returned"  # the sender has it again
    CANCELLED = "cancelled"  # it will never travel: the shop or the carrier cancelled it


class SubStatus(enum.StrEnum):
    """What exactly happened."""

    # delivered
    COLLECTED = "collected"  # the customer picked it up
    SIGNED = "signed"  # handed over against a signature
    PAID_ON_DELIVERY = "paid_on_delivery"  # handed over against cash
    NEIGHBOUR = "neighbour"  # somebody near took it
    SAFE_PLACE = "safe_place"  # left where the customer, or the courier, chose
    # attempt failed
    ABSENT = "absent"  # nobody was in
    CLOSED = "closed"  # the business was closed
    NO_ACCESS = "no_access"  # the courier could not get to the door
    # exception
    PICKUP_MISSED = "pickup_missed"  # the customer did not collect it in time
    INCORRECT_ADDRESS = "incorrect_address"  # the address is wrong or incomplete
    MOVED = "moved"  # the customer no longer lives there
    REFUSED = "refused"  # the customer did not take it
    CUSTOMS = "customs"  # held by customs
    DOCUMENTS_MISSING = "documents_missing"  # customs or the carrier want papers
    PAYMENT_DUE = "payment_due"  # held until duties or charges are paid
    WEATHER = "weather"  # delayed by weather
    MISSED_CONNECTION = "missed_connection"  # a late flight, lorry or train
    PROCESSING_DELAY = "processing_delay"  # delayed in a depot
    EXTERNAL_DELAY = "external_delay"  # delayed by what nobody at the carrier could help
    REJECTED = "rejected"  # the carrier would not take it
    DISPOSED = "disposed"  # destroyed or given away by the carrier
    DAMAGED = "damaged"
    LOST = "lost"
    # No scan for too long. No carrier says so, and nothing sets it by itself: staff, an import or an own
    # system that reports scans may. Of parcels that are late on the way only their promise tells.
    STALLED = "stalled"
    OTHER = "other"  # a problem the source does not name


# What a parcel comes back from only by a correction that says so.
FINAL = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED})


def choices(words: type[enum.StrEnum]) -> list[tuple[str, str]]:
    """The words as a model field's choices."""
    return [(word.value, word.value.replace("_", " ")) for word in words]
