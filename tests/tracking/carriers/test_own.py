"""The shop's own carriers: what is refused and why, history, who may, and how detection gets them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import ANONYMOUS, SYSTEM, Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Denied, Errors, Invalid, NotThere, SupportError
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.tracking.carriers import detect, own, service
from saleor_support_plugin.tracking.models import OwnCarrier

ORDERS = frozenset({Permission.MANAGE_ORDERS})
ADMIN = Actor(ActorKind.STAFF, id="VXNlcjo5", email="sam@shop.example", name="Sam", permissions=ORDERS)
BIKE = "https://bike.example/p?n={number}&z={postal_code}"


@pytest.fixture
def create(db, now):
    def make(**changes):
        values = {
            "actor": ADMIN,
            "code": "bike",
            "name": "Bike couriers",
            "pattern": r"BIKE\d{4}",
            "url": BIKE,
            "now": now,
        }
        return service.create(**{**values, **changes})

    return make


def errors(caught):
    return [(error.field, error.code, error.message) for error in caught.value.errors]


def test_an_own_carrier_is_kept_and_used(create):
    row = create(name="  Bike couriers ", pattern=r" BIKE\d{4} ", countries=["pt", "ES", "es"])
    stored = OwnCarrier.objects.get()
    assert row.pk == stored.pk
    assert (stored.code, stored.name, stored.pattern, stored.url) == (
        "bike",
        "Bike couriers",
        r"BIKE\d{4}",
        BIKE,
    )
    assert (stored.countries, stored.is_active) == (["ES", "PT"], True)
    found = detect("bike-1234", country="ES", postal_code="28001")
    assert (found.carrier_code, found.carrier_name) == ("bike", "Bike couriers")
    assert found.url == "https://bike.example/p?n=BIKE1234&z=28001"
    assert detect("bike-1234", country="ES").url == ""  # the page needs what is not known
    assert detect("bike-1234", country="DE").carrier_code == "gls"
    assert detect("https://www.bike.example/x").carrier_code == "bike"
    assert detect("https://notbike.example/x").carrier_code == ""


def test_every_change_is_one_row_of_history(create, now):
    row = create()
    service.update(actor=ADMIN, carrier_id=row.pk, name="Bikes", is_active=False, now=now)
    service.delete(actor=ADMIN, carrier_id=row.pk, now=now)
    whole = {
        "code": "bike", "name": "Bike couriers", "pattern": r"BIKE\d{4}", "url": BIKE, "countries": [],
        "is_active": True,
    }  # fmt: skip
    rows = HistoryEntry.objects.order_by("pk").values_list("verb", "subject", "actor_id", "before", "after")
    assert list(rows) == [
        ("carrier_created", f"carrier:{row.pk}", ADMIN.id, {}, whole),
        (
            "carrier_updated", f"carrier:{row.pk}", ADMIN.id,
            {"name": "Bike couriers", "is_active": True}, {"name": "Bikes", "is_active": False},
        ),
        ("carrier_deleted", f"carrier:{row.pk}", ADMIN.id, {**whole, "name": "Bikes", "is_active": False}, {}),
    ]  # fmt: skip
    assert not OwnCarrier.objects.exists()


@pytest.mark.parametrize(
    ("field", "argument", "value", "code", "message"),
    [
        ("code", "code", " ", Code.REQUIRED, "This can't be empty."),
        ("code", "code", "Bike Couriers", Code.INVALID, 'Use small letters, digits and dashes, like "bike-couriers".'),
        ("code", "code", "-", Code.INVALID, 'Use small letters, digits and dashes, like "my-carrier".'),
        ("code", "code", "b" * 61, Code.TOO_LONG, "Use at most 60 characters."),
        ("name", "name", "\x00", Code.REQUIRED, "This can't be empty."),
        ("name", "name", "Bike\r\nBcc: x", Code.INVALID, "Use one line without line breaks."),
        ("name", "name", "b" * 61, Code.TOO_LONG, "Use at most 60 characters."),
        ("pattern", "pattern", "(", Code.INVALID, 'There is a "(" without its ")".'),
        ("pattern", "pattern", "(A+)+", Code.INVALID, "This can be read in too many ways; give exact counts, like {8} or {8,10}."),
        ("pattern", "pattern", "A" * 201, Code.TOO_LONG, "Use at most 200 characters."),
        ("url", "url", "https://bike.example/", Code.INVALID, "Put {number} where the tracking number goes."),
        ("url", "url", "javascript:alert({number})", Code.INVALID, "Give a full address that begins with https://."),
        ("url", "url", "ftp://bike.example/{number}", Code.INVALID, "Give a full address that begins with https://."),
        ("url", "url", "//bike.example/{number}", Code.INVALID, "Give a full address that begins with https://."),
        ("url", "url", "https://a:b@bike.example/{number}", Code.INVALID, "Give a full address that begins with https://."),
        ("url", "url", "https://{number}.example/", Code.INVALID, "The site's name can't depend on the parcel."),
        ("url", "url", "https://bike.example:{number}/", Code.INVALID, "Give a full address that begins with https://."),
        ("url", "url", "https://bike.example/{0.__class__}{number}", Code.INVALID, "{0.__class__} is not known; use {number}, {postal_code}, {country}."),
        ("url", "url", "https://bike.example/{number}/{street}", Code.INVALID, "{street} is not known; use {number}, {postal_code}, {country}."),
        ("url", "url", "https://bike.example/{number}\n", Code.INVALID, None),
        ("url", "url", "https://bike.example/{number" , Code.INVALID, "Put {number} where the tracking number goes."),
        ("url", "url", "https://bike.example/{number}/{", Code.INVALID, "Give a full address that begins with https://."),
        ("url", "url", f"https://bike.example/{{number}}/{'b' * 500}", Code.TOO_LONG, "Use at most 500 characters."),
        ("countries", "countries", ["ES", "XX"], Code.INVALID, '"XX" is not a country; give codes of two letters, like ES.'),
        ("countries", "countries", ["Spain"], Code.INVALID, '"SPAIN" is not a country; give codes of two letters, like ES.'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_changes_nothing(create, field, argument, value, code, message):
    if message is None:  # a line break at the end goes, as blanks do
        assert create(**{field: value}).url == value.strip()
        return
    with pytest.raises(Errors) as caught:
        create(**{field: value})
    assert errors(caught) == [(argument, code, message)]
    assert not OwnCarrier.objects.exists()
    assert not HistoryEntry.objects.exists()


def test_all_that_is_wrong_is_said_at_once(create, now):
    with pytest.raises(Errors) as caught:
        create(code="", name="", pattern="(", url="x", countries=["QQ"])
    assert [field for field, _, _ in errors(caught)] == ["code", "name", "pattern", "url", "countries"]
    row = create()
    with pytest.raises(Errors) as caught:
        service.update(actor=ADMIN, carrier_id=row.pk, name="", url="x", now=now)
    assert [field for field, _, _ in errors(caught)] == ["name", "url"]
    row.refresh_from_db()
    assert row.name == "Bike couriers"


def test_a_code_is_there_once(create):
    create()
    with pytest.raises(Invalid) as caught:
        create(name="Others")
    assert (caught.value.field, caught.value.code) == ("code", Code.CONFLICT)
    assert OwnCarrier.objects.get().name == "Bike couriers"


def test_there_are_two_hundred_at_most(create):
    OwnCarrier.objects.bulk_create(OwnCarrier(code=f"c{number}", name="C") for number in range(200))
    with pytest.raises(SupportError) as caught:
        create()
    assert caught.value.code is Code.LIMIT_REACHED


@pytest.mark.parametrize(
    "actor",
    [
        ANONYMOUS,
        Actor(ActorKind.CUSTOMER, id="VXNlcjox"),
        Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        Actor(ActorKind.STAFF, id="VXNlcjo5"),
        Actor(ActorKind.APP, id="QXBwOjE="),
        Actor(ActorKind.STAFF, id="VXNlcjo5", permissions=ORDERS, channels=frozenset({"Q2hhbm5lbDox"})),
    ],
)
def test_carriers_are_for_staff_of_all_channels(create, now, actor):
    row = create()
    with pytest.raises(Denied):
        create(actor=actor, code="cart")
    with pytest.raises(Denied):
        service.update(actor=actor, carrier_id=row.pk, name="X", now=now)
    with pytest.raises(Denied):
        service.delete(actor=actor, carrier_id=row.pk, now=now)
    assert list(OwnCarrier.objects.values_list("code", "name")) == [("bike", "Bike couriers")]
    assert list(service.visible(actor)) == ([row] if actor.channels is not None else [])


def test_apps_and_jobs_may(create):
    create(actor=Actor(ActorKind.APP, id="QXBwOjE=", permissions=ORDERS))
    create(actor=SYSTEM, code="cart")
    assert [row.code for row in service.visible(ADMIN)] == ["bike", "cart"]


def test_one_that_is_not_there_is_not_there(db, now):
    with pytest.raises(NotThere):
        service.update(actor=ADMIN, carrier_id=7, name="X", now=now)
    with pytest.raises(NotThere):
        service.delete(actor=ADMIN, carrier_id=7, now=now)


def test_one_that_is_switched_off_is_not_used(create, now):
    row = create()
    service.update(actor=ADMIN, carrier_id=row.pk, is_active=False, now=now)
    assert own.load() == ()
    assert detect("bike-1234", country="DE").carrier_code == "gls"


def test_a_carrier_of_the_table_known_otherwise(create):
    """Without numbers of its own it keeps the table's, and is the one that the shop prefers."""
    create(code="nacex", name="Nacex Madrid", pattern="", url="https://n.example/{number}")
    found = detect("0001/12345678", country="ES")
    assert (found.carrier_code, found.carrier_name, found.url) == (
        "nacex", "Nacex Madrid", "https://n.example/000112345678",
    )  # fmt: skip
    assert [one.code for one in found.candidates].count("nacex") == 1
    assert detect("https://www.nacex.es/x").carrier_name == "Nacex Madrid"
    assert detect("1Z999AA10123456784").carrier_code == "ups"  # proof outranks it
    create(code="mrw", name="MRW", pattern="", url="")
    two = detect("000112345678", country="ES")
    assert two.carrier_code == ""
    assert {one.code for one in two.candidates[:2]} == {"mrw", "nacex"}
    assert two.candidates[0].url  # the table's page


def test_an_expression_written_by_hand_does_no_harm(db, caplog):
    OwnCarrier.objects.create(code="bike", name="Bike", pattern="(A+)+B", url=BIKE)
    assert detect("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA1").candidates == ()
    assert "The own carrier bike is not recognised by its numbers" in caplog.text


@pytest.mark.parametrize("many", [10, 100])
def test_many_numbers_take_one_query(db, many):
    OwnCarrier.objects.bulk_create(
        OwnCarrier(code=f"c{number}", name="C", pattern=rf"C{number}X\d{{4}}") for number in range(many)
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        mine = own.load()
        found = [detect(f"C{number}X1234", own=mine).carrier_code for number in range(many)]
    assert found == [f"c{number}" for number in range(many)]
    assert len(queries) == 1


def test_a_change_by_another_process_holds_at_once(create):
    create()
    assert detect("bike-1234").carrier_name == "Bike couriers"
    OwnCarrier.objects.update(name="Bikes")  # nobody told this process
    assert detect("bike-1234").carrier_name == "Bikes"
