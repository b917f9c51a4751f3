"""What the policy is told of an order and its customer, read in a constant number of queries."""

import datetime
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Subquery, Sum

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.notifications.writing import language, zones
from saleor_support_plugin.returns import queries
from saleor_support_plugin.returns.axes import Authorisation, ReturnKind
from saleor_support_plugin.returns.desk import lists, options, reasons, rules
from saleor_support_plugin.returns.models import Listed, Return, ReturnOptions
from saleor_support_plugin.returns.policy import (
    Facts,
    HistoryFacts,
    ParcelFacts,
    ReasonFacts,
    ReturnSettings,
    Rule,
)
from saleor_support_plugin.returns.policy.matching import asks_history
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Address, Order
from saleor_support_plugin.tracking.models import Direction, Parcel
from saleor_support_plugin.tracking.status import Status

YEAR = datetime.timedelta(days=365)
MOST = 1000  # returns of one customer that are looked at
# Returns that came to nothing say nothing about their customer.
_NOTHING = (
    Authorisation.UNCONFIRMED,
    Authorisation.DECLINED,
    Authorisation.CANCELED,
    Authorisation.EXPIRED,
)


def of_order(
    order: Order,
    now: datetime.datetime,
    *,
    actor: Actor,
    settings: SupportSettings | None = None,
    but: int = 0,
    chosen: Mapping[str, str] | None = None,
    reason_facts: Mapping[str, ReasonFacts] | None = None,
    resolution: str = "",
    reason: str = "",
    whole_history: bool = False,
) -> Facts:
    """The facts for ``policy.eligibility``, in six queries at most (one of them for ``settings``) where the
    shop reads goods in one, and in two more for the whole history.

    Args:
        settings: the channel's, when the caller has them.
        but: the key of a return whose own goods are not held against it.
        chosen: by order line id the code of the reason that the customer chose.
        reason_facts: of the reasons, see ``reasons.facts``.
        resolution: what the customer chose; "" not yet.
        reason: the code of one for all lines, instead of ``chosen`` and ``reason_facts``; one query more
            where there are no rules.
        whole_history: read all that ``risk.assess`` asks; else what rules ask, if any does.

    Raises:
        Invalid: nobody can choose this ``reason``.
    """
    settings = settings or get_shop().settings(order.channel_id)
    found, decided, listed, why = _decided(order.channel_id, order, reason)
    if why is not None:
        chosen, reason_facts = {line.id: reason for line in order.lines}, {reason: why}
    product_ids = {line.product_id for line in order.lines if line.product_id}
    address = order.shipping_address or order.billing_address
    asked = whole_history or any(asks_history(one.conditions) for one in found)
    return Facts(
        is_on=settings.is_on(Feature.RETURNS),
        window_days=settings.return_window_days,
        zone=language.zone(settings.time_zone, "UTC"),
        home=language.zone(zones.time_zone_of(address), settings.time_zone),
        settings=decided,
        rules=found,
        goods=get_shop().goods(product_ids) if product_ids else {},
        parcels=parcels(order.id),
        taken=tuple(queries.taken(order.id, but=but)),
        reasons=reason_facts or {},
        customer_tags=order.customer_metadata,
        order_tags=order.metadata,
        history=history(order, now, but=but, whole=whole_history, listed=listed) if asked else None,
        actor=_asks(actor, order.channel_id),
        chosen=chosen or {},
        resolution=resolution,
    )


def of_channel(
    channel_id: str, country: str, *, actor: Actor, settings: SupportSettings | None = None, reason: str = ""
) -> Facts:
    """The facts for ``policy.product_eligibility``: nothing is bought yet, nobody is known. Raises as
    :func:`of_order`."""
    settings = settings or get_shop().settings(channel_id)
    zone = language.zone(settings.time_zone, "UTC")
    found, decided, _listed, why = _decided(channel_id, reason=reason)
    return Facts(
        is_on=settings.is_on(Feature.RETURNS),
        window_days=settings.return_window_days,
        zone=zone,
        home=language.zone(zones.time_zone_of(Address(country=country)), settings.time_zone),
        settings=decided,
        rules=found,
        reasons={} if why is None else {reason: why},
        actor=_asks(actor, channel_id),
    )


def parcels(order_id: str) -> Mapping[str, ParcelFacts]:
    """The ways of an order's goods to the customer, by fulfilment id, in one query."""
    ended = {Status.RETURNED, Status.CANCELLED}
    rows = Parcel.objects.filter(order_id=order_id, shipped_at__isnull=False, direction=Direction.OUTBOUND)
    return {
        row.fulfillment_id: ParcelFacts(
            row.fulfillment_id,
            row.shipped_at,
            row.delivered_at,
            row.last_scan_at,
            row.cancelled_at is not None or row.status in ended,
        )
        for row in rows
    }


def history(
    order: Order,
    now: datetime.datetime,
    *,
    but: int = 0,
    whole: bool = True,
    listed: Collection[str] | None = None,
) -> HistoryFacts:
    """What the order's customer did in the 12 months before ``now``, in four queries; in two fewer without
    what no rule asks (orders, and accounts at the address), in one fewer with ``listed``.

    Args:
        but: the key of the return that is decided.
        listed: on which lists (:class:`Listed`) the customer is; None: not read yet.
    """
    since = now - YEAR
    address = _address(order)
    if listed is None:
        listed = lists.found(*_whom(order))
    mine = list(_of_customer(order, since, but)[:MOST])
    in_this_money = [one["worth"] or Decimal(0) for one in mine if one["currency"] == order.total.currency]
    return HistoryFacts(
        returns=len(mine),
        claims=sum(one["kind"] == ReturnKind.CLAIM for one in mine),
        withdrawals=sum(one["kind"] == ReturnKind.WITHDRAWAL for one in mine),
        empty=sum(bool(one["empty"]) for one in mine),
        worth=sum(in_this_money, Decimal(0)),
        currency=order.total.currency,
        orders=_orders(order, since) if whole else 0,
        returned_orders=len({one["order_id"] for one in mine}),
        accounts=_accounts(address, order, since, but) if whole else 0,
        is_blocked=Listed.BLOCK in listed,
        is_allowed=Listed.ALLOW in listed,
    )


def _asks(actor: Actor, channel_id: str) -> str:
    """Who asks, as rules know it: members of staff are customers where they don't look after orders."""
    is_customer = actor.is_staff and not actor.may(Permission.MANAGE_ORDERS, channel_id)
    return (ActorKind.CUSTOMER if is_customer else actor.kind).value


def _decided(
    channel_id: str, order: Order | None = None, reason: str = ""
) -> tuple[tuple[Rule, ...], ReturnSettings, set[str] | None, ReasonFacts | None]:
    """The channel's rules and options, on which lists the order's customer is, and what is known of a
    ``reason`` that somebody named, in one query where there are rules. Where there are none, nobody has
    asked for the lists: None."""
    values = ReturnOptions.objects.filter(channel_id=channel_id).values("values")[:1]
    whom = _whom(order) if order else None
    more: dict[str, Any] = {f"is_on_{which}": lists.is_on(which, *whom) for which in Listed} if whom else {}
    more |= {"why": reasons.one_of(reason)} if reason else {}
    rows: list[Any] = list(rules.rows_of(channel_id).annotate(options=Subquery(values), **more))
    why = reasons.named(reason, rows[0].why if rows else None) if reason else None
    if not rows:
        return (), options.load(channel_id), None, why
    listed = {which.value for which in Listed if getattr(rows[0], f"is_on_{which}", False)}
    return rules.readable(rows), options.parse(rows[0].options, channel_id), listed, why


def _whom(order: Order) -> tuple[str, str, str, str]:
    """What ``lists`` know an order's customer by."""
    return order.channel_id, order.customer_id or "", order.email, _address(order)


def _address(order: Order) -> str:
    return lists.address_key(order.shipping_address or order.billing_address)


def _of_customer(order: Order, since: datetime.datetime, but: int) -> QuerySet[Return, dict[str, Any]]:
    who = Q(email__in={order.email, order.email.lower()}) if order.email else Q(pk__in=())
    if order.customer_id:
        who |= Q(customer_id=order.customer_id)
    rows = Return.objects.filter(who, created_at__gte=since).exclude(authorisation__in=_NOTHING)
    return (
        rows.exclude(pk=but)
        .values("pk", "order_id", "kind", "currency")
        .annotate(
            worth=Sum(F("lines__unit_price") * F("lines__quantity")),
            empty=Sum(F("lines__missing_quantity") + F("lines__not_ours_quantity")),
        )
    )


def _orders(order: Order, since: datetime.datetime) -> int:
    """How many of the customer's orders left in part at least; 0 for guests, whose orders have no owner."""
    if not order.customer_id:
        return 0
    rows = Parcel.objects.filter(
        customer_id=order.customer_id, shipped_at__gte=since, direction=Direction.OUTBOUND
    )
    return rows.values("order_id").distinct().count()


def _accounts(address: str, order: Order, since: datetime.datetime, but: int) -> int:
    """How many different customers have returns from this postal address, this one included."""
    if not address:
        return 1
    rows = Return.objects.filter(address=address, created_at__gte=since).exclude(pk=but)
    found = rows.exclude(authorisation__in=_NOTHING).values_list("customer_id", "email").distinct()[:MOST]
    return len({customer or email.lower() for customer, email in found} | {order.customer_id or order.email})
