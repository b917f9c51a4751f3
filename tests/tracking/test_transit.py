"""The shop's rules of transit: what is refused and why, history, who may, and how promises get them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.tracking import transit
from saleor_support_plugin.tracking.models import OwnCarrier, TransitRule
from saleor_support_plugin.tracking.promise import Rule
from sandbox import makers
from sandbox.home import ids

ORDERS = frozenset({Permission.MANAGE_ORDERS})
ADMIN = Actor(ActorKind.STAFF, id="VXNlcjo5", email="sam@shop.example", name="Sam", permissions=ORDERS)


@pytest.fixture
def create(shop, now):
    def make(**changes):
        return transit.create(**{"actor": ADMIN, "days_from": 1, "days_until": 2, "now": now, **changes})

    return make


@pytest.fixture
def here(shop):
    """The id of a channel."""
    return ids.of(makers.make_channel("here"))


def errors(caught):
    return [(error.field, error.code, error.message) for error in caught.value.errors]


def local(*channels):
    """Staff of some channels only."""
    return Actor(ActorKind.STAFF, id="VXNlcjo4", permissions=ORDERS, channels=frozenset(channels))


def test_a_rule_is_kept_as_promises_want_it(create, here):
    OwnCarrier.objects.create(code="bike", name="Bike couriers")
    row = create(channel_id=here, carrier=" DHL Express ", country="es", service="  Express 24 ")
    bike = create(carrier="Bike", days_from=0, days_until=365)
    assert set(transit.load(here)) == {
        Rule(1, 2, channel_id=here, carrier="dhl-express", country="ES", service="Express 24", id=row.pk),
        Rule(0, 365, carrier="bike", id=bike.pk),
    }
    assert [rule.id for rule in transit.load("Q2hhbm5lbDo5OTk=")] == [bike.pk]
    assert [rule.id for rule in transit.load()] == [row.pk, bike.pk]


@pytest.mark.parametrize("many", [10, 100])
def test_rules_are_read_in_one_query(db, many):
    TransitRule.objects.bulk_create(
        TransitRule(service=str(number), days_from=1, days_until=2) for number in range(many)
    )
    with CaptureQueriesContext(connection) as queries:
        assert len(transit.load("Q2hhbm5lbDox")) == many
    assert len(queries) == 1


def test_every_change_is_one_row_of_history(create, now):
    row = create(carrier="ups")
    transit.update(actor=ADMIN, rule_id=row.pk, days_until=4, carrier="", now=now)
    transit.delete(actor=ADMIN, rule_id=row.pk, now=now)
    whole = {
        "channel_id": "",
        "carrier": "ups",
        "country": "",
        "service": "",
        "days_from": 1,
        "days_until": 2,
    }
    rows = HistoryEntry.objects.order_by("pk").values_list("verb", "subject", "actor_id", "before", "after")
    assert list(rows) == [
        ("transit_rule_created", f"transit_rule:{row.pk}", ADMIN.id, {}, whole),
        (
            "transit_rule_updated", f"transit_rule:{row.pk}", ADMIN.id,
            {"carrier": "ups", "days_until": 2}, {"carrier": "", "days_until": 4},
        ),
        (
            "transit_rule_deleted", f"transit_rule:{row.pk}", ADMIN.id,
            {**whole, "carrier": "", "days_until": 4}, {},
        ),
    ]  # fmt: skip
    assert not TransitRule.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "code", "message"),
    [
        ({"days_from": -1}, "daysFrom", Code.OUT_OF_RANGE, "Give from 0 to 365 working days."),
        ({"days_until": 366}, "daysUntil", Code.OUT_OF_RANGE, "Give from 0 to 365 working days."),
        ({"days_from": 3}, "daysUntil", Code.OUT_OF_RANGE, "The last day can't come before the first."),
        (
            {"carrier": "pigeon"}, "carrier", Code.INVALID,
            "No carrier has this code or name; add it to your own carriers first.",
        ),
        ({"carrier": "u" * 61}, "carrier", Code.TOO_LONG, "Use at most 60 characters."),
        ({"country": "QQ"}, "country", Code.INVALID, '"QQ" is not a country; give codes of two letters, like ES.'),
        ({"service": "x" * 121}, "service", Code.TOO_LONG, "Use at most 120 characters."),
        ({"service": "a\nb"}, "service", Code.INVALID, "Use one line without line breaks."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_changes_nothing(create, now, changes, field, code, message):
    with pytest.raises(Errors) as caught:
        create(**changes)
    assert errors(caught) == [(field, code, message)]
    row = create()
    with pytest.raises(Errors) as caught:
        transit.update(actor=ADMIN, rule_id=row.pk, now=now, **changes)
    assert errors(caught) == [(field, code, message)]
    row.refresh_from_db()
    assert (row.days_from, row.days_until, row.carrier, row.country, row.service) == (1, 2, "", "", "")
    assert HistoryEntry.objects.count() == 1


def test_there_is_one_rule_for_the_same(create, now):
    create(carrier="ups")
    other = create(carrier="fedex")
    for verb in (
        lambda: create(carrier="UPS", days_from=0),
        lambda: transit.update(actor=ADMIN, rule_id=other.pk, carrier="ups", now=now),
    ):
        with pytest.raises(SupportError) as caught:
            verb()
        assert caught.value.code is Code.CONFLICT
    assert sorted(TransitRule.objects.values_list("carrier", "days_from")) == [("fedex", 1), ("ups", 1)]


def test_there_are_two_thousand_at_most(create):
    TransitRule.objects.bulk_create(
        TransitRule(service=str(number), days_from=1, days_until=2) for number in range(2000)
    )
    with pytest.raises(SupportError) as caught:
        create()
    assert caught.value.code is Code.LIMIT_REACHED


def test_a_channel_that_is_not_there_is_not_there(create):
    with pytest.raises(NotThere) as caught:
        create(channel_id="Q2hhbm5lbDo5OTk=")
    assert caught.value.field == "channelId"


def test_staff_of_some_channels_keep_the_rules_of_those(create, here, now):
    everywhere, other = create(), create(channel_id=ids.of(makers.make_channel("there")))
    sam = local(here)
    with pytest.raises(Invalid) as caught:
        create(actor=sam, service="x")
    assert (caught.value.field, caught.value.code) == ("channelId", Code.REQUIRED)
    with pytest.raises(NotThere):
        create(actor=sam, channel_id=other.channel_id, service="x")
    mine = create(actor=sam, channel_id=here)
    for row in (everywhere, other):
        with pytest.raises(NotThere):
            transit.update(actor=sam, rule_id=row.pk, days_until=9, now=now)
        with pytest.raises(NotThere):
            transit.delete(actor=sam, rule_id=row.pk, now=now)
    assert list(transit.visible(sam)) == [everywhere, mine]
    assert list(transit.visible(ADMIN)) == [everywhere, other, mine]
    transit.update(actor=sam, rule_id=mine.pk, days_until=9, now=now)
    transit.delete(actor=sam, rule_id=mine.pk, now=now)
    assert list(transit.visible(ADMIN)) == [everywhere, other]


@pytest.mark.parametrize(
    "actor",
    [
        ANONYMOUS,
        Actor(ActorKind.CUSTOMER, id="VXNlcjox"),
        Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        Actor(ActorKind.STAFF, id="VXNlcjo5"),
        Actor(ActorKind.APP, id="QXBwOjE="),
    ],
)
def test_nobody_else_may(create, now, actor):
    row = create()
    with pytest.raises(NotThere):
        create(actor=actor, service="x")
    with pytest.raises(NotThere):
        transit.update(actor=actor, rule_id=row.pk, days_until=9, now=now)
    with pytest.raises(NotThere):
        transit.delete(actor=actor, rule_id=row.pk, now=now)
    assert list(transit.visible(actor)) == []
    assert list(TransitRule.objects.values_list("days_until", flat=True)) == [2]


def test_one_that_is_not_there_is_not_there(shop, now):
    with pytest.raises(NotThere):
        transit.update(actor=ADMIN, rule_id=7, days_until=9, now=now)
    with pytest.raises(NotThere):
        transit.delete(actor=ADMIN, rule_id=7, now=now)
