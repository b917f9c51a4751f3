"""Limits of rules in money: they hold for an order as a whole, so that nobody gets past them by asking for
one piece at a time."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Sum

from saleor_support_plugin.returns.axes import Authorisation
from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.returns.policy import KindAnswer, fees

ZERO = Decimal(0)


class Earlier(NamedTuple):
    """What the other returns of an order were approved for, in its currency.

    Attributes:
        worth: all of it.
        kept: by order line id, what of it stays with the customer.
    """

    worth: Decimal = ZERO
    kept: Mapping[str, Decimal] = {}


def earlier(row: Return) -> Earlier:
    """What the other returns of the order, which the caller holds, were approved for, settled or not; one
    query."""
    lines = ReturnLine.objects.filter(
        parent__order_id=row.order_id, parent__authorisation=Authorisation.APPROVED, approved_quantity__gt=0
    ).exclude(parent_id=row.pk)
    sums = lines.values_list("order_line_id", "keep").annotate(
        sum=Sum(F("unit_price") * F("approved_quantity"))
    )
    found = list(sums)
    return Earlier(
        worth=sum((worth for _line, _keep, worth in found), ZERO),
        kept={line_id: worth for line_id, keep, worth in found if keep},
    )


def kept(row: Return, answers: Mapping[str, KindAnswer], worth: Mapping[str, Decimal]) -> frozenset[str]:
    """The lines (order line ids) whose goods are not asked back: they never came; or, with what stayed of
    the same line before, they are worth no more than the rule's limit. One query where a rule has one."""
    limited = any(one.keep_below is not None for one in answers.values())
    before = earlier(row).kept if limited else {}
    return frozenset(
        line_id
        for line_id, answer in answers.items()
        if fees.keeps(answer, worth.get(line_id, ZERO) + before.get(line_id, ZERO))
    )


def may_approve(row: Return, answers: Mapping[str, KindAnswer], worth: Decimal) -> bool:
    """Whether goods that are worth so much are, with what was approved of the order before, within the
    limits up to which rules need no person. One query where a rule has one."""
    limits = [one.auto_limit for one in answers.values() if one.auto_limit is not None]
    return not limits or worth + earlier(row).worth <= min(limits)
