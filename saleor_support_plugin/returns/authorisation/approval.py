"""Agree to a return: by staff, or by a rule."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from saleor_support_plugin import jobs
from saleor_support_plugin.actors import SYSTEM, Actor
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.returns import ground, notices, policy, queries
from saleor_support_plugin.returns.authorisation import limits
from saleor_support_plugin.returns.axes import (
    Authorisation,
    Logistics,
    ReturnKind,
    Settlement,
)
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.eligibility.appraisal import settings_of
from saleor_support_plugin.returns.eligibility.wishes import optional
from saleor_support_plugin.returns.labels import planning
from saleor_support_plugin.returns.logistics import way_back
from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.returns.policy import Part, ReturnSettings
from saleor_support_plugin.returns.settlement import amounts, delivery, quotes
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.states import move

ZERO = Decimal(0)
TEXT_LIMIT = 2000
REASON_LIMIT = 500
OPEN = (Authorisation.REQUESTED, Authorisation.NEEDS_INFORMATION)
_NOT_SENT = (Logistics.NOT_REQUIRED, Logistics.AWAITING, Logistics.LABEL_SENT)


class Decision(NamedTuple):
    """What staff, or a rule, decided.

    Attributes:
        quantities: approved pieces by order line id, for every line of the return.
        keep: whether the goods stay with the customer; None: as the rules say, line by line.
        instructions: "" for the channel's own.
        message: staff's words to the customer.
        override_reason: why staff goes beyond the policy, "" when it does not.
    """

    quantities: Mapping[str, int]
    keep: bool | None = None
    instructions: str = ""
    message: str = ""
    override_reason: str = ""


def approve(
    *,
    actor: Actor,
    return_id: int,
    now: datetime.datetime,
    quantities: Mapping[str, int] | None = None,
    keep: bool | None = None,
    instructions: str = "",
    message: str = "",
    override_reason: str = "",
) -> Return:
    """Agree to a return: the customer is told what goes back, and how and until when to send the goods.

    Args:
        quantities: pieces by order line id, where fewer are approved than were asked for; a line that is
            not named is approved as a whole. None: all of it.
        keep: True: the goods stay with the customer, False: they have to come; None: as the rules say.
        instructions: how to send the goods, instead of the channel's own words; at most 2000 characters.
        message: to the customer, at most 2000 characters.
        override_reason: why staff goes beyond the policy, at most 500 characters; written down.

    Raises:
        NotThere: no such return in the actor's channels, or no such line in it.
        WrongState: it was decided already, or its order is gone.
        Invalid: nothing is approved (REQUIRED, field ``quantities``), a quantity that was not asked for
            (OUT_OF_RANGE), less than all of a withdrawal in time (INVALID), goods that are not with the
            customer any more (TOO_MANY, field ``id``), goods that are to stay and are on their way (INVALID,
            field ``keep``), the policy does not allow it and no reason is given
            (REQUIRED, field ``overrideReason``), a text too long; nothing changed.
    """
    ground.for_staff(actor, return_id)
    words = {
        "instructions": optional(instructions, "instructions", TEXT_LIMIT),
        "message": optional(message, "message", TEXT_LIMIT),
        "override_reason": optional(override_reason, "overrideReason", REASON_LIMIT),
    }
    with transaction.atomic():
        order, row = ground.locked_with_order(return_id)
        if row.authorisation not in OPEN:
            raise ground.wrong(row)
        lines = queries.lines([row.pk])[row.pk]
        decision = Decision(_quantities(row, lines, quantities), keep, **words)
        apply(actor, order, row, lines, decision, settings_of(order), now)
    return row


def by_rule(
    order: Order, row: Return, lines: Sequence[ReturnLine], settings: ReturnSettings, now: datetime.datetime
) -> bool:
    """Approve a request of which a rule says so, and nothing speaks against it; whether it was approved.

    Flags of risk, goods beyond the policy or, with what was approved of the order before, worth more than
    the rule's limit go to a person.
    """
    answers = explained.load(row.decision)
    if explained.needs_person(row.decision) or not answers:
        return False
    if not all(one.is_auto for one in answers.values()):
        return False
    wanted = {line.order_line_id: line.quantity for line in lines}
    worth = sum(worth_of(order, row, quotes.there(order, row, wanted)).values(), ZERO)
    if not limits.may_approve(row, answers, worth):
        return False
    apply(SYSTEM, order, row, lines, Decision(wanted), settings, now)
    return True


def apply(
    actor: Actor,
    order: Order,
    row: Return,
    lines: Sequence[ReturnLine],
    decision: Decision,
    settings: ReturnSettings,
    now: datetime.datetime,
) -> None:
    """Write an approval down and tell it, in the caller's transaction; raises as :func:`approve`."""
    wanted = {line_id: quantity for line_id, quantity in decision.quantities.items() if quantity}
    worth = worth_of(order, row, quotes.there(order, row, wanted))
    answers = explained.load(row.decision)
    # What went back for goods before makes them worth no less.
    prices = {line.order_line_id: line.unit_price * wanted.get(line.order_line_id, 0) for line in lines}
    stays_by_rule = limits.kept(row, answers, prices)
    may_stay = row.logistics in _NOT_SENT
    if decision.keep and not may_stay:
        raise Invalid("The goods are on their way already; count them when they come.", field="keep")
    for line in lines:
        line.approved_quantity = decision.quantities[line.order_line_id]
        if decision.keep is None:
            line.keep = may_stay and line.order_line_id in stays_by_rule
        else:
            line.keep = decision.keep
    approved = [line for line in lines if line.approved_quantity]
    _check_override(row, approved, decision, stays_by_rule)
    quote = quotes.quote(
        order,
        row,
        worth,
        answers,
        promised=amounts.promised(order, but=row.pk),
        delivery=delivery.owed(order, row, wanted),
    )
    stays = all(line.keep for line in approved)
    before = row.authorisation
    terms = policy.terms(answers[line.order_line_id] for line in approved if line.order_line_id in answers)
    days = settings.send_days if terms.send_days is None else terms.send_days
    destination = terms.destination or settings.destination
    zone = get_shop().settings(order.channel_id)
    until = None if stays else quotes.send_by(zone, now, days)
    ReturnLine.objects.bulk_update(lines, ["approved_quantity", "keep"])
    move(
        row,
        Authorisation.APPROVED,
        field="authorisation",
        decided_at=now,
        asked_at=None,
        answer_by=None,
        closed_at=None,
        decision_message=decision.message,
        override_reason=decision.override_reason or row.override_reason,
        instructions=""
        if stays
        else decision.instructions or way_back.words(settings, terms.messages, destination),
        destination=destination,
        quoted_amount=quote.amount.amount if quote.amount else None,
        fees=quote.fees,
        send_by=until,
        remind_at=until and _remind_at(now, until, settings.remind_days),
        reminded_at=None,
        unsent_at=None,
        checked_at=now,
    )
    _move_along(row, stays=stays, quoted=quote.amount is not None)
    planning.plan(row, settings, terms, now)
    _tell(actor, order, row, lines, now, before=before)
    if stays:
        jobs.later("settle_return", row.pk)


def worth_of(order: Order, row: Return, parts: Mapping[str, Sequence[Part]]) -> dict[str, Decimal]:
    """What goes back for these pieces of each line, without those whose money went back before."""
    books = amounts.Books(order)
    found: dict[str, Decimal] = {}
    for line_id, some in parts.items():
        unpaid = books.unpaid(line_id, some)
        found[line_id] = books.share(row, line_id, unpaid.pieces - unpaid.refunded_before)
    return found


def _quantities(row: Return, lines: Sequence[ReturnLine], given: Mapping[str, int] | None) -> dict[str, int]:
    found = {line.order_line_id: line.quantity for line in lines}
    for line_id, quantity in (given or {}).items():
        if line_id not in found:
            raise NotThere("line in this return", field="quantities")
        if not 0 <= quantity <= found[line_id]:
            message = f"Approve from 0 to {found[line_id]}: so many were asked for."
            raise Invalid(message, field="quantities", code=Code.OUT_OF_RANGE)
    found |= dict(given or {})
    if explained.in_time(row.decision) and any(found[line.order_line_id] < line.quantity for line in lines):
        message = "The customer withdrew in time, which is a right: approve all of it."
        raise Invalid(message, field="quantities")
    if not any(found.values()):
        message = "Approve at least one piece, or decline the return."
        raise Invalid(message, field="quantities", code=Code.REQUIRED)
    return found


def _check_override(
    row: Return,
    lines: Sequence[ReturnLine],
    decision: Decision,
    stays_by_rule: Collection[str],
) -> None:
    """Staff may go beyond the policy, and says why."""
    if decision.override_reason or row.override_reason:
        return
    asked_beyond = set(explained.beyond(row.decision))
    gives_away = row.kind != ReturnKind.CLAIM and decision.keep is True
    for line in lines:
        given_away = gives_away and line.order_line_id not in stays_by_rule
        if line.order_line_id in asked_beyond or given_away:
            raise Invalid(
                "The return policy does not allow this; say why it is allowed all the same.",
                field="overrideReason",
                code=Code.REQUIRED,
            )


def _remind_at(now: datetime.datetime, until: datetime.datetime, days: int) -> datetime.datetime:
    """When to remind: so many days before; halfway where there is no room for them."""
    planned = until - datetime.timedelta(days=days)
    return planned if planned > now else now + (until - now) / 2


def _move_along(row: Return, *, stays: bool, quoted: bool) -> None:
    """The two other axes, which may have been moved by an approval before this one."""
    if stays and row.logistics in (Logistics.AWAITING, Logistics.LABEL_SENT):
        move(row, Logistics.NOT_REQUIRED, field="logistics")
    elif not stays and row.logistics == Logistics.NOT_REQUIRED:
        move(row, Logistics.AWAITING, field="logistics")
    if quoted and row.settlement == Settlement.NONE:
        move(row, Settlement.QUOTED, field="settlement")


def _tell(
    actor: Actor,
    order: Order,
    row: Return,
    lines: Sequence[ReturnLine],
    now: datetime.datetime,
    *,
    before: str,
) -> None:
    approved = [line for line in lines if line.approved_quantity]
    after = {
        "authorisation": row.authorisation,
        "lines": [[line.order_line_id, line.approved_quantity, line.keep] for line in approved],
        "quote": None if row.quoted_amount is None else str(row.quoted_amount),
        "fees": row.fees,
        "send_by": row.send_by and row.send_by.isoformat(),
    }
    if row.override_reason:
        after["override"] = row.override_reason
    goods = notices.goods(approved) + (" (nothing has to be sent back)" if row.send_by is None else "")
    entry = notices.record(
        row,
        "return_approved",
        actor=actor,
        now=now,
        said=f"approved by {notices.by(actor)}: {goods}"
        + (f"; against the policy: {row.override_reason}" if row.override_reason else ""),
        before={"authorisation": before},
        after=after,
    )
    way_back.mail_approved(order, row, lines, entry, now)
