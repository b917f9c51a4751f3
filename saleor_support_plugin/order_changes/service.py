"""Change an order before it leaves: for now, its shipping address."""

import dataclasses
import datetime

from django.db import transaction

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history import notes
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.order_changes import addresses, policy
from saleor_support_plugin.order_changes.models import AddressChange, AddressChangeState
from saleor_support_plugin.order_changes.policy import Decision
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.commands import ChangeShippingAddress
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Address, Order
from saleor_support_plugin.shop.errors import NotFound, ShopRefused
from saleor_support_plugin.states import move

KEY_LIMIT = 64


def request_address_change(
    *, actor: Actor, order_id: str, address: Address, now: datetime.datetime, key: str = ""
) -> AddressChange:
    """Give an order that nothing has left yet another shipping address, at once.

    The same ``key`` (at most 64 characters) answers with the same change.

    Raises:
        NotThere: no such order of the actor's (field ``orderId``).
        WrongState: it is too late (ALREADY_SHIPPED, ORDER_CANCELED, WRONG_STATE; field ``orderId``).
        Invalid: changes are switched off in the channel (SWITCHED_OFF); the address is the same or in
            another country; the key was used for another address (CONFLICT).
        Errors: for single fields of the address, our own refusals and Saleor's.
        ShopUnavailable: the shop did not answer. In every case nothing was changed.
    """
    key = texts.line(key, field="key", maximum=KEY_LIMIT) if key else ""
    with transaction.atomic():
        order = _own_order(actor, order_id)
        asked = addresses.clean(address)
        earlier = AddressChange.objects.filter(order_id=order.id, key=key).first() if key else None
        if earlier is not None:
            return _same(earlier, asked)
        _check(order, asked, now)
        change = AddressChange.objects.create(
            order_id=order.id,
            order_number=order.number,
            channel_id=order.channel_id,
            customer_id=order.customer_id or "",
            key=key,
            created_at=now,
            previous=dataclasses.asdict(order.shipping_address) if order.shipping_address else None,
            address=dataclasses.asdict(asked),
            asked=dataclasses.asdict(asked),
        )
        _apply(change, order, asked, now)
        _announce(actor, order, change, now)
    return change


def _own_order(actor: Actor, order_id: str) -> Order:
    shop = get_shop()
    try:
        order = shop.lock_order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    if not actor.owns(order_id=order.id, customer_id=order.customer_id) and not actor.may(
        Permission.MANAGE_ORDERS, order.channel_id
    ):
        raise NotThere("order", field="orderId")
    if not shop.settings(order.channel_id).is_on(Feature.ORDER_CHANGES):
        raise Invalid(
            "Addresses can't be changed here; write to the shop.", field="orderId", code=Code.SWITCHED_OFF
        )
    return order


def _check(order: Order, asked: Address, now: datetime.datetime) -> None:
    _raise(policy.may_change(order, now), WrongState, "orderId")
    _raise(policy.may_go_to(order, asked.country, now), Invalid, "address.country")
    if asked == order.shipping_address:
        raise Invalid("The order has this address already.", field="address", code=Code.INVALID)


def _raise(decision: Decision, kind: type[SupportError], field: str) -> None:
    if not decision.allowed:
        raise kind(decision.sentence, field=field, code=decision.code)


def _apply(change: AddressChange, order: Order, asked: Address, now: datetime.datetime) -> None:
    shop = get_shop()
    try:
        shop.act(ChangeShippingAddress(order.id, asked), change.subject)
    except ShopRefused as refused:
        raise addresses.refusals(refused) from refused
    applied = shop.order(order.id).shipping_address or asked  # as the shop wrote it down
    move(change, AddressChangeState.APPLIED, address=dataclasses.asdict(applied), applied_at=now)


def _announce(actor: Actor, order: Order, change: AddressChange, now: datetime.datetime) -> None:
    history.record(
        actor=actor,
        verb="address_changed",
        subject=change.subject,
        at=now,
        order_id=order.id,
        before={"address": change.previous},
        after={"address": change.address},
    )
    notifications.notify(
        kind="address_changed",
        subject=change.subject,
        occasion="applied",
        order=order,
        now=now,
        data={"address": change.address, "previous": change.previous},
    )
    notes.write(
        order_id=order.id,
        reference=f"{change.subject}:applied",
        now=now,
        message=f"Shipping address changed by {actor.name or actor.kind.value}: "
        f"{_in_one_line(change.previous)} → {_in_one_line(change.address)}",
    )


def _same(earlier: AddressChange, asked: Address) -> AddressChange:
    if earlier.asked != dataclasses.asdict(asked):
        raise Invalid("This key was used for another address.", field="key", code=Code.CONFLICT)
    return earlier


def _in_one_line(address: dict[str, str] | None) -> str:
    return ", ".join(filter(None, (address or {}).values())) or "none"
