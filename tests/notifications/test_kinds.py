"""The table of kinds: complete, exact about data, and open to others."""

import dataclasses

import pytest

from saleor_support_plugin.notifications import kinds, variables
from saleor_support_plugin.notifications.kinds import Audience, Kind, Variable
from saleor_support_plugin.notifications.writing import mail
from saleor_support_plugin.settings import Feature
from tests.notifications import samples

GROUPS = {
    Feature.NOTIFICATIONS: """
        order_received order_confirmed order_cancelled order_refunded late_dispatch
        order_shipped order_partly_shipped tracking_changed shipment_cancelled in_transit out_for_delivery
        delivery_attempt_failed pickup_ready pickup_reminder delivered check_in
        incident_delay incident_wrong_address incident_customs incident_refused incident_damaged
        incident_lost incident_returning incident_other incident_solved
        staff_incident staff_customer_unreachable
    """,
    Feature.RETURNS: """
        return_confirm return_requested return_needs_information return_approved return_declined
        return_reminder return_received return_refunded return_replacement_shipped return_expired
        return_cancelled return_withdrawal return_comment return_completed staff_refund_failed
    """,
    Feature.ORDER_CHANGES: """
        address_change_requested address_changed address_change_refused
        cancellation_requested cancellation_applied cancellation_refused
    """,
    Feature.TICKETS: """
        ticket_acknowledged ticket_acknowledged_out_of_hours ticket_reply ticket_progress
        ticket_solved_question ticket_closed ticket_survey staff_new_ticket
    """,
    Feature.GUEST_ACCESS: "guest_link",
}
CAN_DO_WITHOUT = {"in_transit", "out_for_delivery", "delivered", "check_in", "ticket_closed", "ticket_survey"}


def test_these_are_the_kinds():
    assert {kind.name: kind.feature for kind in kinds.TABLE} == {
        name: feature for feature, names in GROUPS.items() for name in names.split()
    }


def test_these_may_be_done_without():
    assert {kind.name for kind in kinds.TABLE if kind.can_opt_out} == CAN_DO_WITHOUT
    alerts = {kind.name for kind in kinds.TABLE if kind.audience is Audience.STAFF}
    assert alerts == {kind.name for kind in kinds.TABLE if kind.name.startswith("staff_")}
    unimportant = {kind.name for kind in kinds.TABLE if not kind.essential}
    assert unimportant == CAN_DO_WITHOUT | alerts | {"guest_link"}


def test_only_answers_of_people_are_not_automatic():
    assert [kind.name for kind in kinds.TABLE if not kind.automatic] == ["return_comment", "ticket_reply"]


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
def test_every_kind_is_complete(kind):
    variables.check(kind)


@pytest.mark.parametrize("name", samples.DATA)
def test_samples_are_accepted(name):
    variables.check_data(kinds.get(name), samples.DATA[name])


NO_NAME = {"name": None, "variant": "", "sku": "", "quantity": 1}


@pytest.mark.parametrize(
    ("_case", "name", "change"),
    [
        ("unknown variable", "return_requested", {"colour": "red"}),
        ("text is a number", "return_requested", {"reason": 3}),
        ("no items", "return_requested", {"items": []}),
        ("item without quantity", "return_requested", {"items": [{"name": "a", "variant": "", "sku": ""}]}),
        ("quantity zero", "return_requested", {"items": [{**samples.ITEMS[0], "quantity": 0}]}),
        ("quantity is a bool", "return_requested", {"items": [{**samples.ITEMS[0], "quantity": True}]}),
        ("flag is a text", "order_shipped", {"more_to_come": "no"}),
        ("no parcels", "order_shipped", {"parcels": []}),
        ("parcel without items", "order_shipped", {"parcels": [{**samples.PARCEL, "items": []}]}),
        ("parcel with a gap", "order_shipped", {"parcels": [{"items": samples.ITEMS}]}),
        ("carrier is no text", "order_shipped", {"parcels": [{**samples.PARCEL, "carrier": None}]}),
        ("name is no text", "order_shipped", {"parcels": [{**samples.PARCEL, "items": [NO_NAME]}]}),
        ("day is a moment", "late_dispatch", {"promised_by": "2026-11-24T10:00:00+00:00"}),
        ("moment without zone", "ticket_acknowledged", {"answer_by": "2026-11-24T10:00:00"}),
        ("moment is no time", "ticket_acknowledged", {"answer_by": "soon"}),
        ("amount is no number", "return_refunded", {"refund": {"amount": "x", "currency": "EUR"}}),
        ("lines are a text", "pickup_ready", {"point": "Sol 8"}),
        ("money without currency", "return_refunded", {"refund": {"amount": "1"}}),
        ("refund is not optional there", "return_refunded", {"refund": None}),
        ("address with a gap", "address_changed", {"address": {"city": "MADRID"}}),
        ("grant is a text", "guest_link", {"grant_id": "1"}),
    ],
)
def test_wrong_data_is_a_programming_error(_case, name, change):
    with pytest.raises(ValueError, match=f"Kind '{name}'"):
        variables.check_data(kinds.get(name), {**samples.DATA.get(name, {"grant_id": 1}), **change})


def test_a_missing_variable_is_named():
    data = {"return_number": "R-1", "items": samples.ITEMS}
    with pytest.raises(ValueError, match=r"was given \['items', 'return_number'\] and lacks \['reason'\]"):
        variables.check_data(kinds.get("return_requested"), data)


def test_optional_variables_may_be_none_or_left_out():
    variables.check_data(kinds.get("address_changed"), {"address": samples.ADDRESS})
    variables.check_data(kinds.get("address_changed"), {**samples.DATA["address_changed"], "previous": None})
    variables.check_data(kinds.get("return_approved"), {**samples.DATA["return_approved"], "refund": None})


def test_an_unknown_kind_lists_the_known_ones():
    with pytest.raises(ValueError, match="There is no kind 'newsletter'; there are address_change_refused, "):
        kinds.get("newsletter")


@pytest.fixture
def birthday(tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
    folder = tmp_path / "birthday"
    folder.mkdir()
    (folder / "subject.txt").write_text("{% blocktrans %}Many happy returns, {{ name }}{% endblocktrans %}")
    (folder / "body.txt").write_text(
        '{% extends "base.txt" %}{% block content %}A present: {{ present }}{% endblock %}'
        "{% block next %}Enjoy.{% endblock %}"
    )
    (folder / "body.html").write_text(
        '{% extends "base.html" %}{% block content %}{{ present }}{% endblock %}'
    )
    return Kind(
        name="birthday", audience=Audience.CUSTOMER, essential=False, feature=Feature.NOTIFICATIONS,
        variables={"present": Variable.TEXT}, templates=tmp_path,
    )  # fmt: skip


def test_a_kind_from_outside_is_written_like_ours(birthday):
    kinds.register(birthday)
    written = mail.write(samples.row("birthday", {"present": "a <cake>"}), samples.SETTINGS, now=samples.NOW)
    assert written.subject == "Many happy returns, Lucía Fernández"
    assert written.text.startswith(
        "Hello Lucía Fernández,\n\nA present: a <cake>\n\nWhat happens next:\nEnjoy.\n"
    )
    assert "a &lt;cake&gt;" in written.html


def test_a_name_is_taken_once(birthday):
    kinds.register(birthday)
    with pytest.raises(ValueError, match="There already is a kind 'birthday'"):
        kinds.register(birthday)
    with pytest.raises(ValueError, match="There already is a kind 'order_shipped'"):
        kinds.register(dataclasses.replace(birthday, name="order_shipped"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "../evil"}, "lower case with underscores"),
        ({"name": "nowhere"}, "lacks subject.txt, body.txt, body.html"),
        ({"optional": frozenset({"surprise"})}, "not among the variables: surprise"),
        ({"variables": {"name": Variable.TEXT}}, "every mail's own: name"),
    ],
)
def test_an_incomplete_kind_is_refused(birthday, change, message):
    with pytest.raises(ValueError, match=message):
        kinds.register(dataclasses.replace(birthday, **change))
    assert "birthday" not in kinds.kinds()
