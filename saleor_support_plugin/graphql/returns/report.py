"""What comes back, why, and how long it takes."""

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
from saleor_support_plugin.graphql.parcels.trails import LANGUAGE
from saleor_support_plugin.graphql.returns.words import SupportReturnReasonList
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.models import ReasonList
from saleor_support_plugin.returns.report import MOST_ROWS, Dimension, Report, Step
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.tracking import carriers
from saleor_support_plugin.tracking.carriers import own

SupportReturnReportDimension = enum_type("SupportReturnReportDimension", Dimension)
SupportReturnStep = enum_type("SupportReturnStep", Step)
USUAL = 20
COST = 500  # rows of the request's budget: each table goes through up to a year of returns and parcels


class SupportReturnReportRow(graphene.ObjectType):
    """One line."""

    class Meta:
        description = "What came back of one reason, product and so on."

    value = graphene.String(required=True, description="A code or a global id; empty: none.")
    list = graphene.Field(
        SupportReturnReasonList,
        description="Of a reason: wishes and faults are two tables. Null for what is no reason, for goods "
        "without one, and for reasons that were deleted.",
    )
    label = graphene.String(required=True, description="How people read it; may be empty.", **LANGUAGE)
    sku = graphene.String(required=True, description="Of a variant; else empty.")
    returns = graphene.Int(required=True, description="Returns with a line of it.")
    pieces = graphene.Int(required=True, description="Pieces of it, approved or not decided yet.")
    share = graphene.Float(
        required=True,
        description="Of all pieces that came back, of a reason of those in its list, 0 to 1; where the rows "
        "are of one list, of the pieces in it.",
    )
    rate = graphene.Float(
        description="Products and variants: pieces by pieces that left. These are known by name: products of "
        "one name, or renamed ones, are not told apart among what left. Channels and carriers: returns by "
        "their orders that left. Others: returns by all orders that left. Null: unknown."
    )

    @staticmethod
    def resolve_list(root: Any, _info: Any) -> str | None:
        """The value, not the member."""
        return str(root.reason.list) if root.reason else None

    @staticmethod
    def resolve_label(root: Any, _info: Any, language: str | None = None) -> str:
        """A reason's in the language asked for; others have one name."""
        return reasons.label(root.reason, language or "") if root.reason else str(root.label)


class SupportReturnTimes(graphene.ObjectType):
    """How long a step took."""

    class Meta:
        description = "How long one step took, in hours."

    step = graphene.Field(SupportReturnStep, required=True, description="What took that long.")
    returns = graphene.Int(required=True, description="Of how many returns.")
    p50 = graphene.Float(required=True, description="Half of them took at most so many hours.")
    p90 = graphene.Float(required=True, description="Nine of ten took at most so many hours.")

    @staticmethod
    def resolve_step(root: Any, _info: Any) -> str:
        """The value, not the member."""
        return str(root.step.value)


class SupportReturnReport(graphene.ObjectType):
    """The report."""

    class Meta:
        description = (
            "What came back of returns asked for in a span; those that were declined, cancelled, never "
            "confirmed or never sent are left out."
        )

    returns = graphene.Int(required=True, description="How many.")
    pieces = graphene.Int(required=True, description="Of goods that come back.")
    orders = graphene.Int(required=True, description="Orders of which a parcel left in the span.")
    rate = graphene.Float(description="Returns by orders, from 0 to 1; null when nothing left.")
    refunded = non_null_list(TYPES.Money, description="What went back for them, in each currency.")
    rows = non_null_list(
        SupportReturnReportRow,
        description="The greatest by pieces. Carriers: those that brought the goods, each line by the parcel "
        "that held it where an order came by several.",
        by=graphene.Argument(SupportReturnReportDimension, required=True, description="By what."),
        first=graphene.Argument(graphene.Int, description=f"How many, at most {MOST_ROWS}; else {USUAL}."),
        list=graphene.Argument(
            SupportReturnReasonList,
            description="Only goods whose reason is in this list, wishes or faults; else all.",
        ),
    )
    times = non_null_list(SupportReturnTimes, description="How long each step took.")

    # Said though they are the object's own: only resolvers may read Saleor's primary database.
    @staticmethod
    def resolve_returns(root: Any, _info: Any) -> int:
        """Counted when asked for."""
        return int(root.returns)

    @staticmethod
    def resolve_pieces(root: Any, _info: Any) -> int:
        """Counted when asked for."""
        return int(root.pieces)

    @staticmethod
    def resolve_orders(root: Any, _info: Any) -> int:
        """Counted when asked for."""
        return int(root.orders)

    @staticmethod
    def resolve_rate(root: Any, _info: Any) -> float | None:
        """Of both."""
        found: float | None = root.rate
        return found

    @staticmethod
    def resolve_refunded(root: Any, _info: Any) -> Any:
        """One for each currency."""
        return [TYPES.money(one) for one in root.refunded()]

    @staticmethod
    def resolve_rows(root: Any, info: Any, by: str, first: int | None = None, list: str | None = None) -> Any:
        """With the names of channels and carriers."""
        if first is not None and not 1 <= first <= MOST_ROWS:
            raise SupportRequestError(f"A report holds from 1 to {MOST_ROWS} rows.")
        dimension = Dimension(by)
        spend(info, COST)
        found = root.rows(dimension, first or USUAL, ReasonList(list) if list else None)
        names = _names(dimension)
        return [one._replace(label=one.label or names.get(one.value, "")) for one in found]

    @staticmethod
    def resolve_times(root: Any, info: Any) -> Any:
        """Of the newest returns."""
        spend(info, COST)
        return root.times()


def _names(dimension: Dimension) -> dict[str, str]:
    if dimension is Dimension.CHANNEL:
        return {key: one.name for key, one in get_shop().channels().items()}
    if dimension is Dimension.CARRIER:
        return {one.code: one.name for one in (*carriers.TABLE, *own.load())}
    return {}


def resolve_report(_root: Any, info: Any, **data: Any) -> Any:
    """The figures of the actor's channels."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    channels = data.get("channel_id")
    if channels is not None and len(set(channels)) > MAX_PAGE:
        raise SupportRequestError(f"A list of the filter holds at most {MAX_PAGE} different values.")
    try:
        return Report(actor, first=data["from_"], last=data["until"], channel_ids=channels)
    except Invalid as error:
        raise SupportRequestError(error.message) from error


QUERY = {
    "support_return_report": graphene.Field(
        SupportReturnReport,
        resolver=resolve_report,
        required=True,
        description="What comes back, why, and how long it takes. Requires MANAGE_ORDERS.",
        from_=graphene.Argument(TYPES.Date, name="from", required=True, description="The first day, UTC."),
        until=graphene.Argument(
            TYPES.Date, required=True, description="The last day, included; at most 366 days in all."
        ),
        channel_id=graphene.Argument(
            graphene.List(graphene.NonNull(graphene.ID)), description="Only these channels."
        ),
        access_token=access_token(),
    ),
}
