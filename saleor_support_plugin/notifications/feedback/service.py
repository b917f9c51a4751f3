"""What mail providers report of our mails: kept first as it came, then applied to the messages.

However late, often or mixed up reports come, what a message's delivery says depends only on which
reports there are, never on their order.
"""

import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from saleor_support_plugin import jobs
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications import staff, suppression
from saleor_support_plugin.notifications.feedback.outcome import Said, outcome
from saleor_support_plugin.notifications.feedback.reports import UNREADABLE, Report
from saleor_support_plugin.notifications.models import (
    Delivery,
    DeliveryEvent,
    DeliveryEventState,
    Notification,
    SuppressionReason,
)
from saleor_support_plugin.notifications.sending.transport import note
from saleor_support_plugin.shop.current import get_shop

PAGE = 200  # events read in one transaction
# A report may come before we have noted the provider's id of the mail: so long its mail is looked for.
PATIENCE = datetime.timedelta(minutes=10)

_WATCHED = (Said.OPENED, Said.CLICKED)


def store(
    reports: Sequence[Report], *, provider: str, channel_id: str, track_opens: bool, now: datetime.datetime
) -> None:
    """Keep reports as they came, each once however often it comes, and have them applied.

    Args:
        provider: a name of ``providers``.
        channel_id: to whose webhook address they came; only this channel's mails can be meant.
        track_opens: without it, who opens mails is not even kept.
        now: UTC.
    """
    rows = [
        DeliveryEvent(
            provider=provider,
            event_id=_event_id(channel_id, report.event_id),
            channel_id=channel_id,
            type=report.type,
            message_id=report.message_id,
            recipient=report.recipient,
            detail=report.detail,
            happened_at=report.happened_at,
            received_at=now,
            payload={"note": report.note, "said": report.payload},
            state=DeliveryEventState.UNKNOWN if report.type == UNREADABLE else DeliveryEventState.STORED,
        )
        for report in reports
        if track_opens or report.type not in _WATCHED
    ]
    if rows:
        with transaction.atomic():
            DeliveryEvent.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
            jobs.later("apply_delivery_events")


def _event_id(channel_id: str, event_id: str) -> str:
    """Unique for this channel: one provider account may report to the addresses of several channels."""
    whole = f"{channel_id}:{event_id}"
    if len(whole) <= 255 and whole.isprintable():
        return whole
    return f"{channel_id}:{hashlib.sha256(event_id.encode('utf-8', 'replace')).hexdigest()}"


def apply_new(*, now: datetime.datetime, limit: int) -> int:
    """Apply up to ``limit`` of the events that have just come; returns how many were looked at."""
    return _apply(
        DeliveryEvent.objects.filter(received_at__gte=now - datetime.timedelta(minutes=1)), now, limit
    )


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Apply up to ``limit`` events whose job was lost or whose mail was not found yet; returns how many
    were looked at. After ten minutes an event whose mail is not found is given up as somebody else's."""
    return _apply(DeliveryEvent.objects.all(), now, limit)


def _apply(events: QuerySet[DeliveryEvent], now: datetime.datetime, limit: int) -> int:
    seen = last = 0
    while seen < limit:
        with transaction.atomic():
            waiting = events.filter(state=DeliveryEventState.STORED, pk__gt=last).order_by("pk")
            skip = connection.features.has_select_for_update_skip_locked
            page = list(waiting.select_for_update(skip_locked=skip)[: min(PAGE, limit - seen)])
            if not page:
                break
            _apply_page(page, now)
        seen, last = seen + len(page), page[-1].pk
    return seen


def _apply_page(page: Sequence[DeliveryEvent], now: datetime.datetime) -> None:
    meant = _meant(page)
    given_up = [event.pk for event in page if event.pk not in meant and event.received_at <= now - PATIENCE]
    _move(given_up, DeliveryEventState.UNKNOWN)
    if not meant:
        return
    # Locked, and only then asked for their events: of two workers the later one sees what both brought.
    keys = {row.pk for row in meant.values()}
    rows = {
        row.pk: row for row in Notification.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    }
    fresh = [event for event in page if event.pk in meant and meant[event.pk].pk in rows]
    for event in fresh:
        event.notification, event.state = rows[meant[event.pk].pk], DeliveryEventState.APPLIED
    DeliveryEvent.objects.bulk_update(fresh, ["notification", "state"])
    _set_deliveries(rows)
    for event in fresh:
        _suppress(event, rows[event.notification_id or 0], now)
    _tell_staff(fresh, rows, now)


def _set_deliveries(rows: Mapping[int, Notification]) -> None:
    said: dict[int, list[tuple[str, datetime.datetime]]] = {pk: [] for pk in rows}
    known = DeliveryEvent.objects.filter(notification__in=rows, state=DeliveryEventState.APPLIED)
    for pk, kind, happened_at in known.values_list("notification_id", "type", "happened_at"):
        said[pk or 0].append((kind, happened_at))
    changed = []
    for pk, row in rows.items():
        delivery, since = outcome(said[pk])
        if (row.delivery, row.delivery_at) != (delivery, since):
            row.delivery, row.delivery_at = delivery, since
            changed.append(row)
    Notification.objects.bulk_update(changed, ["delivery", "delivery_at"])


def _move(keys: Iterable[int], state: DeliveryEventState) -> None:
    if wanted := list(keys):
        DeliveryEvent.objects.filter(pk__in=wanted, state=DeliveryEventState.STORED).update(state=state)


def _meant(page: Sequence[DeliveryEvent]) -> dict[int, Notification]:
    """The message each event is about, by the event's key; only messages of the channel it came to.

    First by the provider's id; else by the note that our mail carried, or by our Message-ID.
    """
    ids = {event.message_id for event in page if event.message_id}
    notes = {event.pk: note_of(event) for event in page}
    keys = {key for key in map(_key, notes.values()) if key}
    if not ids and not keys:
        return {}
    rows = Notification.objects.filter(
        Q(provider_id__in=ids) | Q(message_id__in=ids) | Q(pk__in=keys)
    ).filter(channel_id__in={event.channel_id for event in page})
    by_id: dict[tuple[str, str, str], Notification] = {}
    by_note: dict[tuple[str, str], Notification] = {}
    for row in rows.order_by("pk"):
        if row.provider_id:
            by_id[row.channel_id, row.provider, row.provider_id] = row
        if note(row.message_id):
            by_note[row.channel_id, note(row.message_id)] = row
    found = {}
    for event in page:
        named = by_id.get((event.channel_id, event.provider, event.message_id))
        carried = by_note.get((event.channel_id, notes[event.pk]))
        if (meant := named or carried) is not None:
            found[event.pk] = meant
    return found


def note_of(event: DeliveryEvent) -> str:
    """What our mail carried, as this event brought it back: in the note, or as our own Message-ID."""
    carried = event.payload.get("note", "") if isinstance(event.payload, dict) else ""
    return str(carried or note(event.message_id))


def _key(text: str) -> int:
    """The key that a note begins with; whether the rest is right, the stored Message-ID says."""
    parts = text.split(".")
    right = len(parts) == 3 and parts[0] == "support" and parts[1].isdecimal() and len(parts[1]) <= 18
    return int(parts[1]) if right else 0


def _suppress(event: DeliveryEvent, row: Notification, now: datetime.datetime) -> None:
    """Send no more to a mailbox that is not there or whose owner complained."""
    email = _address_of(event, row)
    if not email:
        return
    if event.type == Said.COMPLAINED:
        suppression.add(
            email=email,
            reason=SuppressionReason.COMPLAINED,
            detail=event.detail,
            now=now,
            notification=row,
        )
    elif event.type == Said.BOUNCED:
        until = event.happened_at + suppression.BOUNCED_FOR
        if until > now:  # else it is history, told late
            suppression.add(
                email=email,
                reason=SuppressionReason.BOUNCED,
                detail=event.detail,
                now=now,
                until=until,
                notification=row,
            )
    elif event.type == Said.UNSUBSCRIBED:
        suppression.opt_out(email=email, channel_id=row.channel_id, now=now)


def _address_of(event: DeliveryEvent, row: Notification) -> str:
    """To which address of ours this happened: the customer's, or in a rehearsal the one that stands in
    for it. "" for any other: whoever has got hold of the secret must not silence whom they like."""
    if not event.recipient or _same(event.recipient, row.recipient):
        return row.recipient
    try:
        rehearsal = get_shop().settings(row.channel_id).rehearsal_address
    except (
        SupportError
    ):  # no such channel, or options that can't be read: no reason to keep all reports waiting
        return ""
    return rehearsal if _same(event.recipient, rehearsal) else ""


def _same(one: str, other: str) -> bool:
    return _ascii(one) == _ascii(other)


def _ascii(email: str) -> str:
    """One spelling for an address whose domain may be written in Unicode or in Punycode."""
    name, at, domain = suppression.address(email).rpartition("@")
    try:
        return name + at + domain.encode("idna").decode("ascii")
    except UnicodeError:
        return name + at + domain


def _tell_staff(
    fresh: Sequence[DeliveryEvent], rows: Mapping[int, Notification], now: datetime.datetime
) -> None:
    """Once for each message that will never reach the customer's own address, or whose owner complained.
    What may pass (a full mailbox, a server that asks for patience) is no work for anybody."""
    told = set()
    for event in fresh:
        row = rows[event.notification_id or 0]
        own = not event.recipient or _same(event.recipient, row.recipient)
        if not own or row.pk in told or event.type not in (Said.BOUNCED, Said.COMPLAINED):
            continue
        told.add(row.pk)
        if row.delivery == Delivery.COMPLAINED:
            staff.complained(row, now)
        else:
            staff.unreachable(row, event.detail or "The mail came back.", now)
