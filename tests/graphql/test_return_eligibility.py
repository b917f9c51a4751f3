"""What may come back, before anything is asked for: of an order, and of a product that nobody has bought."""

import pytest

from saleor_support_plugin.returns.models import ReturnRule
from sandbox import makers


def test_a_product_before_it_is_bought(stage, shop):
    product = makers.gid(makers.models.Product.objects.get(name="Juice"))
    document = (
        "query ($id: ID!, $channel: String) { it: supportReturnEligibility(productId: $id, channel: $channel, "
        'country: "ES") { productId orderId eligible allowed lines { returnable } withdrawal { hasRight } '
        "kinds { kind isAllowed days anchor ruleName } } }"
    )
    for caller in ("anonymous", "owner", "staff"):
        found = stage.send(caller, document, {"id": product, "channel": "here"})["data"]["it"]
        assert (found["productId"], found["orderId"], found["lines"]) == (product, None, [])
        assert found["eligible"] is True
        assert found["withdrawal"] == {"hasRight": True}
        kind = next(one for one in found["kinds"] if one["kind"] == "RETURN")
        assert (kind["days"], kind["anchor"]) == (30, "DISPATCH")
        assert (kind["ruleName"] is None) is (caller != "staff")
    nowhere = stage.send("owner", document, {"id": product, "channel": "nowhere"})
    assert nowhere["data"]["it"] is None


def eligible(stage, arguments, caller="owner", fields="kinds { kind days }"):
    return stage.send(caller, f"{{ it: supportReturnEligibility({arguments}) {{ {fields} }} }}")


def days_of(answer):
    kinds = answer["data"]["it"]["kinds"] or answer["data"]["it"]["lines"][0]["kinds"]
    return next(one["days"] for one in kinds if one["kind"] == "RETURN")


def test_rules_about_reasons_and_prices_answer_before_anything_is_asked_for(stage):
    values = {"reasons": ["too_small"], "price_from": "10", "currency": "EUR"}
    ReturnRule.objects.create(name="Dear", conditions=values, outcome={"days": 90})
    ReturnRule.objects.create(name="Small", conditions={"reasons": ["too_small"]}, outcome={"days": 60})
    product = f'productId: "{makers.gid(makers.models.Product.objects.get(name="Juice"))}", channel: "here"'
    for arguments, days in (
        ("", 30),
        (", price: 10", 30),
        (', reason: "too_small"', 60),
        (', reason: "too_small", price: 9.99', 60),
        (', reason: "too_small", price: 10', 90),
        (', reason: "changed_mind", price: 10', 30),
    ):
        assert days_of(eligible(stage, product + arguments, caller="anonymous")) == days, arguments
    order = f'orderId: "{stage.ids["order"]}"'
    whole = "kinds { kind } lines { kinds { kind days } }"
    assert days_of(eligible(stage, order, fields=whole)) == 30
    assert days_of(eligible(stage, order + ', reason: "too_small"', fields=whole)) == 60


@pytest.mark.parametrize("what", ["order", "product"])
def test_a_reason_that_nobody_can_choose_is_said_so(stage, what):
    product = makers.gid(makers.models.Product.objects.get(name="Juice"))
    which = {
        "order": f'orderId: "{stage.ids["order"]}"',
        "product": f'productId: "{product}", channel: "here"',
    }
    answer = eligible(stage, f'{which[what]}, reason: "size"')  # a group
    assert answer["data"]["it"] is None
    message = answer["errors"][0]["message"]
    assert message.startswith("Use one of these reasons: too_small, too_large, ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('productId: "{product}", channel: "here", price: -0.01', "A price can't be below 0."),
        ('productId: "{product}", channel: "here", price: 1e300', "Give an amount."),
        (
            'orderId: "{order}", price: 5',
            "`price` is for a product: what was paid for an order's lines is known.",
        ),
    ],
)
def test_prices_that_are_none(stage, arguments, message):
    product = makers.gid(makers.models.Product.objects.get(name="Juice"))
    answer = eligible(stage, arguments.format(product=product, order=stage.ids["order"]))
    assert (answer["errors"][0]["message"], answer["data"]["it"]) == (message, None)


def test_somebody_elses_order_is_not_there_whatever_the_reason(stage):
    order = f'orderId: "{stage.ids["order"]}"'
    answer = eligible(stage, f'{order}, reason: "nonsense"', caller="other_customer")
    assert "errors" not in answer
    assert answer["data"]["it"] is None
    assert (
        eligible(stage, f'orderId: "{stage.ids["return"]}"')["data"]["it"] is None
    )  # an id of something else


@pytest.mark.parametrize("arguments", ["", 'orderId: "x", productId: "y", channel: "here"', 'productId: "y"'])
def test_either_an_order_or_a_product(stage, arguments):
    given = f"({arguments})" if arguments else ""
    answer = stage.send("owner", f"{{ it: supportReturnEligibility{given} {{ eligible }} }}")
    assert "Give either" in answer["errors"][0]["message"]
