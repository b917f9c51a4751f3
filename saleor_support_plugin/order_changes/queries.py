"""Changes of orders as each reader may see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.order_changes.models import AddressChange


def visible(actor: Actor) -> QuerySet[AddressChange]:
    """The changes ``actor`` may see: their own; for staff and apps those of their channels too."""
    rows = AddressChange.objects.all()
    if actor.kind is ActorKind.GUEST:
        return rows.filter(order_id=actor.order_id) if actor.order_id else rows.none()
    own = Q(customer_id=actor.id) if actor.id and actor.kind is not ActorKind.APP else Q(pk__in=())
    if actor.may(Permission.MANAGE_ORDERS):
        return rows if actor.channels is None else rows.filter(own | Q(channel_id__in=actor.channels))
    return rows.filter(own)


def get(actor: Actor, change_id: int) -> AddressChange:
    """One change that ``actor`` may see.

    Raises:
        NotThere: there is none, or it is somebody else's.
    """
    found = visible(actor).filter(pk=change_id).first()
    if found is None:
        raise NotThere("address change")
    return found


def for_orders(order_ids: Iterable[str]) -> Mapping[str, list[AddressChange]]:
    """The changes of each order, newest first, in one query; the caller has checked who asks."""
    found: dict[str, list[AddressChange]] = defaultdict(list)
    for one in AddressChange.objects.filter(order_id__in=set(order_ids)).order_by("-pk"):
        found[one.order_id].append(one)
    return found


def of_customer(actor: Actor, customer_id: str) -> QuerySet[AddressChange]:
    """The changes of one customer's orders that ``actor`` may see."""
    return visible(actor).filter(customer_id=customer_id)
