"""Every message we can send: one row of a table for each kind.

To add a kind: add a row here and a folder ``templates/emails/<name>`` with ``subject.txt``,
``body.txt`` and ``body.html``. A package of your own calls :func:`register` instead (from its
``AppConfig.ready``) and brings its own folder of templates and, if it likes, of translations.
"""

import dataclasses
import enum
import pathlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.settings import Feature

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
TEMPLATES = PACKAGE / "templates" / "emails"
FILES = ("subject.txt", "body.txt", "body.html")

# What every template may use besides its kind's variables; mail.context_for fills them in.
COMMON = frozenset(
    {
        "catalog",
        "lang",
        "dir",
        "start",
        "end",
        "subject",
        "name",
        "order_number",
        "order_url",
        "shop_name",
        "can_reply",
        "total",
        "link",
        "link_until",
    }
)


class Audience(enum.StrEnum):
    """Who a kind is written for."""

    CUSTOMER = "customer"  # the person who ordered, member or guest
    STAFF = "staff"  # people of the shop


class Variable(enum.StrEnum):
    """What a template variable is: decides what callers must freeze and how a mail shows it."""

    TEXT = "text"  # str, shown as it is
    FLAG = "flag"  # bool
    URL = "url"  # str: an http(s) address, or "" when there is none
    MOMENT = "moment"  # str: ISO 8601 with offset; shown in the customer's zone and language
    MONEY = "money"  # {"amount": "12.30", "currency": "EUR"}
    ITEMS = "items"  # [{"name", "variant", "sku": str, "quantity": int}], at least one
    ADDRESS = "address"  # the fields of shop.data.Address
    GRANT = "grant"  # int: a guest grant; the link itself is minted when the mail is sent


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of message.

    Attributes:
        name: lower case with underscores; also the name of its template folder.
        audience: who it is written for.
        essential: whether staff must learn (by a task) that such a mail will never arrive.
        feature: the switch that must be on in the channel when the mail is sent.
        variables: what callers must give as ``data``, exactly; a template may use these and the
            common ones of ``mail.context_for``.
        optional: the variables that may be None.
        automatic: False for a message that a person wrote; the others carry ``Auto-Submitted``.
        templates: the folder that holds the folder ``name``.
        locale: a folder of translations (``<language>/LC_MESSAGES/django.mo``) asked before ours.
    """

    name: str
    audience: Audience
    essential: bool
    feature: Feature
    variables: Mapping[str, Variable]
    optional: frozenset[str] = frozenset()
    automatic: bool = True
    templates: pathlib.Path = TEMPLATES
    locale: pathlib.Path | None = None


_TICKET = {"ticket_number": Variable.TEXT, "ticket_subject": Variable.TEXT, "message": Variable.TEXT}
_RETURN = {"return_number": Variable.TEXT, "items": Variable.ITEMS}

TABLE: tuple[Kind, ...] = (
    Kind(
        name="order_shipped",
        audience=Audience.CUSTOMER,
        essential=True,
        feature=Feature.NOTIFICATIONS,
        variables={
            "items": Variable.ITEMS,
            "carrier": Variable.TEXT,
            "tracking_number": Variable.TEXT,
            "tracking_url": Variable.URL,
            "more_to_come": Variable.FLAG,
        },
    ),
    Kind(
        name="ticket_acknowledged",
        audience=Audience.CUSTOMER,
        essential=True,
        feature=Feature.TICKETS,
        variables={**_TICKET, "answer_by": Variable.MOMENT},
    ),
    Kind(
        name="ticket_reply",
        audience=Audience.CUSTOMER,
        essential=True,
        feature=Feature.TICKETS,
        variables={**_TICKET, "staff_name": Variable.TEXT},
        automatic=False,
    ),
    Kind(
        name="address_changed",
        audience=Audience.CUSTOMER,
        essential=True,
        feature=Feature.ORDER_CHANGES,
        variables={"address": Variable.ADDRESS, "previous": Variable.ADDRESS},
        optional=frozenset({"previous"}),
    ),
    Kind(
        name="return_requested",
        audience=Audience.CUSTOMER,
        essential=True,
        feature=Feature.RETURNS,
        variables={**_RETURN, "reason": Variable.TEXT},
    ),
    Kind(
        name="return_approved",
        audience=Audience.CUSTOMER,
        essential=True,
        feature=Feature.RETURNS,
        variables={**_RETURN, "refund": Variable.MONEY, "instructions": Variable.TEXT},
        optional=frozenset({"refund"}),
    ),
    Kind(
        name="return_refunded",
        audience=Audience.CUSTOMER,
        essential=True,
        feature=Feature.RETURNS,
        variables={**_RETURN, "refund": Variable.MONEY},
    ),
    # A guest whose mail never comes just asks again: no work for staff.
    Kind(
        name="guest_link",
        audience=Audience.CUSTOMER,
        essential=False,
        feature=Feature.GUEST_ACCESS,
        variables={"grant_id": Variable.GRANT},
    ),
)

_KINDS: dict[str, Kind] = {kind.name: kind for kind in TABLE}


def kinds() -> Mapping[str, Kind]:
    """Every kind by its name, registered ones included."""
    return MappingProxyType(_KINDS)


def get(name: str) -> Kind:
    """The kind with this name.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    try:
        return _KINDS[name]
    except KeyError:
        raise ValueError(f"There is no kind {name!r}; there are {', '.join(sorted(_KINDS))}.") from None


def register(kind: Kind) -> Kind:
    """Add a kind from outside, once, when the program starts; returns it.

    Raises:
        ValueError: the name is taken or malformed, or a template file is missing.
    """
    if kind.name in _KINDS:
        raise ValueError(f"There already is a kind {kind.name!r}.")
    check(kind)
    _KINDS[kind.name] = kind
    return kind


def check(kind: Kind) -> None:
    """Raise ValueError unless the row is complete and its three templates are there."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", kind.name):
        raise ValueError(f"A kind's name is lower case with underscores, at most 60 long: {kind.name!r}.")
    if not kind.optional <= set(kind.variables):
        unknown = ", ".join(sorted(kind.optional - set(kind.variables)))
        raise ValueError(f"Kind {kind.name!r}: optional but not among the variables: {unknown}.")
    if taken := COMMON & set(kind.variables):
        raise ValueError(f"Kind {kind.name!r}: these names are every mail's own: {', '.join(sorted(taken))}.")
    folder = kind.templates / kind.name
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"Kind {kind.name!r} lacks {', '.join(missing)} in {folder}.")


def check_data(kind: Kind, data: Mapping[str, Any]) -> None:
    """Raise ValueError unless ``data`` holds exactly the kind's variables, each of its type."""
    if set(data) != set(kind.variables):
        wanted, given = sorted(kind.variables), sorted(data)
        raise ValueError(f"Kind {kind.name!r} needs exactly {wanted}, but was given {given}.")
    for name, variable in kind.variables.items():
        value = data[name]
        if value is None and name in kind.optional:
            continue
        if not _IS[variable](value):
            raise ValueError(f"Kind {kind.name!r}: {name} is not {variable.value}: {value!r}.")


def _is_items(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(item, Mapping)
            and set(item) == {"name", "variant", "sku", "quantity"}
            and type(item["quantity"]) is int
            and item["quantity"] > 0
            for item in value
        )
    )


ADDRESS_FIELDS = frozenset(
    {
        "first_name",
        "last_name",
        "company_name",
        "street_address_1",
        "street_address_2",
        "city",
        "city_area",
        "postal_code",
        "country",
        "country_area",
        "phone",
    }
)

_IS: Mapping[Variable, Any] = {
    Variable.TEXT: lambda value: isinstance(value, str),
    Variable.FLAG: lambda value: isinstance(value, bool),
    Variable.URL: lambda value: isinstance(value, str),
    Variable.MOMENT: lambda value: isinstance(value, str) and bool(value),
    Variable.MONEY: lambda value: isinstance(value, Mapping) and set(value) == {"amount", "currency"},
    Variable.ITEMS: _is_items,
    Variable.ADDRESS: lambda value: isinstance(value, Mapping) and set(value) == ADDRESS_FIELDS,
    Variable.GRANT: lambda value: type(value) is int,
}
