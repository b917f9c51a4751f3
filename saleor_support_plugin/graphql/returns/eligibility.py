"""What of an order, or of a product before it is bought, may come back, until when, and why not."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Invalid, NotThere
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportRequestError,
    access_token,
    non_null_list,
    now,
    reading,
)
from saleor_support_plugin.graphql.loaders import spend
from saleor_support_plugin.graphql.returns.answers import (
    Answered,
    SupportReturnAnswer,
    SupportReturnWithdrawal,
    answered,
)
from saleor_support_plugin.graphql.returns.words import (
    SupportReturnAnchor,
    SupportReturnKind,
    SupportReturnRuleCode,
    amount_of,
)
from saleor_support_plugin.returns import policy, service
from saleor_support_plugin.returns.axes import ReturnKind
from saleor_support_plugin.returns.eligibility import products
from saleor_support_plugin.returns.policy import Eligibility, LineEligibility, ProductEligibility
from saleor_support_plugin.returns.policy.answer import ORDINARY
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Money

COST = 50  # rows of the request's budget: it asks the database a dozen things, whoever asks it
ONE_OF = "Give either `orderId`, or `productId` with `channel`."
NO_PRICE = "`price` is for a product: what was paid for an order's lines is known."


class SupportReturnLineEligibility(graphene.ObjectType):
    """The answer for one line."""

    class Meta:
        description = (
            "Whether and until when one order line may come back, and why not. What it says without naming a "
            "kind is said of the first of return, exchange and withdrawal that is allowed."
        )

    order_line_id = graphene.ID(required=True, description="Global id of the order line.")
    eligible = graphene.Boolean(required=True, description="Whether at least one piece may come back.")
    rule = graphene.Field(SupportReturnRuleCode, required=True, description="What decided.")
    fulfilled = graphene.Int(required=True, description="Pieces the customer has.")
    in_returns = graphene.Int(required=True, description="Of these, pieces in open returns.")
    returnable = graphene.Int(required=True, description="Pieces that may be asked for now.")
    refunded = graphene.Int(required=True, description="Of these, pieces whose money has gone back already.")
    anchor = graphene.Field(SupportReturnAnchor, description="From which date the deadline counts.")
    anchor_at = TYPES.DateTime(description="That date; null when it is not known yet.")
    deadline = TYPES.DateTime(description="The moment from which it is too late.")
    reason = graphene.String(required=True, description="Why not (more); may be empty.")
    remedy = graphene.String(required=True, description="What would change it; may be empty.")
    kinds = non_null_list(SupportReturnAnswer, description="The answer for every kind of return.")
    withdrawal = graphene.Field(SupportReturnWithdrawal, required=True, description="The statutory right.")


class SupportReturnEligibility(graphene.ObjectType):
    """The answer for an order, or a product."""

    class Meta:
        description = "What of an order may come back now; or what will hold for a product."

    order_id = graphene.ID(description="The order; null for a product.")
    product_id = graphene.ID(description="The product; null for an order.")
    eligible = graphene.Boolean(required=True, description="Whether anything may come back, claims aside.")
    window_days = graphene.Int(
        description="Days that the channel gives where no rule says otherwise; null for a product."
    )
    allowed = non_null_list(SupportReturnKind, description="Kinds that may be asked for, for any line.")
    needs_confirmation = non_null_list(
        SupportReturnKind, description="Kinds that have to be confirmed in a second step."
    )
    lines = non_null_list(SupportReturnLineEligibility, description="One for each order line.")
    kinds = non_null_list(SupportReturnAnswer, description="For a product: what will hold, by kind.")
    withdrawal = graphene.Field(SupportReturnWithdrawal, description="For a product: the statutory right.")


def resolve_eligibility(
    _root: Any,
    info: Any,
    order_id: str | None = None,
    product_id: str | None = None,
    channel: str | None = None,
    country: str | None = None,
    reason: str | None = None,
    price: float | None = None,
    access_token: str | None = None,
) -> Any:
    """What may come back, or null when there is no such order or product for this reader."""
    actor = reading(info, access_token)
    if (order_id is None) == (product_id is None) or (product_id is None) != (channel is None):
        raise SupportRequestError(ONE_OF)
    if price is not None and product_id is None:
        raise SupportRequestError(NO_PRICE)
    spend(info, COST)
    try:
        if order_id is not None:
            found = service.eligibility(actor=actor, order_id=order_id, now=now(), reason=reason or "")
            return _of_order(actor, found)
        asked = {"product_id": product_id or "", "country": country or "", "reason": reason or ""}
        return _of_product(actor, channel or "", amount_of(price, "price"), asked)
    except NotThere:
        return None
    except Invalid as error:
        raise SupportRequestError(error.message) from error


def _of_order(actor: Actor, found: Eligibility) -> SupportReturnEligibility:
    by_staff = _looks_after(actor, found.order_id)
    return SupportReturnEligibility(
        order_id=found.order_id,
        eligible=found.returnable,
        window_days=found.window_days,
        allowed=found.allowed,
        needs_confirmation=found.needs_confirmation,
        lines=[_line(line, by_staff, found.currency) for line in found.lines],
        kinds=[],
    )


def _looks_after(actor: Actor, order_id: str) -> bool:
    """Whether the actor acts for the order's channel, and is not just its customer."""
    if actor.channels is None or not actor.may(Permission.MANAGE_ORDERS):
        return actor.may(Permission.MANAGE_ORDERS)
    return actor.may(Permission.MANAGE_ORDERS, get_shop().order(order_id).channel_id)


def _line(line: LineEligibility, for_staff: bool, currency: str) -> SupportReturnLineEligibility:
    main = line.main
    return SupportReturnLineEligibility(
        order_line_id=line.order_line_id,
        eligible=line.outcome is policy.Outcome.RETURNABLE,
        rule=main.rule,
        fulfilled=line.fulfilled,
        in_returns=line.in_returns,
        returnable=main.returnable,
        refunded=main.refunded,
        anchor=main.anchor,
        anchor_at=main.anchor_at,
        deadline=main.deadline,
        reason=main.reason,
        remedy=main.remedy,
        kinds=answered(line.kinds, for_staff=for_staff, currency=currency),
        withdrawal=line.withdrawal,
    )


def _of_product(
    actor: Actor, slug: str, price: Decimal | None, asked: Mapping[str, str]
) -> SupportReturnEligibility:
    channel = next((one for one in get_shop().channels().values() if one.slug == slug), None)
    if channel is None:
        raise NotThere("channel", field="channel")
    found: ProductEligibility = products.product_eligibility(
        actor=actor,
        channel_id=channel.id,
        now=now(),
        price=None if price is None else Money(price, channel.currency),
        **asked,
    )
    by_staff = actor.may(Permission.MANAGE_ORDERS, channel.id)
    kinds: list[Answered] = answered(found.kinds, for_staff=by_staff, currency=channel.currency)
    allowed = [one.kind for one in found.kinds if one.is_allowed]
    return SupportReturnEligibility(
        product_id=found.product_id,
        eligible=any(found.kind(one).is_allowed for one in ORDINARY),
        allowed=allowed,
        needs_confirmation=(ReturnKind.WITHDRAWAL,),
        lines=[],
        kinds=kinds,
        withdrawal=found.withdrawal,
    )


QUERY = {
    "support_return_eligibility": graphene.Field(
        SupportReturnEligibility,
        resolver=resolve_eligibility,
        description="What of an order may come back now, or what will hold for a product that is bought now; "
        "null when there is no such order, or product in the channel, for the reader. " + ONE_OF,
        order_id=graphene.Argument(graphene.ID, description="The order."),
        product_id=graphene.Argument(graphene.ID, description="The product, or one of its variants."),
        channel=graphene.Argument(graphene.String, description="Slug of the channel it is bought in."),
        country=graphene.Argument(
            graphene.String, description="Where the product will go, ISO 3166-1; rights depend on it."
        ),
        reason=graphene.Argument(
            graphene.String,
            description="Code of the reason that the customer would choose, of a wish or a fault: without "
            "one, rules about reasons don't answer.",
        ),
        price=graphene.Argument(
            graphene.Float,
            description="What one piece of the product costs, gross, in the channel's currency: without it, "
            "rules about prices don't answer.",
        ),
        access_token=access_token(),
    ),
}
