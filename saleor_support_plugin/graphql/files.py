"""Files: hand one in, and what of a file is shown."""

from collections.abc import Iterable, Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.files import links, service
from saleor_support_plugin.files.models import Attachment, FileState
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportMutation,
    access_token,
    enum_type,
    now,
    pk_of,
    seen_by,
)
from saleor_support_plugin.graphql.loaders import load
from saleor_support_plugin.shop.current import get_shop

SupportFileState = enum_type("SupportFileState", FileState)


class SupportFile(graphene.ObjectType):
    """One file."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "A photo, film or PDF that somebody handed in."

    name = graphene.String(required=True, description="Its name, cleaned: no path, no invisible characters.")
    content_type = graphene.String(
        required=True, description="Its media type, told by its content: `image/jpeg`, `application/pdf` …"
    )
    size = graphene.Int(required=True, description="In bytes.")
    state = graphene.Field(SupportFileState, required=True, description="Only `CLEAN` files have a `url`.")
    url = graphene.String(
        description="Where it can be fetched in your name for 15 minutes. Ask again for a new one."
    )
    created_at = TYPES.DateTime(required=True, description="When it was handed in.")

    @staticmethod
    def resolve_url(root: Any, info: Any) -> Any:
        """Made for the reader; null where there is none to make it for."""
        token = links.token(root, root.support_reader, now())
        if not token:
            return None
        base = load(info, "plugin_url", root.channel_id, _plugin_urls, str)
        return base.then(lambda found: f"{found}files/{token}" if found else None)


def attached(info: Any, actor: Actor, subject: str, part: str | None = None) -> Any:
    """A promise of the files of an object ("return:12"), or of one part of it, that the actor may see, for
    a list of :class:`SupportFile`; batched. The caller has checked the right to the object."""

    def shown(rows: Any) -> Any:
        wanted = [row for row in rows if part is None or row.part == part]
        return seen_by(actor, [row for row in wanted if not row.is_internal or _is_staff(actor, row)])

    return load(info, "files", subject, service.of).then(shown)


def file_keys(ids: Iterable[str], field: str = "fileIds") -> list[int]:
    """The keys inside global ids of files.

    Raises:
        NotThere: one is none.
    """
    return [pk_of(one, "SupportFile", "file", field=field) for one in ids]


def _is_staff(actor: Actor, row: Attachment) -> bool:
    return actor.may(Permission.MANAGE_ORDERS, row.channel_id)


def _plugin_urls(channel_ids: Iterable[str]) -> Mapping[str, str]:
    found = {}
    for channel_id in channel_ids:
        try:
            found[channel_id] = get_shop().settings(channel_id).plugin_url
        except SupportError:  # a channel that is gone, or whose options can't be read, has no address
            continue
    return found


class SupportFileUpload(SupportMutation):
    """Hand a file in."""

    class Meta:
        description = (
            "Hand in a photo, film or PDF about an order, to attach it to a return or a ticket within 24 "
            "hours; else it is deleted. Send it as a multipart request, as `fileUpload` of Saleor. JPEG, "
            "PNG, GIF, WebP, HEIC, PDF, MP4 and MOV are taken; places are removed from pictures."
        )

    class Arguments:
        file = TYPES.Upload(required=True, description="The file, as a part of a multipart request.")
        order_id = graphene.ID(required=True, description="The order it is about.")
        access_token = access_token()

    file = graphene.Field(SupportFile)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, file: Any, order_id: str) -> Mapping[str, Any]:
        """Store."""
        # In the place of a file Saleor puts the name of its part.
        sent = info.context.FILES.get(file) if isinstance(file, str) else None
        row = service.store(actor=actor, file=sent, order_id=order_id, now=now())
        return {"file": seen_by(actor, [row])[0]}


MUTATION = {"support_file_upload": SupportFileUpload.Field()}
