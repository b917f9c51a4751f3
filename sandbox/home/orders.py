"""What the shop does to orders: the semantics of Saleor's mutations on the sandbox's tables.

Every function runs inside the caller's transaction and raises :class:`Refused` before it writes.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Address
from sandbox import models
from sandbox.home import addresses, hooks, ids
from sandbox.home.errors import Refused

RETURNED = ("returned", "refunded_and_returned")
RETURNABLE = ("fulfilled", "refunded", "waiting_for_approval")


def get(order_id: Any, field: str = "id", code: str = "NOT_FOUND") -> models.Order:
    """The order with this global id (drafts too, as Saleor's mutations see them)."""
    row = models.Order.objects.select_related("channel").filter(pk=ids.key(order_id, "Order")).first()
    if row is None:
        raise Refused(f"Couldn't resolve to a node: {order_id}", field=field, code=code)
    return row


def get_fulfillment(fulfillment_id: Any) -> models.Fulfillment:
    """The fulfilment with this global id, with its order."""
    rows = models.Fulfillment.objects.select_related("order__channel")
    row = rows.filter(pk=ids.key(fulfillment_id, "Fulfillment")).first()
    if row is None:
        raise Refused(f"Couldn't resolve to a node: {fulfillment_id}", field="id", code="NOT_FOUND")
    return row


def change_address(order: models.Order, address: Address) -> models.Order:
    """``orderUpdate``: any status but a draft's, as in Saleor; the address is checked and normalised."""
    if order.status == "draft":
        text = "Provided order id belongs to draft order. Use `draftOrderUpdate` mutation instead."
        raise Refused(text, field="id", code="INVALID")
    order.shipping_address = dataclasses.asdict(addresses.checked(address))
    order.save(update_fields=["shipping_address"])
    return order


def fulfill(
    order: models.Order,
    quantities: Sequence[tuple[Any, Sequence[tuple[str, int]]]],
    tracking_number: str,
    approved: bool = True,
) -> list[models.Fulfillment]:
    """``orderFulfill``: (order line id, [(warehouse id, quantity), …]) → one fulfilment per warehouse."""
    if order.status in ("draft", "unconfirmed", "canceled", "expired"):
        raise Refused("This order can't be fulfilled.", field="order", code="INVALID")
    wanted: dict[str, dict[models.Line, int]] = {}
    lines = {ids.of(line): line for line in order.lines.all()}
    if len({line_id for line_id, _stocks in quantities}) < len(quantities):
        raise Refused("Duplicated order line ID.", field="orderLineId", code="DUPLICATED_INPUT_ITEM")
    for line_id, stocks in quantities:
        line = lines.get(line_id)
        if line is None:
            raise Refused(f"Could not resolve to a node: {line_id}", field="lines", code="NOT_FOUND")
        left = line.quantity - line.quantity_fulfilled
        if any(quantity < 0 for _warehouse, quantity in stocks) or sum(one for _w, one in stocks) > left:
            items = "item" if left == 1 else "items"
            text = f"Only {left} {items} remaining to fulfill."
            raise Refused(text, field="orderLineId", code="FULFILL_ORDER_LINE", order_lines=[line_id])
        for warehouse, quantity in stocks:
            if ids.key(warehouse, "Warehouse") is None:
                raise Refused("This is not a warehouse's id.", field="warehouse", code="NOT_FOUND")
            if quantity:
                wanted.setdefault(warehouse, {})[line] = quantity
    if not wanted:
        raise Refused("Total quantity must be larger than 0.", field="lines", code="ZERO_QUANTITY")
    status = "fulfilled" if approved else "waiting_for_approval"
    made = [
        _new_fulfillment(order, status, tracking_number, goods, ids.WAREHOUSES.get(warehouse, ""))
        for warehouse, goods in wanted.items()
    ]
    for goods in wanted.values():
        for line, quantity in goods.items():
            line.quantity_fulfilled += quantity
            line.save(update_fields=["quantity_fulfilled"])
    refresh_status(order)
    return made


def approve(fulfillment: models.Fulfillment) -> models.Fulfillment:
    """``orderFulfillmentApprove``."""
    fulfillment.status = "fulfilled"
    fulfillment.save(update_fields=["status"])
    refresh_status(fulfillment.order)
    return fulfillment


def cancel(order: models.Order) -> models.Order:
    """``orderCancel``: not once anything was fulfilled; gives no money back."""
    gone = order.fulfillments.exclude(status__in=("canceled", *RETURNED, "replaced")).exists()
    if gone or order.status in ("draft", "canceled", "expired"):
        raise Refused("This order can't be canceled.", field="order", code="CANNOT_CANCEL_ORDER")
    order.status = "canceled"
    order.save(update_fields=["status"])
    add_event(order, "canceled")
    hooks.after_order_event(order)
    return order


def place(order: models.Order) -> models.Order:
    """What a checkout leaves behind once the order is there: its events, and the confirmation where
    the channel confirms by itself."""
    add_event(order, "placed")
    paid = order.payments.exists() or order.transactions.exists()
    if paid:
        add_event(order, "order_fully_paid")
    if order.channel.confirms_by_itself:
        add_event(order, "confirmed")
    else:
        order.status = "unconfirmed"
        order.save(update_fields=["status"])
    hooks.after_order_event(order)
    return order


def confirm(order: models.Order) -> models.Order:
    """``orderConfirm``: only what nobody has confirmed yet."""
    if order.status != "unconfirmed":
        text = "Provided order id belongs to an order with status different than unconfirmed."
        raise Refused(text, field="id", code="INVALID")
    order.status = "unfulfilled"
    order.save(update_fields=["status"])
    add_event(order, "confirmed")
    hooks.after_order_event(order)
    return order


def track(fulfillment: models.Fulfillment, tracking_number: str, app: str = "") -> models.Fulfillment:
    """``orderFulfillmentUpdateTracking``: an event even when nothing changed, and no nudge to us."""
    fulfillment.tracking_number = tracking_number
    fulfillment.save(update_fields=["tracking_number"])
    order = fulfillment.order
    given = {"tracking_number": tracking_number, "fulfillment": composed_id(fulfillment)}
    add_event(order, "tracking_updated", parameters=given, app=app)
    return fulfillment


def cancel_fulfillment(fulfillment: models.Fulfillment) -> models.Fulfillment:
    """``orderFulfillmentCancel``: its goods are to be shipped again."""
    order = fulfillment.order
    if fulfillment.status not in ("fulfilled", "waiting_for_approval"):
        raise Refused("This fulfillment can't be canceled.", field="fulfillment", code="INVALID")
    for line in fulfillment.lines.select_related("order_line"):
        line.order_line.quantity_fulfilled -= line.quantity
        line.order_line.save(update_fields=["quantity_fulfilled"])
    fulfillment.status = "canceled"
    fulfillment.save(update_fields=["status"])
    refresh_status(order)
    add_event(order, "fulfillment_canceled", parameters={"composed_id": composed_id(fulfillment)})
    hooks.after_order_event(order)
    return fulfillment


def composed_id(fulfillment: models.Fulfillment) -> str:
    """The fulfilment's number, like "12-1"."""
    return f"{fulfillment.order.number}-{fulfillment.fulfillment_order}"


def take_back(
    order: models.Order,
    lines: Sequence[tuple[Any, int]],
    *,
    app: str = "",
    reason: str = "",
    line_reasons: Mapping[Any, tuple[str, models.Page | None]] | None = None,
) -> models.Fulfillment:
    """``orderFulfillmentReturnProducts`` without money: goods move into a new RETURNED fulfilment, those
    whose money is back into a REFUNDED_AND_RETURNED one beside it. ``app``: the identifier of the app
    that asks, if it is one. ``line_reasons``: text and page by the fulfilment line's global id.

    Unlike Saleor, a line of another order is refused here (Saleor would move its goods).
    """
    moves = _moves(order, lines)
    target = _new_fulfillment(order, "returned", "", {}, reason=reason)
    paid_back = [one for one in moves if one[0].fulfillment.status == "refunded"]
    if paid_back:
        beside = _new_fulfillment(order, "refunded_and_returned", "", {}, reason=reason)
        _move(beside, paid_back, line_reasons or {})
    _move(target, [one for one in moves if one not in paid_back], line_reasons or {})
    _moved(order, "fulfillment_returned", app)
    return target


def refund_goods(
    order: models.Order, lines: Sequence[tuple[Any, int]], *, app: str = "", shipping: bool = False
) -> models.Fulfillment:
    """``orderFulfillmentRefundProducts``: the goods stay with the customer, in a REFUNDED fulfilment. The
    money is not the sandbox's business here. ``shipping``: what the delivery cost goes back, too."""
    moves = _moves(order, lines)
    target = _new_fulfillment(order, "refunded", "", {})
    if shipping:
        target.shipping_refunded = True
        target.save(update_fields=["shipping_refunded"])
    _move(target, moves, {})
    _moved(order, "fulfillment_refunded", app)
    return target


def replace_goods(
    order: models.Order, lines: Sequence[tuple[Any, int]], *, app: str = ""
) -> models.Fulfillment:
    """``orderFulfillmentReturnProducts`` with ``replace``: the goods move into a REPLACED fulfilment, beside
    an empty RETURNED one, as in Saleor; the new order is left out."""
    moves = _moves(order, lines)
    target = _new_fulfillment(order, "replaced", "", {})
    _move(target, moves, {})
    _new_fulfillment(order, "returned", "", {})
    _moved(order, "fulfillment_replaced", app)
    add_event(order, "fulfillment_returned", app=app)
    return target


def _moves(order: models.Order, lines: Sequence[tuple[Any, int]]) -> list[tuple[models.FulfillmentLine, int]]:
    moves = [(_returnable(order, line_id, quantity), quantity) for line_id, quantity in lines]
    if not moves:
        raise Refused("Give at least one line.", field="fulfillmentLines", code="REQUIRED")
    return moves


def _move(
    target: models.Fulfillment,
    moves: Sequence[tuple[models.FulfillmentLine, int]],
    reasons: Mapping[Any, tuple[str, models.Page | None]],
) -> None:
    for line, quantity in moves:
        reason, page = reasons.get(ids.of(line), ("", None))
        line.quantity -= quantity
        if line.quantity < 0:
            text = "Provided quantity is bigger than quantity from fulfillment line"
            raise Refused(text, field="fulfillmentLineId", code="INVALID_QUANTITY")
        _put(target, line, quantity, reason, page)
        if line.quantity:
            line.save(update_fields=["quantity"])
        else:
            line.delete()


def _moved(order: models.Order, event: str, app: str) -> None:
    left = ("fulfilled", "waiting_for_approval")
    order.fulfillments.filter(lines__isnull=True, status__in=left).delete()
    refresh_status(order)
    add_event(order, event, app=app)
    hooks.after_goods_moved(order)


def refresh_status(order: models.Order) -> None:
    """Derive the status from the goods, exactly as Saleor does (the order's own row is updated)."""
    if order.status in ("canceled", "expired"):
        return
    rows = models.Line.objects.filter(order=order).values_list("quantity", "quantity_fulfilled")
    total, done = sum(row[0] for row in rows), sum(row[1] for row in rows)
    returned, replaced, waiting = (
        _held(order, RETURNED),
        _held(order, ("replaced",)),
        _held(order, ("waiting_for_approval",)),
    )
    total, done = total - replaced, done - replaced
    if total == 0:
        return
    if done - waiting <= 0:
        order.status = "unfulfilled"
    elif 0 < returned < total:
        order.status = "partially_returned"
    elif returned == total:
        order.status = "returned"
    else:
        order.status = "partially_fulfilled" if done - waiting < total else "fulfilled"
    order.save(update_fields=["status"])


def add_event(
    order: models.Order, kind: str, message: str = "", author: str = "", **values: Any
) -> models.Note:
    """One event in the order's timeline; further ``values`` are fields of the row."""
    return models.Note.objects.create(
        order=order, type=kind, message=message, author=author, created_at=get_shop().now(), **values
    )


def _held(order: models.Order, statuses: Iterable[str]) -> int:
    rows = models.FulfillmentLine.objects.filter(fulfillment__order=order, fulfillment__status__in=statuses)
    return sum(rows.values_list("quantity", flat=True))


def _returnable(order: models.Order, line_id: Any, quantity: int) -> models.FulfillmentLine:
    rows = models.FulfillmentLine.objects.select_related("fulfillment", "order_line")
    line = rows.filter(pk=ids.key(line_id, "FulfillmentLine"), fulfillment__order=order).first()
    field = "fulfillmentLineId"
    if line is None:
        raise Refused(f"Could not resolve to a node: {line_id}", field=field, code="NOT_FOUND")
    if line.order_line.is_gift_card:
        raise Refused("Cannot refund or return gift card line.", field=field, code="GIFT_CARD_LINE")
    if not 0 < quantity <= line.quantity:
        text = "Provided quantity is bigger than quantity from fulfillment line"
        raise Refused(text, field=field, code="INVALID_QUANTITY")
    if line.fulfillment.status not in RETURNABLE:
        allowed = ", ".join(RETURNABLE)
        text = f"Unable to process action for fulfillmentLine with different status than {allowed}."
        raise Refused(text, field=field, code="INVALID")
    return line


def _put(
    target: models.Fulfillment,
    source: models.FulfillmentLine,
    quantity: int,
    reason: str = "",
    page: models.Page | None = None,
) -> None:
    line, created = models.FulfillmentLine.objects.get_or_create(
        fulfillment=target,
        order_line=source.order_line,
        warehouse=source.warehouse,
        defaults={"quantity": quantity, "reason": reason, "reason_reference": page},
    )
    if not created:
        line.quantity += quantity
        line.save(update_fields=["quantity"])


def _new_fulfillment(
    order: models.Order,
    status: str,
    tracking_number: str,
    goods: dict[models.Line, int],
    warehouse: str = "",
    reason: str = "",
) -> models.Fulfillment:
    last = order.fulfillments.order_by("-fulfillment_order").first()
    row = models.Fulfillment.objects.create(
        order=order,
        status=status,
        tracking_number=tracking_number,
        reason=reason,
        fulfillment_order=last.fulfillment_order + 1 if last else 1,
    )
    models.FulfillmentLine.objects.bulk_create(
        [
            models.FulfillmentLine(fulfillment=row, order_line=line, quantity=n, warehouse=warehouse)
            for line, n in goods.items()
        ]
    )
    return row
