"""Staff keeps own carriers and rules of transit: each value arrives, and what is left out stays."""

import pytest

from saleor_support_plugin.tracking.models import OwnCarrier, TransitRule

CARRIER = "errors { field code } it: carrier { id code name pattern url countries isActive }"
RULE = "errors { field code } it: rule { id channelId carrier country service daysFrom daysUntil }"
CREATE = f"""
mutation ($input: SupportCarrierCreateInput!) {{ did: supportCarrierCreate(input: $input) {{ {CARRIER} }} }}
"""
UPDATE = f"""
mutation ($id: ID!, $input: SupportCarrierInput!) {{
  did: supportCarrierUpdate(id: $id, input: $input) {{ {CARRIER} }}
}}
"""
CREATE_RULE = f"""
mutation ($input: SupportTransitRuleCreateInput!) {{
  did: supportTransitRuleCreate(input: $input) {{ {RULE} }}
}}
"""
UPDATE_RULE = f"""
mutation ($id: ID!, $input: SupportTransitRuleInput!) {{
  did: supportTransitRuleUpdate(id: $id, input: $input) {{ {RULE} }}
}}
"""
BIKES = {
    "code": "bike-couriers",
    "name": "Bike couriers",
    "pattern": r"BIKE\d{4,6}",
    "url": "https://bike.example/{number}",
    "countries": ["ES", "PT"],
    "isActive": False,
}


@pytest.fixture
def send(stage):
    """``send(document, **variables)`` as staff of all channels: the object, or errors as (field, code)."""

    def run(document, **variables):
        answer = stage.send("staff", document, variables)
        assert "errors" not in answer, answer
        found = answer["data"]["did"]
        return found["it"] or [(one["field"], one["code"]) for one in found["errors"]]

    return run


def test_an_own_carrier_is_added_and_changed(send):
    made = send(CREATE, input=BIKES)
    assert made == {**BIKES, "id": made["id"]}
    changed = send(UPDATE, id=made["id"], input={"name": "Bikes", "isActive": True, "url": None})
    assert changed == {**made, "name": "Bikes", "isActive": True}  # null: not sent
    assert send(UPDATE, id=made["id"], input={"countries": [], "pattern": r"B\d{5}"}) == {
        **changed,
        "countries": [],
        "pattern": r"B\d{5}",
    }


def test_what_a_new_carrier_leaves_out_is_empty(send):
    made = send(CREATE, input={"code": "vans", "name": "Vans"})
    assert made == {
        **{"code": "vans", "name": "Vans", "pattern": "", "url": "", "countries": [], "isActive": True},
        "id": made["id"],
    }


def test_a_carrier_that_is_wrong_is_not_added(send):
    assert send(CREATE, input={**BIKES, "url": "https://bike.example/"}) == [("url", "INVALID")]
    assert not OwnCarrier.objects.filter(code="bike-couriers").exists()


def test_a_rule_is_added_and_changed(stage, send):
    given = {
        "channelId": stage.ids["channel"],
        "carrier": "ups",
        "country": "PT",
        "service": "Express",
        "daysFrom": 1,
        "daysUntil": 2,
    }
    made = send(CREATE_RULE, input=given)
    assert made == {**given, "id": made["id"]}
    changed = send(UPDATE_RULE, id=made["id"], input={"daysUntil": 4, "service": "", "country": None})
    assert changed == {**made, "daysUntil": 4, "service": ""}


def test_what_a_new_rule_leaves_out_holds_for_every_one(send):
    made = send(CREATE_RULE, input={"daysFrom": 0, "daysUntil": 0})
    assert made == {
        **{"channelId": None, "carrier": "", "country": "", "service": "", "daysFrom": 0, "daysUntil": 0},
        "id": made["id"],
    }


def test_a_rule_that_is_wrong_is_not_added(stage, send):
    before = TransitRule.objects.count()
    assert send(CREATE_RULE, input={"daysFrom": 3, "daysUntil": 2}) == [("daysUntil", "OUT_OF_RANGE")]
    assert TransitRule.objects.count() == before
