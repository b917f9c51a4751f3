"""Tell customers, and staff, of what has become of parcels: for many in a constant number of queries.

A parcel's coming somewhere for the first time is news. It is none when it happened before the switch, when
all we have ever heard of the parcel is that its way is over (but for a delivery of these days), when its
order came from elsewhere, or when staff chose not to tell the customer of the parcel. What lay between two
reports is no news any more: of all that one fold brings only where the parcel is now is told. Nor is it
news that what was over ended otherwise; only a delivery that is taken back is, and what waits to be told of
it is not told then.

Parcels of one order with one number are one box: where their mails do not go together anyway, one is written.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from saleor_support_plugin.notifications import revision
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import OrderOrigin
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.tracking import news, queries, words
from saleor_support_plugin.tracking.models import Parcel, ParcelState
from saleor_support_plugin.tracking.parcels import subject, was_told
from saleor_support_plugin.tracking.policy import Reason
from saleor_support_plugin.tracking.scans import cases, solving
from saleor_support_plugin.tracking.scans.cases import Case
from saleor_support_plugin.tracking.scans.events import is_by_hand
from saleor_support_plugin.tracking.scans.folding import Turn
from saleor_support_plugin.tracking.scans.solving import Standing
from saleor_support_plugin.tracking.status import FINAL, Status
from saleor_support_plugin.worklist import service as worklist

TOLD = frozenset(  # all that is told of a parcel's life
    {*cases.KINDS.values(), *solving.PROBLEMS, solving.SOLVED, news.REMINDER, news.CHECK_IN, "staff_incident"}
)
# Nobody was told, or is to be told, that these left.
SILENT = frozenset({Reason.IMPORTED, Reason.STAFF_CHOICE, Reason.NOTHING_TO_SHIP, Reason.NO_LONGER_SHIPPED})


def is_news(turn: Turn, standing: Standing) -> bool:
    """Whether anybody would tell of it, whatever the channel's options."""
    return (
        turn.moved
        and (turn.life.is_first or standing.is_back(turn))
        and turn.life.since is not None
        and bool(cases.kind_of(turn))
        and not (turn.life.is_final and (turn.was in FINAL or _is_history(turn)))
        and turn.parcel.state != ParcelState.WAITING
        and turn.parcel.reason not in SILENT
        and bool(turn.parcel.items)
    )


def _is_history(turn: Turn) -> bool:
    """Whether all we have ever heard of the parcel is that its way is over. Some carriers report deliveries
    alone: one that comes in by itself, of a parcel that the customer knows of, is none."""
    life = turn.life
    is_alone = life.scans == 1 and life.standing is not None and not is_by_hand(life.standing.source)
    is_delivery = life.status is Status.DELIVERED and is_alone and was_told(turn.parcel)
    return turn.is_first_news and not is_delivery


def tell(turns: Sequence[Turn], *, now: datetime.datetime) -> None:
    """Write the mails, tasks and alerts that follow, in the caller's transaction; most turns cost nothing.

    Raises:
        ShopUnavailable: the shop did not answer.
    """
    _take_back(turns, now)
    _finish(turns, now)
    standing = solving.settle(turns, now=now)
    told = [turn for turn in turns if is_news(turn, standing)]
    eased = [turn for turn in turns if standing.is_eased(turn)]
    if not told and not eased:
        return
    orders = get_shop().orders({turn.parcel.order_id for turn in (*told, *eased)})
    settings = {one: _settings(one) for one in {order.channel_id for order in orders.values()}}
    waiting = [turn.parcel for turn in told if turn.life.status is Status.AVAILABLE_FOR_PICKUP]
    disputed = queries.disputed(waiting)

    def made(some: Sequence[Turn]) -> list[Case]:
        known = [(one, orders[one.parcel.order_id]) for one in some if one.parcel.order_id in orders]
        found = [
            Case(turn, order, settings[order.channel_id], now, is_back=standing.is_back(turn))
            for turn, order in known
            if order.origin is not OrderOrigin.IMPORT
        ]
        return [case for case in found if case.counts]

    fresh = made(told)
    boxes: dict[Any, Case] = {}
    for case in fresh:
        case.is_disputed = case.parcel.pk in disputed
        if (first := boxes.setdefault(case.box, case)) is not case:
            first.others.append(case.parcel)
    worklist.rename({old: new for case in boxes.values() for old, new in case.old_tasks().items()})
    worklist.open_tasks(task for case in boxes.values() for task in case.tasks())
    messages = [one for case in boxes.values() for one in case.messages()]
    messages += _eased(made(eased), fresh, standing, [turn.parcel for turn in turns], now)
    notifications.notify_many(messages, now=now)


def _eased(
    eased: Sequence[Case],
    told: Sequence[Case],
    standing: Standing,
    parcels: Sequence[Parcel],
    now: datetime.datetime,
) -> list[Message]:
    """To customers who were told of a problem: that it is over, unless they are told more than that."""
    if not eased:
        return []
    names = {case.subject for case in eased}
    own = {case.subject: (case.kind, case.order, case.settings) for case in told if case.subject in names}
    reached = solving.reached(own)
    less = [row for name, row in standing.waiting.items() if name in reached]
    revision.withdraw(less, detail="More than that was told.", now=now)
    due = [case for case in eased if case.subject in standing.troubled and case.subject not in reached]
    return [case.solved(parcels) for case in due]


def _finish(turns: Sequence[Turn], now: datetime.datetime) -> None:
    """Close the tasks of problems that are over; no query where there was none."""
    over = [one for one in turns if solving.is_about(one) and one.life.status in solving.OVER]
    notes = {
        key: f"It is over, by what we hear since: {words.say(one.life.status, one.life.sub_status)}."
        for one in over
        for key in cases.task_keys(one.parcel)
    }
    worklist.finish_many(notes, at=now)


def _take_back(turns: Sequence[Turn], now: datetime.datetime) -> None:
    """What waits to be told of deliveries that were none; no query where there is no such."""
    undone = [one for one in turns if one.was == Status.DELIVERED and one.life.status is not Status.DELIVERED]
    subjects = [subject(one.parcel.fulfillment_id) for one in undone]
    rows = revision.untold(names=(news.DELIVERED, news.CHECK_IN), subjects=subjects)
    revision.withdraw(rows, detail="It was not delivered after all.", now=now)


def _settings(channel_id: str) -> SupportSettings:
    try:
        return get_shop().settings(channel_id)
    except NotFound:
        return SupportSettings(channel_id=channel_id)
