"""What of an order may come back, how many, until when, and why not: pure, and it explains itself."""

import dataclasses
import datetime
import zoneinfo
from collections.abc import Iterable, Sequence

from saleor_support_plugin.returns.axes import ReturnKind
from saleor_support_plugin.returns.policy.answer import (
    Anchor,
    Eligibility,
    KindAnswer,
    LineEligibility,
    RuleCode,
)
from saleor_support_plugin.returns.policy.quantities import Part, Taken, allot, parts, pieces, without
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.data import Order, OrderLine


def eligibility(
    order: Order, settings: SupportSettings, taken: Iterable[Taken], now: datetime.datetime
) -> Eligibility:
    """What may come back of ``order`` at ``now`` (UTC), when open returns hold ``taken`` of it."""
    held = tuple(taken)
    return Eligibility(
        order_id=order.id,
        decided_at=now,
        window_days=settings.return_window_days,
        currency=order.total.currency,
        lines=tuple(_line(order, line, settings, held, now) for line in order.lines),
    )


def deadline(dispatched_at: datetime.datetime, settings: SupportSettings) -> datetime.datetime:
    """The first moment (UTC) that is too late: the end of the window's last day where the shop is."""
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    try:
        last_day = dispatched_at.astimezone(zone).date() + datetime.timedelta(
            days=settings.return_window_days + 1
        )
        end = datetime.datetime.combine(last_day, datetime.time(), zone)
        return end.astimezone(datetime.UTC)
    except OverflowError:
        return datetime.datetime.max.replace(tzinfo=datetime.UTC)


def _line(
    order: Order,
    line: OrderLine,
    settings: SupportSettings,
    taken: Sequence[Taken],
    now: datetime.datetime,
) -> LineEligibility:
    there = parts(order, line.id)
    left = there
    for one in sorted(taken, key=lambda one: one.at):
        if one.order_line_id == line.id:
            left = without(left, allot(left, one.quantity, one.at))
    fulfilled, free = pieces(there), pieces(left)
    answer = _return(line, there, left, settings, now)
    return LineEligibility(line.id, fulfilled, fulfilled - free, (answer,))


def _return(
    line: OrderLine,
    there: Sequence[Part],
    left: Sequence[Part],
    settings: SupportSettings,
    now: datetime.datetime,
) -> KindAnswer:
    base = KindAnswer(ReturnKind.RETURN, rule=RuleCode.NOT_DISPATCHED)
    if not settings.is_on(Feature.RETURNS):
        return dataclasses.replace(
            base,
            rule=RuleCode.SWITCHED_OFF,
            reason="This shop takes no returns here.",
            remedy="Write to the shop.",
        )
    if line.is_gift_card:
        return dataclasses.replace(base, rule=RuleCode.GIFT_CARD, reason="Gift cards can't be returned.")
    if not there:
        return _nothing_there(base, line)
    if not left:
        return dataclasses.replace(
            base,
            rule=RuleCode.IN_RETURN,
            reason="Everything is in a return already.",
            remedy="If that return is declined or cancelled, the goods can be returned again.",
        )
    return _within(base, left, settings, now)


def _nothing_there(base: KindAnswer, line: OrderLine) -> KindAnswer:
    if line.quantity_fulfilled > 0:
        return dataclasses.replace(base, reason="Nothing of this is with the customer any more.")
    return dataclasses.replace(
        base,
        reason="This has not been dispatched yet.",
        remedy="It can be returned once it has been dispatched.",
    )


def _within(
    base: KindAnswer, left: Sequence[Part], settings: SupportSettings, now: datetime.datetime
) -> KindAnswer:
    timely = [one for one in left if now < deadline(one.dispatched_at, settings)]
    if not timely:
        latest = max(one.dispatched_at for one in left)
        return dataclasses.replace(
            base,
            rule=RuleCode.WINDOW,
            anchor=Anchor.DISPATCH,
            anchor_at=latest,
            deadline=deadline(latest, settings),
            reason=f"The return window of {settings.return_window_days} days after dispatch has passed.",
            remedy="Write to the shop: it may make an exception.",
        )
    first = min(one.dispatched_at for one in timely)
    late = pieces(left) - pieces(timely)
    return dataclasses.replace(
        base,
        is_allowed=True,
        rule=RuleCode.WINDOW,
        returnable=pieces(timely),
        refunded=pieces(one for one in timely if one.refunded),
        anchor=Anchor.DISPATCH,
        anchor_at=first,
        deadline=deadline(first, settings),
        reason=f"For {late} more the return window has passed." if late else "",
        remedy="Write to the shop: it may make an exception." if late else "",
    )
