"""What rules and options of returns hold, said once for what is shown and for what is given."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import graphene

from saleor_support_plugin.graphql.base import TYPES
from saleor_support_plugin.graphql.returns.words import (
    SupportActorKind,
    SupportReturnAnchor,
    SupportReturnExemption,
    SupportReturnKind,
    SupportReturnPayer,
    SupportReturnResolution,
    SupportReturnSettleOn,
)


class Part(NamedTuple):
    """One field: its type, what it means, whether it may be null, whether there are several."""

    type: Any
    meaning: str
    may_be_null: bool = False
    many: bool = False

    @property
    def of(self) -> Any:
        """The type, or the list of it."""
        return graphene.List(graphene.NonNull(self.type)) if self.many else self.type


def type_of(name: str, table: Mapping[str, Part], description: str, **more: Any) -> Any:
    """The type that shows a frozen value."""
    fields = {
        field: graphene.Field(part.of, required=not part.may_be_null, description=part.meaning)
        for field, part in table.items()
    }
    return type(name, (graphene.ObjectType,), {"Meta": _meta(description), **fields, **more})


def input_of(name: str, table: Mapping[str, Part], description: str, **more: Any) -> Any:
    """The input that gives one; nothing of it is compulsory."""
    fields = {field: graphene.InputField(part.of, description=part.meaning) for field, part in table.items()}
    return type(name, (graphene.InputObjectType,), {"Meta": _meta(description), **fields, **more})


def _meta(description: str) -> Any:
    return type("Meta", (), {"description": description})


def _ids(meaning: str) -> Part:
    return Part(graphene.ID, meaning, many=True)


def _texts(meaning: str) -> Part:
    return Part(graphene.String, meaning, many=True)


def _text(meaning: str) -> Part:
    return Part(graphene.String, meaning)


def _number(meaning: str, *, may_be_null: bool = False) -> Part:
    return Part(graphene.Int, meaning, may_be_null)


def _amount(meaning: str, *, may_be_null: bool = False) -> Part:
    return Part(graphene.Float, meaning, may_be_null)


def _day(meaning: str) -> Part:
    return Part(TYPES.Date, meaning, may_be_null=True)


def _yes_or_no(meaning: str, *, may_be_null: bool = False) -> Part:
    return Part(graphene.Boolean, meaning, may_be_null)


CONDITIONS = {
    "channel_ids": _ids("Channels, by global id."),
    "countries": _texts("Of the shipping address, ISO 3166-1."),
    "postcodes": _texts("Beginnings of the shipping address's."),
    "customer_tags": _texts("Private metadata of the account: `key` or `key=value`."),
    "order_tags": _texts("Metadata of the order; storefronts may let customers write it."),
    "product_tags": _texts("Metadata of the product."),
    "product_ids": _ids("Products, by global id."),
    "category_ids": _ids("Categories, with those below them."),
    "collection_ids": _ids("Collections."),
    "product_type_ids": _ids("Product types."),
    "price_from": _amount("Paid for one piece, gross, in `currency`; at least this.", may_be_null=True),
    "price_below": _amount("Less than this.", may_be_null=True),
    "currency": _text("Of the prices, ISO 4217; empty without them."),
    "is_discounted": _yes_or_no("The customer paid less than the undiscounted price.", may_be_null=True),
    "is_gift_card": _yes_or_no("It is a gift card.", may_be_null=True),
    "reasons": _texts("Codes of reasons."),
    "kinds": Part(SupportReturnKind, "What the customer wants.", many=True),
    "actors": Part(SupportActorKind, "Who asks.", many=True),
    "warehouses": _texts("Where the goods left from, by name."),
    "ordered_from": _day("Ordered on this day of the shop's calendar, or later."),
    "ordered_until": _day("Ordered on this day, or sooner."),
    "asked_from": _day("Asked for on this day, or later."),
    "asked_until": _day("Asked for on this day, or sooner."),
    "returns_from": _number("Returns of the customer in 12 months; at least so many.", may_be_null=True),
    "is_blocked": _yes_or_no("The customer is on the block list.", may_be_null=True),
    "is_allowed": _yes_or_no("The customer is on the allow list.", may_be_null=True),
}
FEE = {
    "code": _text("Stable, small letters; `restocking` when left out."),
    "label": _text("How people read it."),
    "percent": _amount("Of what was paid for the pieces; 0: not by percent."),
    "amount": _amount("Once for each return, in `currency`; 0: not flat."),
    "currency": _text("Of the amount, ISO 4217; empty without one."),
    "free_reasons": _texts("Codes of reasons that waive it."),
    "free_for_credit": _yes_or_no("Credit, an exchange or a replacement waives it."),
}
OUTCOME = {
    "kinds": Part(SupportReturnKind, "That are allowed; the law's withdrawals are no rule's.", many=True),
    "days": _number("Of the window; null: the channel's option.", may_be_null=True),
    "until": _day("The window ends on this day at the earliest."),
    "anchor": Part(SupportReturnAnchor, "From which date the days count."),
    "transit_days": _number(
        "After dispatch, for a delivery nobody reported; null: the channel's option.", may_be_null=True
    ),
    "resolutions": Part(SupportReturnResolution, "The shop's favourite first; empty: all.", many=True),
    "who_pays": Part(SupportReturnPayer, "Who pays for the way back."),
    "credit_bonus": _amount("Percent on top for credit."),
    "keep_below": _amount(
        "Goods stay with the customer as long as all that stays of their order line is worth at most this.",
        may_be_null=True,
    ),
    "auto_approve": _yes_or_no("It is approved without a person."),
    "auto_limit": _amount(
        "Up to this worth, with what was approved of the order before; null: any.", may_be_null=True
    ),
    "currency": _text("Of these amounts, ISO 4217; empty without them."),
    "needs_evidence": _yes_or_no("A photo or file is compulsory."),
    "send_days": _number("Days to send the goods; null: the channel's option.", may_be_null=True),
    "settle_on": Part(SupportReturnSettleOn, "From when the money goes back."),
    "destination": _text("The warehouse, by name; empty: the channel's."),
    "message": _text("To the customer; may be empty."),
    "exemption": Part(
        SupportReturnExemption, "The goods are exempt from withdrawal, and why.", may_be_null=True
    ),
}
RISK = {
    "returns": _number("Returns of one customer.", may_be_null=True),
    "rate": _number("Percent of orders with a return.", may_be_null=True),
    "rate_orders": _number("From so many orders on the rate is asked."),
    "worth": _amount("Worth of returned goods, in the return's currency.", may_be_null=True),
    "accounts": _number("Customers with returns from one postal address.", may_be_null=True),
    "claims": _number("Claims of one customer.", may_be_null=True),
    "empty": _number("Returns in which something was missing or not the shop's.", may_be_null=True),
    "points": _number("From so many points on a person decides."),
}
ADDRESS = {
    "warehouse": _text("The name of the warehouse, as rules and options give it as a destination."),
    "address": _text("Where goods go that it receives, line by line."),
}
SETTINGS = {
    "instructions": _text("How to send goods back, for the customer."),
    "drop_off": _text("Where to hand them in, for the customer."),
    "address": _text("Where they go, line by line, unless their warehouse has an address of its own."),
    "destination": _text("The warehouse that receives them, by name, unless a rule names another."),
    "label_maker": _text("Which carrier makes labels, by the name of its package; empty: none."),
    "label_always": _yes_or_no("It makes one also where the customer pays for the way back."),
    "send_days": _number("Days to send the goods after approval."),
    "remind_days": _number("So many days before that the customer is reminded."),
    "needs_reason": _yes_or_no(
        "Customers have to choose a reason for returns and exchanges; never for withdrawals."
    ),
    "transit_days": _number("From dispatch to delivery, where nobody reported it."),
    "confirm_hours": _number("Hours to confirm a request."),
    "withdrawal_hours": _number("Hours to confirm a withdrawal for its statement's time to count."),
    "answer_days": _number("Days to answer a question."),
    "lost_after_days": _number("Days without a scan until a parcel counts as lost."),
    "withdrawal": _yes_or_no("The EU's right of withdrawal is offered."),
    "withdrawal_countries": _texts("Where, by shipping address, ISO 3166-1."),
    "withdrawal_who_pays": Part(SupportReturnPayer, "Who then pays for the way back."),
    "withdrawal_delivery": _amount(
        "Of the delivery at most this goes back with a withdrawal from all of the order, in its currency: "
        "what your least expensive standard delivery costs; null: all that was paid.",
        may_be_null=True,
    ),
    "guarantee": _yes_or_no("Claims are open for the years of the legal guarantee."),
    "guarantee_countries": _texts("Where, by shipping address, ISO 3166-1."),
    "guarantee_years": _number("How many years from delivery."),
}
