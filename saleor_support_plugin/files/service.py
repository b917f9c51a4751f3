"""Take files in, attach them, hand them out, and delete those that nobody attached."""

import datetime
import hashlib
import logging
from collections.abc import Collection, Sequence
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction

from saleor_support_plugin.actors import SYSTEM, Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.files import kinds, limits, names, pictures, queries, scanning, storage
from saleor_support_plugin.files.models import Attachment, FileState
from saleor_support_plugin.history import retention
from saleor_support_plugin.history import service as history
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.states import move

logger = logging.getLogger(__name__)

LOOSE = datetime.timedelta(hours=24)  # how long a file may be attached after it was handed in …
GRACE = datetime.timedelta(hours=1)  # … and how much later it goes, since an attaching call may still run
AGAIN = datetime.timedelta(minutes=2)  # how long a scanner that did not answer is left alone

of = queries.of


def store(*, actor: Actor, file: Any, order_id: str, now: datetime.datetime) -> Attachment:
    """Take a file about an order: its content is checked, cleaned of places, stored and scanned.

    Answers with a CLEAN row, or a SCANNING one while the shop's scanner does not answer. Within 24 hours
    it must be attached to something; else it is deleted.

    Args:
        file: a Django ``UploadedFile`` (name, size, content); None for none.

    Raises:
        NotThere: no such order, or not the actor's (field ``orderId``).
        Invalid: field ``file``: none or an empty one (REQUIRED), of a type that is not taken, a name that
            does not fit its content, damaged or of too many pixels (INVALID), too large (OUT_OF_RANGE),
            refused by the scanner (INVALID), or one of too many (LIMIT_REACHED).
        SupportError: SWITCHED_OFF, the channel takes neither returns nor tickets; SHOP_UNAVAILABLE, the
            storage does not answer.
    """
    order = _order(actor, order_id)
    settings = get_shop().settings(order.channel_id)
    _switched_on(actor, settings)
    kind, name, content = _checked(file, settings)
    row = Attachment(
        order_id=order.id,
        channel_id=order.channel_id,
        uploader_kind=actor.kind.value,
        uploader_id=actor.id or "",
        name=name,
        content_type=kind.content_type,
        size=content.size,
        digest=_digest(content),
        storage_name=storage.new_name(),
        created_at=now,
    )
    with transaction.atomic():
        get_shop().lock_order(order.id)
        limits.check_count(actor, order, now)
        row.save(force_insert=True)
    _write(row, content)
    with transaction.atomic():
        move(row, FileState.SCANNING, storage_name=row.storage_name, scanned_at=now)
        history.record(
            actor=actor,
            verb="file_stored",
            subject=f"file:{row.pk}",
            order_id=row.order_id,
            at=now,
            after={"name": row.name, "content_type": row.content_type, "digest": row.digest},
        )
    _scan(row, now)
    if row.state == FileState.REFUSED:
        raise Invalid("The shop's scanner refused this file.", field="file")
    return row


def attach(
    *,
    actor: Actor,
    ids: Sequence[int],
    subject: str,
    part: str = "",
    now: datetime.datetime,
    order_id: str = "",
    internal: bool = False,
    field: str = "fileIds",
) -> list[Attachment]:
    """Attach files to an object, each once, in the transaction of the verb that makes or changes it.

    A file that is attached to this part of it already stays so, and that is no error: a verb that runs
    again with the same key finds what it did.

    Args:
        ids: keys of files that the actor handed in.
        subject: what they belong to, ``"return:12"``.
        part: which part of it: an order line's id; "" for the whole.
        order_id: where given, files about other orders are not there.
        internal: for staff only, never for the customer.
        field: the argument that errors name.

    Raises:
        NotThere: a file that is not there, not the actor's own, or older than 24 hours.
        Invalid: one is attached to something else (INVALID); more than 30 of one object are customers', or
            the shop's (TOO_MANY).
        WrongState: the scanner has not answered yet, or refused one.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    with transaction.atomic():
        rows = list(Attachment.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
        if len(rows) < len(wanted):
            raise NotThere("file", field=field)
        for row in rows:
            _check_attachable(actor, row, subject, part, order_id, now, field)
        fresh = [row.pk for row in rows if not row.subject]
        if fresh and limits.attached(actor, subject) + len(fresh) > limits.OF_SUBJECT:
            message = f"Send at most {limits.OF_SUBJECT} files."
            raise Invalid(message, field=field, code=Code.TOO_MANY)
        taken = Attachment.objects.filter(pk__in=fresh, subject="", state=FileState.CLEAN)
        done = taken.update(subject=subject, part=part, is_internal=internal, attached_at=now)
        if done < len(fresh):
            raise Invalid("One of these files was just attached elsewhere.", field=field, code=Code.CONFLICT)
    found = {row.pk: row for row in Attachment.objects.filter(pk__in=wanted)}
    return [found[key] for key in wanted]


def open(*, actor: Actor, file_id: int) -> "tuple[Attachment, File[bytes]]":
    """A file, and its content opened for reading, if the actor may see it now; close it afterwards.

    Raises:
        NotThere: no such file, or not this actor's, or its content is lost.
        SupportError: SHOP_UNAVAILABLE, the storage does not answer.
    """
    row = queries.get(actor, file_id)
    try:
        return row, storage.storage().open(row.storage_name, "rb")
    except FileNotFoundError:
        logger.error("The content of file %s is not in its storage.", row.pk)
        raise NotThere("file") from None
    except Exception as error:  # each storage has errors of its own
        raise _unavailable() from error


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Ask the scanner again about up to ``limit`` files it did not answer for; returns how many it did."""
    waiting = Attachment.objects.filter(state=FileState.SCANNING, scanned_at__lt=now - AGAIN)
    answered = 0
    for row in waiting.order_by("scanned_at")[:limit]:
        Attachment.objects.filter(pk=row.pk).update(scanned_at=now)
        _scan(row, now)
        answered += row.state != FileState.SCANNING
    return answered


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` files that nobody attached within 24 hours, and their contents, oldest first;
    returns how many. One whose content can't be deleted now stays for the next time."""
    old = Attachment.objects.filter(subject="", created_at__lt=now - LOOSE - GRACE).order_by("created_at")
    names_of = list(old.values_list("pk", "storage_name")[:limit])
    gone = [key for key, name in names_of if storage.delete(name)]
    return sum(
        retention.delete(Attachment.objects.filter(pk__in=chunk), len(chunk), history_of="file")
        for chunk in (gone[at : at + retention.CHUNK] for at in range(0, len(gone), retention.CHUNK))
    )


def discard(*, subjects: Collection[str], limit: int) -> tuple[int, set[str]]:
    """Delete the files of these objects ("return:12"), and their contents; call it outside of transactions.

    Returns how many it deleted, at most ``limit``, and which objects still have some: there were more, or
    a content can't be deleted now.
    """
    found = Attachment.objects.filter(subject__in=subjects).order_by("subject", "pk")
    files = list(found.values_list("pk", "storage_name", "subject")[: limit + 1])
    gone = [key for key, name, _subject in files[:limit] if storage.delete(name)]
    for at in range(0, len(gone), retention.CHUNK):
        chunk = Attachment.objects.filter(pk__in=gone[at : at + retention.CHUNK])
        retention.delete(chunk, retention.CHUNK, history_of="file")
    left = set(subjects) if len(files) > limit else {one for key, _name, one in files if key not in set(gone)}
    return len(gone), left


def _order(actor: Actor, order_id: str) -> Order:
    try:
        order = get_shop().order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    own = actor.owns(order_id=order.id, customer_id=order.customer_id)
    if not own and not actor.may(Permission.MANAGE_ORDERS, order.channel_id):
        raise NotThere("order", field="orderId")
    return order


def _switched_on(actor: Actor, settings: SupportSettings) -> None:
    if actor.may(Permission.MANAGE_ORDERS, settings.channel_id):
        return
    if not (settings.is_on(Feature.RETURNS) or settings.is_on(Feature.TICKETS)):
        raise SupportError("This shop does not take files here.", code=Code.SWITCHED_OFF)


def _checked(file: Any, settings: SupportSettings) -> "tuple[kinds.FileKind, str, File[bytes]]":
    """The file's kind by its content, its name, and its content as it will be stored."""
    if file is None or not file.size:
        raise Invalid("Send a file that is not empty.", field="file", code=Code.REQUIRED)
    file.seek(0)
    kind = kinds.of(file.read(kinds.HEAD))
    file.seek(0)
    if kind is None:
        raise Invalid(f"Send a {kinds.listed()} file.", field="file")
    name = names.cleaned(str(file.name or ""), kind)
    if name is None:
        message = f"This is a {kind.title} file; its name must end with .{kind.endings[0]}."
        raise Invalid(message, field="file")
    limits.check_size(file.size, kind, settings)
    if not kind.is_image:
        return kind, name, file
    data = file.read()
    fault = pictures.fault(data, kind)
    if fault:
        raise Invalid(fault, field="file")
    return kind, name, ContentFile(pictures.without_place(data, kind))


def _digest(content: "File[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


def _write(row: Attachment, content: "File[bytes]") -> None:
    """Store the content; where that fails, the row stays for the purge, since part of it may lie there."""
    try:
        row.storage_name = storage.save(row.storage_name, content)
    except Exception as error:  # each storage has errors of its own
        raise _unavailable() from error


def _unavailable() -> SupportError:
    logger.exception("The storage of files does not work.")
    return SupportError(
        "Files can't be stored or read just now; try again later.", code=Code.SHOP_UNAVAILABLE
    )


def _scan(row: Attachment, now: datetime.datetime) -> None:
    """Ask the scanner, outside of any transaction; without an answer the file stays SCANNING."""
    try:
        scanner = scanning.scanner()
        clean = scanner is None or _ask(scanner, row)
    except Exception:  # the scanner's own errors, and the storage's; the sweep will ask again
        logger.exception("File %s could not be scanned; it will be tried again.", row.pk)
        return
    if clean:
        move(row, FileState.CLEAN)
        return
    with transaction.atomic():
        move(row, FileState.REFUSED)
        history.record(
            actor=SYSTEM, verb="file_refused", subject=f"file:{row.pk}", order_id=row.order_id, at=now
        )
    storage.delete(row.storage_name)


def _ask(scanner: scanning.Scanner, row: Attachment) -> bool:
    with storage.storage().open(row.storage_name, "rb") as content:
        return bool(scanner(content))


def _check_attachable(
    actor: Actor, row: Attachment, subject: str, part: str, order_id: str, now: datetime.datetime, field: str
) -> None:
    mine = queries.is_uploader(actor, row) and order_id in ("", row.order_id)
    if not mine or (not row.subject and row.created_at <= now - LOOSE):
        raise NotThere("file", field=field)
    if row.subject and (row.subject, row.part) != (subject, part):
        raise Invalid("One of these files is attached to something else; send it again.", field=field)
    if row.state != FileState.CLEAN:
        message = (
            "The shop's scanner refused one of these files."
            if row.state == FileState.REFUSED
            else "One of these files is still being scanned; try again in a few minutes."
        )
        raise WrongState(message, field=field)
