"""Every message we can send: one row of a table for each kind.

To add a kind: add a row here and a folder ``templates/emails/<name>`` with ``subject.txt``,
``body.txt`` and ``body.html``. A package of your own calls :func:`register` instead (from its
``AppConfig.ready``) and brings its own folder of templates and, if it likes, of translations.
"""

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.notifications.variables import Audience, Group, Kind, Variable, check
from saleor_support_plugin.settings import Feature

ADDRESS, DATE, FLAG, GRANT = Variable.ADDRESS, Variable.DATE, Variable.FLAG, Variable.GRANT
ITEMS, LINES, MOMENT, MONEY = Variable.ITEMS, Variable.LINES, Variable.MOMENT, Variable.MONEY
PARCELS, TEXT, URL = Variable.PARCELS, Variable.TEXT, Variable.URL

_POINT = {"parcels": PARCELS, "point": LINES, "code": TEXT}
# what: what went wrong; action: what the customer has to do, "" for nothing. Both in the customer's
# language. update_by: when we write again at the latest. expected_by: when it will be solved; of a
# delay and of what is solved: when the parcel should arrive. what of incident_solved: how it was solved.
_INCIDENT = {"parcels": PARCELS, "what": TEXT, "action": TEXT, "update_by": DATE}
_RETURN = {"return_number": TEXT, "items": ITEMS}
# What kind of return it is about; an ordinary one if none of these.
_OF_KIND = {"claim": FLAG, "exchange": FLAG, "withdrawal": FLAG}
_TICKET = {"ticket_number": TEXT, "ticket_subject": TEXT, "message": TEXT}

# After these, about the same parcel, "on its way" would be wrong.
_ARRIVED = frozenset({"delivered"})
_TURNED = frozenset({"incident_returning", "incident_refused", "incident_lost", "shipment_cancelled"})
_DONE_RETURN = frozenset(
    {
        "return_received",
        "return_refunded",
        "return_completed",
        "return_replacement_shipped",
        "return_expired",
        "return_cancelled",
    }
)


def _kind(
    group: Group,
    feature: Feature,
    name: str,
    title: str,
    variables: Mapping[str, Variable],
    maybe: Mapping[str, Variable] = MappingProxyType({}),
    **more: Any,
) -> Kind:
    """A row of the table; ``maybe``: the variables that may be None."""
    values: dict[str, Any] = {"audience": Audience.CUSTOMER, "essential": True, **more}
    return Kind(
        name=name,
        title=title,
        group=group,
        feature=feature,
        variables={**variables, **maybe},
        optional=frozenset(maybe),
        **values,
    )


def _return(
    name: str,
    title: str,
    variables: Mapping[str, Variable],
    maybe: Mapping[str, Variable] = MappingProxyType({}),
    **more: Any,
) -> Kind:
    """A row about a return: it knows of which kind that is."""
    return _kind(Group.RETURN, Feature.RETURNS, name, title, variables, {**maybe, **_OF_KIND}, **more)


_order = functools.partial(_kind, Group.ORDER, Feature.NOTIFICATIONS)
_parcel = functools.partial(_kind, Group.PARCEL, Feature.NOTIFICATIONS)
_incident = functools.partial(_kind, Group.INCIDENT, Feature.NOTIFICATIONS)
_change = functools.partial(_kind, Group.CHANGE, Feature.ORDER_CHANGES)
_ticket = functools.partial(_kind, Group.TICKET, Feature.TICKETS)
# Nobody opens a task because an alert failed: that would alert again.
_staff = functools.partial(_kind, Group.STAFF, audience=Audience.STAFF, essential=False)

TABLE: tuple[Kind, ...] = (
    # Saleor's own events: sent only where the admin lets us take over.
    _order("order_received", "Order received", {"items": ITEMS},
           {"total_paid": MONEY, "address": ADDRESS, "dispatch_by": DATE}, once=True),
    _order("order_confirmed", "Order confirmed", {"items": ITEMS},
           {"total_paid": MONEY, "address": ADDRESS, "dispatch_by": DATE}, once=True),
    _order("order_cancelled", "Order cancelled", {"items": ITEMS}, {"refund": MONEY}, once=True),
    _order("order_refunded", "Order refunded", {"refund": MONEY}),
    _order("late_dispatch", "Order not sent yet", {"items": ITEMS, "promised_by": DATE},
           {"expected_by": DATE}, once=True, urgent=False,
           silenced_by=frozenset({"order_cancelled", "cancellation_applied"})),
    # Parcels. The subject of all of these is the parcel.
    _parcel("order_shipped", "Order shipped", {"parcels": PARCELS, "more_to_come": FLAG},
            merges="shipped", silenced_by=_TURNED),
    _parcel("order_partly_shipped", "Part of the order shipped", {"parcels": PARCELS, "more_to_come": FLAG},
            merges="shipped", silenced_by=_TURNED),
    _parcel("tracking_changed", "Tracking number changed", {"parcels": PARCELS},
            silenced_by=_TURNED | _ARRIVED),
    _parcel("shipment_cancelled", "Shipment cancelled or corrected", {"items": ITEMS, "corrected": FLAG}),
    _parcel("in_transit", "Parcel in transit", {"parcels": PARCELS}, {"expected_by": DATE}, essential=False,
            urgent=False, at_first=False, once=True, merges="in_transit",
            silenced_by=_TURNED | _ARRIVED | {"out_for_delivery"}),
    # window: the hours the carrier names, like "14:00-16:00"; "" when it names none.
    _parcel("out_for_delivery", "Parcel out for delivery", {"parcels": PARCELS, "window": TEXT},
            essential=False, once=True, merges="out_for_delivery", silenced_by=_TURNED | _ARRIVED),
    _parcel("delivery_attempt_failed", "Delivery attempt failed", {"parcels": PARCELS, "reason": TEXT},
            {"next_attempt": DATE}, once=True, silenced_by=_TURNED | _ARRIVED),
    _parcel("pickup_ready", "Ready for pickup", _POINT, {"until": DATE}, once=True,
            silenced_by=_TURNED | _ARRIVED),
    _parcel("pickup_reminder", "Pickup reminder", _POINT, {"until": DATE}, once=True, urgent=False,
            silenced_by=_TURNED | _ARRIVED),
    _parcel("delivered", "Parcel delivered", {"parcels": PARCELS, "place": TEXT}, {"delivered_at": MOMENT},
            essential=False, once=True, merges="delivered", silenced_by=frozenset({"incident_returning"})),
    _parcel("check_in", "Check-in after delivery", {"parcels": PARCELS, "first_order": FLAG}, essential=False,
            urgent=False, at_first=False, once=True, silenced_by=_TURNED | {"incident_damaged"}),
    # What went wrong with a parcel; its subject, too.
    _incident("incident_delay", "Parcel delayed", _INCIDENT, {"expected_by": DATE}, urgent=False,
              silenced_by=_ARRIVED),
    _incident("incident_wrong_address", "Wrong address", _INCIDENT,
              {"expected_by": DATE, "address": ADDRESS}),
    _incident("incident_customs", "Held by customs", _INCIDENT, {"expected_by": DATE}),
    _incident("incident_refused", "Parcel refused", _INCIDENT, {"expected_by": DATE}),
    _incident("incident_damaged", "Parcel damaged", _INCIDENT, {"expected_by": DATE}),
    _incident("incident_lost", "Parcel lost", _INCIDENT, {"expected_by": DATE}),
    _incident("incident_returning", "Parcel returning to sender", _INCIDENT, {"expected_by": DATE}),
    _incident("incident_other", "Other problem with a parcel", _INCIDENT, {"expected_by": DATE}),
    _incident("incident_solved", "Problem with a parcel solved", {"parcels": PARCELS, "what": TEXT},
              {"expected_by": DATE}, urgent=False),
    # Returns.
    _return("return_confirm", "Confirm the return request", {**_RETURN, "confirm_by": MOMENT},
            {"grant_id": GRANT}, asked_for=True,
            silenced_by=frozenset({"return_requested", "return_withdrawal", "return_approved"})),
    # The dated acknowledgement of Directive (EU) 2023/2673 with the content of the statement. received_at:
    # its moment; email: where it was confirmed to; reason: what the customer chose to add, "" for nothing.
    _return("return_withdrawal", "Withdrawal received",
            {**_RETURN, "reason": TEXT, "received_at": MOMENT, "confirmed_at": MOMENT}, {"email": TEXT},
            asked_for=True),
    _return("return_requested", "Return requested", {**_RETURN, "reason": TEXT}, {"decision_by": MOMENT}),
    _return("return_needs_information", "Return needs information", {**_RETURN, "question": TEXT},
            {"answer_by": DATE}),
    # items: those to send, or all when none has to be sent (no send_by); kept: those that stay when others
    # have to be sent; declined: those that were asked for and not agreed to. credit, exchange, replacement:
    # what there is instead of money. on_scan, on_inspection: when the money goes back, if not on arrival.
    # label_ready: there is a label that can't be linked to, since it is a file behind the order's page.
    # label_follows: a carrier makes one, a second mail brings it.
    _return("return_approved", "Return approved", {**_RETURN, "instructions": TEXT},
            {"refund": MONEY, "fees": MONEY, "send_by": DATE, "label_url": URL, "label_ready": FLAG,
             "label_follows": FLAG, "slip_url": URL, "message": TEXT, "shop_pays": FLAG, "kept": LINES,
             "declined": LINES, "credit": FLAG, "replacement": FLAG, "on_scan": FLAG, "on_inspection": FLAG}),
    _return("return_declined", "Return declined", {**_RETURN, "reason": TEXT}),
    _return("return_reminder", "Return reminder", {**_RETURN, "instructions": TEXT, "send_by": DATE},
            {"label_url": URL, "label_ready": FLAG, "slip_url": URL}, urgent=False,
            silenced_by=_DONE_RETURN, repeats=True),
    # items: what came, None for nothing. damaged: of these, what can't be sold any more; missing, not_ours:
    # what was counted and did not come, and what something else came for.
    _return("return_received", "Return received", {"return_number": TEXT},
            {"items": ITEMS, "refund": MONEY, "refund_by": DATE, "damaged": LINES, "missing": LINES,
             "not_ours": LINES, "more_to_come": FLAG}),
    _return("return_refunded", "Return refunded", {**_RETURN, "refund": MONEY}),
    # How it ended when no refund says so. credit: all that was given instead of money; other_goods and
    # replacement: come instead; refunded: what went back before; none of them: nothing is given back.
    _return("return_completed", "Return completed", _RETURN,
            {"credit": MONEY, "refunded": MONEY, "other_goods": FLAG, "replacement": FLAG, "message": TEXT}),
    _return("return_replacement_shipped", "Replacement on its way",
            {"return_number": TEXT, "parcels": PARCELS}),
    _return("return_expired", "Return expired", _RETURN, {"send_by": DATE}, urgent=False,
            silenced_by=_DONE_RETURN - {"return_expired"} | {"return_approved", "return_requested"},
            repeats=True),
    # sent: the goods are on their way already, or with the shop.
    _return("return_cancelled", "Return cancelled", {**_RETURN, "reason": TEXT},
            {"by_customer": FLAG, "by_shop": FLAG, "sent": FLAG}),
    _return("return_comment", "Message about a return", {**_RETURN, "message": TEXT, "staff_name": TEXT},
            automatic=False),
    # Address changes and cancellations.
    _change("address_change_requested", "Address change requested", {"address": ADDRESS},
            {"decision_by": MOMENT}),
    _change("address_changed", "Address changed", {"address": ADDRESS}, {"previous": ADDRESS}),
    _change("address_change_refused", "Address change refused", {"address": ADDRESS, "reason": TEXT},
            {"current": ADDRESS}),
    _change("cancellation_requested", "Cancellation requested", {"items": ITEMS}, {"decision_by": MOMENT}),
    _change("cancellation_applied", "Cancellation done", {"items": ITEMS}, {"refund": MONEY}),
    _change("cancellation_refused", "Cancellation refused", {"items": ITEMS, "reason": TEXT}),
    # Tickets.
    _ticket("ticket_acknowledged", "Message received", {**_TICKET, "answer_by": MOMENT}),
    _ticket("ticket_acknowledged_out_of_hours", "Message received out of hours",
            {**_TICKET, "answer_by": MOMENT}, {"open_from": MOMENT}),
    _ticket("ticket_reply", "Reply", {**_TICKET, "staff_name": TEXT}, automatic=False),
    _ticket("ticket_progress", "Still working on it", {**_TICKET, "update_by": MOMENT}, urgent=False),
    _ticket("ticket_solved_question", "Is it solved?", _TICKET, {"closes_on": DATE}, urgent=False),
    _ticket("ticket_closed", "Ticket closed", {"ticket_number": TEXT, "ticket_subject": TEXT},
            {"reopen_until": DATE}, essential=False, urgent=False),
    _ticket("ticket_survey", "How did we do?", {"ticket_number": TEXT, "ticket_subject": TEXT,
            "survey_url": URL}, essential=False, urgent=False, at_first=False, once=True),
    # A guest whose mail never comes just asks again: no work for staff.
    _kind(Group.ACCESS, Feature.GUEST_ACCESS, "guest_link", "Link for a guest", {"grant_id": GRANT},
          essential=False, asked_for=True),
    # Alerts; page: where in the dashboard to act, "" when there is no such page.
    _staff(Feature.TICKETS, "staff_new_ticket", "Alert: new ticket",
           {**_TICKET, "customer": TEXT, "page": URL}, {"answer_by": MOMENT}),
    _staff(Feature.NOTIFICATIONS, "staff_incident", "Alert: problem with a parcel",
           {"parcels": PARCELS, "what": TEXT, "page": URL}, {"update_by": DATE}),
    _staff(Feature.RETURNS, "staff_refund_failed", "Alert: refund failed",
           {"return_number": TEXT, "refund": MONEY, "reason": TEXT, "page": URL}),
    # mail: the title of the kind that did not arrive; contacts: other ways to reach the customer.
    _staff(Feature.NOTIFICATIONS, "staff_customer_unreachable", "Alert: customer not reachable",
           {"email": TEXT, "mail": TEXT, "reason": TEXT, "contacts": LINES, "page": URL}),
)  # fmt: skip

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
        raise ValueError(f"There is no kind {name[:60]!r}; there are {', '.join(sorted(_KINDS))}.") from None


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
