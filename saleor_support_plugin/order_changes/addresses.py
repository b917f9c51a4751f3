"""Addresses from people: our own checks before the shop's, and the shop's refusals in our words."""

from saleor_support_plugin.errors import Code, Errors, Invalid
from saleor_support_plugin.shop.errors import ShopRefused
from saleor_support_plugin.tracking.addresses import FIELDS, clean

__all__ = ["clean", "refusals"]

NAMES = {name for name, _maximum in FIELDS.values()}
CODES = {"REQUIRED": Code.REQUIRED, "INVALID": Code.INVALID}


def refusals(refused: ShopRefused) -> Errors:
    """Saleor's refusals of an address, with the GraphQL names of our argument."""
    return Errors([_refusal(one) for one in refused.errors])


def _refusal(one: ShopRefused) -> Invalid:
    """Saleor checks the whole order: what is not about the address is not the customer's to mend."""
    if one.field not in NAMES:
        return Invalid(one.message, code=Code.REFUSED_BY_SHOP)
    code = CODES.get(one.shop_code.upper(), Code.REFUSED_BY_SHOP)
    return Invalid(one.message, field=f"address.{one.field}", code=code)
