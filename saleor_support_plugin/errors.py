"""The errors a caller can do something about, each with a code that GraphQL shows."""

import enum


class Code(str, enum.Enum):
    """Codes of ``SupportErrorCode`` in GraphQL. Values are stable: clients branch on them."""

    REQUIRED = "required"  # a value that must be given is missing or blank
    INVALID = "invalid"  # the value cannot be understood or used
    TOO_LONG = "too_long"  # the text is longer than the field allows
    OUT_OF_RANGE = "out_of_range"  # the number is below or above what is allowed
    NOT_FOUND = "not_found"  # no such object, or not yours: the two look the same
    WRONG_STATE = "wrong_state"  # the object is past the point where this is possible
    NOT_RETURNABLE = "not_returnable"  # the return policy does not allow it
    TOO_MANY = "too_many"  # more than was delivered, or than is still returnable
    ALREADY_SHIPPED = "already_shipped"  # goods have left: the order can't change any more
    ORDER_CANCELED = "order_canceled"  # the order was cancelled
    SWITCHED_OFF = "switched_off"  # the shop has not enabled this feature in this channel
    LIMIT_REACHED = "limit_reached"  # too many requests in a short time
    REFUSED_BY_SHOP = "refused_by_shop"  # Saleor refused; message and field are Saleor's
    SHOP_UNAVAILABLE = "shop_unavailable"  # try again later; nothing was changed
    CONFLICT = "conflict"  # somebody else changed it at the same moment


class SupportError(Exception):
    """A refusal that is the caller's to mend.

    Args:
        message: one sentence for a person, in English; says what is right or what to do instead.
        field: the GraphQL argument (camelCase, dotted for input objects) or None.
        code: see :class:`Code`.
    """

    code = Code.INVALID

    def __init__(self, message: str, *, field: str | None = None, code: Code | None = None):
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code


class Invalid(SupportError):
    """A value that cannot be used (blank, malformed, too long, out of range)."""


class NotThere(SupportError):
    """No such object for this actor; says nothing about whether somebody else has it."""

    code = Code.NOT_FOUND

    def __init__(self, what: str, *, field: str | None = "id"):
        super().__init__(f"There is no such {what}.", field=field)


class WrongState(SupportError):
    """The object has moved on: this step is not possible (any more)."""

    code = Code.WRONG_STATE


class Denied(Exception):
    """The actor lacks the permission for this entrance altogether.

    Entrances turn it into Saleor's own PermissionDenied, as Saleor does for its own fields.
    """


class Errors(SupportError):
    """Several refusals at once, for example Saleor's field errors on an address."""

    def __init__(self, errors: list[SupportError]):
        super().__init__(errors[0].message, field=errors[0].field, code=errors[0].code)
        self.errors = errors
