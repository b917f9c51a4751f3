"""The shop's rules of transit: how long parcels take. Write them, list them, read them for promises."""

import datetime
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from saleor_support_plugin import scopes, texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.tracking.carriers import code_of
from saleor_support_plugin.tracking.carriers.countries import country as known_country
from saleor_support_plugin.tracking.models import OwnCarrier, TransitRule
from saleor_support_plugin.tracking.promise import MOST_DAYS, Rule

MOST = 2000  # rules of a shop

_FIELDS = ("channel_id", "carrier", "country", "service", "days_from", "days_until")


def load(channel_id: str = "") -> tuple[Rule, ...]:
    """The rules that may hold in a channel (global id; "": those of all channels), in one query."""
    rows = TransitRule.objects.filter(channel_id__in={"", channel_id}) if channel_id else TransitRule.objects
    return tuple(Rule(**found) for found in rows.values("id", *_FIELDS)[:MOST])


def create(
    *,
    actor: Actor,
    days_from: int,
    days_until: int,
    now: datetime.datetime,
    channel_id: str = "",
    carrier: str = "",
    country: str = "",
    service: str = "",
) -> TransitRule:
    """Add a rule: parcels arrive from ``days_from`` to ``days_until`` working days after dispatch.

    Args:
        days_from, days_until: working days of the destination, 0 (the day of dispatch) to 365.
        channel_id: the shop's global id; "": every channel.
        carrier: code or name of one of the table or of the shop's own; "": any.
        country: the destination, ISO 3166-1; "": any.
        service: the shipping method's name; "": any.

    Raises:
        NotThere: no such channel among the actor's.
        Errors: everything that is wrong with the values.
        SupportError: CONFLICT, there is a rule for the same; LIMIT_REACHED, there are 2,000.
    """
    scopes.check(actor, channel_id, purpose="that this rule is for")
    values = _checked(
        {"carrier": carrier, "country": country, "service": service},
        {"days_from": days_from, "days_until": days_until},
    )
    with transaction.atomic():
        if TransitRule.objects.count() >= MOST:
            message = f"There are {MOST} rules already; delete one that is not used."
            raise SupportError(message, code=Code.LIMIT_REACHED)
        row = TransitRule(channel_id=channel_id, **values)
        _save(row)
        _record(actor, "transit_rule_created", row, now, {}, _stored(row))
    return row


def update(
    *,
    actor: Actor,
    rule_id: int,
    now: datetime.datetime,
    days_from: int | None = None,
    days_until: int | None = None,
    carrier: str | None = None,
    country: str | None = None,
    service: str | None = None,
) -> TransitRule:
    """Change a rule; None leaves a value. Parcels that are promised already keep their promise.

    Arguments and errors as :func:`create`.

    Raises:
        NotThere: no such rule in the actor's channels.
    """
    words = {"carrier": carrier, "country": country, "service": service}
    with transaction.atomic():
        row = _row(actor, rule_id)
        before = _stored(row)
        days = {
            "days_from": row.days_from if days_from is None else days_from,
            "days_until": row.days_until if days_until is None else days_until,
        }
        values = _checked({field: text for field, text in words.items() if text is not None}, days)
        for field, value in values.items():
            setattr(row, field, value)
        _save(row)
        _record(actor, "transit_rule_updated", row, now, *history.differences(before, _stored(row)))
    return row


def delete(*, actor: Actor, rule_id: int, now: datetime.datetime) -> None:
    """Delete a rule. Parcels that are promised already keep their promise.

    Raises:
        NotThere: no such rule in the actor's channels.
    """
    with transaction.atomic():
        row = _row(actor, rule_id)
        _record(actor, "transit_rule_deleted", row, now, _stored(row), {})
        row.delete()


def visible(actor: Actor) -> QuerySet[TransitRule]:
    """Rules that hold in the actor's channels, those for every channel included; oldest first."""
    rows = TransitRule.objects.order_by("pk")
    if not actor.may(Permission.MANAGE_ORDERS):
        return rows.none()
    return rows if actor.channels is None else rows.filter(channel_id__in=["", *actor.channels])


def _row(actor: Actor, rule_id: int) -> TransitRule:
    """The rule, locked. One for every channel is changed by staff of all channels only."""
    row = TransitRule.objects.select_for_update().filter(pk=rule_id).first()
    if row is None or not actor.may(Permission.MANAGE_ORDERS, row.channel_id or None):
        raise NotThere("transit rule")
    if not row.channel_id and actor.channels is not None:
        raise NotThere("transit rule")
    return row


def _save(row: TransitRule) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        message = "There is a rule for the same channel, carrier, country and service already."
        raise SupportError(message, code=Code.CONFLICT) from None


def _stored(row: TransitRule) -> dict[str, Any]:
    return {field: getattr(row, field) for field in _FIELDS}


def _record(
    actor: Actor,
    verb: str,
    row: TransitRule,
    now: datetime.datetime,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    subject = f"transit_rule:{row.pk}"
    history.record(actor=actor, verb=verb, subject=subject, at=now, before=before, after=after)


def _checked(words: dict[str, str], days: dict[str, int]) -> dict[str, Any]:
    """The values as they are stored. Raises Errors: everything that is wrong with them."""
    values: dict[str, Any] = dict(days)
    wrong: list[SupportError] = []
    for field, text in words.items():
        try:
            values[field] = _CHECKS[field](text) if text.strip() else ""
        except SupportError as error:
            wrong.append(error)
    for field, argument in (("days_from", "daysFrom"), ("days_until", "daysUntil")):
        if not 0 <= days[field] <= MOST_DAYS:
            message = f"Give from 0 to {MOST_DAYS} working days."
            wrong.append(Invalid(message, field=argument, code=Code.OUT_OF_RANGE))
    if days["days_until"] < days["days_from"]:
        message = "The last day can't come before the first."
        wrong.append(Invalid(message, field="daysUntil", code=Code.OUT_OF_RANGE))
    if wrong:
        raise Errors(wrong)
    return values


def _carrier(text: str) -> str:
    text = texts.line(text, field="carrier", maximum=60)
    mine = OwnCarrier.objects.filter(code=text.lower()).values_list("code", flat=True).first()
    code = mine or code_of(text)
    if not code:
        raise Invalid("No carrier has this code or name; add it to your own carriers first.", field="carrier")
    return code


_CHECKS: dict[str, Callable[[str], str]] = {
    "carrier": _carrier,
    "country": lambda code: known_country(code, field="country"),
    "service": lambda text: texts.line(text, field="service", maximum=120),
}
