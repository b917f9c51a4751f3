"""What can go wrong at the border, and whether trying again makes sense."""

from saleor_support_plugin.errors import Code, SupportError


class ShopError(SupportError):
    """Anything the shop answers instead of a result."""


class NotFound(ShopError):
    """The shop has no such object."""

    code = Code.NOT_FOUND


class ShopRefused(ShopError):
    """The shop understood and said no; asking again gives the same answer.

    Attributes:
        shop_code: Saleor's own error code, for example ``INVALID`` or ``CANNOT_REFUND``.
        errors: every field error of the answer, in order (field names are Saleor's).
    """

    code = Code.REFUSED_BY_SHOP

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        shop_code: str = "",
        errors: "list[ShopRefused] | None" = None,
    ):
        super().__init__(message, field=field)
        self.shop_code = shop_code
        self.errors = errors or [self]


class ShopUnavailable(ShopError):
    """The shop did not answer; nothing is known to have happened, try again later."""

    code = Code.SHOP_UNAVAILABLE


class OutcomeUnknown(ShopError):
    """An act that calls a payment gateway was started before and has no result: read back first."""

    code = Code.CONFLICT
