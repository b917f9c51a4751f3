"""How well carriers do: counted in the database, from one index that holds all that is counted.

Percentiles come from a histogram of hours, which is exact (nearest rank) and the same on every database.
"""

import dataclasses
import datetime
import enum
import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Count, DateTimeField, QuerySet, Value
from django.db.models.functions import TruncMonth

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.tracking import carriers
from saleor_support_plugin.tracking.carriers import own
from saleor_support_plugin.tracking.models import Direction, Parcel
from saleor_support_plugin.tracking.status import Status, SubStatus

LONGEST = datetime.timedelta(days=366)  # that one scorecard covers


class Dimension(enum.StrEnum):
    """By what parcels are told apart."""

    CARRIER = "carrier_code"
    COUNTRY = "country"  # of the destination
    WAREHOUSE = "warehouse"  # where it left from
    MONTH = "month"  # in which it left, UTC


@dataclasses.dataclass
class Row:
    """The figures of some parcels, by when they left the shop.

    Attributes:
        values: of each dimension that was asked for; months are their first day.
        parcels: that left, without those that were cancelled.
        delivered: of these.
        promised: delivered ones that had a promised window; ``late``: of these, after it. What is lost or
            still to come is in neither, however late.
        exceptions: by what first went wrong with a parcel.
        hours: from dispatch to delivery → how many took so long.
        names: of carriers, by code.
    """

    values: Mapping[Dimension, Any]
    parcels: int = 0
    delivered: int = 0
    promised: int = 0
    late: int = 0
    exceptions: Counter[SubStatus] = dataclasses.field(default_factory=Counter)
    hours: Counter[int] = dataclasses.field(default_factory=Counter)
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def on_time_rate(self) -> float | None:
        """The share of the promised ones that came in time; None: none was promised."""
        return (self.promised - self.late) / self.promised if self.promised else None

    @property
    def exception_rate(self) -> float:
        """The share of parcels with which something went wrong."""
        return sum(self.exceptions.values()) / self.parcels

    def days(self, percent: int) -> float | None:
        """The days within which ``percent`` of the delivered parcels came (nearest rank), to a hundredth.

        None: none came.
        """
        wanted = -(-sum(self.hours.values()) * percent // 100)  # rounded up
        for hours, reached in zip(sorted(self.hours), _sums(self.hours), strict=True):
            if reached >= wanted:
                return round(hours / 24, 2)
        return None


def _sums(hours: Counter[int]) -> list[int]:
    return list(itertools.accumulate(hours[one] for one in sorted(hours)))


def scorecard(
    actor: Actor,
    *,
    first: datetime.date,
    last: datetime.date,
    by: Sequence[Dimension] = (Dimension.CARRIER,),
    channel_ids: Collection[str] | None = None,
) -> list[Row]:
    """The figures of the parcels that left from ``first`` to ``last`` (days of UTC, both included), the
    greatest groups first, in three queries; of the actor's channels.

    Raises:
        Invalid: ``last`` is before ``first`` or more than a year after it (field ``until``).
    """
    if last < first or last - first >= LONGEST:
        raise Invalid("Choose from 1 to 366 days.", field="until", code=Code.OUT_OF_RANGE)
    parcels = _parcels(actor, first, last, channel_ids)
    if Dimension.MONTH in by:
        parcels = parcels.annotate(month=_month(first, last))
    names = [one.value for one in dict.fromkeys(by)]
    found: dict[tuple[Any, ...], Row] = {}
    for *key, status, is_late, exception, count in _counts(parcels, *names, "status", "is_late", "exception"):
        row = found.setdefault(tuple(key), Row({}))
        row.parcels += count
        if status == Status.DELIVERED:
            row.delivered += count
            row.promised += count if is_late is not None else 0
            row.late += count if is_late else 0
        if exception:
            row.exceptions[SubStatus(exception)] += count
    delivered = parcels.filter(status=Status.DELIVERED, transit_hours__isnull=False)
    for *key, hours, count in _counts(delivered, *names, "transit_hours"):
        found[tuple(key)].hours[hours] += count
    carrier_names = {one.code: one.name for one in (*carriers.TABLE, *own.load())}
    for key, row in found.items():
        row.values = {Dimension(name): value for name, value in zip(names, key, strict=True)}
        row.names = carrier_names
    return sorted(found.values(), key=lambda row: (-row.parcels, [str(one) for one in row.values.values()]))


def _parcels(
    actor: Actor, first: datetime.date, last: datetime.date, channel_ids: Collection[str] | None
) -> QuerySet[Parcel]:
    begin = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
    end = datetime.datetime.combine(last, datetime.time.max, datetime.UTC)
    rows = Parcel.objects.filter(shipped_at__gte=begin, shipped_at__lte=end, direction=Direction.OUTBOUND)
    rows = rows.exclude(status=Status.CANCELLED)
    if not actor.may(Permission.MANAGE_ORDERS):
        return rows.none()
    if actor.channels is not None:
        rows = rows.filter(channel_id__in=actor.channels)
    return rows if channel_ids is None else rows.filter(channel_id__in=texts.those_storable(channel_ids))


def _month(first: datetime.date, last: datetime.date) -> Any:
    """The month a parcel left in; when there is one only it is no question, nor work, for the database."""
    begin = datetime.datetime(first.year, first.month, 1, tzinfo=datetime.UTC)
    if (first.year, first.month) == (last.year, last.month):
        return Value(begin, output_field=DateTimeField())
    return TruncMonth("shipped_at", tzinfo=datetime.UTC)


def _counts(parcels: QuerySet[Parcel], *names: str) -> Any:
    """``(*values, count)`` of each group that has any."""
    return parcels.order_by().values_list(*names).annotate(count=Count("*")).values_list(*names, "count")
