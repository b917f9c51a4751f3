"""Returns for which a carrier is asked for a label."""

from saleor_support_plugin.returns.logistics import label_requests as asking
from saleor_support_plugin.returns.models import (
    ReturnLabel,
    ShipmentState,
)


def approved(world, **more):
    """An approved return of two apples and a bean."""
    return world.approve(world.ask((world.apples, 2), (world.beans, 1), **more))


def label(row):
    """Its label as it is stored now."""
    return ReturnLabel.objects.get(parent=row)


def make(row, now):
    """Run its job, and read it anew."""
    asking.make(label_id=label(row).pk, now=now)
    return label(row)


def shipments(row):
    """Its parcels: state, carrier, number, address, and whether there is a file."""
    found = row.shipments.order_by("pk")
    return [(one.state, one.carrier, one.tracking_number, one.label_url, bool(one.label_id)) for one in found]


MADE = (ShipmentState.LABEL_SENT, "ups", "1Z999AA10123456784", "", True)
