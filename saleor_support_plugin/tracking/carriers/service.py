"""The shop's own carriers: write them, and list what staff may see."""

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Denied, Errors, Invalid, NotThere, SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.tracking.carriers import countries as lands
from saleor_support_plugin.tracking.carriers import expressions, own
from saleor_support_plugin.tracking.carriers.carrier import PLACES
from saleor_support_plugin.tracking.carriers.numbers import host_of, link_in
from saleor_support_plugin.tracking.carriers.table import slug
from saleor_support_plugin.tracking.models import OwnCarrier

_FIELDS = ("code", "name", "pattern", "url", "countries", "is_active")
_PLACE = re.compile(r"\{([^{}]*)\}")


def create(
    *,
    actor: Actor,
    code: str,
    name: str,
    now: datetime.datetime,
    pattern: str = "",
    url: str = "",
    countries: Sequence[str] = (),
    is_active: bool = True,
) -> OwnCarrier:
    """Add a carrier of the shop's own, which comes before the table's.

    Args:
        code: small letters, digits and dashes, like ``bike-couriers``; one of the table's gives that
            carrier another name, page or other numbers.
        name: as customers know it.
        pattern: what its whole numbers look like, see ``expressions``; "": as in the table, or never told
            from a number.
        url: its page for a parcel, http(s), with ``{number}`` and, if it wants them, ``{postal_code}`` and
            ``{country}`` of the destination; "": the table's, or none.
        countries: destinations that it serves (ISO 3166-1); none: all.
        is_active: False: kept, not used.

    Raises:
        Denied: the actor may not change what holds in every channel.
        Errors: everything that is wrong with the values.
        SupportError: CONFLICT, there is one with this code; LIMIT_REACHED, there are 200.
    """
    _allow(actor)
    values = _checked(
        code=code, name=name, pattern=pattern, url=url, countries=countries, is_active=is_active
    )
    with transaction.atomic():
        if OwnCarrier.objects.count() >= own.MOST:
            message = f"There are {own.MOST} carriers already; delete one that is not used."
            raise SupportError(message, code=Code.LIMIT_REACHED)
        try:
            with transaction.atomic():
                row = OwnCarrier.objects.create(**values)
        except IntegrityError:
            taken = "There is an own carrier with this code already."
            raise Invalid(taken, field="code", code=Code.CONFLICT) from None
        _record(actor, "carrier_created", row, now, {}, _FIELDS)
    return row


def update(
    *,
    actor: Actor,
    carrier_id: int,
    now: datetime.datetime,
    name: str | None = None,
    pattern: str | None = None,
    url: str | None = None,
    countries: Sequence[str] | None = None,
    is_active: bool | None = None,
) -> OwnCarrier:
    """Change an own carrier; None leaves a value. Its code, by which parcels know it, stays.

    Arguments and errors as :func:`create`; what is changed holds for parcels that come from now on.

    Raises:
        NotThere: no such own carrier.
    """
    _allow(actor)
    given = {"name": name, "pattern": pattern, "url": url, "countries": countries, "is_active": is_active}
    values = _checked(**{field: value for field, value in given.items() if value is not None})
    with transaction.atomic():
        row = _row(carrier_id)
        before = {field: getattr(row, field) for field in values}
        for field, value in values.items():
            setattr(row, field, value)
        row.save(update_fields=list(values))
        _record(actor, "carrier_updated", row, now, before, values)
    return row


def delete(*, actor: Actor, carrier_id: int, now: datetime.datetime) -> None:
    """Delete an own carrier. Parcels keep its code and the name and link they have.

    Raises:
        Denied: the actor may not change what holds in every channel.
        NotThere: no such own carrier.
    """
    _allow(actor)
    with transaction.atomic():
        row = _row(carrier_id)
        before = {field: getattr(row, field) for field in _FIELDS}
        _record(actor, "carrier_deleted", row, now, before, ())
        row.delete()


def visible(actor: Actor) -> QuerySet[OwnCarrier]:
    """The own carriers, by code, for staff."""
    rows = OwnCarrier.objects.order_by("code")
    return rows if actor.may(Permission.MANAGE_ORDERS) else rows.none()


def _allow(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_ORDERS) or actor.channels is not None:
        raise Denied("Carriers hold in every channel, and so are for staff of all channels.")


def _row(carrier_id: int) -> OwnCarrier:
    row = OwnCarrier.objects.select_for_update().filter(pk=carrier_id).first()
    if row is None:
        raise NotThere("carrier")
    return row


def _record(
    actor: Actor,
    verb: str,
    row: OwnCarrier,
    now: datetime.datetime,
    before: dict[str, Any],
    fields: Iterable[str],
) -> None:
    after = {field: getattr(row, field) for field in fields}
    subject = f"carrier:{row.pk}"
    history.record(actor=actor, verb=verb, subject=subject, at=now, before=before, after=after)


def _checked(**given: Any) -> dict[str, Any]:
    """The values as they are stored. Raises Errors: everything that is wrong with them."""
    values: dict[str, Any] = {}
    wrong: list[SupportError] = []
    for field, value in given.items():
        try:
            values[field] = _CHECKS[field](value)
        except SupportError as error:
            wrong.append(error)
    if wrong:
        raise Errors(wrong)
    return values


def _code(text: str) -> str:
    code = texts.line(text, field="code", maximum=60)
    if code != slug(code):
        raise Invalid(
            f'Use small letters, digits and dashes, like "{slug(code)[:60] or "my-carrier"}".', field="code"
        )
    return code


def _pattern(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    try:
        expressions.compiled(text)
    except ValueError as error:
        code = Code.TOO_LONG if len(text) > expressions.LENGTH else Code.INVALID
        raise Invalid(str(error), field="pattern", code=code) from None
    return text


def _url(text: str) -> str:
    if not text.strip():
        return ""
    url = texts.line(text, field="url", maximum=500)
    for place in _PLACE.findall(url):
        if place not in PLACES:
            known = ", ".join(f"{{{name}}}" for name in PLACES)
            raise Invalid(f"{{{place}}} is not known; use {known}.", field="url")
    if "{number}" not in url:
        raise Invalid("Put {number} where the tracking number goes.", field="url")
    filled = [link_in(_PLACE.sub(value, url)) for value in ("1", "2A")]
    if not all(filled):
        raise Invalid("Give a full address that begins with https://.", field="url")
    if len({host_of(link) for link in filled}) > 1:
        raise Invalid("The site's name can't depend on the parcel.", field="url")
    return url


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "code": _code,
    "name": lambda text: texts.line(text, field="name", maximum=60),
    "pattern": _pattern,
    "url": _url,
    "countries": lambda codes: sorted({lands.country(code, field="countries") for code in codes}),
    "is_active": bool,
}
