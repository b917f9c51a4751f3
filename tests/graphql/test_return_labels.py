"""What staff and customers see of a label that a carrier is asked for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql_relay import to_global_id

from saleor_support_plugin.returns.models import ReturnLabel
from sandbox import makers
from tests.graphql.return_stage import a_return

LOOK = (
    "query ($id: ID!, $accessToken: String) { it: supportReturn(id: $id, accessToken: $accessToken) "
    "{ labelRequest { isComing state message maker tries nextTryAt } } }"
)
NOTHING = {"state": None, "message": None, "maker": None, "tries": None, "nextTryAt": None}


@pytest.fixture
def row(stage, now):
    order = makers.models.Order.objects.get(number=stage.ids["number"])
    return a_return(order, now, authorisation="approved", logistics="awaiting")


def look(stage, caller, row):
    answer = stage.send(caller, LOOK, {"id": to_global_id("SupportReturn", row.pk)})
    return answer["data"]["it"]["labelRequest"]


def ask(row, now, **values):
    return ReturnLabel.objects.create(
        parent=row, **{"maker": "courier", "state": "asked", "tries": 2, "next_try_at": now, **values}
    )


def test_nobody_is_asked(stage, row):
    assert [look(stage, caller, row) for caller in ("staff", "owner")] == [None, None]


@pytest.mark.parametrize("state", ["waiting", "asked", "made"])
def test_a_label_that_is_coming(stage, row, now, state):
    ask(row, now, state=state, message="of an earlier time")
    assert look(stage, "staff", row) == {
        "isComing": True,
        "state": state.upper(),
        "message": None,
        "maker": "courier",
        "tries": 2,
        "nextTryAt": now.isoformat(),
    }
    for caller in ("owner", "guest"):
        assert look(stage, caller, row) == {"isComing": True, **NOTHING}


def test_a_label_that_a_person_has_to_see_to(stage, row, now):
    ask(row, now, state="by_hand", next_try_at=None, message="The carrier refused.")
    told = look(stage, "staff", row)
    assert (told["isComing"], told["state"], told["message"], told["nextTryAt"]) == (
        True,
        "BY_HAND",
        "The carrier refused.",
        None,
    )
    assert look(stage, "owner", row) == {"isComing": True, **NOTHING}


@pytest.mark.parametrize(
    ("label", "of_return", "parcel"),
    [
        ({"state": "attached"}, {}, {"label_url": "https://courier.example/1"}),
        ({"state": "dropped"}, {}, None),
        ({"state": "by_hand"}, {}, {"label_id": 7}),  # somebody attached another
        ({"state": "asked"}, {"logistics": "in_transit"}, None),
        ({"state": "asked"}, {"authorisation": "canceled"}, None),
    ],
)
def test_none_is_coming(stage, row, now, label, of_return, parcel):
    ask(row, now, **label)
    type(row).objects.filter(pk=row.pk).update(**of_return)
    if parcel:
        row.shipments.create(**parcel)
    told = look(stage, "staff", row)
    assert (told["isComing"], told["state"]) == (False, label["state"].upper())
    assert look(stage, "owner", row) is None


def test_a_label_that_is_void_does_not_count(stage, row, now):
    ask(row, now)
    row.shipments.create(label_url="https://courier.example/1", state="canceled")
    row.shipments.create(tracking_number="1Z999AA10123456784")
    assert look(stage, "owner", row) == {"isComing": True, **NOTHING}


@pytest.mark.parametrize("caller", ["staff", "owner", "other_customer"])
def test_two_readers_in_one_request_see_each_their_own(stage, row, now, caller):
    """Whoever is signed in may send a guest's link, too: what is read together is not shown together."""
    ask(row, now, state="by_hand", next_try_at=None, message="The carrier refused.")
    seen = "{ labelRequest { isComing state message maker tries nextTryAt } }"
    document = (
        "query ($id: ID!, $link: String) { "
        f"first: supportReturn(id: $id) {seen} guest: supportReturn(id: $id, accessToken: $link) {seen} "
        f"again: supportReturn(id: $id) {seen} last: supportReturn(id: $id, accessToken: $link) {seen} }}"
    )
    answer = stage.send(
        caller, document, {"id": to_global_id("SupportReturn", row.pk), "link": stage.links["guest"]}
    )
    data = answer["data"]
    assert data["guest"] == data["last"] == {"labelRequest": {"isComing": True, **NOTHING}}
    own = {"staff": "The carrier refused.", "owner": None}
    for one in (data["first"], data["again"]):
        if caller in own:
            assert one["labelRequest"]["message"] == own[caller]
        else:
            assert one is None


def test_labels_of_many_returns_are_one_query(stage, now):
    order = makers.models.Order.objects.get(number=stage.ids["number"])
    document = "{ it: supportReturns(first: 100) { edges { node { labelRequest { isComing state } } } } }"
    spent = []
    for count in (10, 60):
        for _ in range(count):
            ask(a_return(order, now, authorisation="approved", logistics="awaiting"), now)
        with CaptureQueriesContext(connection) as queries:
            answer = stage.send("staff", document)
        labels = [edge["node"]["labelRequest"] for edge in answer["data"]["it"]["edges"]]
        assert len([one for one in labels if one]) >= count
        spent.append(len(queries))
    assert spent[0] == spent[1]
