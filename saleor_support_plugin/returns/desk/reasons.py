"""Why goods come back: two lists that are never mixed, wishes and faults, each a tree of depth two.

A shop begins with the list of ``default_reasons``; it is written down when the reasons are first read.
"""

import base64
import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.desk.default_reasons import ABSENT, ABSENT_GROUP, DEFAULTS
from saleor_support_plugin.returns.models import Fault, ReasonList, ReturnReason
from saleor_support_plugin.returns.policy import ReasonFacts
from saleor_support_plugin.shop.current import get_shop

MOST = 200  # reasons of a shop
LABEL_LIMIT = 100
MOST_LANGUAGES = 100
REFERENCE_LIMIT = 128
LAST_PLACE = 1_000_000
_CODE = re.compile(r"[a-z0-9_]{1,40}")
_PAGE = re.compile(r"Page:[0-9]{1,9}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_FIELDS = (
    "list",
    "label",
    "labels",
    "fault",
    "needs_note",
    "needs_evidence",
    "is_free",
    "shop_reference",
    "position",
    "is_active",
)


def every() -> list[ReturnReason]:
    """All reasons, groups too, switched off or not, in their order: one query."""
    rows = ReturnReason.objects.order_by("position", "pk")
    found = list(rows)
    if not found:
        _begin()
        found = list(rows.all())
    return found


def choosable(rows: Iterable[ReturnReason] | None = None) -> Mapping[str, ReturnReason]:
    """By code the reasons that customers may choose, in their order: those that are switched on, whose
    group is, and that are no groups themselves; of ``rows`` when the caller has read them."""
    found = every() if rows is None else list(rows)
    groups = {one.parent_id for one in found if one.is_active}
    off = {one.pk for one in found if not one.is_active}
    return {
        one.code: one
        for one in found
        if one.is_active and one.pk not in groups and (one.parent_id is None or one.parent_id not in off)
    }


def facts(rows: Iterable[ReturnReason] | None = None) -> Mapping[str, ReasonFacts]:
    """By code what the policy needs of each reason; of ``rows`` when the caller has read them."""
    found = every() if rows is None else list(rows)
    absent = {one.pk for one in found if one.code == ABSENT_GROUP}
    return {
        one.code: ReasonFacts(
            one.code,
            is_fault=one.list == ReasonList.FAULT,
            is_free=one.is_free,
            needs_evidence=one.needs_evidence,
            needs_note=one.needs_note,
            is_absent=one.code in ABSENT or one.parent_id in absent,
        )
        for one in found
    }


def one_of(code: str) -> Subquery:
    """Whether a reason may be chosen and what the policy needs of it, for :func:`named`, as a part of
    another query."""
    active_child = ReturnReason.objects.filter(parent=OuterRef("pk"), is_active=True)
    is_there = Q(is_active=True) & ~Exists(active_child) & (Q(parent=None) | Q(parent__is_active=True))
    known = ReturnReason.objects.filter(is_there, code=code if _CODE.fullmatch(code) else "")
    columns = {name: name for name in ("list", "is_free", "needs_evidence", "needs_note")}
    return Subquery(known.values(found=JSONObject(**columns, group="parent__code"))[:1])


def named(code: str, found: Mapping[str, Any] | None) -> ReasonFacts:
    """What the policy needs of a reason that somebody may choose; ``found``: what :func:`one_of` read,
    None: nothing was read, and one query is asked.

    Raises:
        Invalid: there is no such reason to be chosen (field ``reason``).
    """
    if found is not None:
        return ReasonFacts(
            code,
            is_fault=found["list"] == ReasonList.FAULT,
            is_free=bool(found["is_free"]),
            needs_evidence=bool(found["needs_evidence"]),
            needs_note=bool(found["needs_note"]),
            is_absent=code in ABSENT or found["group"] == ABSENT_GROUP,
        )
    rows = every()
    there = choosable(rows)
    if code not in there:
        raise Invalid(f"Use one of these reasons: {', '.join(there)}.", field="reason")
    return facts(rows)[code]


def label(row: ReturnReason, language: str) -> str:
    """How people read it in a language like "es-es"; English when nobody translated it."""
    wanted = language.lower().replace("_", "-")
    return str(row.labels.get(wanted) or row.labels.get(wanted.partition("-")[0]) or row.label)


def labels(language: str) -> dict[str, str]:
    """How people read each reason in a language, by code, as :func:`label`."""
    return {one.code: label(one, language) for one in every()}


def create(
    *,
    actor: Actor,
    code: str,
    list: str,
    label: str,
    now: datetime.datetime,
    parent_id: int | None = None,
    **values: Any,
) -> ReturnReason:
    """Add a reason. It holds in every channel, so staff of some channels only can't.

    Args:
        code: stable, 1 to 40 small letters, digits and underscores; returns keep it.
        list: a ``ReasonList`` value; that of its group.
        label: English, at most 100 characters.
        parent_id: the group; None: it is in none, and others may name it as theirs.
        values: ``labels`` (other languages, ``{"es": "…"}``), ``fault`` (a ``Fault`` value),
            ``needs_note``, ``needs_evidence``, ``is_free``, ``shop_reference``, ``position``,
            ``is_active``.

    Raises:
        NotThere: the actor may not, or there is no such group (field ``parentId``).
        Errors: everything that is wrong with the values.
        SupportError: CONFLICT, the code is taken; LIMIT_REACHED, there are 200.
    """
    _check_right(actor)
    found = every()
    with transaction.atomic():
        clean = _clean({"list": list, "label": label, **values})
        if not _CODE.fullmatch(code):
            raise Invalid("Use 1 to 40 small letters, digits and underscores.", field="code")
        if any(one.code == code for one in found):
            raise SupportError("There is a reason with this code.", field="code", code=Code.CONFLICT)
        if len(found) >= MOST:
            raise SupportError(f"There are {MOST} reasons already.", code=Code.LIMIT_REACHED)
        parent = _parent(parent_id, clean["list"])
        if "position" not in clean:
            clean["position"] = (ReturnReason.objects.aggregate(last=Max("position"))["last"] or 0) + 1
        row = ReturnReason.objects.create(code=code, parent=parent, created_at=now, updated_at=now, **clean)
        _record(actor, "return_reason_created", row, now, {}, _stored(row))
    return row


def update(*, actor: Actor, reason_id: int, now: datetime.datetime, **values: Any) -> ReturnReason:
    """Change a reason: the ``values`` of :func:`create` and ``label``; None leaves a value. Its code, list
    and group stay: returns keep the code, and reports never mix the lists. Returns keep the label that
    their customer chose.

    Raises:
        NotThere: no such reason, or the actor may not.
        Errors: as :func:`create`.
    """
    _check_right(actor)
    with transaction.atomic():
        row = _row(reason_id)
        before = _stored(row)
        given = {name: value for name, value in values.items() if value is not None}
        for field, value in _clean({**before, **given, "list": row.list}).items():
            setattr(row, field, value)
        row.updated_at = now
        row.save()
        _record(actor, "return_reason_updated", row, now, *history.differences(before, _stored(row)))
    return row


def delete(*, actor: Actor, reason_id: int, now: datetime.datetime) -> None:
    """Delete a reason; returns that named it keep its code and label.

    Raises:
        NotThere: no such reason, or the actor may not.
        WrongState: it is a group of others, or the last of all.
    """
    _check_right(actor)
    with transaction.atomic():
        row = _row(reason_id)
        if row.children.exists():
            raise WrongState(
                "This is the group of other reasons; delete those first, or switch it off.", field="id"
            )
        if ReturnReason.objects.count() == 1:
            raise WrongState("This is the last reason; switch it off instead.", field="id")
        _record(actor, "return_reason_deleted", row, now, _stored(row), {})
        row.delete()


def visible(actor: Actor) -> QuerySet[ReturnReason]:
    """All reasons for staff and apps, in their order; nobody else has a list to change."""
    if not actor.may(Permission.MANAGE_ORDERS):
        return ReturnReason.objects.none()
    every()
    return ReturnReason.objects.order_by("position", "pk")


def _begin() -> None:
    """Write the default reasons; of two who do so at once the second finds them there."""
    with get_shop().writing(), transaction.atomic():
        for parents in (True, False):
            known = dict(ReturnReason.objects.values_list("code", "pk"))
            rows = [
                ReturnReason(
                    code=one.code,
                    list=one.list,
                    parent_id=known.get(one.parent),
                    label=one.label,
                    labels={"es": one.spanish},
                    fault=one.fault,
                    needs_note=one.needs_note,
                    needs_evidence=one.needs_evidence,
                    is_free=one.is_free,
                    position=place,
                )
                for place, one in enumerate(DEFAULTS, start=1)
                if (not one.parent) is parents
            ]
            ReturnReason.objects.bulk_create(rows, ignore_conflicts=True)


def _check_right(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_ORDERS) or actor.channels is not None:
        raise NotThere("reason")


def _row(reason_id: int) -> ReturnReason:
    row = ReturnReason.objects.select_for_update().filter(pk=reason_id).first()
    if row is None:
        raise NotThere("reason")
    return row


def _parent(parent_id: int | None, list: str) -> ReturnReason | None:
    if parent_id is None:
        return None
    row = ReturnReason.objects.filter(pk=parent_id).first()
    if row is None:
        raise NotThere("reason", field="parentId")
    if row.parent_id is not None:
        raise Invalid("A group can't be in a group.", field="parentId")
    if row.list != list:
        raise Invalid("The group is on the other list.", field="parentId")
    return row


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    errors: list[SupportError] = []
    if unknown := set(values) - set(_FIELDS):
        raise TypeError(f"No such values of a reason: {', '.join(sorted(unknown))}")
    clean = dict(values)
    for name, words in (("list", ReasonList.values), ("fault", Fault.values)):
        if name in clean and clean[name] not in words:
            errors.append(Invalid(f"Use {', '.join(words)}.", field=name))
    try:
        clean["label"] = texts.line(clean["label"], field="label", maximum=LABEL_LIMIT)
    except Invalid as error:
        errors.append(error)
    if "labels" in clean:
        clean["labels"] = _labels(clean["labels"], errors)
    if reference := clean.get("shop_reference"):
        try:
            clean["shop_reference"] = _page(reference)
        except Invalid as error:
            errors.append(error)
    if not 0 <= clean.get("position", 0) <= LAST_PLACE:
        errors.append(Invalid(f"Use 0 to {LAST_PLACE}.", field="position", code=Code.OUT_OF_RANGE))
    if errors:
        raise Errors(errors)
    return clean


def _page(reference: str) -> str:
    """The global id of a page. Saleor 3.22 breaks on one without a number, instead of refusing it."""
    found = texts.line(reference, field="shopReference", maximum=REFERENCE_LIMIT)
    try:
        text = base64.b64decode(found, validate=True).decode("ascii")
    except ValueError:
        text = ""
    if not _PAGE.fullmatch(text):
        raise Invalid("Give the global id of a page of the shop.", field="shopReference")
    return found


def _labels(given: Mapping[str, str], errors: list[SupportError]) -> dict[str, str]:
    """Labels by language, "es" or "pt-br"; a blank one is none."""
    found: dict[str, str] = {}
    if len(given) > MOST_LANGUAGES:
        message = f"Give it in at most {MOST_LANGUAGES} languages."
        errors.append(Invalid(message, field="labels", code=Code.TOO_MANY))
        return found
    for language, text in given.items():
        name = language.lower().replace("_", "-")
        if not _LANGUAGE.fullmatch(name) or len(name) > 35:
            errors.append(Invalid(f"{language[:40]!r} is no language like es or pt-br.", field="labels"))
        elif text.strip():
            try:
                found[name] = texts.line(text, field="labels", maximum=LABEL_LIMIT)
            except Invalid as error:
                errors.append(error)
    return found


def _stored(row: ReturnReason) -> dict[str, Any]:
    return {field: getattr(row, field) for field in _FIELDS}


def _record(
    actor: Actor,
    verb: str,
    row: ReturnReason,
    now: datetime.datetime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    history.record(
        actor=actor, verb=verb, subject=f"return_reason:{row.pk}", at=now, before=before, after=after
    )


# By code, as they begin.
BY_CODE = {one.code: one for one in DEFAULTS}
