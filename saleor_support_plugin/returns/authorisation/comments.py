"""What customers and staff say to each other about a return, and staff among themselves."""

import datetime

from django.db import transaction

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.models import Return, ReturnComment
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

TEXT_LIMIT = 2000
KEY_LIMIT = 64
MOST = 100  # comments of the customer on one return
_SHOPS = (ActorKind.STAFF.value, ActorKind.APP.value)


def comment(
    *,
    actor: Actor,
    return_id: int,
    text: str,
    now: datetime.datetime,
    is_internal: bool = False,
    key: str = "",
) -> ReturnComment:
    """Say something about a return; what staff says in public is mailed to the customer, and what the
    customer says is a task for staff, see :func:`tell_staff`.

    The same ``key`` (at most 64 characters) answers with the same comment.

    Raises:
        NotThere: no such return that the actor may see.
        Invalid: the text (at most 2000 characters) is blank or too long; only staff can say something
            internal; the key was used for another text (CONFLICT); the customer has said enough
            (LIMIT_REACHED).
    """
    row = queries.get(actor, return_id)
    text = texts.block(text, field="text", maximum=TEXT_LIMIT)
    key = clean_key(key)
    by_staff = ground.is_staffs(actor, row)
    if is_internal and not by_staff:
        raise Invalid("Only staff can write internal comments.", field="isInternal")
    with transaction.atomic():
        order, row = ground.locked(row.pk)
        earlier = row.comments.filter(key=key).first() if key else None
        if earlier is not None:
            if (earlier.text, earlier.is_internal) != (text, is_internal):
                raise Invalid("This key was used for another comment.", field="key", code=Code.CONFLICT)
            return earlier
        check_room(row, actor)
        made = add(row, actor, text, now, is_internal=is_internal, key=key)
        entry = notices.record(
            row,
            "return_commented",
            actor=actor,
            now=now,
            said=f"{'noted' if is_internal else 'commented'} by {notices.by(actor)}: {text}",
            after={"comment": made.pk, "is_internal": is_internal},
        )
        if not by_staff:
            tell_staff(row, now, "wrote about it: answer with a comment.")
        elif not is_internal:
            notices.heard(row, now)
            notices.mail(
                row,
                "return_comment",
                order=order,
                entry=entry,
                lines=queries.lines([row.pk])[row.pk],
                now=now,
                data={"message": text, "staff_name": _shown(actor)},
            )
    return made


def clean_key(key: str) -> str:
    """An idempotency key; "" for none. Raises TOO_LONG or INVALID, field ``key``."""
    return texts.line(key, field="key", maximum=KEY_LIMIT) if key else ""


def check_room(row: Return, actor: Actor) -> None:
    """Let through staff, and customers who have not said too much yet.

    Raises:
        Invalid: they have (LIMIT_REACHED, field ``text``).
    """
    said = row.comments.exclude(author_kind__in=_SHOPS)
    if not ground.is_staffs(actor, row) and said.count() >= MOST:
        message = "There is no room for more comments; write to the shop."
        raise Invalid(message, field="text", code=Code.LIMIT_REACHED)


def add(
    row: Return,
    actor: Actor,
    text: str,
    now: datetime.datetime,
    *,
    is_internal: bool = False,
    key: str = "",
) -> ReturnComment:
    """Keep what ``actor`` said, in the caller's transaction; nobody is told."""
    is_own = actor.is_staff and not ground.is_staffs(actor, row)  # of a person who works elsewhere
    return ReturnComment.objects.create(
        parent=row,
        author_kind=ActorKind.CUSTOMER.value if is_own else actor.kind.value,
        author_id=actor.id or "",
        author_name=(actor.name or actor.email)[:254],
        text=text,
        is_internal=is_internal,
        key=key,
        created_at=now,
    )


def tell_staff(row: Return, now: datetime.datetime, what: str) -> None:
    """Open the task that says that the customer said something, in the caller's transaction, which holds
    the return: one at a time. It closes when a person comments in public, asks, decides, cancels or
    settles. The words themselves are only kept with the return."""
    worklist.open_again(
        kind=TaskKind.RETURN_COMMENT,
        key=row.comment_key,
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=f"Return {row.number}: the customer {what}",
    )


def _shown(actor: Actor) -> str:
    """What customers call a member of staff: homes name the nameless by their address, which is a login."""
    return "" if "@" in actor.name else actor.name
