"""Parcels: noted when they leave, and the customer told of each exactly once.

The shop's hook is the fast path (:func:`shipped`), the sweep is the guarantee (:func:`sweep`). Both
end in the same function, and a parcel moves on only from an open state, so however often they meet,
one message is written. When a hook is lost, staff's choice not to tell the customer is lost with
it: then the customer is told.
"""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet

from saleor_support_plugin import jobs
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Fulfillment, FulfillmentStatus, Order
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.tracking import changes, discovery, dispatch, policy
from saleor_support_plugin.tracking.batches import together
from saleor_support_plugin.tracking.carriers import own as own_carriers
from saleor_support_plugin.tracking.carriers.carrier import Carrier
from saleor_support_plugin.tracking.models import Parcel, ParcelState
from saleor_support_plugin.tracking.parcels import SNAPSHOT, TRACKED, contents, snapshot, subject
from saleor_support_plugin.tracking.policy import Decision
from saleor_support_plugin.tracking.scans import folding, telling

LOST_JOB = datetime.timedelta(minutes=1)  # after that nobody is announcing a parcel we know of
KIND = "order_shipped"
OPEN = (ParcelState.WAITING, ParcelState.PENDING)
FIELDS = (*SNAPSHOT, *TRACKED, "state", "reason", "checked_at", "hooked_at", "finished_at")
LEFT = (policy.TELL, policy.TOLD_BY_SHOP, policy.STAFF_CHOICE)  # it did, whoever tells it


def shipped(*, fulfillment_id: str, order_id: str, notify: bool | None, now: datetime.datetime) -> None:
    """Note that a fulfilment leaves, and have the customer told; for the shop's hook: one query.

    Args:
        fulfillment_id, order_id: global ids.
        notify: staff's choice whether the customer is told; None when the shop did not say.
        now: UTC.
    """
    parcel = Parcel(
        fulfillment_id=fulfillment_id,
        order_id=order_id,
        notify=notify,
        seen_at=now,
        checked_at=now,
        hooked_at=now,
    )
    if notify is None:
        Parcel.objects.bulk_create([parcel], ignore_conflicts=True)
    else:  # the sweep may know the parcel already, but never staff's choice
        Parcel.objects.bulk_create(
            [parcel],
            update_conflicts=True,
            unique_fields=["fulfillment_id"],
            update_fields=["notify", "hooked_at"],
        )
    jobs.later("announce_parcel", fulfillment_id)


def announce(*, fulfillment_id: str, now: datetime.datetime) -> None:
    """Decide about one parcel and write its message; nothing happens when that was done before.

    Parcels of its order whose own jobs are late are decided about with it: after an outage their mails are
    due at once, and only messages that are written together surely become one mail.

    Raises:
        ShopUnavailable: the shop did not answer; the parcel stays open and is tried again.
    """
    order = Parcel.objects.filter(fulfillment_id=fulfillment_id).values("order_id")[:1]
    late = _late(now).filter(order_id=order)
    _settle([fulfillment_id, *late.values_list("fulfillment_id", flat=True)], now)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Find parcels that hooks missed, and go on with open ones; returns how many were looked at.

    Reads fulfilments by pages of ``limit`` until that many were missed, and at most ``limit`` open parcels;
    the number of queries does not grow with the rows of a page. Fulfilments younger than five minutes are
    left to the hook; they are never jumped over.

    Raises:
        ShopUnavailable: the shop did not answer; the next sweep begins at the same place.
    """
    found = discovery.discover(now, limit)
    watched = discovery.watch(now, limit)
    late = list(_late(now).order_by("checked_at").values_list("fulfillment_id", flat=True)[:limit])
    ready = list(dict.fromkeys([*found, *watched, *late]))
    together(
        ready,
        lambda keys: _settle(keys, now),
        what="Parcels",
        failed=lambda key: _open(key).update(checked_at=now),  # each sweep tries it again, behind the others
    )
    if len(late) == limit:  # after an outage: the others need not wait for the next round
        jobs.later("sweep_parcels")
    return len(ready)


def _late(now: datetime.datetime) -> QuerySet[Parcel]:
    """Parcels that have left and whose jobs should have run by now."""
    return Parcel.objects.filter(state=ParcelState.PENDING, checked_at__lte=now - LOST_JOB)


def settle_pending(*, now: datetime.datetime, limit: int) -> None:
    """Decide about up to ``limit`` parcels that have left and whose jobs have not run yet.

    Raises:
        ShopUnavailable: the shop did not answer; they stay open.
    """
    rows = Parcel.objects.filter(state=ParcelState.PENDING).order_by("checked_at")
    _settle(list(rows.values_list("fulfillment_id", flat=True)[:limit]), now)


def _open(*fulfillment_ids: str) -> QuerySet[Parcel]:
    return Parcel.objects.filter(fulfillment_id__in=fulfillment_ids, state__in=OPEN)


@dataclasses.dataclass(frozen=True)
class _Case:
    """A parcel with what the shop says about it now."""

    parcel: Parcel
    order: Order | None
    fulfillment: Fulfillment | None
    decision: Decision


def _settle(fulfillment_ids: Sequence[str], now: datetime.datetime) -> None:
    """Decide about open parcels and write their messages, in a constant number of queries."""
    if not fulfillment_ids:
        return
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        rows = _open(*fulfillment_ids).select_for_update(skip_locked=skip)
        parcels = list(rows.order_by("pk"))
        if not parcels:
            return
        # Read behind the lock: what changes later finds the parcel told, and its message.
        orders = get_shop().orders({parcel.order_id for parcel in parcels})
        channels = _channels({order.channel_id for order in orders.values()})
        cases = [_case(parcel, orders.get(parcel.order_id), channels, now) for parcel in parcels]
        own = own_carriers.load()
        for case in cases:
            _apply(case, own, now)
        turns = folding.join(parcels, now=now)
        folding.save(parcels, FIELDS)
        left = [case.order for case in cases if case.order is not None and case.decision in LEFT]
        dispatch.follow({order.id: order for order in left}, now=now)
        told = {case.parcel.order_id for case in cases if case.decision is policy.TELL}
        if told:
            changes.correct(told, now=now)
        notifications.notify_many([message for case in cases if (message := _message(case))], now=now)
        telling.tell(turns, now=now)


def _channels(channel_ids: Iterable[str]) -> Mapping[str, tuple[SupportSettings, bool]]:
    """For each channel its settings, and whether the shop's own mail tells of parcels."""
    shop = get_shop()
    result = {}
    for channel_id in channel_ids:
        try:
            result[channel_id] = shop.settings(channel_id), KIND in shop.other_mails(channel_id).kinds
        except NotFound:
            result[channel_id] = SupportSettings(channel_id=channel_id), False
    return result


def _case(
    parcel: Parcel,
    order: Order | None,
    channels: Mapping[str, tuple[SupportSettings, bool]],
    now: datetime.datetime,
) -> _Case:
    fulfillment = order.fulfillment(parcel.fulfillment_id) if order else None
    if parcel.state == ParcelState.WAITING:  # the shop keeps no date of approval: ours is the first sight
        parcel.shipped_at = parcel.hooked_at or now
    if order is None or fulfillment is None:
        return _Case(parcel, order, None, Decision(policy.Outcome.SKIP, policy.Reason.NO_LONGER_SHIPPED))
    settings, shop_mails_itself = channels[order.channel_id]
    decision = policy.decide(
        order=order,
        fulfillment=fulfillment,
        settings=settings,
        shipped_at=parcel.shipped_at,
        notify=parcel.notify,
        shop_mails_itself=shop_mails_itself,
    )
    return _Case(parcel, order, fulfillment, decision)


def _apply(case: _Case, own: Sequence[Carrier], now: datetime.datetime) -> None:
    """The decision and a snapshot of the fulfilment into the parcel's fields."""
    parcel, decision = case.parcel, case.decision
    if case.order is not None and case.fulfillment is not None:
        snapshot(parcel, case.order, case.fulfillment, own)
        if case.fulfillment.status is FulfillmentStatus.CANCELED:
            parcel.cancelled_at = parcel.cancelled_at or now
    target = ParcelState(decision.outcome.value)
    if target != parcel.state and target not in Parcel.TRANSITIONS[ParcelState(parcel.state)]:
        raise ValueError(f"A parcel can't go from {parcel.state} to {target}.")
    parcel.state, parcel.reason = target, (decision.reason.value if decision.reason else "")
    parcel.checked_at = now
    if decision.outcome is policy.Outcome.WAIT:
        parcel.shipped_at = parcel.hooked_at = None  # the next hook is that of the approval
        parcel.tracking_key = ""  # nor is any scan its own before it leaves
    else:
        parcel.finished_at = now


def _message(case: _Case) -> Message | None:
    parcel = case.parcel
    if case.order is None or not case.decision.mail:
        return None
    more = policy.more_to_come(case.order)
    return Message(
        kind="order_partly_shipped" if more else KIND,
        subject=subject(parcel.fulfillment_id),
        occasion="shipped",
        order=case.order,
        data={"parcels": [contents(parcel)], "more_to_come": more},
        skip=case.decision.reason.value if case.decision.reason else "",
        happened_at=parcel.shipped_at,
    )
