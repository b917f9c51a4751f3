"""Every message we can send: one row of a table for each kind.

To add a kind: add a row here and a folder ``templates/emails/<name>`` with ``subject.txt``,
``body.txt`` and ``body.html``. A package of your own calls :func:`register` instead (from its
``AppConfig.ready``) and brings its own folder of templates and, if it likes, of translations.
"""

from collections.abc import Mapping
from types import MappingProxyType

from saleor_support_plugin.notifications.variables import Audience, Kind, Variable, check
from saleor_support_plugin.settings import Feature

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
