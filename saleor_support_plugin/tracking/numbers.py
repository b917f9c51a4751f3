"""Numbers that stand for no parcel: shops without tracking type the same text into every shipment."""

from collections.abc import Collection

from django.db.models import Count, QuerySet

from saleor_support_plugin.tracking.models import Direction, Parcel

# One box, or one pallet, holds no more shipments of a shop. What is scanned under a number that more have
# says nothing of any of them; it is kept, and changes and tells nothing.
MANY = 200


def placeholders(channel_id: str, keys: Collection[str]) -> QuerySet[Parcel, str]:
    """Those of a channel's normalised numbers that more than :data:`MANY` of its parcels to customers have
    (customers themselves say which number those have that come back); to be part of another query."""
    rows = Parcel.objects.filter(
        channel_id=channel_id, tracking_key__in=set(keys), direction=Direction.OUTBOUND
    )
    counted = rows.order_by().values("tracking_key").annotate(parcels=Count("pk"))
    return counted.filter(parcels__gt=MANY).values_list("tracking_key", flat=True)
