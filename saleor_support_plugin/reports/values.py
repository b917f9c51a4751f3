"""What the health report says, as frozen values. All times are UTC."""

import dataclasses
import datetime
import enum
from collections.abc import Mapping

from saleor_support_plugin.settings import Overlap


class Level(enum.StrEnum):
    """How bad it is; the later, the worse."""

    OK = "ok"  # nothing to do
    WARNING = "warning"  # somebody should look
    CRITICAL = "critical"  # customers are not told, or soon will not be


class ProblemCode(enum.StrEnum):
    """What is wrong."""

    OUTBOX_LATE = "outbox_late"  # a message is undecided for more than 15 minutes
    JOB_LATE = "job_late"  # a periodic job does not run
    JOB_FAILED = "job_failed"  # the latest run of a periodic job ended with an error
    SWEEP_BEHIND = "sweep_behind"  # a sweep has much left to read
    MAILS_FAILED = "mails_failed"  # messages of the last 24 hours will never arrive
    MAILS_STALE = "mails_stale"  # an outage held messages up until they were no news; they were not sent
    REPORTS_WAITING = "reports_waiting"  # the provider's delivery reports are not applied
    PAYLOADS_WAITING = "payloads_waiting"  # webhooks of tracking providers are not read
    PAYLOADS_UNREADABLE = "payloads_unreadable"  # webhooks of the last 7 days could not be read
    POLLS_FAILING = "polls_failing"  # tracking providers do not answer, or refuse their key
    POLLS_LATE = "polls_late"  # parcels wait too long to be asked for
    TRACKING_SOURCE = "tracking_source"  # the tracking provider's options do not fit
    OPTIONS_WRONG = "options_wrong"  # the channel's options can't be read: nothing is sent
    NO_MAIL_SERVER = "no_mail_server"  # nobody says how this channel sends mail
    NO_SENDER = "no_sender"  # mails would have no sender
    PROVIDER = "provider"  # the mail provider's options do not fit
    WEBHOOK_SECRET = "webhook_secret"  # delivery reports of the provider are refused
    NO_GUEST_PAGE = "no_guest_page"  # guests get no link: the storefront's page is not named
    NO_RETURN_ADDRESS = "no_return_address"  # customers are not told where approved returns go
    NO_RETURN_PAGE = "no_return_page"  # mails offer no return: the storefront's page is not named
    LABEL_MAKER = "label_maker"  # the carrier that shall make labels of returns is not installed
    UNKNOWN_KINDS = "unknown_kinds"  # the options name kinds of mail that do not exist
    POSSIBLE_DOUBLE = "possible_double"  # an app may send the same mails
    REHEARSAL = "rehearsal"  # every mail goes to one address instead of to customers


class Mode(enum.StrEnum):
    """What a channel does with mails."""

    OFF = "off"  # every feature is off
    ON = "on"  # mails go to customers
    REHEARSAL = "rehearsal"  # mails go to one address instead


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing to look at; ``channel`` is a slug, "" for the whole shop."""

    level: Level
    code: ProblemCode
    message: str
    channel: str = ""


@dataclasses.dataclass(frozen=True)
class Outbox:
    """How the outbox stands; counts stop at ``counted_up_to``.

    Attributes:
        oldest_at: when the oldest undecided message that is due should have been sent; None: there is none.
        late_since: the same among those that do not wait on purpose (for the night, or a limit).
        waiting: undecided messages by reason; "" for those not tried yet.
        sending: how many of them a worker holds now.
        accepted_day: handed over in the last 24 hours.
        failed_day, failed_week, skipped_day, skipped_week: by reason, in 24 hours and in 7 days.
    """

    oldest_at: datetime.datetime | None
    late_since: datetime.datetime | None
    counted_up_to: int
    waiting: Mapping[str, int]
    sending: int
    accepted_day: int
    failed_day: Mapping[str, int]
    failed_week: Mapping[str, int]
    skipped_day: Mapping[str, int]
    skipped_week: Mapping[str, int]
    reports_waiting: int  # delivery reports that are stored and not applied
    oldest_report_at: datetime.datetime | None
    suppressed: int  # addresses that get no mail at present, by reports to these channels


@dataclasses.dataclass(frozen=True)
class Job:
    """One periodic job; every time is None when it never came to that."""

    name: str
    every: datetime.timedelta
    started_at: datetime.datetime | None = None
    ended_at: datetime.datetime | None = None
    succeeded_at: datetime.datetime | None = None
    error: str = ""  # of the latest run that ended
    failures: int = 0  # how many failed in a row
    late: bool = False


@dataclasses.dataclass(frozen=True)
class Sweep:
    """How far a sweep has settled a sequence of the shop's; ``behind``: places left, None when unknown.

    A sweep reads on beyond that, and settles what it had read ten minutes before.
    """

    name: str
    sequence: int
    behind: int | None


@dataclasses.dataclass(frozen=True)
class ChannelHealth:
    """How one channel is set up; ``channel_id`` is its global id.

    Attributes:
        shop_mails: kinds for which the shop sends its own mail at present; ours are skipped.
        doubles: apps that hear of the same events and so may mail, too.
    """

    channel_id: str
    slug: str
    mode: Mode
    overlap: Overlap
    rehearsal_address: str = ""
    features: tuple[str, ...] = ()
    shop_mails: tuple[str, ...] = ()
    doubles: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Health:
    """The whole report."""

    checked_at: datetime.datetime
    outbox: Outbox
    jobs: tuple[Job, ...]
    sweeps: tuple[Sweep, ...]
    channels: tuple[ChannelHealth, ...]
    problems: tuple[Problem, ...]  # the worst first

    @property
    def level(self) -> Level:
        """The worst of the problems."""
        order = list(Level)
        return max((one.level for one in self.problems), key=order.index, default=Level.OK)
