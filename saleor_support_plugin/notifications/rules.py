"""Whether a message goes out, waits or is dropped: asked of each row at the moment of sending.

Pure: what is known of the row, the channel's options and the moment go in, a verdict comes out. The
rules are asked in a fixed order and the first that answers decides. Waiting uses up no try.
"""

import dataclasses
import datetime
import enum

from saleor_support_plugin.notifications.models import Reason
from saleor_support_plugin.notifications.variables import Kind
from saleor_support_plugin.settings import SupportSettings

HOURLY = 20  # automatic mails that one address may get in an hour
RECENT = datetime.timedelta(hours=1)
ROOM = datetime.timedelta(minutes=15)  # until an address that has had too many is asked about again
GATHER = datetime.timedelta(seconds=60)  # the first of several messages that go together waits so long
FOLLOW = datetime.timedelta(hours=1)  # those after it wait until so long after it was sent


class Outcome(enum.StrEnum):
    """What becomes of a row now."""

    SEND = "send"
    SKIP = "skip"  # for good
    WAIT = "wait"  # until ``Verdict.until``


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What becomes of a row, and why; ``until`` (UTC) only for one that waits."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    until: datetime.datetime | None = None


SEND = Verdict(Outcome.SEND)


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of one row when it is to be sent. Times are UTC.

    Attributes:
        silenced_by: the kind of a message about the same subject after which this would be wrong.
        suppressed: why its address gets nothing at present, in a sentence; "" when it does.
        opted_out: its address wants only what is necessary.
        recent: how many automatic mails its address got within the last hour.
        gathers_until: when the messages that go together with this one are complete.
    """

    kind: Kind
    created_at: datetime.datetime
    happened_at: datetime.datetime
    due_at: datetime.datetime
    zone: datetime.tzinfo
    silenced_by: str = ""
    suppressed: str = ""
    opted_out: bool = False
    recent: int = 0
    gathers_until: datetime.datetime | None = None


def judge(facts: Facts, settings: SupportSettings, *, now: datetime.datetime) -> Verdict:
    """What becomes of a message of this kind in this channel at this moment."""
    kind = facts.kind
    if not settings.is_on(kind.feature):
        return Verdict(Outcome.SKIP, Reason.SWITCHED_OFF)
    if not settings.sends(kind.name, at_first=kind.at_first):
        return Verdict(Outcome.SKIP, Reason.KIND_OFF)
    if facts.happened_at < _since(kind, settings):
        return Verdict(Outcome.SKIP, Reason.BEFORE_SWITCH)
    if facts.silenced_by:
        return Verdict(Outcome.SKIP, Reason.RETURNING, f"There is a message {facts.silenced_by} about it.")
    if _stale(facts, settings, now):
        return Verdict(Outcome.SKIP, Reason.STALE, f"More than {settings.stale_hours} hours late.")
    if facts.suppressed:
        return Verdict(Outcome.SKIP, Reason.SUPPRESSED, facts.suppressed)
    if facts.opted_out and kind.can_opt_out:
        return Verdict(Outcome.SKIP, Reason.OPTED_OUT)
    if facts.gathers_until is not None and facts.gathers_until > now:
        return Verdict(Outcome.WAIT, Reason.WAITS_FOR_MORE, until=facts.gathers_until)
    if not kind.urgent and (until := quiet_until(settings.quiet_hours, facts.zone, now)):
        return Verdict(Outcome.WAIT, Reason.QUIET_HOURS, until=until)
    if kind.automatic and facts.recent >= HOURLY:
        detail = f"{facts.recent} mails within an hour."
        return Verdict(Outcome.WAIT, Reason.TOO_MANY, detail, until=now + ROOM)
    return SEND


def _since(kind: Kind, settings: SupportSettings) -> datetime.datetime:
    """When mails of this kind were turned on; for a kind that is off at first the later of its two."""
    feature = settings.since[kind.feature]
    return feature if kind.at_first else max(feature, settings.kinds_since.get(kind.name, feature))


def _stale(facts: Facts, settings: SupportSettings, now: datetime.datetime) -> bool:
    """Whether it is no news any more: too late by its plan, or old when it was written (an outage of
    ours; a message planned ahead was meant to tell of something old)."""
    limit = datetime.timedelta(hours=settings.stale_hours)
    if now > facts.due_at + limit:
        return True
    planned_ahead = facts.due_at > facts.created_at + FOLLOW
    return not planned_ahead and facts.happened_at < facts.created_at - limit


def quiet_until(
    hours: tuple[datetime.time, datetime.time] | None, zone: datetime.tzinfo, now: datetime.datetime
) -> datetime.datetime | None:
    """When the quiet hours that are at present end (UTC); None when it is none of them.

    ``hours`` are clock times in ``zone``, from and until; they may span midnight.
    """
    if hours is None:
        return None
    begin, end = hours
    local = now.astimezone(zone)
    clock = local.time()
    quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not quiet:
        return None
    day = local.date() + datetime.timedelta(days=1) if clock >= end else local.date()
    until = datetime.datetime.combine(day, end, tzinfo=zone).astimezone(datetime.UTC)
    # An end that the change to summer time leaves out, or that comes twice, lies at or before now.
    return until if until > now else now + datetime.timedelta(hours=1)
