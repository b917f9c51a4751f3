"""Scans that staff, apps and files report: checked one by one, the good ones kept, the bad ones named."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.tracking import carriers
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.scans.events import AHEAD, ANCIENT
from saleor_support_plugin.tracking.scans.service import Recorded
from saleor_support_plugin.tracking.status import Status, SubStatus

MOST = 1000  # in one request
POINT_LINES = 10
_HANDED_OVER = {
    SubStatus.COLLECTED,
    SubStatus.SIGNED,
    SubStatus.PAID_ON_DELIVERY,
    SubStatus.NEIGHBOUR,
    SubStatus.SAFE_PLACE,
}
# What a scan may say beside number, time and status: how long it may be.
TEXTS = {"code": 120, "carrier": 60, "description": 500, "place": 200, "window": 60, "pickup_code": 60,
         "service": 120}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Refusal:
    """One reported scan that is not kept: its place in the list, from 0, and what is wrong."""

    index: int
    error: SupportError


@dataclasses.dataclass(frozen=True)
class Report:
    """What became of a list of reported scans."""

    recorded: Recorded
    refused: Sequence[Refusal] = ()


def report(
    *, actor: Actor, channel_id: str, rows: Sequence[Mapping[str, Any]], now: datetime.datetime
) -> Report:
    """Keep scans that staff or an app report for parcels of a channel; at most 1,000.

    Each row is what :func:`scan_of` takes. Rows that can't be are refused, the others kept.

    Raises:
        NotThere: no such channel of the actor's (field ``channelId``).
        Invalid: parcels are not followed there (SWITCHED_OFF); none or too many rows (REQUIRED,
            TOO_MANY; field ``events``).
        ShopUnavailable: the shop did not answer; send them again: what is known is not kept twice.
    """
    check_channel(actor, channel_id)
    if not rows:
        raise Invalid("Send at least one event.", field="events", code=Code.REQUIRED)
    if len(rows) > MOST:
        raise Invalid(f"Send at most {MOST} events at once.", field="events", code=Code.TOO_MANY)
    good, refused = sift(rows, now=now)
    recorded = scans.record(good, channel_id=channel_id, source=source_of(actor), now=now)
    history.record(
        actor=actor,
        verb="tracking_events_reported",
        subject=f"channel:{channel_id}",
        at=now,
        after={**dataclasses.asdict(recorded), "refused": len(refused)},
    )
    return Report(recorded, refused)


def check_channel(actor: Actor, channel_id: str) -> None:
    """Raise NotThere or Invalid (SWITCHED_OFF) unless ``actor`` may report for this channel."""
    if not actor.may(Permission.MANAGE_ORDERS, channel_id) or not texts.storable(channel_id):
        raise NotThere("channel", field="channelId")
    try:
        settings = get_shop().settings(channel_id)
    except NotFound:
        raise NotThere("channel", field="channelId") from None
    if not settings.is_on(Feature.TRACKING):
        raise Invalid("Parcels are not followed in this channel.", field="channelId", code=Code.SWITCHED_OFF)


def source_of(actor: Actor) -> str:
    """Who reports, as events keep it."""
    kind = "app" if actor.kind is ActorKind.APP else "staff"
    return f"{kind}:{actor.id or actor.name}"[:60]


def sift(rows: Iterable[Mapping[str, Any]], *, now: datetime.datetime) -> tuple[list[Scan], list[Refusal]]:
    """The scans of the good rows, and what is wrong with each of the others."""
    good: list[Scan] = []
    refused: list[Refusal] = []
    for index, row in enumerate(rows):
        try:
            good.append(scan_of(row, now=now))
        except Errors as error:
            refused += [Refusal(index, one) for one in error.errors]
        except SupportError as error:
            refused.append(Refusal(index, error))
    return good, refused


def scan_of(row: Mapping[str, Any], *, now: datetime.datetime) -> Scan:
    """One reported scan; ``row`` has the names of :class:`Scan`, missing and None are the same.

    ``number`` and ``happened_at`` (UTC, not more than a day ahead, not before 2000) are compulsory,
    and one of ``status`` and ``code``: a scan without status is kept and changes nothing.

    Raises:
        Invalid: REQUIRED, INVALID, TOO_LONG or OUT_OF_RANGE, with the field.
    """
    number = texts.line(row.get("number") or "", field="trackingNumber", maximum=255)
    if not carriers.normalise(number):
        raise Invalid("That is no tracking number.", field="trackingNumber")
    said = {name: _text(row, name, maximum) for name, maximum in TEXTS.items()}
    status, sub_status = row.get("status"), row.get("sub_status")
    if not status and not said["code"]:
        raise Invalid("Give a status, or the carrier's code.", field="status", code=Code.REQUIRED)
    _check_sub_status(status, sub_status)
    if row.get("correction") and status != Status.EXCEPTION:
        raise Invalid("A correction says what is wrong: its status is EXCEPTION.", field="correction")
    code = said.pop("code") or ".".join(filter(None, (status, sub_status)))
    return Scan(
        number=number,
        happened_at=_moment(row.get("happened_at"), now),
        code=code,
        status=Status(status) if status else None,
        sub_status=SubStatus(sub_status) if sub_status else None,
        expected_by=_day(row, "expected_by"),
        next_attempt=_day(row, "next_attempt"),
        pickup_until=_day(row, "pickup_until"),
        point=_point(row.get("point") or ()),
        correction=bool(row.get("correction")),
        **said,
    )


def _text(row: Mapping[str, Any], name: str, maximum: int) -> str:
    value = row.get(name) or ""
    return texts.line(value, field=_camel(name), maximum=maximum) if value.strip("\x00 \t\r\n") else ""


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _check_sub_status(status: str | None, sub_status: str | None) -> None:
    if not sub_status:
        return
    if not status:
        raise Invalid("Give the status, too.", field="status", code=Code.REQUIRED)
    if (SubStatus(sub_status) in _HANDED_OVER) != (Status(status) is Status.DELIVERED):
        raise Invalid(f"A parcel that is {status} can't be {sub_status}.", field="subStatus")


def _moment(given: datetime.datetime | None, now: datetime.datetime) -> datetime.datetime:
    if given is None:
        raise Invalid("Say when it happened.", field="happenedAt", code=Code.REQUIRED)
    moment = given if given.tzinfo is not None else given.replace(tzinfo=datetime.UTC)
    if not ANCIENT <= moment <= now + AHEAD:
        raise Invalid(
            "Give a time of this century that is not ahead.", field="happenedAt", code=Code.OUT_OF_RANGE
        )
    return moment.astimezone(datetime.UTC)


def _day(row: Mapping[str, Any], name: str) -> datetime.date | None:
    """A day; many systems write the first or last one of their calendar where they know none."""
    day: datetime.date | None = row.get(name)
    if day is not None and not ANCIENT.year <= day.year < ANCIENT.year + 100:
        raise Invalid("Give a day of this century.", field=_camel(name), code=Code.OUT_OF_RANGE)
    return day


def _point(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) > POINT_LINES:
        raise Invalid(f"Use at most {POINT_LINES} lines.", field="point", code=Code.TOO_LONG)
    return tuple(texts.line(one, field="point", maximum=200) for one in lines)
