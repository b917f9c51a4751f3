"""The admin's own words for mails: keep them, take them back, list them."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from saleor_support_plugin import scopes
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Override
from saleor_support_plugin.notifications.writing import branding, drafts


def save(
    *,
    actor: Actor,
    kind: str,
    language: str,
    blocks: Sequence[tuple[str, str]],
    now: datetime.datetime,
    channel_id: str = "",
    expected_version: int | None = None,
) -> Override:
    """Keep own words for a kind in one language; they replace all those kept before.

    Args:
        kind: a kind of mail, or ``branding.KIND`` for signature, legal footer and banner of all mails.
        blocks: (block, text) of each block to replace; see ``wording.BLOCKS`` and ``sandbox``, or
            ``branding.BLOCKS``.
        channel_id: where they hold; "": in every channel that has none of its own.
        expected_version: the version that was read, 0 for none; None: whatever there is now.

    Raises:
        NotThere: no such channel among the actor's.
        Invalid: no such kind or language.
        Errors: everything that is wrong with the blocks; ``field`` is the block.
        WrongState: CONFLICT, there is another version than the one expected.
    """
    scopes.check(actor, channel_id, purpose="that these words are for")
    name, code = _known(kind, language)
    if not blocks:
        raise Invalid("Give at least one block.", field="blocks", code=Code.REQUIRED)
    if name == branding.KIND:
        sources = branding.checked(blocks)
    else:
        sources = drafts.checked(kinds.get(name), code, blocks, now)
    return _write(actor, (name, channel_id, code), sources, expected_version, now)


def reset(
    *,
    actor: Actor,
    kind: str,
    language: str,
    now: datetime.datetime,
    channel_id: str = "",
    expected_version: int | None = None,
) -> None:
    """Go back to our words for a kind in one language and channel; arguments and errors as :func:`save`.

    Raises:
        NotThere: there are none to go back from.
    """
    scopes.check(actor, channel_id, purpose="that these words are for")
    name, code = _known(kind, language)
    key = {"kind": name, "channel_id": channel_id, "language": code}
    if not Override.objects.filter(**key).exclude(blocks={}).exists():
        raise NotThere("template", field="kind")
    _write(actor, (name, channel_id, code), {}, expected_version, now)


def visible(actor: Actor) -> QuerySet[Override]:
    """Own words that hold in the actor's channels, those for every channel included."""
    rows = Override.objects.exclude(blocks={})
    if not actor.may(Permission.MANAGE_ORDERS):
        return rows.none()
    return rows if actor.channels is None else rows.filter(channel_id__in=["", *actor.channels])


def _known(kind: str, language: str) -> tuple[str, str]:
    """The names under which they are kept. Raises Invalid: no such kind or language."""
    if kind == branding.KIND:
        return kind, drafts.known_language(language)
    found = drafts.known_kind(kind)
    return found.name, drafts.known_language(language, found)


def _write(
    actor: Actor,
    key: tuple[str, str, str],
    blocks: dict[str, str],
    expected: int | None,
    now: datetime.datetime,
) -> Override:
    """Write the next version. Nothing is deleted on a reset, so that versions only ever rise."""
    kind, channel_id, language = key
    with transaction.atomic():
        values = {"blocks": blocks, "updated_at": now, "updated_by": actor.id or ""}
        row, created = Override.objects.select_for_update().get_or_create(
            kind=kind, channel_id=channel_id, language=language, defaults=values
        )
        _expect(expected, row, created)
        before = {} if created else {"blocks": row.blocks, "version": row.version}
        if not created:
            row.version += 1
            row.blocks, row.updated_at, row.updated_by = blocks, now, actor.id or ""
            row.save(update_fields=["blocks", "version", "updated_at", "updated_by"])
        history.record(
            actor=actor,
            verb="template_updated" if blocks else "template_reset",
            subject=f"notification_template:{row.pk}",
            at=now,
            before=before,
            after={"kind": kind, "channel": channel_id, "language": language, "blocks": blocks,
                   "version": row.version},
        )  # fmt: skip
    return row


def _expect(expected: int | None, row: Override, created: bool) -> None:
    """Raise WrongState unless the row is at this version; 0 stands for no words at all."""
    there = {0} if created else {row.version} if row.blocks else {0, row.version}
    if expected is not None and expected not in there:
        message = f"Somebody else has changed these words (version {max(there)}): load them again."
        raise WrongState(message, field="expectedVersion", code=Code.CONFLICT)
