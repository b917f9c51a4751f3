"""What every verb begins with: the return, if it is the actor's to change, its order, and their locks; and
how it stands, in plain words, where that is in the way."""

import datetime
import zoneinfo

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import NotThere, WrongState
from saleor_support_plugin.returns.axes import Authorisation
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound


def for_staff(actor: Actor, return_id: int) -> Return:
    """A return that ``actor`` looks after for the shop.

    Raises:
        NotThere: no such return in the actor's channels.
    """
    row = Return.objects.filter(pk=return_id).first()
    if row is None or not actor.may(Permission.MANAGE_ORDERS, row.channel_id):
        raise NotThere("return")
    return row


def is_staffs(actor: Actor, row: Return) -> bool:
    """Whether ``actor`` acts for the shop on this return, and not as its customer."""
    return actor.may(Permission.MANAGE_ORDERS, row.channel_id)


def locked(return_id: int) -> tuple[Order | None, Return]:
    """The order (None when it is gone) and then the return, both held until the transaction ends:
    everywhere in this order, so that no two wait for each other.

    Raises:
        NotThere: there is no such return.
    """
    order_id = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotThere("return")
    try:
        order: Order | None = get_shop().lock_order(order_id)
    except NotFound:
        order = None
    return order, locked_row(return_id)


def locked_with_order(return_id: int) -> tuple[Order, Return]:
    """As :func:`locked`, for verbs that can't do without the order.

    Raises:
        NotThere: there is no such return.
        WrongState: its order is gone.
    """
    order, row = locked(return_id)
    if order is None:
        raise WrongState("The order of this return does not exist any more.", field="id")
    return order, row


def locked_row(return_id: int) -> Return:
    """The return alone, held until the transaction ends.

    Raises:
        NotThere: there is no such return.
    """
    row = Return.objects.select_for_update().filter(pk=return_id).first()
    if row is None:
        raise NotThere("return")
    return row


def wrong(row: Return, *, by_staff: bool = True, approved: str = "") -> WrongState:
    """The refusal that says how the return stands, since when, and to staff what to do first.

    Args:
        approved: what to do instead where it is approved, like "; cancel it instead".
    """
    if row.authorisation == Authorisation.UNCONFIRMED:
        message = "Confirm this request first, by the link in the mail about it."
        if by_staff:
            message = (
                "The customer has to confirm this request first, by the link in the mail about it; staff "
                "does it for the customer with supportReturnConfirm."
            )
    elif row.authorisation == Authorisation.REQUESTED:
        message = "The shop has not decided on this return yet" + ("; approve it first." if by_staff else ".")
    elif row.authorisation == Authorisation.NEEDS_INFORMATION:
        asked = _on(row, row.asked_at)
        message = f"The shop asked something about this return{asked}: answer first."
        if by_staff:
            message = f"The customer was asked{asked} and has not answered yet: wait, or decide without it."
    elif row.authorisation == Authorisation.APPROVED and row.closed_at is None:
        message = f"This return was approved{_on(row, row.decided_at)} already{approved}."
    else:
        word = {
            Authorisation.APPROVED: "was completed",
            Authorisation.DECLINED: "was declined",
            Authorisation.CANCELED: "was cancelled",
            Authorisation.EXPIRED: "expired",
        }[Authorisation(row.authorisation)]
        message = f"This return {word}{_on(row, row.closed_at)} already"
        message += "; reopen it first." if by_staff else "."
    return WrongState(message, field="id")


def _on(row: Return, moment: datetime.datetime | None) -> str:
    """The day of ``moment`` by the shop's calendar."""
    if moment is None:
        return ""
    zone = zoneinfo.ZoneInfo(get_shop().settings(row.channel_id).time_zone)
    return f" on {moment.astimezone(zone).date().isoformat()}"
