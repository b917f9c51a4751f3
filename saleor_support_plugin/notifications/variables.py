"""What a kind of message is, what its templates may use, and whether data fits it."""

import dataclasses
import datetime
import decimal
import enum
import pathlib
import re
from collections.abc import Mapping
from typing import Any

from saleor_support_plugin.settings import Feature

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
TEMPLATES = PACKAGE / "templates" / "emails"
FILES = ("subject.txt", "body.txt", "body.html")

SAMPLE_GRANT = 0  # stands for a guest's grant in samples: its link opens nothing

# What every template may use besides its kind's variables; context.context_for fills them in.
COMMON = frozenset(
    {
        "catalog",
        "lang",
        "dir",
        "start",
        "end",
        "subject",
        "name",
        "for_staff",
        "order_number",
        "order_url",
        "return_url",
        "contact_url",
        "unsubscribe_url",
        "shop_name",
        "can_reply",
        "brand",
        "banner",
        "total",  # pieces, of all items or parcels
        "more",  # pieces that are not listed
        "parcel_count",
        "more_parcels",  # parcels that are not listed
        "tracked",  # whether there is anything to follow a parcel with
        "link",
        "link_until",
    }
)


class Audience(enum.StrEnum):
    """Who a kind is written for."""

    CUSTOMER = "customer"  # the person who ordered, member or guest
    STAFF = "staff"  # people of the shop


class Group(enum.StrEnum):
    """What a kind is about; the order of galleries and lists."""

    ORDER = "order"
    PARCEL = "parcel"
    INCIDENT = "incident"
    RETURN = "return"
    CHANGE = "change"  # address changes and cancellations
    TICKET = "ticket"
    ACCESS = "access"  # guest links
    STAFF = "staff"  # alerts


class Variable(enum.StrEnum):
    """What a template variable is: decides what callers must freeze and how a mail shows it."""

    TEXT = "text"  # str, shown as it is
    FLAG = "flag"  # bool
    URL = "url"  # str: an http(s) address, or "" when there is none
    MOMENT = "moment"  # str: ISO 8601 with offset; shown in the customer's zone and language
    MONEY = "money"  # {"amount": "12.30", "currency": "EUR"}
    DATE = "date"  # str: an ISO 8601 calendar day
    NUMBER = "number"  # int, not negative
    PARCELS = "parcels"  # [{"carrier", "tracking_number", "tracking_url": str, "items": ITEMS}], at least one
    LINES = "lines"  # [str]: lines of text, like the address of a pickup point
    ITEMS = "items"  # [{"name", "variant", "sku": str, "quantity": int}], at least one
    ADDRESS = "address"  # the fields of shop.data.Address
    GRANT = "grant"  # int: a guest grant; the link itself is minted when the mail is sent


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of message.

    Attributes:
        name: lower case with underscores; also the name of its template folder.
        audience: who it is written for.
        title: what admins call it, in English, like "Parcel delivered".
        group: what it is about.
        essential: staff must learn (by a task) that such a mail will never arrive, and it goes out
            even to customers who want only what is necessary.
        at_first: whether it is sent while the admin has said nothing about it.
        urgent: goes out at night, too; only the others may carry the banner.
        once: at most one for each subject and recipient, whatever the occasion ("first entry only").
        merges: messages of kinds with the same word, about one order to one person, that wait at the
            same time become one mail; "" for a kind that always goes alone.
        silenced_by: kinds after which, about the same subject, this one would be wrong ("on its way"
            after "returning").
        repeats: what it is about can be taken up again, so that only messages written after this one
            make it wrong.
        feature: the switch that must be on in the channel when the mail is sent.
        variables: what callers must give as ``data``, and nothing else; a template may use these
            and the common ones of ``context.context_for``.
        optional: the variables that may be None or left out.
        asked_for: the person asked for this very mail: opting out does not stop it.
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
    title: str = ""
    group: Group = Group.ORDER
    at_first: bool = True
    urgent: bool = True
    once: bool = False
    merges: str = ""
    silenced_by: frozenset[str] = frozenset()
    repeats: bool = False
    asked_for: bool = False
    templates: pathlib.Path = TEMPLATES
    locale: pathlib.Path | None = None

    @property
    def can_opt_out(self) -> bool:
        """Whether customers may choose not to get mails of this kind."""
        return self.audience is Audience.CUSTOMER and not self.essential and not self.asked_for

    @property
    def may_carry_banner(self) -> bool:
        """Whether the shop's banner may stand in it: never where something is urgent or essential."""
        return self.can_opt_out and not self.urgent


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
    """Raise ValueError unless ``data`` holds the kind's variables and no other, each of its type."""
    lacking, unknown = set(kind.variables) - kind.optional - set(data), set(data) - set(kind.variables)
    if lacking or unknown:
        problem = f"lacks {sorted(lacking)}" if lacking else f"has no {sorted(unknown)}"
        raise ValueError(f"Kind {kind.name!r} was given {sorted(data)} and {problem}.")
    for name, variable in kind.variables.items():
        value = data.get(name)
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
            and all(isinstance(item[name], str) for name in ("name", "variant", "sku"))
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


def _is_parcels(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(one, Mapping)
            and set(one) == {"carrier", "tracking_number", "tracking_url", "items"}
            and all(isinstance(one[name], str) for name in ("carrier", "tracking_number", "tracking_url"))
            and _is_items(one["items"])
            for one in value
        )
    )


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_money(value: Any) -> bool:
    try:
        return set(value) == {"amount", "currency"} and decimal.Decimal(value["amount"]).is_finite()
    except (TypeError, ArithmeticError):
        return False


_IS: Mapping[Variable, Any] = {
    Variable.TEXT: lambda value: isinstance(value, str),
    Variable.FLAG: lambda value: isinstance(value, bool),
    Variable.URL: lambda value: isinstance(value, str),
    Variable.MOMENT: _is_moment,
    Variable.MONEY: _is_money,
    Variable.DATE: _is_date,
    Variable.NUMBER: lambda value: type(value) is int and value >= 0,
    Variable.LINES: lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    Variable.PARCELS: _is_parcels,
    Variable.ITEMS: _is_items,
    Variable.ADDRESS: lambda value: isinstance(value, Mapping) and set(value) == ADDRESS_FIELDS,
    Variable.GRANT: lambda value: type(value) is int,
}
