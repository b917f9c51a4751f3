"""Who sees which files."""

from collections.abc import Iterable, Mapping

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.files.models import Attachment, FileState
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound


def of(subjects: Iterable[str]) -> Mapping[str, list[Attachment]]:
    """The files of each of these objects ("return:12"), oldest first, in one query; objects without are
    left out.

    Asks nobody who is reading: the caller has checked the right to each object, and leaves out
    ``is_internal`` ones for everybody but staff.
    """
    found: dict[str, list[Attachment]] = {}
    wanted = {one for one in subjects if one}
    for row in Attachment.objects.filter(subject__in=wanted, state=FileState.CLEAN).order_by("pk"):
        found.setdefault(row.subject, []).append(row)
    return found


def get(actor: Actor, file_id: int) -> Attachment:
    """A clean file that the actor may see now: staff of its channel; whoever owns its order now, unless it
    is internal, or not attached yet and somebody else's.

    Raises:
        NotThere: no such file, or not this actor's.
    """
    row = Attachment.objects.filter(pk=file_id, state=FileState.CLEAN).first()
    if row is None or not _sees(actor, row):
        raise NotThere("file")
    return row


def is_uploader(actor: Actor, row: Attachment) -> bool:
    """Whether the actor handed this file in; a guest is whoever holds a link to its order."""
    if row.uploader_kind != actor.kind.value:
        return False
    if actor.kind is ActorKind.GUEST:
        return row.order_id == actor.order_id
    if actor.kind is ActorKind.SYSTEM:
        return True
    return bool(actor.id) and row.uploader_id == actor.id


def _sees(actor: Actor, row: Attachment) -> bool:
    if actor.may(Permission.MANAGE_ORDERS, row.channel_id):
        return True
    if row.is_internal or not (row.subject or is_uploader(actor, row)):
        return False
    try:
        order = get_shop().order(row.order_id)
    except NotFound:
        return False
    return actor.owns(order_id=order.id, customer_id=order.customer_id)
