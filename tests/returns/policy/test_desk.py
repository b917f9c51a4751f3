"""What staff decide once: rules, reasons, options and lists; who may, what is refused, what is noted."""

import pytest
from graphql_relay import to_global_id

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns.desk import lists, options, reasons, rules
from saleor_support_plugin.returns.models import Fault, Listed, ReasonList, ReturnReason, ReturnRule
from saleor_support_plugin.returns.policy import ReturnSettings, WhoPays
from saleor_support_plugin.shop.data import Address
from sandbox import makers

MAY = frozenset({Permission.MANAGE_ORDERS})
STREET = Address(street_address_1="Gran Vía 1", postal_code="28013", country="ES")

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(shop):
    return makers.gid(makers.make_channel())


@pytest.fixture
def staff():
    return Actor(ActorKind.STAFF, "s", permissions=MAY, name="Sam")


@pytest.fixture
def confined(channel):
    return Actor(ActorKind.STAFF, "t", permissions=MAY, channels=frozenset({channel}))


NOBODIES = [
    Actor(ActorKind.ANONYMOUS),
    Actor(ActorKind.CUSTOMER, "c"),
    Actor(ActorKind.GUEST, order_id="o"),
    Actor(ActorKind.STAFF, "s"),
    Actor(ActorKind.APP, "a"),
]


def verbs():
    return list(HistoryEntry.objects.order_by("pk").values_list("verb", flat=True))


# -- rules --------------------------------------------------------------------------------------------


def make_rule(actor, now, **more):
    return rules.create(actor=actor, now=now, **{"name": "Final sale", "outcome": {"kinds": []}, **more})


def test_rules_are_asked_by_position_and_channel(staff, channel, now):
    last = make_rule(staff, now, name="Last")
    first = make_rule(staff, now, name="First", position=0)
    mine = make_rule(staff, now, name="Mine", channel_id=channel, conditions={"countries": ["ES"]})
    make_rule(staff, now, name="Off", is_active=False)
    assert [one.id for one in rules.active(channel)] == [first.pk, last.pk, mine.pk]
    assert [one.id for one in rules.active("another")] == [first.pk, last.pk]
    assert rules.active(channel)[2].conditions.countries == ("ES",)
    assert verbs() == ["return_rule_created"] * 4


def test_rules_name_reasons_that_there_are(staff, now):
    with pytest.raises(Errors) as caught:
        make_rule(staff, now, conditions={"reasons": ["too_small", "nope"]})
    [error] = caught.value.errors
    assert (error.field, error.code) == ("conditions.reasons", Code.NOT_FOUND)
    assert error.message == 'There is no reason "nope"; supportReturnReasons lists the codes.'
    row = make_rule(staff, now, conditions={"reasons": ["too_small"]})
    ReturnReason.objects.filter(code="too_small").delete()  # what stood there before is nobody's hindrance
    rules.update(
        actor=staff, rule_id=row.pk, now=now, conditions={"reasons": ["too_small"], "countries": ["ES"]}
    )
    with pytest.raises(Errors):
        rules.update(actor=staff, rule_id=row.pk, now=now, conditions={"reasons": ["nope"]})
    assert verbs() == ["return_rule_created", "return_rule_updated"]


def test_rules_change(staff, channel, now):
    row = make_rule(staff, now)
    rules.update(actor=staff, rule_id=row.pk, now=now, outcome={"days": 7}, is_active=False)
    row.refresh_from_db()
    assert (row.name, row.outcome, row.is_active) == ("Final sale", {"days": 7}, False)
    entry = HistoryEntry.objects.get(verb="return_rule_updated")
    assert entry.before == {"is_active": True, "outcome": {"kinds": []}}
    assert entry.after == {"is_active": False, "outcome": {"days": 7}}
    rules.delete(actor=staff, rule_id=row.pk, now=now)
    assert not ReturnRule.objects.exists()
    assert verbs()[-1] == "return_rule_deleted"


def test_wrong_rules_change_nothing(staff, now):
    with pytest.raises(Errors) as caught:
        make_rule(staff, now, name=" ", conditions={"countries": ["x"]}, outcome={"days": -1}, position=-1)
    assert [(one.field, one.code) for one in caught.value.errors] == [
        ("name", Code.REQUIRED),
        ("position", Code.OUT_OF_RANGE),
        ("conditions.countries", Code.INVALID),
        ("outcome.days", Code.OUT_OF_RANGE),
    ]
    assert not ReturnRule.objects.exists()
    row = make_rule(staff, now, conditions={"category_ids": ["c"]}, outcome={"exemption": "perishable"})
    with pytest.raises(Errors):  # the outcome no longer fits the new conditions
        rules.update(actor=staff, rule_id=row.pk, now=now, conditions={})


def test_rules_have_a_limit(staff, now, monkeypatch):
    monkeypatch.setattr(rules, "MOST", 1)
    make_rule(staff, now)
    with pytest.raises(SupportError) as caught:
        make_rule(staff, now)
    assert caught.value.code is Code.LIMIT_REACHED


@pytest.mark.parametrize("actor", NOBODIES, ids=lambda one: one.kind.value)
def test_nobody_else_has_rules(actor, staff, now):
    row = make_rule(staff, now)
    for call in (
        lambda: make_rule(actor, now),
        lambda: rules.update(actor=actor, rule_id=row.pk, now=now, name="Mine"),
        lambda: rules.delete(actor=actor, rule_id=row.pk, now=now),
    ):
        with pytest.raises(NotThere):
            call()
    assert not rules.visible(actor).exists()
    assert ReturnRule.objects.get().name == "Final sale"


def test_staff_of_one_channel_see_all_of_its_rules_and_change_their_own(staff, confined, channel, now):
    everywhere = make_rule(staff, now)
    other = make_rule(staff, now, channel_id=makers.gid(makers.make_channel()))
    mine = make_rule(confined, now, channel_id=channel)
    assert set(rules.visible(confined)) == {everywhere, mine}
    for row in (everywhere, other):
        with pytest.raises(NotThere):
            rules.update(actor=confined, rule_id=row.pk, now=now, name="Mine")
    with pytest.raises(Invalid) as caught:
        make_rule(confined, now)
    assert (caught.value.field, caught.value.code) == ("channelId", Code.REQUIRED)
    with pytest.raises(NotThere):
        make_rule(confined, now, channel_id=other.channel_id)
    assert rules.update(actor=confined, rule_id=mine.pk, now=now, name="Ours").name == "Ours"


def test_a_rule_that_cant_be_read_is_left_out_and_reported(staff, now, caplog):
    row, good = make_rule(staff, now), make_rule(staff, now)
    ReturnRule.objects.filter(pk=row.pk).update(conditions={"colour": "red"})
    assert [one.id for one in rules.active("c")] == [good.pk]
    assert f"The return rule {row.pk} can't be read" in caplog.text


# -- reasons ------------------------------------------------------------------------------------------


def test_a_shop_begins_with_reasons(shop):
    found = reasons.every()
    assert len(found) == len(reasons.DEFAULTS) == ReturnReason.objects.count()
    by_code = reasons.choosable(found)
    assert "size" not in by_code  # a group
    assert by_code["too_small"].parent.code == "size"
    for code, list_, fault, evidence, free in (
        ("changed_mind", ReasonList.WISH, Fault.NOBODY, False, False),
        ("arrived_late", ReasonList.WISH, Fault.CARRIER, False, False),
        ("damaged", ReasonList.FAULT, Fault.CARRIER, True, True),
        ("defective", ReasonList.FAULT, Fault.MERCHANT, True, True),
        ("wrong_item", ReasonList.FAULT, Fault.MERCHANT, True, True),
        ("not_as_described", ReasonList.FAULT, Fault.MERCHANT, False, True),
        ("missing_part", ReasonList.FAULT, Fault.MERCHANT, False, True),
        ("never_arrived", ReasonList.FAULT, Fault.CARRIER, False, True),
    ):
        row = by_code[code]
        assert (row.list, row.fault, row.needs_evidence, row.is_free) == (list_, fault, evidence, free)
    assert by_code["other"].needs_note
    assert all(row.labels["es"] for row in found)
    assert all(row.parent is None or row.parent.list == row.list for row in found)


def test_reasons_are_read_in_one_query(shop, django_assert_num_queries):
    reasons.every()
    with django_assert_num_queries(1):
        rows = reasons.every()
        reasons.facts(rows)
        reasons.choosable(rows)


def test_beginning_twice_at_once_writes_them_once(shop):
    reasons._begin()
    reasons._begin()
    assert ReturnReason.objects.count() == len(reasons.DEFAULTS)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Too small"), ("es", "Demasiado pequeño"), ("es-MX", "Demasiado pequeño"), ("de", "Too small")],
)
def test_labels(shop, language, expected):
    assert reasons.label(reasons.choosable()["too_small"], language) == expected


def test_reasons_change(shop, staff, now):
    group = next(one for one in reasons.every() if one.code == "size")
    row = reasons.create(
        actor=staff,
        code="too_wide",
        list="wish",
        label="Too wide",
        parent_id=group.pk,
        labels={"es": "Demasiado ancho", "fr": " "},
        now=now,
    )
    assert row.labels == {"es": "Demasiado ancho"}
    assert reasons.choosable()["too_wide"] == row
    reasons.update(actor=staff, reason_id=row.pk, now=now, label="Wide", needs_note=True)
    row.refresh_from_db()
    assert (row.label, row.needs_note, row.labels) == ("Wide", True, {"es": "Demasiado ancho"})
    assert HistoryEntry.objects.get(verb="return_reason_updated").before == {
        "label": "Too wide",
        "needs_note": False,
    }
    reasons.update(actor=staff, reason_id=group.pk, now=now, is_active=False)
    assert not {"size", "too_small", "too_wide"} & set(reasons.choosable())
    reasons.delete(actor=staff, reason_id=row.pk, now=now)
    with pytest.raises(WrongState):
        reasons.delete(actor=staff, reason_id=group.pk, now=now)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"code": "Too wide"}, "code", Code.INVALID),
        ({"code": "too_small"}, "code", Code.CONFLICT),
        ({"list": "both"}, "list", Code.INVALID),
        ({"fault": "yours"}, "fault", Code.INVALID),
        ({"label": ""}, "label", Code.REQUIRED),
        ({"label": "x" * 101}, "label", Code.TOO_LONG),
        ({"labels": {"spanish!": "x"}}, "labels", Code.INVALID),
        ({"labels": {"es": "x" * 101}}, "labels", Code.TOO_LONG),
        ({"labels": {f"es-{number:04}": "x" for number in range(101)}}, "labels", Code.TOO_MANY),
        ({"shop_reference": "x" * 129}, "shopReference", Code.TOO_LONG),
        ({"shop_reference": "Too small"}, "shopReference", Code.INVALID),
        ({"shop_reference": to_global_id("Product", 1)}, "shopReference", Code.INVALID),
        ({"shop_reference": to_global_id("Page", "7a1f0c52")}, "shopReference", Code.INVALID),
        ({"position": -1}, "position", Code.OUT_OF_RANGE),
        ({"parent_id": 0}, "parentId", Code.NOT_FOUND),
        ({"parent_id": "too_small"}, "parentId", Code.INVALID),
        ({"parent_id": "broken"}, "parentId", Code.INVALID),
    ],
)
def test_wrong_reasons_change_nothing(shop, staff, now, values, field, code):
    keys = {one.code: one.pk for one in reasons.every()}
    values = {name: keys.get(one, one) if name == "parent_id" else one for name, one in values.items()}
    with pytest.raises(SupportError) as caught:
        reasons.create(actor=staff, now=now, **{"code": "new", "list": "wish", "label": "New", **values})
    assert (caught.value.field, caught.value.code) == (field, code)
    assert ReturnReason.objects.count() == len(reasons.DEFAULTS)


def test_reasons_are_for_staff_of_all_channels(shop, confined, now):
    row = reasons.every()[0]
    for actor in [*NOBODIES, confined]:
        for call in (
            lambda actor=actor: reasons.create(actor=actor, code="x", list="wish", label="X", now=now),
            lambda actor=actor: reasons.update(actor=actor, reason_id=row.pk, label="X", now=now),
            lambda actor=actor: reasons.delete(actor=actor, reason_id=row.pk, now=now),
        ):
            with pytest.raises(NotThere):
                call()
    assert reasons.visible(confined).exists()
    assert not reasons.visible(Actor(ActorKind.CUSTOMER, "c")).exists()


# -- options ------------------------------------------------------------------------------------------


def test_options(staff, confined, channel, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert options.load(channel) == ReturnSettings()
    options.update(
        actor=confined, channel_id=channel, values={"send_days": 21, "risk": {"returns": 3}}, now=now
    )
    found = options.update(
        actor=staff,
        channel_id=channel,
        values={"withdrawal_who_pays": "shop", "risk": {"claims": None}},
        now=now,
    )
    assert options.load(channel) == found
    assert (found.send_days, found.withdrawal_who_pays) == (21, WhoPays.SHOP)
    assert (found.risk.returns, found.risk.claims, found.risk.accounts) == (3, None, 3)
    last = HistoryEntry.objects.order_by("pk").last()
    assert (last.verb, sorted(last.after)) == ("return_options_updated", ["risk", "withdrawal_who_pays"])
    assert options.load("another") == ReturnSettings()


def test_wrong_options_change_nothing(staff, channel, now):
    with pytest.raises(Errors) as caught:
        options.update(actor=staff, channel_id=channel, values={"send_days": 0, "colour": 1}, now=now)
    assert caught.value.field == "colour"
    with pytest.raises(Invalid):
        options.update(actor=staff, channel_id="", values={}, now=now)
    assert options.load(channel) == ReturnSettings()


def test_options_are_for_staff_of_the_channel(channel, now):
    stranger = Actor(ActorKind.STAFF, "s", permissions=MAY, channels=frozenset({"another"}))
    for actor in [*NOBODIES, stranger]:
        with pytest.raises(NotThere):
            options.update(actor=actor, channel_id=channel, values={"send_days": 21}, now=now)


# -- lists --------------------------------------------------------------------------------------------


def test_lists(staff, confined, channel, now):
    everywhere = lists.add(actor=staff, list=Listed.BLOCK, email="Eve@Example.com", now=now)
    lists.add(actor=confined, list="allow", customer_id="VIP", channel_id=channel, note="A friend", now=now)
    lists.add(actor=staff, list="block", address=STREET, channel_id="", now=now)
    assert lists.found(channel, "", "eve@EXAMPLE.com", "") == {"block"}
    assert lists.found(channel, "VIP", "vip@example.com", "") == {"allow"}
    assert lists.found("another", "VIP", "", "") == set()
    assert lists.found(channel, "VIP", "eve@example.com", lists.address_key(STREET)) == {"block", "allow"}
    assert lists.found(channel, "", "", "") == set()
    moved = lists.add(actor=staff, list="allow", email="eve@example.com", note="It was her sister", now=now)
    assert (moved.pk, moved.list) == (everywhere.pk, "allow")
    with pytest.raises(NotThere):
        lists.remove(actor=confined, entry_id=everywhere.pk, now=now)
    lists.remove(actor=staff, entry_id=everywhere.pk, now=now)
    assert lists.found(channel, "", "eve@example.com", "") == set()
    assert verbs() == ["return_list_added"] * 4 + ["return_list_removed"]
    assert lists.visible(confined).count() == 2


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({}, None, Code.REQUIRED),
        ({"email": "nobody"}, "email", Code.INVALID),
        ({"email": "a@example.com", "list": "grey"}, "list", Code.INVALID),
        ({"email": "a@example.com", "note": "x" * 501}, "note", Code.TOO_LONG),
        ({"address": Address(country="ES")}, "address", Code.REQUIRED),
        ({"customer_id": "x" * 129}, "customerId", Code.NOT_FOUND),
    ],
)
def test_wrong_entries(staff, now, values, field, code):
    with pytest.raises(SupportError) as caught:
        lists.add(actor=staff, now=now, **{"list": "block", **values})
    assert (caught.value.field, caught.value.code) == (field, code)


def test_lists_are_for_staff(staff, now):
    row = lists.add(actor=staff, list="block", email="a@example.com", now=now)
    for actor in NOBODIES:
        with pytest.raises(NotThere):
            lists.add(actor=actor, list="block", email="b@example.com", now=now)
        with pytest.raises(NotThere):
            lists.remove(actor=actor, entry_id=row.pk, now=now)
        assert not lists.visible(actor).exists()


def test_an_address_is_the_same_however_it_is_written():
    same = Address(street_address_1=" gran via, 1 ", postal_code="28 013", country="ES", city="MADRID")
    assert lists.address_key(same) == lists.address_key(STREET)
    assert lists.address_key(Address(street_address_1="Gran Vía 2", postal_code="28013", country="ES")) != (
        lists.address_key(STREET)
    )
    assert lists.address_key(None) == lists.address_key(Address(country="ES")) == ""
