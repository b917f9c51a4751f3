"""What the tests of scans share."""

import datetime

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.tracking.status import Status, SubStatus
from sandbox import makers
from tests.tracking.shipping import UPS

ITEMS = [{"name": "Apple Juice", "variant": "", "sku": "A", "quantity": 1}]
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
NOON = datetime.datetime(2024, 4, 17, 12, 0, tzinfo=datetime.UTC)


def scan(hours, status="", sub_status="", number=UPS, code="", **more):
    """A scan so many hours after noon, when parcels leave."""
    return Scan(
        number=number,
        happened_at=NOON + hours * HOUR,
        code=code or f"{status or 'odd'} {sub_status}".strip(),
        status=Status(status) if status else None,
        sub_status=SubStatus(sub_status) if sub_status else None,
        **more,
    )


def parcels(order, numbers):
    """A parcel of the order, told of at noon, for each number: quicker than to ship them."""
    channel_id, order_id = makers.gid(order.channel), makers.gid(order)
    return Parcel.objects.bulk_create(
        [
            Parcel(
                fulfillment_id=f"made:{number}", order_id=order_id, channel_id=channel_id, order_number="1",
                number=f"1-{number}", tracking_number=number, tracking_key=number, shipped_at=NOON,
                country="ES", state="announced", items=ITEMS,
                seen_at=NOON, checked_at=NOON,
            )
            for number in numbers
        ]
    )  # fmt: skip


def record(parcel, *scans, now=None, **more):
    """Record scans as they come, the last of them just now."""
    moment = now or max(one.happened_at for one in scans)
    return service.record(
        scans, channel_id=parcel.channel_id, source=more.pop("source", "test"), now=moment, **more
    )


def told(*kinds):
    """The mails about parcels on their way, or of these kinds: kind and recipient, oldest first."""
    rows = Notification.objects.exclude(kind__in=("order_shipped", "order_partly_shipped", "check_in"))
    rows = rows.filter(kind__in=kinds) if kinds else rows
    return [(row.kind, row.recipient) for row in rows.order_by("pk")]
