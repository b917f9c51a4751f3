"""Parcels that come although their return has ended: it expired or was called off, and the label was used
all the same, or the goods were on their way already. Staff hears of them, and takes the return up again."""

import datetime

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from saleor_support_plugin.returns.axes import Authorisation, ShipmentState
from saleor_support_plugin.returns.models import Return, ReturnShipment
from saleor_support_plugin.tracking import returning
from saleor_support_plugin.tracking.status import Status
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind

WATCHED = datetime.timedelta(days=30)  # after its end a return's parcels are followed on
ENDED = (Authorisation.EXPIRED, Authorisation.CANCELED, Authorisation.DECLINED)


def say(*, now: datetime.datetime, limit: int) -> None:
    """Ask a person to see to ended returns whose goods come all the same, once for each end: a void label
    that the carrier has scanned, or a parcel on its way then that has arrived."""
    used = Q(state=ShipmentState.CANCELED, parcel__first_scan_at__isnull=False)
    arrived = Q(state__in=(ShipmentState.IN_TRANSIT, ShipmentState.LOST), parcel__status=Status.DELIVERED)
    told = StaffTask.objects.filter(
        key=Concat(Value("return:"), Cast(OuterRef("parent_id"), CharField()), Value(":sent"))
    )
    others = ReturnShipment.objects.filter(  # the same parcel, for a return that has not ended
        parent__order_id=OuterRef("parent__order_id"),
        parent__authorisation=Authorisation.APPROVED,
        parcel__tracking_key=OuterRef("parcel__tracking_key"),
    )
    ended = _ended(now - WATCHED, now).filter(used | arrived)
    found = ended.filter(~Exists(told), ~Exists(others)).order_by("parent_id").values_list("parent_id")
    for row in Return.objects.filter(pk__in=[key for (key,) in found.distinct()[:limit]]).order_by("pk"):
        worklist.open_task(
            kind=TaskKind.RETURN_CONFLICT,
            key=row.sent_key,
            subject=row.subject,
            order_id=row.order_id,
            channel_id=row.channel_id,
            at=now,
            summary=f"Return {row.number} is {row.authorisation}, but its goods were sent all the same: "
            "reopen it and count them when they are here, or send them back.",
        )


def let_go(*, now: datetime.datetime, limit: int) -> None:
    """Follow no longer the parcels of up to ``limit`` returns that ended long ago."""
    gone = _ended(now - 2 * WATCHED, now - WATCHED)
    for parcel_id in gone.order_by("parcel_id").values_list("parcel_id", flat=True)[:limit]:
        if parcel_id is not None:
            returning.close(parcel_id, now=now)


def taken_up(row: Return, now: datetime.datetime) -> None:
    """The return was reopened, in the caller's transaction: staff knows, and hears of it again if it ends
    once more."""
    worklist.finish(key=row.sent_key, note="The return was reopened.", at=now)
    worklist.rename({row.sent_key: f"{row.sent_key}:{int(now.timestamp())}"})


def _ended(since: datetime.datetime, until: datetime.datetime) -> QuerySet[ReturnShipment]:
    """The parcels, followed as yet, of returns that ended in this time."""
    return ReturnShipment.objects.filter(
        parent__closed_at__gt=since,
        parent__closed_at__lte=until,
        parent__authorisation__in=ENDED,
        parcel__isnull=False,
        parcel__closed_at__isnull=True,
    )
