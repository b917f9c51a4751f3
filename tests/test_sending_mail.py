"""The how-to "send mail" says what is: its GraphQL is valid, its providers, keys and reasons are the real ones."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from saleor_support_plugin.notifications.models import Delivery, Reason
from saleor_support_plugin.notifications.sending.providers import BASIC_AUTH, PROVIDERS
from saleor_support_plugin.settings import FIELDS
from sandbox.home.schema import schema

PAGE = (Path(__file__).parent.parent / "docs" / "sending-mail.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```graphql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_graphql_is_valid(snippet):
    assert [error.message for error in validate(schema(), parse(snippet))] == []
    assert re.search(r"\bsupport[A-Z]\w+", snippet)


def test_every_provider_is_there_with_the_keys_it_needs():
    for provider in PROVIDERS.values():
        row = re.search(rf"^\| `{provider.name}` \|.*$", PAGE, re.MULTILINE)
        text = row[0] if row else PAGE[PAGE.index(f"| Mail provider | `{provider.name}` |") :][:600]
        assert all(key in text for key in provider.required), provider.name
        says_password = "user:password" in text or "a user and a password" in text
        assert says_password == (bool(provider.reports) and provider.signs_with == BASIC_AUTH), provider.name


def test_fields_are_named_as_the_dashboard_names_them():
    labels = {field.label for field in FIELDS}
    assert set(re.findall(r"^\| ([A-Z][\w' ]+) \| (?!`|Keys|Write|What)", PAGE, re.MULTILINE)) <= labels
    for label in (
        "Sender address",
        "Mails a minute",
        "Quiet hours",
        "No news after (hours)",
        "Rehearsal",
        "Note opened mails",
    ):
        assert label in labels
        assert f"*{label.removesuffix(' (hours)')}*" in PAGE


def test_states_and_reasons_are_the_real_ones():
    table = PAGE[PAGE.index("## When mails don't arrive") :]
    named = set(re.findall(r"`([a-z_]+)`", table)) - {"delivery"}
    assert named <= set(Reason.values)
    for delivery in Delivery:
        assert f"`{delivery.name}`" in PAGE
