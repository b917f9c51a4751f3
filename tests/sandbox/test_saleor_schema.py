"""What the sandbox calls by Saleor's names has Saleor's shape; what we send to Saleor fits its schema."""

import warnings

import pytest
from graphql import parse, validate
from graphql.type.definition import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
)

from saleor_support_plugin.shop.commands import COMMANDS
from sandbox.home.schema import schema
from tests.sandbox.saleor_schema import FILES, load

OWN_FIELDS = {"Query.orders", "Query.channels", "Query.warehouseId"}  # plain lists instead of connections
# Why goods and money come back: Saleor takes it since then, and our acts leave it out before.
SINCE_3_23 = [
    "OrderReturnProductsInput.reason: String is not None",
    "OrderReturnFulfillmentLineInput.reason: String is not None",
    "OrderReturnFulfillmentLineInput.reasonReference: ID is not None",
]
SINCE_3_22 = ["OrderGrantRefundCreateInput.reasonReference: ID is not None"]
VERSIONS = sorted(FILES)


def test_the_run_says_when_saleors_schemas_are_not_there():
    if not FILES:
        warnings.warn("Saleor's schemas are not there: nothing was compared with them.", stacklevel=1)


def named(kind):
    """The type without its list and non-null wrappings."""
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    return kind


def loosely(kind):
    """The type's text without "!": we may promise more in an answer, and demand less in an input."""
    return str(kind).replace("!", "")


def fits(ours, theirs, path):
    """Every difference between a type of ours and Saleor's of the same name."""
    if isinstance(ours, GraphQLEnumType):
        names = {value.name for value in theirs.values}
        return [f"{path}.{value.name}" for value in ours.values if value.name not in names]
    if isinstance(ours, GraphQLScalarType):
        return [] if isinstance(theirs, GraphQLScalarType) else [path]
    wrong = []
    for name, field in ours.fields.items():
        place = f"{path}.{name}"
        if name.startswith("support") or place in OWN_FIELDS:
            continue
        other = theirs.fields.get(name)
        if other is None or loosely(other.type) != loosely(field.type):
            wrong.append(f"{place}: {field.type} is not {other and other.type}")
            continue
        for argument, given in getattr(field, "args", {}).items():
            known = other.args.get(argument)
            if known is None or loosely(known.type) != loosely(given.type):
                wrong.append(f"{place}({argument})")
    return wrong


@pytest.mark.parametrize("version", [one for one in VERSIONS if one != "3.24a"])
def test_types_of_the_sandbox_are_saleors(version):
    saleor, wrong, compared = load(version), [], 0
    for name, kind in schema().get_type_map().items():
        if name.startswith(("__", "Support")) or name in ("ID", "String", "Int", "Float", "Boolean"):
            continue
        theirs = saleor.get_type(name)
        if theirs is None or not isinstance(kind, type(theirs)):
            wrong.append(name)
        else:
            compared += 1
            wrong += fits(kind, theirs, name)
    newer = (SINCE_3_23 if version in ("3.21", "3.22") else []) + (SINCE_3_22 if version == "3.21" else [])
    assert sorted(wrong) == sorted(newer)
    assert compared > 40


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_what_we_send_fits_the_sandbox(command):
    assert [str(error) for error in validate(schema(), parse(command.document))] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_required_is_missing_in_the_inputs_we_send(version):
    saleor = load(version)
    for kind in schema().get_type_map().values():
        theirs = saleor.get_type(kind.name)
        if isinstance(kind, GraphQLInputObjectType) and not kind.name.startswith("Support"):
            assert isinstance(theirs, GraphQLInputObjectType), kind.name
            demanded = {
                name for name, field in theirs.fields.items() if isinstance(field.type, GraphQLNonNull)
            }
            assert demanded <= set(kind.fields), kind.name
        assert not isinstance(theirs, GraphQLObjectType) or isinstance(kind, GraphQLObjectType)
