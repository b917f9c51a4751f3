"""The shop's rules of returns: write them, list them, read them for the policy."""

import datetime
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from saleor_support_plugin import scopes, texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.models import ReturnRule
from saleor_support_plugin.returns.policy import Conditions, Rule, RuleOutcome, codec, validation

logger = logging.getLogger(__name__)

MOST = 200  # rules of a shop
NAME_LIMIT = 100
LAST_PLACE = 1_000_000
_FIELDS = ("name", "channel_id", "position", "is_active", "conditions", "outcome")


def active(channel_id: str) -> tuple[Rule, ...]:
    """The rules that hold in a channel (global id), in the order in which they are asked: one query. A
    row that can't be read any more is left out and reported to the log."""
    return readable(rows_of(channel_id))


def rows_of(channel_id: str) -> QuerySet[ReturnRule]:
    """The rows of :func:`active`."""
    rows = ReturnRule.objects.filter(is_active=True, channel_id__in=("", channel_id))
    return rows.order_by("position", "pk")


def readable(rows: Iterable[ReturnRule]) -> tuple[Rule, ...]:
    """Rows as the policy sees them, without those that can't be read any more."""
    return tuple(one for one in map(read, rows) if one is not None)


def visible(actor: Actor) -> QuerySet[ReturnRule]:
    """The rules that hold in channels of ``actor``, a member of staff or an app, as they are asked."""
    if not actor.may(Permission.MANAGE_ORDERS):
        return ReturnRule.objects.none()
    rows = ReturnRule.objects.order_by("position", "pk")
    return (
        rows if actor.channels is None else rows.filter(Q(channel_id="") | Q(channel_id__in=actor.channels))
    )


def parsed(row: ReturnRule) -> Rule:
    """A row as the policy sees it."""
    return Rule(
        codec.load(Conditions, row.conditions, "conditions"),
        codec.load(RuleOutcome, row.outcome, "outcome"),
        row.name,
        row.pk,
        row.channel_id,
    )


def create(
    *,
    actor: Actor,
    name: str,
    now: datetime.datetime,
    conditions: Mapping[str, Any] | Conditions | None = None,
    outcome: Mapping[str, Any] | RuleOutcome | None = None,
    channel_id: str = "",
    position: int | None = None,
    is_active: bool = True,
) -> ReturnRule:
    """Add a rule.

    Args:
        name: for staff, at most 100 characters.
        conditions, outcome: see ``policy.rules``; as mappings with the same names in snake case.
        channel_id: global id; "": every channel, which only staff of all channels may decide.
        position: the rule with the lowest is asked first; None: after all others.

    Raises:
        NotThere: no such channel among the actor's.
        Errors: everything that is wrong with the values, fields like ``outcome.fees.0.percent``.
        SupportError: LIMIT_REACHED, there are 200.
    """
    scopes.check(actor, channel_id, purpose="that this rule is for")
    values = _checked({"name": name, "position": position}, conditions or {}, outcome or {})
    _check_reasons(values["conditions"])
    with transaction.atomic():
        if ReturnRule.objects.count() >= MOST:
            message = f"There are {MOST} rules already; delete one that is not used."
            raise SupportError(message, code=Code.LIMIT_REACHED)
        if position is None:
            values["position"] = (ReturnRule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
        row = ReturnRule.objects.create(
            channel_id=channel_id, is_active=is_active, created_at=now, updated_at=now, **values
        )
        _record(actor, "return_rule_created", row, now, {}, _stored(row))
    return row


def update(
    *,
    actor: Actor,
    rule_id: int,
    now: datetime.datetime,
    name: str | None = None,
    conditions: Mapping[str, Any] | Conditions | None = None,
    outcome: Mapping[str, Any] | RuleOutcome | None = None,
    position: int | None = None,
    is_active: bool | None = None,
) -> ReturnRule:
    """Change a rule; None leaves a value, conditions and outcome are replaced as a whole. Returns that
    were asked for already keep what they were told.

    Raises:
        NotThere: no such rule that the actor may change.
        Errors: as :func:`create`.
    """
    with transaction.atomic():
        row = _row(actor, rule_id)
        before = _stored(row)
        given = {
            "name": row.name if name is None else name,
            "position": row.position if position is None else position,
        }
        about = row.conditions if conditions is None else conditions
        values = _checked(given, about, row.outcome if outcome is None else outcome)
        if conditions is not None:
            _check_reasons(values["conditions"], but=row.conditions.get("reasons", ()))
        values["is_active"] = row.is_active if is_active is None else is_active
        for field, value in values.items():
            setattr(row, field, value)
        row.updated_at = now
        row.save()
        _record(actor, "return_rule_updated", row, now, *history.differences(before, _stored(row)))
    return row


def delete(*, actor: Actor, rule_id: int, now: datetime.datetime) -> None:
    """Delete a rule. Returns that were asked for already keep what they were told.

    Raises:
        NotThere: no such rule that the actor may change.
    """
    with transaction.atomic():
        row = _row(actor, rule_id)
        _record(actor, "return_rule_deleted", row, now, _stored(row), {})
        row.delete()


def read(row: ReturnRule) -> Rule | None:
    """As :func:`parsed`; None, and a word in the log, for a row that can't be read any more."""
    try:
        return parsed(row)
    except SupportError:
        logger.exception("The return rule %s can't be read; it is left out until it is saved anew.", row.pk)
        return None


def _row(actor: Actor, rule_id: int) -> ReturnRule:
    row = ReturnRule.objects.select_for_update().filter(pk=rule_id).first()
    if row is None or not _may_change(actor, row.channel_id):
        raise NotThere("rule")
    return row


def _may_change(actor: Actor, channel_id: str) -> bool:
    if channel_id:
        return actor.may(Permission.MANAGE_ORDERS, channel_id)
    return actor.may(Permission.MANAGE_ORDERS) and actor.channels is None


def _checked(given: Mapping[str, Any], about: Any, outcome: Any) -> dict[str, Any]:
    """The columns of a rule; everything that is wrong is told at once."""
    errors: list[SupportError] = []
    values: dict[str, Any] = {"position": given["position"]}
    try:
        values["name"] = texts.line(given["name"], field="name", maximum=NAME_LIMIT)
    except Invalid as error:
        errors.append(error)
    position = given["position"]
    if position is not None and not 0 <= position <= LAST_PLACE:
        errors.append(Invalid(f"Use 0 to {LAST_PLACE}.", field="position", code=Code.OUT_OF_RANGE))
    found = Conditions()
    try:
        found = validation.conditions(about)
        values["conditions"] = codec.dump(found)
    except Errors as wrong:
        errors += wrong.errors
    try:
        values["outcome"] = codec.dump(validation.outcome(outcome, found))
    except Errors as wrong:
        errors += wrong.errors
    if errors:
        raise Errors(errors)
    return values


def _check_reasons(about: Mapping[str, Any], but: Iterable[str] = ()) -> None:
    """Let through conditions that name reasons of the shop's; ``but``: codes that stood there before."""
    known = {one.code for one in reasons.every()}
    for code in about.get("reasons", ()):
        if code not in known and code not in but:
            message = f'There is no reason "{code}"; supportReturnReasons lists the codes.'
            raise Errors([Invalid(message, field="conditions.reasons", code=Code.NOT_FOUND)])


def _stored(row: ReturnRule) -> dict[str, Any]:
    return {field: getattr(row, field) for field in _FIELDS}


def _record(
    actor: Actor,
    verb: str,
    row: ReturnRule,
    now: datetime.datetime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    history.record(
        actor=actor, verb=verb, subject=f"return_rule:{row.pk}", at=now, before=before, after=after
    )
