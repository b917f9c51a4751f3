"""What the shop decides once for many returns, by GraphQL: reasons, rules, options, lists."""

from graphql_relay import to_global_id

from saleor_support_plugin.returns.desk import options, rules
from saleor_support_plugin.returns.models import ReturnListEntry, ReturnReason, ReturnRule


def do(stage, field, arguments, payload, variables=None, declare="", caller="staff"):
    document = f"mutation {declare} {{ it: {field}({arguments}) {{ errors {{ field code }} {payload} }} }}"
    answer = stage.send(caller, document, variables)
    assert "errors" not in answer, answer
    return answer["data"]["it"]


def test_reasons_in_the_readers_language_and_what_may_be_chosen(stage):
    ReturnReason.objects.filter(code="own").update(is_active=False)
    document = (
        '{ it: supportReturnReasons { code list isGroup parentId fault label(language: "es-ES") '
        "labels { language text } needsEvidence isFree } }"
    )
    seen = {who: stage.send(who, document)["data"]["it"] for who in ("owner", "staff")}
    mine, theirs = ({one["code"]: one for one in seen[who]} for who in ("owner", "staff"))
    assert mine["too_small"]["label"] == "Demasiado pequeño"
    assert mine["too_small"]["labels"] is None
    assert theirs["too_small"]["labels"] == [{"language": "es", "text": "Demasiado pequeño"}]
    assert (mine["damaged"]["list"], mine["damaged"]["fault"]) == ("FAULT", "CARRIER")
    assert mine["damaged"]["needsEvidence"] is mine["damaged"]["isFree"] is True
    assert mine["size"]["isGroup"] is True
    assert mine["too_small"]["parentId"] is not None
    assert set(theirs) - set(mine) == {"own"}


def test_reasons_are_made_changed_moved_and_deleted(stage):
    made = do(
        stage,
        "supportReturnReasonCreate",
        'input: {code: "itches", list: WISH, label: "It itches", labels: [{language: "es", text: "Pica"}], '
        "needsNote: true}",
        'reason { id code label es: label(language: "es") needsNote isGroup }',
    )
    assert made["reason"].pop("id")
    assert made["reason"] == {
        "code": "itches",
        "label": "It itches",
        "es": "Pica",
        "needsNote": True,
        "isGroup": False,
    }
    twice = do(
        stage, "supportReturnReasonCreate", 'input: {code: "itches", list: WISH, label: "x"}', "reason { id }"
    )
    assert twice == {"errors": [{"field": "code", "code": "CONFLICT"}], "reason": None}
    own = stage.ids["reason"]
    order = do(
        stage,
        "supportReturnReasonReorder",
        "ids: $ids",
        "reasons { code }",
        {"ids": [own, own]},
        "($ids: [ID!]!)",
    )
    assert order == {"errors": [{"field": "ids", "code": "INVALID"}], "reasons": None}
    codes = list(ReturnReason.objects.order_by("position", "pk").values_list("code", flat=True))
    first = ReturnReason.objects.get(code=codes[0])
    ids = [own, to_global_id("SupportReturnReason", first.pk)]
    order = do(
        stage, "supportReturnReasonReorder", "ids: $ids", "reasons { code }", {"ids": ids}, "($ids: [ID!]!)"
    )
    codes[codes.index("own")], codes[0] = codes[0], "own"
    assert [one["code"] for one in order["reasons"]] == codes
    assert do(stage, "supportReturnReasonDelete", f'id: "{own}"', "") == {"errors": []}
    assert not ReturnReason.objects.filter(code="own").exists()


def test_a_rule_is_kept_as_it_was_given_and_asked_in_order(stage):
    made = do(
        stage,
        "supportReturnRuleCreate",
        'input: {name: "Shoes", conditions: {countries: ["ES"], priceFrom: 9.99, currency: "EUR", kinds: [RETURN], '
        'orderedFrom: "2024-01-01"}, outcome: {kinds: [RETURN], days: 60, anchor: DELIVERY, resolutions: [CREDIT, '
        'REFUND], fees: [{percent: 12.5, label: "Handling"}], autoApprove: true, autoLimit: 50, currency: "EUR", '
        "settleOn: INSPECTION}}",
        "rule { id name channelId isActive conditions { countries priceFrom priceBelow currency kinds orderedFrom } "
        "outcome { kinds days anchor resolutions fees { code label percent amount } autoApprove autoLimit settleOn } }",
    )
    assert made["errors"] == []
    key = made["rule"].pop("id")
    assert made["rule"] == {
        "name": "Shoes",
        "channelId": None,
        "isActive": True,
        "conditions": {
            "countries": ["ES"],
            "priceFrom": 9.99,
            "priceBelow": None,
            "currency": "EUR",
            "kinds": ["RETURN"],
            "orderedFrom": "2024-01-01",
        },
        "outcome": {
            "kinds": ["RETURN"],
            "days": 60,
            "anchor": "DELIVERY",
            "resolutions": ["CREDIT", "REFUND"],
            "fees": [{"code": "restocking", "label": "Handling", "percent": 12.5, "amount": 0.0}],
            "autoApprove": True,
            "autoLimit": 50.0,
            "settleOn": "INSPECTION",
        },
    }
    assert rules.active(stage.ids["channel"])[0].outcome.days == 60
    moved = do(
        stage,
        "supportReturnRuleReorder",
        "ids: $ids",
        "rules { name }",
        {"ids": [key, stage.ids["returnRule"]]},
        "($ids: [ID!]!)",
    )
    assert [one["name"] for one in moved["rules"]] == ["Shoes", "Ours"]
    changed = do(
        stage,
        "supportReturnRuleUpdate",
        f'id: "{key}", input: {{outcome: {{days: 10}}, isActive: false}}',
        "rule { isActive name outcome { days fees { label } } conditions { countries } }",
    )
    assert changed["rule"] == {
        "isActive": False,
        "name": "Shoes",
        "outcome": {"days": 10, "fees": []},
        "conditions": {"countries": ["ES"]},
    }


def test_what_is_wrong_with_a_rule_is_said_field_by_field(stage, everything):
    before = everything()
    refused = do(
        stage,
        "supportReturnRuleCreate",
        'input: {name: " ", conditions: {countries: ["Spain"], priceFrom: 5}, outcome: {days: -1, fees: [{percent: '
        "200}]}}",
        "rule { id }",
    )
    assert {(one["field"], one["code"]) for one in refused["errors"]} == {
        ("name", "REQUIRED"),
        ("conditions.countries", "INVALID"),
        ("conditions.currency", "REQUIRED"),
        ("outcome.days", "OUT_OF_RANGE"),
        ("outcome.fees.0.percent", "OUT_OF_RANGE"),
    }
    assert everything() == before


def test_a_rule_that_cannot_be_read_is_shown_without_its_parts(stage):
    ReturnRule.objects.update(conditions={"moon": "full"})
    found = stage.send("staff", "{ it: supportReturnRules { name conditions { countries } } }")["data"]["it"]
    assert found == [{"name": "Ours", "conditions": None}]


def test_options_of_a_channel(stage):
    channel = stage.ids["channel"]
    changed = do(
        stage,
        "supportReturnSettingsUpdate",
        f'channelId: "{channel}", input: {{sendDays: 21, address: "Calle Mayor 1\\nMadrid", withdrawalCountries: '
        '["ES"], withdrawalDelivery: 4.90, risk: {returns: 0, rate: 80}}',
        "settings { channelId sendDays remindDays address withdrawalCountries withdrawalWhoPays "
        "withdrawalDelivery "
        "risk { returns rate points } }",
    )
    assert changed["settings"] == {
        "channelId": channel,
        "sendDays": 21,
        "remindDays": 7,
        "address": "Calle Mayor 1\nMadrid",
        "withdrawalCountries": ["ES"],
        "withdrawalWhoPays": "CUSTOMER",
        "withdrawalDelivery": 4.9,
        "risk": {"returns": None, "rate": 80, "points": 30},
    }
    assert options.load(channel).risk.returns is None
    assert str(options.load(channel).withdrawal_delivery) == "4.9"
    document = (
        "query ($c: ID!) { it: supportReturnSettings(channelId: $c) { sendDays risk { returns claims } } }"
    )
    found = stage.send("staff", document, {"c": channel})["data"]["it"]
    assert found == {"sendDays": 21, "risk": {"returns": None, "claims": 3}}
    refused = do(
        stage,
        "supportReturnSettingsUpdate",
        f'channelId: "{channel}", input: {{sendDays: 3}}',
        "settings { sendDays }",
    )
    assert refused == {"errors": [{"field": "remindDays", "code": "OUT_OF_RANGE"}], "settings": None}


def test_addresses_of_warehouses(stage):
    channel = stage.ids["channel"]
    field, payload = "supportReturnSettingsUpdate", "settings { addresses { warehouse address } }"
    given = '{warehouse: "South", address: "Calle Mayor 5\\nMadrid"}'
    made = do(stage, field, f'channelId: "{channel}", input: {{addresses: [{given}]}}', payload)
    south = {"warehouse": "South", "address": "Calle Mayor 5\nMadrid"}
    assert made == {"errors": [], "settings": {"addresses": [south]}}
    again = do(stage, field, f'channelId: "{channel}", input: {{sendDays: 20}}', payload)
    assert again["settings"] == {"addresses": [south]}  # left out: as it was
    for wrong, place, code in (
        ('{warehouse: "South"}', "addresses.0.address", "REQUIRED"),
        ('{warehouse: "", address: "x"}', "addresses.0.warehouse", "REQUIRED"),
        (f"{given}, {given.replace('5', '6')}", "addresses", "CONFLICT"),
    ):
        refused = do(stage, field, f'channelId: "{channel}", input: {{addresses: [{wrong}]}}', payload)
        assert refused == {"errors": [{"field": place, "code": code}], "settings": None}
    emptied = do(stage, field, f'channelId: "{channel}", input: {{addresses: []}}', payload)
    assert emptied["settings"] == {"addresses": []}
    assert options.load(channel).addresses == ()


def test_lists_of_customers_and_addresses(stage):
    made = do(
        stage,
        "supportReturnListEntryCreate",
        'input: {list: BLOCK, email: "Bad@Example.com", address: {streetAddress1: "Calle Mayor 1", country: ES}, '
        'note: "Empty boxes"}',
        "entry { list channelId customerId email hasAddress note }",
    )
    assert made["entry"] == {
        "list": "BLOCK",
        "channelId": None,
        "customerId": None,
        "email": "bad@example.com",
        "hasAddress": True,
        "note": "Empty boxes",
    }
    nobody = do(stage, "supportReturnListEntryCreate", "input: {list: ALLOW}", "entry { id }")
    assert nobody == {"errors": [{"field": None, "code": "REQUIRED"}], "entry": None}
    ask = "query ($l: SupportReturnListKind) { it: supportReturnListEntries(first: 9, list: $l) { totalCount } }"
    counts = [stage.send("staff", ask, {"l": one})["data"]["it"]["totalCount"] for one in ("BLOCK", "ALLOW")]
    assert counts == [2, 0]
    assert do(stage, "supportReturnListEntryDelete", f'id: "{stage.ids["entry"]}"', "") == {"errors": []}
    assert ReturnListEntry.objects.count() == 1
