"""A problem with a parcel is over: whoever was told of it is told so, once.

What counts is the last that the customer was told. The mail that tells where the parcel is now says that
the problem is over, too; only where there is none that reaches them a mail of its own does, when the parcel
has gone on for an hour: carriers take back such scans within minutes. A problem that is over before anybody
was told of it is not told at all, and one that comes back after it was over is told again.
"""

import dataclasses
import datetime
from collections.abc import Collection, Mapping, Sequence

from saleor_support_plugin.notifications import kinds, revision, suppression
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.notifications.variables import Group
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.parcels import contents, subject
from saleor_support_plugin.tracking.scans.folding import Turn
from saleor_support_plugin.tracking.status import Status

SOLVED = "incident_solved"
PROBLEMS = frozenset(kind.name for kind in kinds.TABLE if kind.group is Group.INCIDENT) - {SOLVED}
WAITS = datetime.timedelta(hours=1)
ON = frozenset(
    {Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.AVAILABLE_FOR_PICKUP, Status.DELIVERED}
)  # it goes on
OVER = ON | {Status.RETURNED, Status.CANCELLED}  # there is nothing for staff to do about it
TROUBLE = frozenset({Status.EXCEPTION, Status.RETURNING})
_TELLING = (NotificationState.PENDING, NotificationState.SENDING, NotificationState.ACCEPTED)


@dataclasses.dataclass(frozen=True)
class Standing:
    """What customers believe of parcels that have, or had, a problem; by subject.

    Attributes:
        troubled: they were told last that there is one.
        calmed: they were told of one, or were to be, and that is over.
        waiting: that it is over waits to be told.
    """

    troubled: Collection[str] = ()
    calmed: Collection[str] = ()
    waiting: Mapping[str, Notification] = dataclasses.field(default_factory=dict)

    def is_eased(self, turn: Turn) -> bool:
        """Whether it is news for the customer that the parcel goes on."""
        name = subject(turn.parcel.fulfillment_id)
        return turn.moved and turn.life.status in ON and (name in self.troubled or name in self.waiting)

    def is_back(self, turn: Turn) -> bool:
        """Whether there is a problem again that was over."""
        is_trouble = turn.moved and turn.life.status in TROUBLE and not turn.life.is_first
        return is_trouble and subject(turn.parcel.fulfillment_id) in self.calmed


def is_about(turn: Turn) -> bool:
    """Whether the parcel moved, and has or had a problem."""
    return turn.moved and (bool(turn.life.exception) or bool(TROUBLE & {Status(turn.was), turn.life.status}))


def settle(turns: Sequence[Turn], *, now: datetime.datetime) -> Standing:
    """Take back what waits to be told and is no longer so, in the caller's transaction; two queries at most,
    none where there is no problem."""
    about = {subject(turn.parcel.fulfillment_id): turn.life.status for turn in turns if is_about(turn)}
    rows = revision.about(names=PROBLEMS | {SOLVED}, subjects=about.keys()) if about else []
    standing: dict[str, list[Notification]] = {}
    withdrawn = []
    for row in rows:
        said = standing.setdefault(row.subject, [])
        is_untold = row.state == NotificationState.PENDING and not row.attempts
        if is_untold and (row.kind == SOLVED) != (about[row.subject] in ON):
            withdrawn.append(row)
        elif row.reason != Reason.CANCELLED:
            said.append(row)
    revision.withdraw(withdrawn, detail="It was no longer so before this was sent.", now=now)
    last = {name: said[-1] for name, said in standing.items() if said}
    problems = {name: row for name, row in last.items() if row.kind in PROBLEMS}
    return Standing(
        troubled={name for name, row in problems.items() if row.state in _TELLING},
        calmed=standing.keys() - problems.keys(),
        waiting={
            name: row
            for name, row in last.items()
            if row.kind == SOLVED and row.state == NotificationState.PENDING and not row.attempts
        },
    )


def reached(told: Mapping[str, tuple[str, Order, SupportSettings]]) -> set[str]:
    """Those subjects of which the mail of this kind, about this order, reaches the customer; one query if
    there are such that customers may choose not to get."""
    wanted = {
        name: (order.email, order.channel_id)
        for name, (kind, order, settings) in told.items()
        if settings.sends(kind, at_first=kinds.get(kind).at_first)
    }
    optional = {name: one for name, one in wanted.items() if kinds.get(told[name][0]).can_opt_out}
    out = suppression.opted_out(optional.values())
    return {
        name
        for name, (email, channel_id) in wanted.items()
        if name not in optional or (suppression.address(email), channel_id) not in out
    }


def message(
    parcels: Sequence[Parcel],
    *,
    order: Order,
    what: str,
    expected_by: str | None,
    happened_at: datetime.datetime,
    now: datetime.datetime,
) -> Message:
    """That the problem is over of the parcels of one box, the first of which was told of; ``what``: where
    they are, in the customer's language."""
    return Message(
        kind=SOLVED,
        subject=subject(parcels[0].fulfillment_id),
        occasion=now.isoformat(),  # the same moment may end another problem, when a scan is understood anew
        order=order,
        data={"parcels": [contents(one) for one in parcels], "what": what, "expected_by": expected_by},
        due=now + WAITS,
        happened_at=happened_at,
    )
