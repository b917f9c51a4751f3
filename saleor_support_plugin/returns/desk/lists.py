"""Customers and addresses that a person always looks at, and those that no risk rule is asked about."""

import datetime
import hashlib
import re
from unicodedata import normalize

from django.db import IntegrityError, transaction
from django.db.models import Exists, Q, QuerySet

from saleor_support_plugin import scopes, texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.models import Listed, ReturnListEntry
from saleor_support_plugin.shop.data import Address

NOTE_LIMIT = 500
_NOT_LETTERS = re.compile(r"[\W_]+")


def address_key(address: Address | None) -> str:
    """A digest of street, postcode and country, the same however they are written (capitals, accents,
    blanks, punctuation); "" when there is no street or no country."""
    if address is None or not address.street_address_1.strip() or not address.country:
        return ""
    parts = (
        address.street_address_1 + address.street_address_2,
        address.postal_code,
        address.country,
    )
    plain = "|".join(_NOT_LETTERS.sub("", normalize("NFKD", part)).casefold() for part in parts)
    return hashlib.sha256(plain.encode()).hexdigest()


def found(channel_id: str, customer_id: str, email: str, address: str) -> set[str]:
    """On which lists (:class:`Listed`) a customer, an e-mail address or a postal address (its
    :func:`address_key`) is, in this channel or in all: one query."""
    return set(_naming(channel_id, customer_id, email, address).values_list("list", flat=True))


def is_on(which: Listed, channel_id: str, customer_id: str, email: str, address: str) -> Exists:
    """Whether :func:`found` finds this list, as an annotation inside another query."""
    return Exists(_naming(channel_id, customer_id, email, address).filter(list=which))


def _naming(channel_id: str, customer_id: str, email: str, address: str) -> QuerySet[ReturnListEntry]:
    who = Q(pk__in=())
    for field, value in (("customer_id", customer_id), ("email", email.lower()), ("address", address)):
        if value:
            who |= Q(**{field: value})
    return ReturnListEntry.objects.filter(who, channel_id__in=("", channel_id))


def visible(actor: Actor) -> QuerySet[ReturnListEntry]:
    """The entries of the channels of ``actor``, a member of staff or an app, newest first."""
    if not actor.may(Permission.MANAGE_ORDERS):
        return ReturnListEntry.objects.none()
    rows = ReturnListEntry.objects.order_by("-pk")
    return (
        rows if actor.channels is None else rows.filter(Q(channel_id="") | Q(channel_id__in=actor.channels))
    )


def add(
    *,
    actor: Actor,
    list: Listed | str,
    now: datetime.datetime,
    channel_id: str = "",
    customer_id: str = "",
    email: str = "",
    address: Address | None = None,
    note: str = "",
) -> ReturnListEntry:
    """Put a customer (global id), an e-mail address or a postal address on a list; with several of them
    each one alone is enough to be found. Who is on the other list already is moved to this one.

    Args:
        channel_id: global id; "": every channel, which only staff of all channels may decide.
        note: for staff, at most 500 characters.

    Raises:
        NotThere: no such channel among the actor's.
        Invalid: nobody is named (REQUIRED), no such list, no e-mail address, an address without street
            and country, or the note is too long.
    """
    scopes.check(actor, channel_id, purpose="that this entry is for")
    if list not in Listed.values:
        raise Invalid(f"Use {' or '.join(Listed.values)}.", field="list")
    who = _who(customer_id, email, address)
    note = texts.block(note, field="note", maximum=NOTE_LIMIT) if note.strip() else ""
    with transaction.atomic():
        rows = ReturnListEntry.objects.select_for_update()
        row = rows.filter(channel_id=channel_id, **who).first()
        before = "" if row is None else row.list
        if row is None:
            row = _create(ReturnListEntry(list=list, channel_id=channel_id, note=note, created_at=now, **who))
        else:
            row.list, row.note = str(list), note
            row.save(update_fields=["list", "note"])
        history.record(
            actor=actor,
            verb="return_list_added",
            subject=f"return_list:{row.pk}",
            at=now,
            before={"list": before} if before else {},
            after={"list": str(list), "note": note},
        )
    return row


def remove(*, actor: Actor, entry_id: int, now: datetime.datetime) -> None:
    """Take an entry off its list.

    Raises:
        NotThere: no such entry that the actor may change.
    """
    with transaction.atomic():
        row = ReturnListEntry.objects.select_for_update().filter(pk=entry_id).first()
        if row is None or not _may_change(actor, row.channel_id):
            raise NotThere("entry")
        history.record(
            actor=actor,
            verb="return_list_removed",
            subject=f"return_list:{row.pk}",
            at=now,
            before={"list": row.list, "note": row.note},
        )
        row.delete()


def _who(customer_id: str, email: str, address: Address | None) -> dict[str, str]:
    email = email.strip().lower()
    if email and not texts.is_address(email):
        raise Invalid("This is no e-mail address.", field="email")
    if customer_id and (len(customer_id) > 128 or not texts.storable(customer_id)):
        raise NotThere("customer", field="customerId")
    key = address_key(address)
    if address is not None and not key:
        raise Invalid("Give a street and a country.", field="address", code=Code.REQUIRED)
    if not (customer_id or email or key):
        raise Invalid("Name a customer, an e-mail address or a postal address.", code=Code.REQUIRED)
    return {"customer_id": customer_id, "email": email, "address": key}


def _create(row: ReturnListEntry) -> ReturnListEntry:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise SupportError("Somebody else entered the same just now.", code=Code.CONFLICT) from None
    return row


def _may_change(actor: Actor, channel_id: str) -> bool:
    if channel_id:
        return actor.may(Permission.MANAGE_ORDERS, channel_id)
    return actor.may(Permission.MANAGE_ORDERS) and actor.channels is None
