"""What comes back, why, and how long it takes: counted in the database, for returns asked for in a span."""

import datetime
import enum
import functools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.returns import bringing
from saleor_support_plugin.returns.models import (
    Authorisation,
    ReasonList,
    Return,
    ReturnLine,
    ReturnPayout,
    ReturnReason,
)
from saleor_support_plugin.shop.data import Money
from saleor_support_plugin.tracking.models import Direction, Parcel
from saleor_support_plugin.tracking.status import Status

LONGEST = datetime.timedelta(days=366)  # that one report covers
MOST_ROWS = 100
MOST_PARCELS = 100_000  # whose contents are counted; of more than that nobody knows what was sold
MOST_TIMED = 50_000  # returns whose times are read, the newest ones
# Nothing comes back of these.
_NOTHING = (
    Authorisation.UNCONFIRMED,
    Authorisation.DECLINED,
    Authorisation.CANCELED,
    Authorisation.EXPIRED,
)


class Dimension(enum.Enum):
    """By what returned goods are told apart."""

    REASON = "reason"
    FAULT = "fault"  # whose doing it is
    PRODUCT = "product"
    VARIANT = "variant"
    CHANNEL = "channel"
    CARRIER = "carrier"  # who brought the goods to the customer
    KIND = "kind"


class Step(enum.Enum):
    """What takes time."""

    DECISION = "decision"  # from the request to the decision
    DISPATCH = "dispatch"  # from the decision to the carrier
    TRANSIT = "transit"  # from there until everything was counted
    SETTLEMENT = "settlement"  # from there to the money
    WHOLE = "whole"  # from the request until nothing was left to do


class Row(NamedTuple):
    """What came back of one reason, product and so on.

    Attributes:
        value: code or global id; "" where there is none.
        label: how people read it; "" to look it up elsewhere.
        reason: the reason itself, with its list and its labels; None for others, and for deleted ones.
        sku: of a variant.
        returns: with a line of it; ``pieces``: approved ones, or asked for where nobody decided yet.
        share: of all these pieces, 0 to 1; of a reason of those in its list, for wishes and faults are two
            tables. Where one list was asked for, of the pieces in it.
        rate: 0 to 1; of products and variants pieces by pieces that left, of channels and carriers
            returns by their orders that left, of others returns by all orders that left; None: unknown.
    """

    value: str
    label: str
    reason: ReturnReason | None
    sku: str
    returns: int
    pieces: int
    share: float
    rate: float | None


class Times(NamedTuple):
    """How long a step took, in hours: of how many returns, half of them, nine of ten (nearest rank)."""

    step: Step
    returns: int
    p50: float
    p90: float


_TIMES = {
    Step.DECISION: ("created_at", "decided_at"),
    Step.DISPATCH: ("decided_at", "shipped_at"),
    Step.TRANSIT: ("shipped_at", "received_at"),
    Step.SETTLEMENT: ("received_at", "settled_at"),
    Step.WHOLE: ("created_at", "completed_at"),
}
_COLUMNS: Mapping[Dimension, tuple[str, ...]] = {
    Dimension.REASON: ("reason",),
    Dimension.FAULT: ("fault",),
    Dimension.PRODUCT: ("product_id", "product_name"),
    Dimension.VARIANT: ("variant_id", "product_name", "variant_name", "sku"),
    Dimension.CHANNEL: ("parent__channel_id",),
    Dimension.CARRIER: ("carrier",),
    Dimension.KIND: ("parent__kind",),
}


class Report:
    """The figures of one span; each is counted when it is asked for, in a constant number of queries."""

    def __init__(
        self,
        actor: Actor,
        *,
        first: datetime.date,
        last: datetime.date,
        channel_ids: Collection[str] | None = None,
    ) -> None:
        """Of returns asked for, and of orders of which a parcel left, from ``first`` to ``last`` (days of
        UTC, both included), in the actor's channels.

        Raises:
            Invalid: ``last`` is before ``first`` or more than a year after it (field ``until``).
        """
        if last < first or last - first >= LONGEST:
            raise Invalid("Choose from 1 to 366 days.", field="until", code=Code.OUT_OF_RANGE)
        begin = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
        end = datetime.datetime.combine(last, datetime.time.max, datetime.UTC)
        chosen = Q() if actor.may(Permission.MANAGE_ORDERS) else Q(pk__in=())
        if actor.channels is not None:
            chosen &= Q(channel_id__in=actor.channels)
        if channel_ids is not None:
            chosen &= Q(channel_id__in=texts.those_storable(channel_ids))
        asked = Return.objects.filter(chosen, created_at__gte=begin, created_at__lte=end)
        self._returns: QuerySet[Return] = asked.exclude(authorisation__in=_NOTHING)
        left = Parcel.objects.filter(chosen, shipped_at__gte=begin, shipped_at__lte=end)
        self._parcels = left.filter(direction=Direction.OUTBOUND).exclude(status=Status.CANCELLED)

    @functools.cached_property
    def returns(self) -> int:
        """How many, without those that came to nothing."""
        return self._returns.count()

    @functools.cached_property
    def orders(self) -> int:
        """Of how many orders a parcel left."""
        found = self._parcels.aggregate(orders=Count("order_id", distinct=True))
        return int(found["orders"])

    @functools.cached_property
    def pieces(self) -> int:
        """Of goods that come back."""
        return _sum(self._lines())

    @property
    def rate(self) -> float | None:
        """Returns by orders, 0 to 1; None when nothing left."""
        return _rate(self.returns, self.orders)

    def refunded(self) -> list[Money]:
        """What went back for these returns, in each currency."""
        rows = ReturnPayout.objects.filter(parent__in=self._returns, settled_at__isnull=False)
        sums = rows.values_list("parent__currency").annotate(sum=Sum("amount")).order_by("parent__currency")
        return [Money(amount or Decimal(0), currency) for currency, amount in sums]

    def rows(self, by: Dimension, limit: int, which: ReasonList | None = None) -> list[Row]:
        """The ``limit`` (at most 100) greatest by pieces, in five queries at most; of goods whose reason is
        in the list ``which``, or of all."""
        reasons = self._reasons() if which is not None or by is Dimension.REASON else {}
        lines = self._lines()
        if which is not None:
            lines = lines.filter(reason__in=[one.code for one in reasons.values() if one.list == which])
        columns, limit = _COLUMNS[by], max(1, min(limit, MOST_ROWS))
        groups = self._groups(by, lines, limit)
        found = groups[:limit]
        whole = self._base(by, [tuple(one[column] or "" for column in columns) for one in found])
        pieces: Counter[str] = Counter()  # by list; of what is no reason all together
        if by in (Dimension.REASON, Dimension.CARRIER):
            for one in groups:
                pieces[_list(reasons.get(one[columns[0]]))] += one["all"]
        elif found:
            pieces[""] = self.pieces if which is None else _sum(lines)
        rows = []
        for one in found:
            reason = reasons.get(one["reason"]) if by is Dimension.REASON else None
            rows.append(self._row(by, columns, one, whole, reason, pieces[_list(reason)]))
        return rows

    def times(self) -> list[Times]:
        """How long each step took, of the newest 50,000 returns at most, in one query."""
        columns = sorted({name for pair in _TIMES.values() for name in pair})
        rows = list(self._returns.order_by("-created_at").values(*columns)[:MOST_TIMED])
        found = []
        for step, (begin, end) in _TIMES.items():
            spans = sorted(row[end] - row[begin] for row in rows if row[begin] and row[end])
            hours = [max(one.total_seconds(), 0) / 3600 for one in spans]
            if hours:
                found.append(Times(step, len(hours), _nearest(hours, 50), _nearest(hours, 90)))
        return found

    def _lines(self) -> QuerySet[ReturnLine]:
        counted = Case(
            When(parent__authorisation=Authorisation.APPROVED, then=F("approved_quantity")),
            default=F("quantity"),
        )
        rows = ReturnLine.objects.filter(parent__in=self._returns).annotate(counted=counted)
        return rows.filter(counted__gt=0)

    def _base(self, by: Dimension, groups: Sequence[tuple[str, ...]]) -> Mapping[Any, int] | None:
        """What the rows are rated by; None: nobody knows."""
        if by in (Dimension.PRODUCT, Dimension.VARIANT):
            return self._sold(by)
        if by in (Dimension.CHANNEL, Dimension.CARRIER):
            column = "channel_id" if by is Dimension.CHANNEL else "carrier_code"
            counts = self._parcels.order_by().values_list(column)
            return dict(counts.annotate(orders=Count("order_id", distinct=True)))
        return dict.fromkeys((one[0] for one in groups), self.orders)

    def _sold(self, by: Dimension) -> Mapping[Any, int] | None:
        """Pieces that left by what they were called then: parcels keep no ids of products."""
        contents = list(self._parcels.values_list("items", flat=True)[: MOST_PARCELS + 1])
        if len(contents) > MOST_PARCELS:
            return None
        sold: Counter[Any] = Counter()
        for items in contents:
            for item in items:
                name = item.get("name") or ""
                key = name if by is Dimension.PRODUCT else (name, item.get("variant") or "")
                sold[key] += int(item.get("quantity") or 0)
        return sold

    def _groups(self, by: Dimension, lines: QuerySet[ReturnLine], limit: int) -> list[dict[str, Any]]:
        """The greatest by pieces; all of them where that is needed for their shares, or costs no more."""
        if by is Dimension.CARRIER:
            counts = bringing.counts(lines)
            return [{"carrier": code, "all": pieces, "number": returns} for code, pieces, returns in counts]
        columns = _COLUMNS[by]
        groups = lines.values(*columns).annotate(all=Sum("counted"), number=Count("parent_id", distinct=True))
        return list(groups.order_by("-all", *columns)[: None if by is Dimension.REASON else limit])

    def _reasons(self) -> Mapping[str, ReturnReason]:
        return {one.code: one for one in ReturnReason.objects.all()}  # 200 at most

    def _row(
        self,
        by: Dimension,
        columns: Sequence[str],
        found: Mapping[str, Any],
        whole: Mapping[Any, int] | None,
        reason: ReturnReason | None,
        pieces: int,
    ) -> Row:
        value = found[columns[0]] or ""
        name, variant = found.get("product_name") or "", found.get("variant_name") or ""
        key: Any = {Dimension.PRODUCT: name, Dimension.VARIANT: (name, variant)}.get(by, value)
        counted = found["all"] if by in (Dimension.PRODUCT, Dimension.VARIANT) else found["number"]
        return Row(
            value=value,
            label=" ".join(filter(None, (name, variant))) or (reason.label if reason else ""),
            reason=reason,
            sku=found.get("sku") or "",
            returns=found["number"],
            pieces=found["all"],
            share=found["all"] / pieces,
            rate=None if whole is None else _rate(counted, whole.get(key, 0)),
        )


def _list(reason: ReturnReason | None) -> str:
    return reason.list if reason else ""


def _sum(lines: QuerySet[ReturnLine]) -> int:
    return int(lines.aggregate(all=Sum("counted"))["all"] or 0)


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _nearest(ordered: Sequence[float], percent: int) -> float:
    """The nearest rank, to a hundredth of an hour."""
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return round(ordered[rank - 1], 2)
