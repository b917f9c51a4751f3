"""Parcels that bring goods back: they are followed as all others are, by their numbers, and no mail of
parcels on their way to customers tells of them. Whoever opens one reads what becomes of it."""

import datetime

from django.db import transaction

from saleor_support_plugin.notifications.writing.context import one_line
from saleor_support_plugin.tracking import carriers
from saleor_support_plugin.tracking.carriers import detection, own
from saleor_support_plugin.tracking.models import CarrierSource, Direction, Parcel, ParcelState
from saleor_support_plugin.tracking.policy import Reason
from saleor_support_plugin.tracking.scans import folding


def follow(
    *,
    name: str,
    subject: str,
    order_id: str,
    channel_id: str,
    label: str,
    number: str,
    carrier: str,
    now: datetime.datetime,
    customer_id: str = "",
    order_number: str = "",
) -> Parcel | None:
    """The parcel with this name, with this number from now on; in the caller's transaction, and None for
    a number that can't be followed (nonsense, a link).

    Args:
        name: its own, the same each time, like "return:12:3".
        subject: what it brings back, like "return:12".
        label: how people call it, like "R10012".
        number, carrier: as somebody wrote them; ``carrier`` may be "".
        now: UTC; scans from long before that are another's.
    """
    key = carriers.normalise(number)
    if not key:
        return None
    parcel, _created = Parcel.objects.select_for_update().get_or_create(
        fulfillment_id=name,
        defaults={
            "direction": Direction.RETURN,
            "subject": subject,
            "order_id": order_id,
            "order_number": one_line(order_number, 40),
            "customer_id": customer_id,
            "channel_id": channel_id,
            "number": label,
            "state": ParcelState.SKIPPED,
            "reason": Reason.COMES_BACK,
            "seen_at": now,
            "shipped_at": now,
            "finished_at": now,
        },
    )
    if parcel.tracking_key != key:
        folding.forget(parcel)
        parcel.tracking_key = key
        parcel.closed_at = None
    parcel.tracking_number = one_line(number, 255)
    _carry(parcel, carrier)
    parcel.review_at = now + folding.SETTLES  # a scan may have come at this very moment
    lives = folding.events_of([parcel])
    folding.fold_all([parcel], lives, now=now, same=folding.namesakes(folding.heard_of([parcel], lives)))
    parcel.save()
    return parcel


def belongs_to_another(*, channel_id: str, number: str, order_id: str) -> bool:
    """Whether a parcel to a customer, or one that comes back from another order, has this number: what is
    scanned of that must not count as goods that come back. One query."""
    key = carriers.normalise(number)
    same = Parcel.objects.filter(channel_id=channel_id, tracking_key=key)
    return bool(key) and same.exclude(direction=Direction.RETURN, order_id=order_id).exists()


def close(parcel_id: int, *, now: datetime.datetime) -> None:
    """Follow a parcel no longer: it will not come."""
    with transaction.atomic():
        Parcel.objects.filter(pk=parcel_id, direction=Direction.RETURN).update(
            tracking_key="", review_at=None, next_poll_at=None, closed_at=now
        )


def _carry(parcel: Parcel, carrier: str) -> None:
    """The carrier that somebody named, else the one that the number names."""
    mine = own.load()
    found = detection.detect(parcel.tracking_number, preferred=carrier, own=mine)
    code = carriers.code_of(carrier)
    named = next((one for one in mine if carrier and carrier in (one.code, one.name)), None)
    named = named or (carriers.get(code) if code else None)
    if named is not None:
        parcel.carrier, parcel.carrier_code, parcel.carrier_source = (
            named.name,
            named.code,
            CarrierSource.STAFF,
        )
        parcel.tracking_url = named.page(parcel.tracking_key, country=parcel.country, postal_code="")
        return
    parcel.carrier = found.carrier_name or one_line(carrier, 60)
    parcel.carrier_code, parcel.carrier_source = found.carrier_code, CarrierSource.NUMBER
    parcel.tracking_url = found.url
