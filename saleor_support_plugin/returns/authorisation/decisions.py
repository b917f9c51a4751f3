"""Ask the customer about a return, take the answer, or decline; ``approval`` agrees."""

import datetime
from collections.abc import Sequence

from django.db import transaction

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.files import service as files
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.authorisation import comments
from saleor_support_plugin.returns.axes import Authorisation
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.eligibility.appraisal import settings_of
from saleor_support_plugin.returns.eligibility.wishes import FILES
from saleor_support_plugin.returns.models import Return, ReturnComment
from saleor_support_plugin.returns.settlement import quotes
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.sla import policy as sla
from saleor_support_plugin.states import move

TEXT_LIMIT = 2000
ANSWERED = "return_information_provided"
OPEN = (Authorisation.REQUESTED, Authorisation.NEEDS_INFORMATION)


def ask(*, actor: Actor, return_id: int, question: str, now: datetime.datetime) -> Return:
    """Ask the customer something before deciding; until the answer comes, the clock stands still.

    Raises:
        NotThere: no such return in the actor's channels.
        Invalid: the question (at most 2000 characters) is blank or too long.
        WrongState: it waits for no decision, or for an answer already.
    """
    ground.for_staff(actor, return_id)
    question = texts.block(question, field="question", maximum=TEXT_LIMIT)
    with transaction.atomic():
        order, row = ground.locked_with_order(return_id)
        before = row.authorisation
        if before != Authorisation.REQUESTED:
            raise ground.wrong(row, approved="; write a comment instead")
        settings = get_shop().settings(order.channel_id)
        answer_by = quotes.send_by(settings, now, settings_of(order).answer_days)
        move(
            row,
            Authorisation.NEEDS_INFORMATION,
            field="authorisation",
            question=question,
            asked_at=now,
            answer_by=answer_by,
        )
        comments.add(row, actor, question, now)
        entry = notices.record(
            row,
            "return_information_requested",
            actor=actor,
            now=now,
            said=f"needs information, {notices.by(actor)} asks: {question}",
            before={"authorisation": before},
            after={"authorisation": row.authorisation, "question": question},
        )
        notices.mail(
            row,
            "return_needs_information",
            order=order,
            entry=entry,
            lines=queries.lines([row.pk])[row.pk],
            now=now,
            data={"question": question, "answer_by": quotes.last_day(settings, answer_by).isoformat()},
        )
    return row


def answer(
    *,
    actor: Actor,
    return_id: int,
    text: str,
    now: datetime.datetime,
    file_ids: Sequence[int] = (),
    key: str = "",
) -> Return:
    """Answer what the shop asked; the clock goes on where it stood, so the promised decision moves. What
    the customer answers is a task for staff, see :func:`comments.tell_staff`.

    Until it is decided, more may be added to an answer, and one may come late. The same ``key`` (at most 64
    characters) answers once, whatever has become of the return since.

    Raises:
        NotThere: no such return of the actor's, or no such file.
        Invalid: the text (at most 2000 characters) is blank or too long; the customer has said enough
            (LIMIT_REACHED); more than 10 files (TOO_MANY); the key was used for something else (CONFLICT).
        WrongState: nobody asked.
    """
    row = queries.get(actor, return_id)
    text = texts.block(text, field="text", maximum=TEXT_LIMIT)
    if len(set(file_ids)) > FILES:
        raise Invalid(f"Add at most {FILES} files.", field="fileIds", code=Code.TOO_MANY)
    key = comments.clean_key(key)
    with transaction.atomic():
        _order, row = ground.locked(row.pk)
        earlier = row.comments.filter(key=key).first() if key else None
        if earlier is not None:
            _check_same(row, earlier, text, file_ids)
            return row
        before = row.authorisation
        if before not in OPEN or not row.question:
            raise WrongState("Nobody waits for an answer; add a comment instead.", field="id")
        comments.check_room(row, actor)
        if before == Authorisation.NEEDS_INFORMATION:
            go_on(row, now)
        made = comments.add(row, actor, text, now, key=key)
        files.attach(
            actor=actor, ids=file_ids, subject=row.subject, part="answer", order_id=row.order_id, now=now
        )
        notices.record(
            row,
            ANSWERED,
            actor=actor,
            now=now,
            said=f"answered by {notices.by(actor)}: {text}",
            before={"authorisation": before},
            after={
                "authorisation": row.authorisation,
                "comment": made.pk,
                "text": text,
                "files": list(file_ids),
                "decide_by": row.decide_by and row.decide_by.isoformat(),
            },
        )
        if not ground.is_staffs(actor, row):
            comments.tell_staff(row, now, "answered: decide, or ask again.")
    return row


def _check_same(row: Return, earlier: ReturnComment, text: str, file_ids: Sequence[int]) -> None:
    """Let through the answer that ``earlier`` holds, with its files.

    Raises:
        Invalid: it is another answer, or no answer at all (CONFLICT, field ``key``).
    """
    entries = HistoryEntry.objects.filter(subject=row.subject, verb=ANSWERED, after__comment=earlier.pk)
    said = entries.values_list("after", flat=True).first()
    if said is None or earlier.text != text or set(said["files"]) != set(file_ids):
        raise Invalid("This key was used for another answer.", field="key", code=Code.CONFLICT)


def decline(*, actor: Actor, return_id: int, message: str, now: datetime.datetime) -> Return:
    """Refuse a return; its goods may be asked for again. The customer reads ``message``.

    Raises:
        NotThere: no such return in the actor's channels.
        Invalid: the message (at most 2000 characters) is blank or too long; it is a withdrawal in time,
            which nobody may refuse (Art. 9 Directive 2011/83/EU; INVALID, field ``id``).
        WrongState: it was decided already.
    """
    ground.for_staff(actor, return_id)
    message = texts.block(message, field="message", maximum=TEXT_LIMIT)
    with transaction.atomic():
        order, row = ground.locked(return_id)
        if row.authorisation not in OPEN:
            raise ground.wrong(row, approved="; cancel it instead")
        if explained.in_time(row.decision):
            raise Invalid(
                "The customer withdrew in time, which is a right: approve it. What was lost in worth may be "
                "taken off when it is settled.",
                field="id",
            )
        before = row.authorisation
        move(
            row,
            Authorisation.DECLINED,
            field="authorisation",
            decision_message=message,
            decided_at=now,
            closed_at=now,
            asked_at=None,
            answer_by=None,
        )
        lines = queries.lines([row.pk])[row.pk]
        entry = notices.record(
            row,
            "return_declined",
            actor=actor,
            now=now,
            said=f"declined by {notices.by(actor)}: {message}",
            before={"authorisation": before},
            after={"authorisation": row.authorisation, "message": message},
        )
        notices.mail(
            row, "return_declined", order=order, entry=entry, lines=lines, now=now, data={"reason": message}
        )
    return row


def go_on(row: Return, now: datetime.datetime) -> None:
    """Nobody waits for an answer any more: the clock runs again, in the caller's transaction.

    Raises:
        WrongState: nobody waited.
    """
    move(
        row,
        Authorisation.REQUESTED,
        field="authorisation",
        asked_at=None,
        answer_by=None,
        decide_by=_decide_by(row, now),
    )


def _decide_by(row: Return, now: datetime.datetime) -> datetime.datetime | None:
    """The promised moment, later by the business time that passed since the question."""
    if row.decide_by is None or row.asked_at is None:
        return row.decide_by
    calendar = sla.calendar_of(get_shop().settings(row.channel_id))
    left = max(calendar.between(row.asked_at, row.decide_by), datetime.timedelta(0))
    return calendar.add(now, left)
