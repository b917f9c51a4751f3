"""Every document that we send to Saleor is valid in every Saleor that we support."""

import functools
import pathlib
import re
import warnings
from decimal import Decimal

import pytest
from graphql import build_ast_schema, parse, validate
from graphql.utils.is_valid_value import is_valid_value
from graphql.utils.type_from_ast import type_from_ast

from saleor_support_plugin.shop import commands, data
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable

PUBLISHED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "saleor"
SCHEMAS = sorted(PUBLISHED.glob("schema-*.graphql"))
EXAMPLES = {
    commands.ChangeShippingAddress: commands.ChangeShippingAddress("o", data.Address(country="ES")),
    commands.ReturnGoods: commands.ReturnGoods(
        "o", (("l", 1), ("m", 2)), "Return RET-1", (("l", "Too small", "page"), ("m", "Torn", ""))
    ),
    commands.RefundPayment: commands.RefundPayment("p", data.Money(Decimal("1E+1"), "EUR")),
    commands.GrantRefund: commands.GrantRefund(
        "o", "t", data.Money(Decimal("1.50"), "EUR"), "return:1", "page"
    ),
    commands.RequestGrantedRefund: commands.RequestGrantedRefund("g"),
    commands.ChangeTrackingNumber: commands.ChangeTrackingNumber("f", "1Z999AA10123456784"),
    commands.AddNote: commands.AddNote("o", "hello"),
}


def everything(_kind, _field):
    """A shop that has every field."""
    return True


def nothing(_kind, _field):
    """A shop that has none of the newer ones."""
    return False


@pytest.fixture(scope="module", params=SCHEMAS or [None], ids=lambda path: path.stem if path else "left-out")
def schema(request):
    """One published schema; without that folder there is nothing to validate against, and we say so."""
    if request.param is None:
        warnings.warn(f"Left out: there are no published schemas of Saleor in {PUBLISHED}.", stacklevel=1)
        return None
    return build_ast_schema(parse(plain(request.param.read_text(encoding="utf-8"))))


NEWER = (  # what graphql-core 2 can't read of a schema, and nothing here needs
    r'"""(?:[^"\\]|\\.|"(?!""))*"""',  # descriptions
    r'(?m)^\s*"(?:[^"\\\n]|\\.)*"\s*$',
    r"(?m)^directive @\w+(?:\([^()]*\))? on .*$",  # directives and their uses
    r'@\w+(?:\((?:[^()"]|"(?:[^"\\]|\\.)*")*\))?',
    r"(?m)&(?=.*\{$)",  # between interfaces
)


def plain(text):
    """SDL as graphql-core 2 reads it."""
    return functools.reduce(lambda left, pattern: re.sub(pattern, " ", left), NEWER, text)


def test_documents_are_valid_in_every_published_schema(schema):
    if schema is not None:
        problems = {one.__name__: validate(schema, parse(one.document)) for one in commands.COMMANDS}
        assert problems == {one.__name__: [] for one in commands.COMMANDS}


def test_every_command_has_an_example_here():
    assert set(EXAMPLES) == set(commands.COMMANDS)


@pytest.mark.parametrize("command", EXAMPLES.values(), ids=lambda command: type(command).__name__)
def test_variables_fit_the_document(command):
    (operation,) = parse(command.document).definitions
    declared = {definition.variable.name.value for definition in operation.variable_definitions}
    assert set(command.variables()) == declared
    (root,) = operation.selection_set.selections
    assert root.name.value == command.field


@pytest.mark.parametrize("command", EXAMPLES.values(), ids=lambda command: type(command).__name__)
def test_inputs_name_only_fields_that_the_shop_has(schema, command):
    """In every published Saleor: what is sent once an act is fitted to it, down to the last field."""
    if schema is None:
        return

    def knows(kind, field):
        return field in schema.get_type(kind).fields

    (operation,) = parse(command.document).definitions
    given = command.fitted(knows).variables()
    for definition in operation.variable_definitions:
        kind = type_from_ast(schema, definition.type)
        assert is_valid_value(given[definition.variable.name.value], kind) == []


def test_reasons_go_to_the_shops_that_take_them():
    back = EXAMPLES[commands.ReturnGoods]
    assert back.fitted(everything).variables()["input"] == {
        "refund": False,
        "reason": "Return RET-1",
        "fulfillmentLines": [
            {"fulfillmentLineId": "l", "quantity": 1, "reason": "Too small", "reasonReference": "page"},
            {"fulfillmentLineId": "m", "quantity": 2, "reason": "Torn"},
        ],
    }
    assert back.fitted(nothing).variables()["input"] == {
        "refund": False,
        "fulfillmentLines": [
            {"fulfillmentLineId": "l", "quantity": 1},
            {"fulfillmentLineId": "m", "quantity": 2},
        ],
    }
    granted = EXAMPLES[commands.GrantRefund]
    assert granted.fitted(everything).variables()["input"]["reasonReference"] == "page"
    assert "reasonReference" not in granted.fitted(nothing).variables()["input"]
    assert granted.fitted(nothing).variables()["input"]["reason"] == "return:1"


@pytest.mark.parametrize("name", ["ReturnGoods", "GrantRefund"])
def test_a_page_that_the_shop_takes_for_no_reason_stops_nothing(name):
    command = EXAMPLES[getattr(commands, name)]
    asked = []

    def execute(_document, variables):
        asked.append("reasonReference" in str(variables))
        error = {"field": "reasonReference", "message": "Not configured.", "code": "INVALID"}
        done = {
            "returnFulfillment": {"id": "f"},
            "grantedRefund": {"id": "g", "amount": {"amount": 1.5, "currency": "EUR"}},
        }
        return {command.field: {"errors": [error]} if asked[-1] else {"errors": [], **done}}

    assert commands.run(command, execute, everything).__class__ in (data.GoodsReturned, data.RefundGranted)
    assert asked == [True, False]
    with pytest.raises(ShopRefused, match="Not configured"):  # nothing is left to leave out
        commands.run(
            command.without_references(),
            lambda *_given: {
                command.field: {"errors": [{"field": "reasonReference", "message": "Not configured."}]}
            },
            everything,
        )


def test_amounts_go_out_without_an_exponent():
    assert EXAMPLES[commands.RefundPayment].variables()["amount"] == "10"


def test_every_error_of_an_answer_is_kept():
    errors = [
        {"field": "postalCode", "message": "Bad.", "code": "INVALID"},
        {"field": None, "message": None, "code": None},
    ]
    with pytest.raises(ShopRefused) as caught:
        commands.run(
            EXAMPLES[commands.AddNote],
            lambda _document, _variables: {"orderNoteAdd": {"errors": errors}},
            everything,
        )
    first, second = caught.value.errors
    assert (first.field, first.message, first.shop_code) == ("postalCode", "Bad.", "INVALID")
    assert (second.field, second.message, second.shop_code) == (None, "The shop refused.", "")
    assert (caught.value.field, caught.value.message) == ("postalCode", "Bad.")


def test_a_gateway_that_gave_no_usable_answer_is_no_refusal():
    """Saleor's words for a timeout and for an answer it can't read: the money may have moved."""

    def refuse(message):
        error = {"field": None, "message": message, "code": "PAYMENT_ERROR"}
        return lambda _document, _variables: {"paymentRefund": {"errors": [error], "payment": None}}

    refund = commands.RefundPayment("p", data.Money(Decimal(1), "EUR"))
    with pytest.raises(ShopUnavailable):
        commands.run(refund, refuse("Oops! Something went wrong."), everything)
    with pytest.raises(ShopRefused, match="Cannot refund more than captured."):
        commands.run(refund, refuse("Cannot refund more than captured."), everything)
