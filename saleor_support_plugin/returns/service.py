"""Ask for a return and decide about it; ``execution`` brings goods and money back."""

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F

from saleor_support_plugin import jobs, texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history import notes
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.returns import notices, policy, queries
from saleor_support_plugin.returns.execution import execute, settle, settle_refund, sweep
from saleor_support_plugin.returns.models import Authorisation, Return, ReturnLine
from saleor_support_plugin.returns.policy import Eligibility, RuleCode
from saleor_support_plugin.returns.reasons import BY_CODE
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Money, Order, OrderLine
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.sla import policy as sla
from saleor_support_plugin.states import move

__all__ = ["Wish", "approve", "eligibility", "execute", "request", "settle", "settle_refund", "sweep"]

NOTE_LIMIT = 500
COMMENT_LIMIT = 2000
KEY_LIMIT = 64


class Wish(NamedTuple):
    """How much of one order line the customer wants to give back, and why."""

    order_line_id: str
    quantity: int
    reason: str = ""  # a code of ``returns.reasons``; may be left out
    note: str = ""  # the customer's own words, at most 500 characters


def eligibility(*, actor: Actor, order_id: str, now: datetime.datetime) -> Eligibility:
    """What of this order may come back at ``now`` (UTC).

    Raises:
        NotThere: there is no such order, or it is somebody else's (field ``orderId``).
    """
    shop = get_shop()
    try:
        order = shop.order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    _check_own(actor, order)
    return policy.eligibility(order, shop.settings(order.channel_id), queries.taken(order.id), now)


def request(
    *,
    actor: Actor,
    order_id: str,
    lines: Sequence[tuple[Any, ...]],
    now: datetime.datetime,
    comment: str = "",
    key: str = "",
) -> Return:
    """Ask to give goods of an order back. ``lines`` are :class:`Wish` or tuples of the same parts.

    The same ``key`` (at most 64 characters) answers with the same return.

    Raises:
        NotThere: no such order of the actor's (field ``orderId``).
        Invalid: returns are switched off in the channel (SWITCHED_OFF); no lines; a text too long;
            the key was used for another request (CONFLICT).
        Errors: for single lines, fields like ``lines.0.quantity``: NOT_FOUND, OUT_OF_RANGE, TOO_MANY,
            NOT_RETURNABLE, REQUIRED, TOO_LONG, INVALID.
    """
    shop = get_shop()
    wanted = [Wish(*line) for line in lines]
    key = texts.line(key, field="key", maximum=KEY_LIMIT) if key else ""
    comment = _optional(comment, "comment", COMMENT_LIMIT)
    with transaction.atomic():
        try:
            order = shop.lock_order(order_id)
        except NotFound:
            raise NotThere("order", field="orderId") from None
        _check_own(actor, order)
        settings = shop.settings(order.channel_id)
        if not settings.is_on(Feature.RETURNS):
            raise Invalid(
                "This shop takes no returns here; write to the shop.", field="orderId", code=Code.SWITCHED_OFF
            )
        earlier = Return.objects.filter(order_id=order.id, key=key).first() if key else None
        if earlier is not None:
            return _same(earlier, wanted)
        answer = policy.eligibility(order, settings, queries.taken(order.id), now)
        clean = _check(order, answer, wanted)
        row = Return.objects.create(
            order_id=order.id,
            order_number=order.number,
            channel_id=order.channel_id,
            customer_id=order.customer_id or "",
            email=order.email,
            currency=order.total.currency,
            comment=comment,
            key=key,
            created_at=now,
            checked_at=now,
        )
        stored = ReturnLine.objects.bulk_create([_row(row, line, one) for line, one in clean])
        _announce_request(actor, order, row, stored, settings, now)
    return row


def approve(*, actor: Actor, return_id: int, now: datetime.datetime) -> Return:
    """Agree to a return; a job takes the goods back in the shop and plans the refund.

    Raises:
        NotThere: no such return in the actor's channels.
        WrongState: it was decided already.
        Invalid: some of the goods are not with the customer any more (TOO_MANY); nothing changed.
    """
    row = Return.objects.filter(pk=return_id).first()
    if row is None or not actor.may(Permission.MANAGE_ORDERS, row.channel_id):
        raise NotThere("return")
    with transaction.atomic():
        try:
            order = get_shop().lock_order(row.order_id)
        except NotFound:
            raise WrongState("The order of this return does not exist any more.", field="id") from None
        row = Return.objects.get(pk=return_id)
        before = row.authorisation
        move(row, Authorisation.APPROVED, field="authorisation", decided_at=now)
        lines = queries.lines([row.pk])[row.pk]
        refund = _refund(order, row, lines)
        Return.objects.filter(pk=row.pk).update(payable_amount=refund.amount)
        row.payable_amount = refund.amount
        row.lines.update(approved_quantity=F("quantity"))
        history.record(
            actor=actor,
            verb="return_approved",
            subject=row.subject,
            at=now,
            order_id=order.id,
            before={"authorisation": before},
            after={"authorisation": row.authorisation},
        )
        notifications.notify(
            kind="return_approved",
            subject=row.subject,
            occasion="approved",
            order=order,
            now=now,
            data={
                "return_number": row.number,
                "items": notices.items(lines),
                "refund": notices.money(refund),
                "instructions": "",
                "send_by": None,  # the goods count as returned at once
            },
        )
        by = actor.name or actor.kind.value
        notes.write(
            order_id=order.id,
            reference=f"{row.subject}:approved",
            now=now,
            message=notices.note(row, f"approved by {by}", notices.goods(lines)),
        )
        jobs.later("execute_return", row.pk)
    return row


def _check_own(actor: Actor, order: Order) -> None:
    if not actor.owns(order_id=order.id, customer_id=order.customer_id) and not actor.may(
        Permission.MANAGE_ORDERS, order.channel_id
    ):
        raise NotThere("order", field="orderId")


def _announce_request(
    actor: Actor,
    order: Order,
    row: Return,
    lines: Sequence[ReturnLine],
    settings: SupportSettings,
    now: datetime.datetime,
) -> None:
    history.record(
        actor=actor,
        verb="return_requested",
        subject=row.subject,
        at=now,
        order_id=order.id,
        after={"lines": [[line.order_line_id, line.quantity, line.reason] for line in lines]},
    )
    reason = notices.reasons(lines)
    notifications.notify(
        kind="return_requested",
        subject=row.subject,
        occasion="requested",
        order=order,
        now=now,
        data={
            "return_number": row.number,
            "items": notices.items(lines),
            "reason": reason,
            "decision_by": sla.answer_by(settings, now).isoformat(),
        },
    )
    notes.write(
        order_id=order.id,
        reference=f"{row.subject}:requested",
        now=now,
        message=notices.note(row, "requested", notices.goods(lines) + (f" ({reason})" if reason else "")),
    )


def _same(earlier: Return, wanted: Sequence[Wish]) -> Return:
    before = {line.order_line_id: line.quantity for line in earlier.lines.all()}
    if before != {one.order_line_id: one.quantity for one in wanted}:
        raise Invalid("This key was used for another request.", field="key", code=Code.CONFLICT)
    return earlier


def _check(order: Order, answer: Eligibility, wanted: Sequence[Wish]) -> list[tuple[OrderLine, Wish]]:
    """The lines with their cleaned wishes; every line that can't be is one error."""
    if not wanted:
        raise Invalid("Say what you want to return.", field="lines", code=Code.REQUIRED)
    if len(wanted) > len(order.lines):
        raise Invalid("Name each line of the order at most once.", field="lines", code=Code.INVALID)
    errors: list[SupportError] = []
    clean: list[tuple[OrderLine, Wish]] = []
    seen: set[str] = set()
    for number, one in enumerate(wanted):
        try:
            clean.append(_check_line(order, answer, one, f"lines.{number}", seen))
        except SupportError as error:
            errors.append(error)
    if errors:
        raise Errors(errors)
    return clean


def _check_line(
    order: Order, answer: Eligibility, one: Wish, field: str, seen: set[str]
) -> tuple[OrderLine, Wish]:
    line, found = order.line(one.order_line_id), answer.line(one.order_line_id)
    if line is None or found is None:
        raise NotThere("line in this order", field=f"{field}.orderLineId")
    if line.id in seen:
        raise Invalid(
            "This line is named twice; name it once with the whole quantity.",
            field=f"{field}.orderLineId",
            code=Code.INVALID,
        )
    seen.add(line.id)
    if one.quantity < 1:
        raise Invalid("Return at least 1.", field=f"{field}.quantity", code=Code.OUT_OF_RANGE)
    if found.returnable == 0 and found.rule in (RuleCode.GIFT_CARD, RuleCode.WINDOW):
        sentence = " ".join(filter(None, (found.reason, found.remedy)))
        raise Invalid(sentence, field=f"{field}.orderLineId", code=Code.NOT_RETURNABLE)
    if one.quantity > found.returnable:
        sentence = f"At most {found.returnable} of this can be returned. {found.reason}".strip()
        raise Invalid(sentence, field=f"{field}.quantity", code=Code.TOO_MANY)
    return line, _clean_reason(one, field)


def _clean_reason(one: Wish, field: str) -> Wish:
    note = _optional(one.note, f"{field}.note", NOTE_LIMIT)
    if not one.reason:
        return one._replace(reason="", note=note)
    reason = BY_CODE.get(one.reason)
    if reason is None:
        raise Invalid(
            f"Use one of these reasons: {', '.join(BY_CODE)}.", field=f"{field}.reason", code=Code.INVALID
        )
    if reason.needs_note and not note:
        raise Invalid("Say in your own words why.", field=f"{field}.note", code=Code.REQUIRED)
    return one._replace(note=note)


def _optional(text: str, field: str, maximum: int) -> str:
    try:
        return texts.block(text, field=field, maximum=maximum)
    except Invalid as error:
        if error.code is Code.REQUIRED:  # blank is as good as none
            return ""
        raise


def _row(row: Return, line: OrderLine, one: Wish) -> ReturnLine:
    return ReturnLine(
        parent=row,
        order_line_id=line.id,
        product_name=line.product_name[:386],
        variant_name=line.variant_name[:255],
        sku=(line.sku or "")[:255],
        quantity=one.quantity,
        unit_price=line.unit_price.amount,
        reason=one.reason,
        reason_label=BY_CODE[one.reason].label if one.reason else "",
        note=one.note,
    )


def _refund(order: Order, row: Return, lines: Sequence[ReturnLine]) -> Money:
    """What will go back, if nothing changes until then; TOO_MANY when the goods are not there."""
    others = queries.taken(order.id, but=row.pk, approved_only=True)
    chosen: list[policy.Part] = []
    for line in lines:
        left = policy.parts(order, line.order_line_id)
        for other in others:
            if other.order_line_id == line.order_line_id:
                left = policy.without(left, policy.allot(left, other.quantity, other.at))
        mine = policy.allot(left, line.quantity, row.created_at)
        if policy.pieces(mine) < line.quantity:
            raise Invalid(
                f"Only {policy.pieces(mine)} of {line.product_name} can still be returned, not "
                f"{line.quantity}.",
                field="id",
                code=Code.TOO_MANY,
            )
        chosen += mine
    return notices.payable(
        notices.due(order, chosen), refunds.refundable(order), queries.promised(order.id, but=row.pk)
    )
