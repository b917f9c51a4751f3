"""Put the shop's rules and reasons in another order."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.models import ReturnReason, ReturnRule


def reorder_rules(*, actor: Actor, rule_ids: Sequence[int], now: datetime.datetime) -> None:
    """Put rules (their keys) in this order, in the places that they have among all: those that are not
    named stay where they are.

    Raises:
        NotThere: one of them is not the actor's to change; nothing changed.
        Invalid: none is named (REQUIRED), or one twice (INVALID), field ``ids``.
    """
    with transaction.atomic():
        rows = list(ReturnRule.objects.select_for_update().order_by("position", "pk"))
        mine = {row.pk for row in rows if _may_change(actor, row.channel_id)}
        _reorder(rows, rule_ids, mine, "rule")
        _record(actor, "return_rules_reordered", "return_rules", rule_ids, now)


def reorder_reasons(*, actor: Actor, reason_ids: Sequence[int], now: datetime.datetime) -> None:
    """Put reasons (their keys) in this order; for staff of all channels. Errors as :func:`reorder_rules`."""
    with transaction.atomic():
        rows = list(ReturnReason.objects.select_for_update().order_by("position", "pk"))
        mine = {row.pk for row in rows} if _may_change(actor, "") else set()
        _reorder(rows, reason_ids, mine, "reason")
        _record(actor, "return_reasons_reordered", "return_reasons", reason_ids, now)


def _may_change(actor: Actor, channel_id: str) -> bool:
    if channel_id:
        return actor.may(Permission.MANAGE_ORDERS, channel_id)
    return actor.may(Permission.MANAGE_ORDERS) and actor.channels is None


def _reorder(rows: Sequence[Any], wanted: Sequence[int], mine: set[int], what: str) -> None:
    if not wanted:
        raise Invalid(f"Name the {what}s in their order.", field="ids", code=Code.REQUIRED)
    if len(set(wanted)) < len(wanted):
        raise Invalid(f"Name each {what} once.", field="ids")
    if not set(wanted) <= mine:
        raise NotThere(what, field="ids")
    by_key = {row.pk: row for row in rows}
    given = iter(wanted)
    ordered = [by_key[next(given)] if row.pk in set(wanted) else row for row in rows]
    for position, row in enumerate(ordered, start=1):
        row.position = position
    type(rows[0])._default_manager.bulk_update(ordered, ["position"])


def _record(actor: Actor, verb: str, subject: str, keys: Sequence[int], now: datetime.datetime) -> None:
    history.record(actor=actor, verb=verb, subject=f"{subject}:all", at=now, after={"order": list(keys)})
