"""Follow parcels with returned goods by what tracking says of them, and by what nobody says any more."""

import datetime
import logging

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from saleor_support_plugin import jobs
from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.notifications.writing import language
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.axes import Authorisation, Logistics, ShipmentState
from saleor_support_plugin.returns.eligibility.appraisal import settings_of
from saleor_support_plugin.returns.logistics import unexpected
from saleor_support_plugin.returns.logistics.shipments import along
from saleor_support_plugin.returns.models import Return, ReturnShipment
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.sla.policy import calendar_of
from saleor_support_plugin.states import move, table
from saleor_support_plugin.tracking import words
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.parcels import contents
from saleor_support_plugin.tracking.status import Status, SubStatus
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind

logger = logging.getLogger(__name__)

UNCOUNTED = datetime.timedelta(days=3)  # after which a person hears of goods that nobody counts
SILENT = datetime.timedelta(days=1)  # the shortest time after which a channel may call a parcel lost
HOURLY = datetime.timedelta(hours=1)  # how often it is asked whether one that is silent is lost
# A label that was void when the return ended, and is used after it was taken up again, counts.
WAITING = (ShipmentState.AWAITING, ShipmentState.LABEL_SENT, ShipmentState.CANCELED)
OPEN = (
    *WAITING,
    ShipmentState.IN_TRANSIT,
    ShipmentState.LOST,
)
GOING = (Status.OUT_FOR_DELIVERY, Status.ATTEMPT_FAILED, Status.AVAILABLE_FOR_PICKUP, Status.IN_TRANSIT)
GONE = (SubStatus.LOST, SubStatus.DISPOSED)
_SCANNED = {"parcel__first_scan_at__isnull": False, "parcel__closed_at__isnull": True}


def follow(*, now: datetime.datetime, limit: int) -> int:
    """Take over what tracking says of up to ``limit`` parcels that come back; those that nobody has heard
    of for as long as the channel waits count as lost, and a person hears of goods that arrived days ago
    and were not counted, or that come for a return that has ended. Returns how many parcels moved."""
    moved = 0
    for shipment_id in _turned(now, limit):
        try:
            moved += _follow_one(shipment_id, now)
        except Exception:  # one parcel must not stop the others
            logger.exception("The parcel %s that comes back: the next sweep tries again.", shipment_id)
    _say_uncounted(now, limit)
    unexpected.say(now=now, limit=limit)
    unexpected.let_go(now=now, limit=limit)
    return moved


def _turned(now: datetime.datetime, limit: int) -> list[int]:
    """Open shipments whose parcel has moved, and those that have been silent for a while: how long is too
    long is the channel's to say."""
    waiting = Q(state__in=WAITING, **_SCANNED)
    going = Q(state=ShipmentState.IN_TRANSIT) & (
        Q(parcel__status__in=(Status.DELIVERED, Status.EXPIRED, Status.RETURNED, Status.CANCELLED))
        | Q(parcel__status=Status.EXCEPTION, parcel__sub_status__in=GONE)
        | Q(state_at__lte=now - SILENT, checked_at__lte=now - HOURLY)
    )
    again = Q(state=ShipmentState.LOST) & (
        Q(parcel__status=Status.DELIVERED)
        | Q(parcel__status__in=GOING, parcel__last_scan_at__gt=F("state_at"))
    )
    open_ = Q(parent__authorisation=Authorisation.APPROVED, parent__closed_at__isnull=True)
    rows = ReturnShipment.objects.filter(open_, waiting | going | again, state__in=OPEN)
    found = list(rows.order_by("checked_at", "pk").values_list("pk", flat=True)[:limit])
    ReturnShipment.objects.filter(pk__in=found).update(checked_at=now)
    return found


def _follow_one(shipment_id: int, now: datetime.datetime) -> bool:
    return_id = ReturnShipment.objects.filter(pk=shipment_id).values_list("parent_id", flat=True).first()
    if return_id is None:
        return False
    with transaction.atomic():
        order, row = ground.locked(return_id)
        rows = ReturnShipment.objects.select_for_update(of=("self",)).select_related("parcel")
        shipment = rows.get(pk=shipment_id)
        if row.authorisation != Authorisation.APPROVED or row.closed_at is not None:
            return False
        return _take_over(order, row, shipment, now)


def catch_up(order: Order | None, row: Return, now: datetime.datetime) -> None:
    """Take over, in the caller's transaction that holds both, what carriers have scanned of an approved
    return's parcels that are to be sent: no deadline ends what is on its way already."""
    if row.authorisation != Authorisation.APPROVED or row.closed_at is not None:
        return
    rows = row.shipments.select_for_update(of=("self",)).select_related("parcel").order_by("pk")
    for shipment in rows.filter(state__in=WAITING, **_SCANNED):
        _take_over(order, row, shipment, now)


def ended(row: Return, note: str, now: datetime.datetime) -> None:
    """Nobody has to see to the return's parcels any more, in the caller's transaction; taken up again, they
    are told of anew."""
    keys = (_lost_key(row), f"{row.subject}:uncounted")
    worklist.finish_many(dict.fromkeys(keys, note), at=now)
    worklist.rename({key: f"{key}:{int(now.timestamp())}" for key in keys})


def _take_over(order: Order | None, row: Return, shipment: ReturnShipment, now: datetime.datetime) -> bool:
    to = _where(row, shipment, order, now)
    if to is None or str(to) not in table(ReturnShipment)[shipment.state]:
        return False
    parcel, before = shipment.parcel, row.logistics
    at = parcel.status_at if parcel is not None and to is not ShipmentState.LOST else None
    move(shipment, to, state_at=min(at or now, now))
    along(row, now)
    notices.record(
        row,
        f"return_parcel_{to.value}",
        actor=SYSTEM,
        now=now,
        said=f"parcel {_NEWS[to]}{_number(shipment)}",
        before={"logistics": before},
        after={"logistics": row.logistics, "shipment": shipment.pk},
    )
    if to is ShipmentState.LOST:
        _say_lost(order, row, shipment, now)
    elif before == Logistics.LOST:
        worklist.finish(key=_lost_key(row), note="The parcel was found.", at=now)
    jobs.later("settle_return", row.pk)
    return True


_NEWS = {
    ShipmentState.IN_TRANSIT: "is with the carrier",
    ShipmentState.DELIVERED: "was delivered",
    ShipmentState.LOST: "counts as lost",
}


def _where(
    row: Return, shipment: ReturnShipment, order: Order | None, now: datetime.datetime
) -> ShipmentState | None:
    """Where the parcel is by what its carrier says, or by the time that nobody has heard of it; None:
    where it was."""
    parcel = shipment.parcel
    status = parcel.status if parcel is not None else ""
    if status == Status.DELIVERED:
        return ShipmentState.DELIVERED
    if status in (Status.RETURNED, Status.CANCELLED, Status.EXPIRED):
        return ShipmentState.LOST
    if parcel is not None and status == Status.EXCEPTION and parcel.sub_status in GONE:
        return ShipmentState.LOST
    heard = max(filter(None, (shipment.state_at, parcel.last_scan_at if parcel is not None else None)))
    if shipment.state == ShipmentState.IN_TRANSIT and order is not None:
        silent = datetime.timedelta(days=settings_of(order).lost_after_days)
        return ShipmentState.LOST if now >= heard + silent else None
    if parcel is not None and parcel.first_scan_at is not None:
        return ShipmentState.IN_TRANSIT
    return None


def _say_lost(order: Order | None, row: Return, shipment: ReturnShipment, now: datetime.datetime) -> None:
    """A person sees to it until the day that the customer is promised to hear by."""
    try:
        settings = get_shop().settings(row.channel_id)
    except NotFound:
        return
    calendar = calendar_of(settings)
    until = calendar.end_of_day(now, 1).astimezone(calendar.zone).date().isoformat()
    worklist.open_again(
        kind=TaskKind.RETURN_LOST,
        key=_lost_key(row),
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=f"Return {row.number}: the parcel{_number(shipment)} got lost. Ask the carrier, and settle "
        f"the return or wait for the goods. The customer was promised news by {until}.",
    )
    if order is None:
        return
    items = notices.items(queries.lines([row.pk])[row.pk])
    wanted = language.choose(order.language, otherwise=settings.language)
    parcel = shipment.parcel or Parcel(carrier=shipment.carrier, tracking_number=shipment.tracking_number)
    notifications.notify(
        kind="incident_other",
        subject=row.subject,
        occasion=f"lost:{shipment.pk}",
        order=order,
        now=now,
        data={
            "parcels": [{**contents(parcel), "items": items}],
            "what": words.say(Status.EXCEPTION, SubStatus.LOST, wanted.code),
            "action": "",
            "update_by": until,
            "expected_by": None,
        },
    )


def _say_uncounted(now: datetime.datetime, limit: int) -> None:
    """Goods that arrived days ago and were not counted go to a person, once for each return."""
    told = StaffTask.objects.filter(
        key=Concat(Value("return:"), Cast(OuterRef("pk"), CharField()), Value(":uncounted"))
    )
    late = Return.objects.filter(
        ~Exists(told),
        authorisation=Authorisation.APPROVED,
        logistics=Logistics.DELIVERED,
        closed_at__isnull=True,
        shipments__state=ShipmentState.DELIVERED,
        shipments__state_at__lte=now - UNCOUNTED,
    )
    rows = list(late.order_by("pk").distinct()[:limit])
    worklist.open_tasks(
        StaffTask(
            kind=TaskKind.RETURN_UNCOUNTED,
            key=f"{row.subject}:uncounted",
            subject=row.subject,
            order_id=row.order_id,
            channel_id=row.channel_id,
            created_at=now,
            summary=f"Return {row.number} arrived days ago and has not been counted: count its goods.",
        )
        for row in rows
    )


def _number(shipment: ReturnShipment) -> str:
    return f" {shipment.tracking_number}" if shipment.tracking_number else ""


def _lost_key(row: Return) -> str:
    return f"{row.subject}:lost"
