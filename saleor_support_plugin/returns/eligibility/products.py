"""What will hold for a product, before anybody buys it."""

import datetime

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.eligibility import facts
from saleor_support_plugin.returns.policy import ProductEligibility
from saleor_support_plugin.returns.policy.validation import COUNTRY
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Money
from saleor_support_plugin.shop.errors import NotFound


def product_eligibility(
    *,
    actor: Actor,
    product_id: str,
    channel_id: str,
    now: datetime.datetime,
    country: str = "",
    price: Money | None = None,
    reason: str = "",
) -> ProductEligibility:
    """What will hold for a product that is bought in a channel now.

    Args:
        product_id: global id of the product or of one of its variants.
        channel_id: global id.
        country: where it will go, ISO 3166-1; "" when that is not known: rights that depend on it are
            then not named.
        price: of one piece, gross; None when not known: no rule about prices holds.
        reason: the code of the one it would come back for; "": no rule about reasons holds.

    Raises:
        NotThere: no such channel (field ``channelId``), or no such product that this actor can see there
            (field ``productId``).
        Invalid: no country's code; a price below 0 (OUT_OF_RANGE); nobody can choose this reason.
    """
    if country and not COUNTRY.fullmatch(country.upper()):
        raise Invalid("Use an ISO 3166-1 code, like ES.", field="country")
    if price is not None and price.amount < 0:
        raise Invalid("A price can't be below 0.", field="price", code=Code.OUT_OF_RANGE)
    try:
        settings = get_shop().settings(channel_id)
    except NotFound:
        raise NotThere("channel", field="channelId") from None
    goods = get_shop().goods([product_id]).get(product_id)
    if goods is None or not (
        channel_id in goods.published_in or actor.may(Permission.MANAGE_ORDERS, channel_id)
    ):
        raise NotThere("product", field="productId")
    told = facts.of_channel(channel_id, country.upper(), actor=actor, settings=settings, reason=reason)
    return policy.product_eligibility(
        goods, told, now, channel_id=channel_id, country=country, price=price, reason=reason
    )
