"""What the tests of parcels share."""

import datetime

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking import service
from saleor_support_plugin.tracking.models import Parcel
from sandbox import makers, models
from sandbox.home import ids

MINUTE = datetime.timedelta(minutes=1)


UPS = "1Z999AA10123456784"


def outbox():
    return [(row.state, row.reason) for row in Notification.objects.order_by("pk")]


def parcel(fulfillment):
    row = Parcel.objects.get(fulfillment_id=makers.gid(fulfillment))
    return row.state, row.reason


def renumber(fulfillment, number):
    """The fulfilment with another place in the shop's sequence."""
    models.FulfillmentLine.objects.filter(fulfillment=fulfillment).update(fulfillment_id=number)
    models.Fulfillment.objects.filter(pk=fulfillment.pk).update(id=number)
    return models.Fulfillment.objects.get(pk=number)


def hook(fulfillment, notify, now):
    order_id = ids.make("Order", fulfillment.order_id)
    service.shipped(fulfillment_id=makers.gid(fulfillment), order_id=order_id, notify=notify, now=now)
