"""Ask for a return."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from saleor_support_plugin import texts
from saleor_support_plugin.access import service as access
from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.files import service as files
from saleor_support_plugin.returns import notices, queries
from saleor_support_plugin.returns.authorisation import approval
from saleor_support_plugin.returns.axes import Authorisation, ReturnKind
from saleor_support_plugin.returns.desk import lists, reasons
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.eligibility.appraisal import Appraisal, appraise, check_own
from saleor_support_plugin.returns.eligibility.wishes import (
    Chosen,
    Wish,
    clean,
    kind_of,
    optional,
    resolution_of,
)
from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.sla import policy as sla

COMMENT_LIMIT = 2000
KEY_LIMIT = 64
A_DAY = 30  # requests about one order that are not staff's: what is asked and cancelled again mails, too
UNCONFIRMED = 5  # requests of one order that may wait for a confirmation: each of them mails
MEMBERS_MAIL = datetime.timedelta(minutes=30)  # members confirm on the page; who forgets it is mailed


def request(
    *,
    actor: Actor,
    order_id: str,
    lines: Sequence[tuple[Any, ...]],
    now: datetime.datetime,
    kind: str = ReturnKind.RETURN,
    resolution: str = "",
    comment: str = "",
    key: str = "",
    override_reason: str = "",
) -> Return:
    """Ask to give goods of an order back. ``lines`` are :class:`Wish` or tuples of the same parts.

    A guest's request, and whoever's withdrawal but staff's, waits UNCONFIRMED for :func:`confirm`; the
    others are REQUESTED, and approved at once where a rule says so. The same ``key`` (at most 64
    characters) answers with the same return.

    Args:
        kind: a ``ReturnKind`` value.
        resolution: a ``Resolution`` value; "": the shop's favourite of those offered.
        override_reason: why staff asks for more than the policy allows, at most 500 characters; it is
            written down. Nobody else can give one.

    Raises:
        NotThere: no such order of the actor's (field ``orderId``).
        Invalid: returns are switched off in the channel (SWITCHED_OFF); no lines; a text too long;
            no such kind or resolution; the key was used for another request (CONFLICT); too many
            requests wait for a confirmation, or were made within a day (LIMIT_REACHED).
        Errors: for single lines, fields like ``lines.0.quantity``: NOT_FOUND, OUT_OF_RANGE, TOO_MANY,
            NOT_RETURNABLE, REQUIRED, TOO_LONG, INVALID.
    """
    wanted, asked_for = [Wish(*line) for line in lines], kind_of(kind)
    key = texts.line(key, field="key", maximum=KEY_LIMIT) if key else ""
    comment = optional(comment, "comment", COMMENT_LIMIT)
    with transaction.atomic():
        order = _order(actor, order_id)
        by_staff = actor.may(Permission.MANAGE_ORDERS, order.channel_id)
        reason = _override(by_staff, override_reason)
        earlier = Return.objects.filter(order_id=order.id, key=key).first() if key else None
        if earlier is not None:
            return _same(earlier, asked_for, resolution, wanted)
        if not by_staff:
            _check_pace(order, now)
        waits = actor.kind is ActorKind.GUEST or (asked_for is ReturnKind.WITHDRAWAL and not by_staff)
        if waits:
            _check_waiting(order)
        found = appraise(order, actor=actor, now=now, wishes=wanted, resolution=resolution)
        chosen = clean(
            order,
            found.eligibility,
            asked_for,
            wanted,
            found.reasons,
            override=bool(reason),
            needs_reason=found.settings.needs_reason and not by_staff,
        )
        row = Return(
            kind=asked_for,
            resolution=resolution_of(resolution, asked_for, chosen, override=bool(reason)),
            comment=comment,
            key=key,
            override_reason=reason,
            decision=explained.dump(
                chosen,
                at=now,
                in_time=in_time(asked_for, chosen),
                needs_person=found.risk.needs_person,
            ),
            risk=found.risk.dump(),
        )
        _store(row, order, chosen, now, found=found, waits=waits)
        _attach(actor, row, wanted, now)
        if waits:
            _ask_to_confirm(actor, order, row, now)
        else:
            announce(actor, order, row, found, now)
    return row


def _order(actor: Actor, order_id: str) -> Order:
    try:
        order = get_shop().lock_order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    check_own(actor, order)
    if not get_shop().settings(order.channel_id).is_on(Feature.RETURNS):
        raise Invalid(
            "This shop takes no returns here; write to the shop.", field="orderId", code=Code.SWITCHED_OFF
        )
    return order


def _override(by_staff: bool, reason: str) -> str:
    reason = optional(reason, "overrideReason", 500)
    if reason and not by_staff:
        raise Invalid("Only staff can go beyond the policy.", field="overrideReason")
    return reason


def _same(earlier: Return, kind: ReturnKind, resolution: str, wanted: Sequence[Wish]) -> Return:
    before = {
        (one.order_line_id, one.quantity, one.reason, one.wanted_variant_id) for one in earlier.lines.all()
    }
    again = {(one.order_line_id, one.quantity, one.reason, one.wanted_variant_id.strip()) for one in wanted}
    asked = (kind, resolution or earlier.resolution, again)
    if (earlier.kind, earlier.resolution, before) != asked:
        raise Invalid("This key was used for another request.", field="key", code=Code.CONFLICT)
    return earlier


def _check_pace(order: Order, now: datetime.datetime) -> None:
    recent = Return.objects.filter(order_id=order.id, created_at__gt=now - datetime.timedelta(days=1))
    if recent.count() >= A_DAY:
        message = "There were many requests about this order; try again tomorrow, or write to the shop."
        raise Invalid(message, field="orderId", code=Code.LIMIT_REACHED)


def _check_waiting(order: Order) -> None:
    waiting = Return.objects.filter(order_id=order.id, authorisation=Authorisation.UNCONFIRMED)
    if waiting.count() >= UNCONFIRMED:
        raise Invalid(
            "Confirm or cancel what you have asked for already.", field="orderId", code=Code.LIMIT_REACHED
        )


def in_time(kind: ReturnKind, chosen: Sequence[Chosen]) -> bool:
    """Whether it is a withdrawal to which the customer has a right, in all of its parts."""
    return kind is ReturnKind.WITHDRAWAL and all(one.is_allowed for one in chosen)


def decide_by(order: Order, now: datetime.datetime) -> datetime.datetime:
    """By when the shop promises to decide what is asked for now (UTC)."""
    return sla.answer_by(get_shop().settings(order.channel_id), now)


def _store(
    row: Return,
    order: Order,
    chosen: Sequence[Chosen],
    now: datetime.datetime,
    *,
    found: Appraisal,
    waits: bool,
) -> None:
    address = order.shipping_address or order.billing_address
    row.authorisation = Authorisation.UNCONFIRMED if waits else Authorisation.REQUESTED
    row.order_id, row.order_number, row.channel_id = order.id, order.number, order.channel_id
    row.customer_id, row.email = order.customer_id or "", order.email
    row.currency, row.country = order.total.currency, address.country if address else ""
    row.address = lists.address_key(address)
    row.created_at = row.checked_at = row.updated_at = row.reconciled_at = now
    if waits:
        row.confirm_by = now + datetime.timedelta(hours=found.settings.confirm_hours)
    else:
        row.confirmed_at, row.decide_by = now, decide_by(order, now)
    row.save(force_insert=True)
    ReturnLine.objects.bulk_create([_line(row, one) for one in chosen])


def _attach(actor: Actor, row: Return, wanted: Sequence[Wish], now: datetime.datetime) -> None:
    for number, one in enumerate(wanted):
        if one.file_ids:
            files.attach(
                actor=actor,
                ids=one.file_ids,
                subject=row.subject,
                part=one.order_line_id,
                order_id=row.order_id,
                field=f"lines.{number}.fileIds",
                now=now,
            )


def _line(row: Return, one: Chosen) -> ReturnLine:
    line, wish, reason = one.line, one.wish, one.reason
    return ReturnLine(
        parent=row,
        order_line_id=line.id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        product_name=line.product_name[:386],
        variant_name=line.variant_name[:255],
        sku=(line.sku or "")[:255],
        quantity=wish.quantity,
        unit_price=line.unit_price.amount,
        reason=reason.code if reason else "",
        reason_label=reason.label if reason else "",
        fault=reason.fault if reason else "",
        shop_reference=reason.shop_reference if reason else "",
        note=wish.note,
        wanted_variant_id=wish.wanted_variant_id,
    )


def _ask_to_confirm(actor: Actor, order: Order, row: Return, now: datetime.datetime) -> None:
    lines = queries.lines([row.pk])[row.pk]
    entry = notices.record(
        row,
        "return_asked_for",
        actor=actor,
        now=now,
        said=f"asked for, and not confirmed yet: {notices.goods(lines)}",
        after=_asked(row, lines),
    )
    is_guest = actor.kind is ActorKind.GUEST
    until = row.confirm_by or now
    grant = access.grant_for(order=order, purpose=row.subject, until=until, now=now) if is_guest else None
    notices.mail(
        row,
        "return_confirm",
        order=order,
        entry=entry,
        lines=lines,
        now=now,
        due=None if is_guest else now + MEMBERS_MAIL,
        data={
            "confirm_by": until.isoformat(),
            "grant_id": grant.pk if grant else None,
        },
    )


def announce(
    actor: Actor,
    order: Order,
    row: Return,
    found: Appraisal,
    now: datetime.datetime,
    *,
    confirmed: bool = False,
) -> None:
    """Write a request down, in the verb's transaction; approve it where a rule says so, else tell the
    customer by when a person decides."""
    lines = queries.lines([row.pk])[row.pk]
    reason = notices.reasons(lines)
    labels = {code: reasons.label(one, order.language) for code, one in found.reasons.items()}
    told = notices.reasons(lines, labels)
    said = f"{notices.goods(lines)}" + (f" ({reason})" if reason else "")
    entry = notices.record(
        row,
        "return_confirmed" if confirmed else "return_requested",
        actor=actor,
        now=now,
        said=f"{'confirmed' if confirmed else 'requested'}: {said}",
        after=_asked(row, lines),
    )
    if row.kind == ReturnKind.WITHDRAWAL:
        notices.mail(
            row,
            "return_withdrawal",
            order=order,
            entry=entry,
            lines=lines,
            now=now,
            data={
                "received_at": row.created_at.isoformat(),
                "confirmed_at": now.isoformat(),
                "reason": told,
                "email": order.email,
            },
        )
    if approval.by_rule(order, row, lines, found.settings, now):
        return
    if row.kind != ReturnKind.WITHDRAWAL:
        promised = row.decide_by.isoformat() if row.decide_by else None
        notices.mail(
            row,
            "return_requested",
            order=order,
            entry=entry,
            lines=lines,
            now=now,
            data={"reason": told, "decision_by": promised},
        )


def _asked(row: Return, lines: Sequence[ReturnLine]) -> dict[str, Any]:
    after: dict[str, Any] = {
        "kind": row.kind,
        "resolution": row.resolution,
        "lines": [[line.order_line_id, line.quantity, line.reason] for line in lines],
    }
    if row.override_reason:
        after |= {"override": row.override_reason, "beyond": explained.beyond(row.decision)}
    if row.risk:
        after["risk"] = row.risk
    return after
