"""Addresses of files: each for one reader, for a short time. They open nothing by themselves: who the
reader is, and whether they may still see the file, is asked again each time."""

import dataclasses
import datetime

from django.core import signing

from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.files.models import Attachment, FileState

LIFE = datetime.timedelta(minutes=15)

_READERS = (ActorKind.CUSTOMER, ActorKind.GUEST, ActorKind.STAFF, ActorKind.APP)


@dataclasses.dataclass(frozen=True)
class Claim:
    """What a token says: which file, and who it was made for: a guest's ``grant_id``, or somebody's ``id``
    in the shop."""

    file_id: int
    kind: ActorKind
    id: str
    grant_id: int | None


def token(row: Attachment, reader: Actor, now: datetime.datetime) -> str:
    """The signed token for this reader, safe inside a URL; "" for a file that nobody gets, or no person."""
    known = reader.grant_id if reader.kind is ActorKind.GUEST else reader.id
    if row.state != FileState.CLEAN or reader.kind not in _READERS or not known:
        return ""
    until = int((now + LIFE).timestamp())
    return _signer().sign_object([row.pk, reader.kind.value, reader.id or "", reader.grant_id, until])


def read(token: str, now: datetime.datetime) -> Claim | None:
    """What a token says; None when it is forged, garbled or older than 15 minutes."""
    if len(token) > 500 or not token.isascii():
        return None
    try:
        file_id, kind, key, grant_id, until = _signer().unsign_object(token)
        claim = Claim(int(file_id), ActorKind(kind), str(key), grant_id)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return claim if now.timestamp() < until else None


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt="saleor_support_plugin.files.links")
