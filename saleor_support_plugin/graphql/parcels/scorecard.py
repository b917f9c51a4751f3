"""How well carriers do."""

import datetime
from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportRequestError,
    access_token,
    enum_type,
    non_null_list,
    reading,
    require,
)
from saleor_support_plugin.graphql.connections import MAX_PAGE
from saleor_support_plugin.graphql.loaders import spend
from saleor_support_plugin.graphql.parcels.trails import SupportParcelSubStatus
from saleor_support_plugin.tracking.scorecard import Dimension, scorecard

SupportScorecardDimension = enum_type("SupportScorecardDimension", Dimension)


class SupportExceptionRate(graphene.ObjectType):
    """One kind of problem."""

    class Meta:
        description = "How often one kind of problem was the first that a parcel had."

    kind = graphene.Field(SupportParcelSubStatus, required=True, description="What went wrong.")
    parcels = graphene.Int(required=True, description="With how many parcels.")
    rate = graphene.Float(required=True, description="Their share of all parcels, from 0 to 1.")


class SupportCarrierScore(graphene.ObjectType):
    """One line."""

    class Meta:
        description = "The figures of the parcels of one carrier, country, warehouse and month, as asked for."

    carrier_code = graphene.String(description="The carrier's code; empty: unknown; null: not told apart.")
    carrier = graphene.String(description="The carrier's name; empty: unknown; null: not told apart.")
    country = graphene.String(description="The destination; empty: unknown; null: not told apart.")
    warehouse = graphene.String(description="Where they left from; empty: unknown; null: not told apart.")
    month = TYPES.Date(description="The first day of the month in which they left; null: not told apart.")
    parcels = graphene.Int(required=True, description="That left, without those that were cancelled.")
    delivered = graphene.Int(required=True, description="Of these, delivered.")
    promised = graphene.Int(
        required=True,
        description="Of the delivered ones, those with a promised window: what is still to come, or was "
        "lost, is not counted, however late it is.",
    )
    late = graphene.Int(required=True, description="Of these, delivered after it.")
    on_time_rate = graphene.Float(
        description="The share of the promised ones that came in time, 0 to 1. Only delivered parcels count: "
        "read it beside how many were delivered at all, and the rate of exceptions."
    )
    exception_rate = graphene.Float(required=True, description="The share with any problem, from 0 to 1.")
    exceptions = non_null_list(
        SupportExceptionRate, description="By what went wrong first, most frequent first."
    )
    days_p50 = graphene.Float(
        name="daysInTransitP50", description="Days from dispatch within which half of the delivered came."
    )
    days_p90 = graphene.Float(
        name="daysInTransitP90", description="Days from dispatch within which nine of ten delivered came."
    )

    @staticmethod
    def resolve_carrier(root: Any, _info: Any) -> str | None:
        """Of the table, or of the shop's own ones."""
        code = root.values.get(Dimension.CARRIER)
        return root.names.get(code, code) if code is not None else None

    @staticmethod
    def resolve_exceptions(root: Any, _info: Any) -> list[SupportExceptionRate]:
        """The greatest first."""
        return [
            SupportExceptionRate(kind=kind.value, parcels=count, rate=count / root.parcels)
            for kind, count in sorted(root.exceptions.items(), key=lambda one: (-one[1], one[0]))
        ]

    @staticmethod
    def resolve_month(root: Any, _info: Any) -> datetime.date | None:
        """A day, not a moment."""
        month = root.values.get(Dimension.MONTH)
        return month.date() if month is not None else None

    @staticmethod
    def resolve_days_p50(root: Any, _info: Any) -> Any:
        """Half."""
        return root.days(50)

    @staticmethod
    def resolve_days_p90(root: Any, _info: Any) -> Any:
        """Nine of ten."""
        return root.days(90)

    @staticmethod
    def resolve_carrier_code(root: Any, _info: Any) -> Any:
        """Null where carriers are not told apart."""
        return root.values.get(Dimension.CARRIER)

    @staticmethod
    def resolve_country(root: Any, _info: Any) -> Any:
        """Null where countries are not told apart."""
        return root.values.get(Dimension.COUNTRY)

    @staticmethod
    def resolve_warehouse(root: Any, _info: Any) -> Any:
        """Null where warehouses are not told apart."""
        return root.values.get(Dimension.WAREHOUSE)


def resolve_scorecard(_root: Any, info: Any, **data: Any) -> Any:
    """The figures of the actor's channels."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    wanted: Mapping[str, Any] = {name: value for name, value in data.items() if value is not None}
    channels = wanted.get("channel_id")
    if channels is not None and len(set(channels)) > MAX_PAGE:
        raise SupportRequestError(f"A list of the filter holds at most {MAX_PAGE} different values.")
    try:
        rows = scorecard(
            actor,
            first=wanted["from_"],
            last=wanted["until"],
            by=[Dimension(one) for one in wanted.get("group_by", [Dimension.CARRIER])],
            channel_ids=channels,
        )
    except Invalid as error:
        raise SupportRequestError(error.message) from error
    spend(info, len(rows))
    return rows


QUERY = {
    "support_carrier_scorecard": non_null_list(
        SupportCarrierScore,
        resolver=resolve_scorecard,
        description="How well carriers did, of parcels by the day they left, the greatest groups first. "
        "Requires MANAGE_ORDERS.",
        from_=graphene.Argument(TYPES.Date, name="from", required=True, description="The first day, UTC."),
        until=graphene.Argument(
            TYPES.Date, required=True, description="The last day, included; at most 366 days in all."
        ),
        group_by=graphene.Argument(
            graphene.List(graphene.NonNull(SupportScorecardDimension)),
            description="By what to tell parcels apart; default: by carrier; empty: one line for all.",
        ),
        channel_id=graphene.Argument(
            graphene.List(graphene.NonNull(graphene.ID)), description="Only these channels."
        ),
        access_token=access_token(),
    ),
}
