"""A decision of the policy as JSON, kept with the return so that later rules don't rewrite it."""

import dataclasses
import datetime
import enum
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.eligibility.wishes import Chosen
from saleor_support_plugin.returns.policy import Anchor, Fee, KindAnswer, RuleCode, SettleOn, WhoPays

_READ: Mapping[str, Any] = {
    "kind": ReturnKind,
    "rule": RuleCode,
    "anchor": Anchor,
    "anchor_at": datetime.datetime.fromisoformat,
    "deadline": datetime.datetime.fromisoformat,
    "resolutions": lambda values: tuple(Resolution(one) for one in values),
    "fees": lambda values: tuple(_fee(one) for one in values),
    "who_pays": WhoPays,
    "credit_bonus": Decimal,
    "keep_below": Decimal,
    "auto_limit": Decimal,
    "settle_on": SettleOn,
}


def dump(
    chosen: Sequence[Chosen], *, at: datetime.datetime, in_time: bool, needs_person: bool
) -> dict[str, Any]:
    """What is stored in ``Return.decision``.

    Args:
        at: the moment (UTC) for which the policy was asked.
        in_time: of a withdrawal: all of it is the customer's right.
        needs_person: no rule may approve it by itself.
    """
    return {
        "at": at.isoformat(),
        "in_time": in_time,
        "needs_person": needs_person,
        "lines": {
            one.line.id: {**_plain(dataclasses.asdict(one.answer)), "asked_within": one.is_allowed}
            for one in chosen
        },
    }


def load(decision: Mapping[str, Any]) -> dict[str, KindAnswer]:
    """The answers of a stored decision by order line id; none for a return without one."""
    return {line_id: _answer(stored) for line_id, stored in decision.get("lines", {}).items()}


def of_line(decision: Mapping[str, Any], line_id: str) -> KindAnswer | None:
    """The answer for one order line of a stored decision, without reading the others'."""
    stored = decision.get("lines", {}).get(line_id)
    return None if stored is None else _answer(stored)


def beyond(decision: Mapping[str, Any]) -> list[str]:
    """The order lines of which more was asked than the policy allows."""
    return [
        line_id for line_id, one in decision.get("lines", {}).items() if not one.get("asked_within", True)
    ]


def in_time(decision: Mapping[str, Any]) -> bool:
    """Whether it is a withdrawal that the shop may not refuse."""
    return bool(decision.get("in_time"))


def needs_person(decision: Mapping[str, Any]) -> bool:
    """Whether no rule may approve it: signs of abuse, or more than the policy allows."""
    return bool(decision.get("needs_person")) or bool(beyond(decision))


def _answer(stored: Mapping[str, Any]) -> KindAnswer:
    known = {field.name for field in dataclasses.fields(KindAnswer)}
    values = {
        name: _READ[name](value) if name in _READ and value is not None else value
        for name, value in stored.items()
        if name in known
    }
    return KindAnswer(**values)


def _fee(stored: Mapping[str, Any]) -> Fee:
    amounts = {name: Decimal(stored[name]) for name in ("percent", "amount")}
    return Fee(**{**stored, **amounts})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
