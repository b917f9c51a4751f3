"""Returns as each reader may see them, and what of an order they hold."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    PositiveIntegerField,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.refunds.models import RefundState
from saleor_support_plugin.returns import axes
from saleor_support_plugin.returns.axes import HOLDING
from saleor_support_plugin.returns.models import (
    Authorisation,
    Logistics,
    Resolution,
    Return,
    ReturnComment,
    ReturnLine,
    ReturnPayout,
    ReturnStatus,
    Settlement,
)
from saleor_support_plugin.returns.policy import Taken
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound

PAID_BEFORE_IT_CAME = "all"  # what the basis of such a payout says is counted, see amounts.Counting


def visible(actor: Actor) -> QuerySet[Return]:
    """The returns that ``actor`` may see: their own; for staff and apps those of their channels too.

    A customer's returns from the time when the order still was a guest's are reached through the order,
    see :func:`for_orders` and :func:`get`.
    """
    if actor.kind is ActorKind.GUEST:
        return Return.objects.filter(order_id=actor.order_id) if actor.order_id else Return.objects.none()
    own = Q(customer_id=actor.id) if actor.id and actor.kind is not ActorKind.APP else Q(pk__in=())
    if actor.may(Permission.MANAGE_ORDERS):
        if actor.channels is None:
            return Return.objects.all()
        return Return.objects.filter(own | Q(channel_id__in=actor.channels))
    return Return.objects.filter(own)


def get(actor: Actor, return_id: int) -> Return:
    """One return that ``actor`` may see.

    Raises:
        NotThere: there is none, or it is somebody else's.
    """
    found = visible(actor).filter(pk=return_id).first() or _asked_as_guest(actor, return_id)
    if found is None:
        raise NotThere("return")
    return found


def _asked_as_guest(actor: Actor, return_id: int) -> Return | None:
    """A return that was asked for while its order was a guest's, which is the actor's by now: shops give
    guests' orders to accounts with the same address."""
    if not actor.id or actor.kind not in (ActorKind.CUSTOMER, ActorKind.STAFF):
        return None
    row = Return.objects.filter(pk=return_id, customer_id="").first()
    try:
        own = row is not None and get_shop().order(row.order_id).customer_id == actor.id
    except NotFound:
        return None
    return row if own else None


def for_orders(order_ids: Iterable[str]) -> Mapping[str, list[Return]]:
    """The returns of each order, newest first, in one query; the caller has checked who asks."""
    found: dict[str, list[Return]] = defaultdict(list)
    for one in Return.objects.filter(order_id__in=set(order_ids)).order_by("-pk"):
        found[one.order_id].append(one)
    return found


def of_customer(actor: Actor, customer_id: str) -> QuerySet[Return]:
    """The returns of one customer that ``actor`` may see."""
    return visible(actor).filter(customer_id=customer_id)


def lines(return_ids: Iterable[int]) -> Mapping[int, list[ReturnLine]]:
    """The lines of each return, in the order they were asked for, in one query."""
    found: dict[int, list[ReturnLine]] = defaultdict(list)
    for one in ReturnLine.objects.filter(parent_id__in=set(return_ids)).order_by("pk"):
        found[one.parent_id].append(one)
    return found


def comments(return_ids: Iterable[int], *, internal: bool) -> Mapping[int, list[ReturnComment]]:
    """What was said about each return, oldest first, in one query; what is for staff only where
    ``internal``."""
    rows = ReturnComment.objects.filter(parent_id__in=set(return_ids)).order_by("pk")
    found: dict[int, list[ReturnComment]] = defaultdict(list)
    for one in rows if internal else rows.filter(is_internal=False):
        found[one.parent_id].append(one)
    return found


def sees_internal(actor: Actor, row: Return) -> bool:
    """Whether ``actor`` may read what staff says to each other about this return."""
    return actor.may(Permission.MANAGE_ORDERS, row.channel_id)


def taken(order_id: str, *, but: int = 0, approved_only: bool = False) -> list[Taken]:
    """What returns of the order hold, without the return ``but`` (its pk); ``approved_only``: without
    those that nobody has decided yet.

    Nobody else may ask for these pieces. Goods that a return has brought back have left their fulfilment
    in the shop: they are not held any more. Nor are pieces that were missing when the parcel was opened:
    the customer may still have them, unless their money went back before the parcel came. What stays with
    the customer, and what was lost on the way, is held for ever: its money goes back once.
    """
    states = [Authorisation.APPROVED] if approved_only else list(HOLDING)
    rows = ReturnLine.objects.filter(parent__order_id=order_id, parent__authorisation__in=states).exclude(
        parent_id=but
    )
    wanted = Case(
        When(parent__authorisation=Authorisation.APPROVED, then=F("approved_quantity")), default=F("quantity")
    )
    early = ReturnPayout.objects.filter(
        parent=OuterRef("parent"), is_replaced=False, amount__gt=0, basis__counting=PAID_BEFORE_IT_CAME
    ).exclude(refund__state=RefundState.FAILED)
    given_up = Case(
        When(Exists(early), then=Value(0)),
        default=F("missing_quantity") + F("not_ours_quantity"),
        output_field=PositiveIntegerField(),
    )
    rows = rows.annotate(held=wanted - F("returned_quantity") - given_up).filter(held__gt=0)
    return [
        Taken(line_id, quantity, at)
        for line_id, quantity, at in rows.order_by("pk").values_list(
            "order_line_id", "held", "parent__created_at"
        )
    ]


def is_open(order_id: str) -> bool:
    """Whether some return of the order still waits for its goods or for a decision; one query."""
    rows = Return.objects.filter(order_id=order_id, authorisation__in=HOLDING, closed_at__isnull=True)
    return rows.exists()


def promising(order_id: str, *, but: int) -> list[tuple[Return, Decimal]]:
    """The order's returns, without ``but`` (its pk), whose customers were told an amount that has not been
    settled, each with what is planned for it already; one query."""
    standing = ReturnPayout.objects.filter(parent=OuterRef("pk"), is_replaced=False).exclude(
        refund__state=RefundState.FAILED
    )
    paid = standing.values("parent").annotate(sum=Sum(F("amount") + F("left_out")))
    rows = (
        Return.objects.filter(
            order_id=order_id,
            authorisation=Authorisation.APPROVED,
            resolution=Resolution.REFUND,
            completed_at__isnull=True,
            quoted_amount__isnull=False,
        )
        .exclude(settlement=Settlement.SETTLED)
        .exclude(pk=but)
        .annotate(paid=Subquery(paid.values("sum")))
    )
    return [(row, row.paid or Decimal(0)) for row in rows.order_by("pk")]


def with_status(rows: QuerySet[Return], statuses: Iterable[str]) -> QuerySet[Return]:
    """Of ``rows``, those whose derived status (:attr:`Return.status`) is one of these."""
    wanted = Q(pk__in=())
    for one in statuses:
        wanted |= _shown_as(ReturnStatus(one))
    return rows.filter(wanted)


def _shown_as(status: ReturnStatus) -> Q:
    """The rows whose axes :func:`axes.status` shows as ``status``."""
    if status == ReturnStatus.COMPLETED:
        return Q(authorisation=Authorisation.APPROVED, completed_at__isnull=False)
    if status.value in set(Authorisation.values) - {Authorisation.APPROVED.value}:
        return Q(authorisation=status)
    found = Q(pk__in=())
    for settlement in Settlement:
        places = [
            one
            for one in Logistics
            if axes.status(Authorisation.APPROVED, one, settlement, completed=False) == status
        ]
        if places:
            found |= Q(settlement=settlement, logistics__in=places)
    return Q(authorisation=Authorisation.APPROVED, completed_at__isnull=True) & found
