"""Our fields in Saleor's own schema: the same as the sandbox's, wherever Saleor looks at them."""

import os
import pathlib
import subprocess
import sys

import pytest
from django.core.cache import cache
from django.test import Client
from saleor.graphql.query_cost_map import COST_MAP

import saleor_support_plugin
from saleor_support_plugin.graphql.schema import fields, print_part
from saleor_support_plugin.shop.saleor.schema import schema

COMMITTED = pathlib.Path(saleor_support_plugin.__file__).parent / "graphql" / "schema.graphql"
FIELDS = '{ __type(name: "%s") { fields { name } } }'


def test_saleor_serves_the_committed_schema():
    assert print_part(schema()) == COMMITTED.read_text(encoding="utf-8")


def test_every_cost_is_declared_where_saleor_counts():
    for kind, costs in fields().costs.items():
        for name, cost in costs.items():
            assert COST_MAP[kind][name] == cost
            assert name in schema().get_type(kind).fields


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Query", "supportTickets"),
        ("Mutation", "supportTicketCreate"),
        ("Order", "supportReturns"),
        ("User", "supportTickets"),
    ],
)
def test_introspection_over_http_knows_our_fields(world, kind, name):
    answer = world.ask(FIELDS % kind)
    assert name in [field["name"] for field in answer["data"]["__type"]["fields"]]


def test_the_federated_sdl_holds_our_types(world):
    sdl = world.ask("{ _service { sdl } }")["data"]["_service"]["sdl"]
    assert "type SupportTicket implements Node" in sdl


def test_introspection_that_saleor_cached_before_we_came_is_not_served(world):
    import hashlib

    import saleor

    query = FIELDS % "Query"
    key = f"{saleor.__version__}-{hashlib.sha256(query.encode()).hexdigest()}"
    cache.set(key, "an answer from before")
    try:
        assert "fields" in world.ask(query)["data"]["__type"]
    finally:
        cache.delete(key)


def test_too_expensive_a_question_is_refused(world, settings):
    settings.GRAPHQL_QUERY_MAX_COMPLEXITY = 50
    answer = (
        Client()
        .post(
            "/graphql/",
            {"query": "{ supportTickets(first: 100) { edges { node { id } } } }"},
            content_type="application/json",
        )
        .json()
    )
    assert "cost" in str(answer["extensions"])
    assert "errors" in answer


START = """
import sys, django
django.setup()
early = "saleor.graphql.api" in sys.modules
from django.conf import settings
from saleor_support_plugin.graphql.schema import print_part
from saleor_support_plugin.shop.saleor.schema import schema
import saleor.urls
from saleor.graphql.api import backend, schema as whole
assert schema() is whole and saleor.urls.schema is whole
document = backend.document_from_string(whole, "{ __type(name: \\"Order\\") { fields { name } } }")
names = [field["name"] for field in document.execute().data["__type"]["fields"]]
assert "supportTickets" in names and "number" in names, names
print("early" if early else "late")
sys.stdout.write(print_part(whole))
"""


@pytest.mark.parametrize(("order", "when"), [("usual", "late"), ("another app was first", "early")])
def test_it_does_not_matter_who_imported_the_schema_first(order, when, tmp_path):
    env = dict(os.environ)
    if when == "early":
        app = tmp_path / "eager_app"
        app.mkdir()
        (app / "__init__.py").write_text("")
        (app / "apps.py").write_text(
            "from django.apps import AppConfig\n"
            "class EagerConfig(AppConfig):\n"
            "    name = 'eager_app'\n"
            "    def ready(self):\n"
            "        import saleor.graphql.views\n"
        )
        (tmp_path / "eager_settings.py").write_text(
            "from tests.saleor.settings import *\n"
            "INSTALLED_APPS.insert(INSTALLED_APPS.index('saleor_support_plugin'), 'eager_app')\n"
        )
        env |= {"DJANGO_SETTINGS_MODULE": "eager_settings"}
        env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), env["PYTHONPATH"]])
    done = subprocess.run([sys.executable, "-c", START], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    first, _newline, printed = done.stdout.partition("\n")
    assert first == when
    assert printed == COMMITTED.read_text(encoding="utf-8")
