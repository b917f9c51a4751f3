"""Every argument of every field and mutation of ours, with what no database, column or number can hold."""

import json
from typing import Any

import pytest
from django.db import connection
from graphene.utils.str_converters import to_camel_case
from graphql.type.definition import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull

from saleor_support_plugin.graphql.schema import fields
from sandbox.home.schema import schema

TEXTS = ("\x00", "\ud800", "a\r\nBcc: evil@example.com\u2028", "x" * 40_000, "ＵＦＯ１", "")
WHOLE = (-1, 0, 2**31 - 1, -(2**31))
REAL = (-0.0, 1e308, float("nan"), float("inf"))
PLAIN = {"Date": "2024-04-10", "DateTime": "2024-04-10T00:00:00Z", "Boolean": True}
NESTED = 4  # inputs within inputs
REPORT = (
    "{ returns rate refunded { amount } times { step } reasons: rows(by: REASON, list: WISH) { value } "
    "carriers: rows(by: CARRIER) { value } products: rows(by: PRODUCT) { value } }"
)
SHOWN = {"supportReturnReport": REPORT}


@pytest.fixture(autouse=True)
def like_postgresql():
    """SQLite keeps NUL in texts, which PostgreSQL refuses."""

    def check(execute, sql, params, many, context):
        if any(isinstance(one, str) and "\x00" in one for one in params or ()):
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(check):
        yield


def value(kind: Any, number: int, known: dict[str, str], name: str, depth: int = 0) -> Any:
    """A hostile value of a type; where ``known`` has one of this name, that."""
    if isinstance(kind, GraphQLNonNull):
        return value(kind.of_type, number, known, name, depth)
    if isinstance(kind, GraphQLList):
        return [value(kind.of_type, number, known, name, depth)] * 2
    if isinstance(kind, GraphQLEnumType):
        return kind.values[number % len(kind.values)].name
    if isinstance(kind, GraphQLInputObjectType):
        parts = kind.fields.items() if depth < NESTED else ()
        return {part: value(one.type, number, known, part, depth + 1) for part, one in parts}
    if kind.name == "ID" and name in known:
        return known[name]
    numbers = {"Int": WHOLE[number % len(WHOLE)], "Float": REAL[number % len(REAL)]}
    return {**PLAIN, **numbers}.get(kind.name, TEXTS[number])


def shape(operation: str, name: str, kind: Any) -> str:
    """What is read of an answer."""
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    if operation == "mutation":
        return "{ errors { field code } }"
    if kind.name.endswith("Connection"):
        return "{ totalCount edges { node { __typename } } }"
    return SHOWN.get(name) or ("{ __typename }" if hasattr(kind, "fields") else "")


def every(added: dict[str, Any]) -> list[str]:
    return [to_camel_case(name) for name in added if name != "support_file_upload"]  # see test_files.py


def send(stage, operation, name, field, number, known):
    arguments = {one: field.args[one] for one in field.args if one not in ("accessToken", "last", "before")}
    given = {one: value(argument.type, number, known, one) for one, argument in arguments.items()}
    if "first" in given:
        given["first"] = 5
        if known:  # a bad cursor ends it before the filter is looked at
            del given["after"]
    names = ", ".join(f"${one}: {argument.type}" for one, argument in arguments.items())
    passed = ", ".join(f"{one}: ${one}" for one in arguments)
    document = f"{operation} {f'({names})' if names else ''} {{ it: {name}{f'({passed})' if passed else ''} "
    return stage.send("staff", document + shape(operation, name, field.type) + " }", given)


def check(stage, operation, name, field):
    few = {"orderId": stage.ids["order"], "order": stage.ids["order"], "orderLineId": stage.ids["line"]}
    for row in ("return", "approved", "questioned", "kept"):
        ids = {**few, "id": stage.ids[row], "channelId": stage.ids["channel"]}
        for number in range(len(TEXTS)):
            for some in (ids, few, {}) if row == "return" else (ids,):
                answer = send(stage, operation, name, field, number, some)
                assert "Internal Server Error" not in json.dumps(answer), (number, some, answer)


@pytest.mark.parametrize("name", every(fields().query))
def test_queries(stage, name):
    check(stage, "query", name, schema().get_query_type().fields[name])


@pytest.mark.parametrize("name", every(fields().mutation))
def test_mutations(stage, name):
    check(stage, "mutation", name, schema().get_mutation_type().fields[name])
