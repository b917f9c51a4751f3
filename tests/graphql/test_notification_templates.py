"""Kinds, own words, previews and tests over the endpoint, as the staff of the stage."""

import pathlib
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import parse, validate
from graphql_relay import to_global_id

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Notification, Override
from saleor_support_plugin.notifications.writing import wording
from sandbox import makers
from sandbox.home.schema import schema

KINDS = (
    "query ($channel: ID) { it: supportNotificationKinds(channelId: $channel) { name title group audience "
    "essential urgent sentAtFirst enabled variables { name type optional fields blocks } } }"
)
ORIGINALS = "query ($language: String) { it: supportNotificationKinds { name blocks(language: $language) { name text } } }"
LIST = (
    "query ($filter: SupportNotificationTemplateFilterInput) { it: supportNotificationTemplates(first: 100, "
    "filter: $filter) { totalCount edges { node { id kind channelId language blocks { name text } version "
    "updatedAt updatedBy } } } }"
)
SAVE = (
    "mutation ($input: SupportNotificationTemplateInput!) { it: supportNotificationTemplateUpdate(input: $input) "
    "{ errors { field code message } template { id kind channelId language version blocks { name text } } } }"
)
RESET = (
    "mutation ($kind: String!, $language: String!, $channel: ID, $version: Int) { it: "
    "supportNotificationTemplateReset(kind: $kind, language: $language, channelId: $channel, "
    "expectedVersion: $version) { errors { field code message } } }"
)
PREVIEW = (
    "query ($kind: String!, $channel: ID, $order: ID, $language: String, "
    "$blocks: [SupportNotificationBlockInput!]) { it: supportNotificationPreview(kind: $kind, channelId: $channel, "
    "order: $order, language: $language, blocks: $blocks) { subject html text language "
    "problems { field code message } } }"
)
TEST = (
    "mutation ($kind: String!, $channel: ID!, $language: String, $to: String) { it: supportNotificationTestSend("
    "kind: $kind, channelId: $channel, language: $language, to: $to) { errors { field code message } recipient } }"
)


@pytest.fixture(autouse=True)
def _nothing_compiled():
    wording._compiled.cache_clear()


@pytest.fixture
def ask(stage):
    """``ask(document, **variables)`` as staff of all channels; ``by`` names somebody else."""

    def send(document, by="staff", **variables):
        answer = stage.send(by, document, variables)
        assert "errors" not in answer, answer
        return answer["data"]["it"]

    return send


def message(stage, document, by="staff", **variables):
    """What the request itself is refused with."""
    (error,) = stage.send(by, document, variables)["errors"]
    return error["message"]


def words(kind="order_shipped", language="en", **changes):
    blocks = changes.pop("blocks", {"subject": "Off it goes: #{{ order_number }}"})
    given = [{"name": name, "text": text} for name, text in blocks.items()]
    return {"kind": kind, "language": language, "blocks": given, **changes}


def test_every_kind_is_listed_by_group_with_what_it_offers(ask):
    found = ask(KINDS)
    assert {one["name"] for one in found} == set(kinds.kinds())
    groups = list(dict.fromkeys(one["group"] for one in found))
    assert groups == ["ORDER", "PARCEL", "INCIDENT", "RETURN", "CHANGE", "TICKET", "ACCESS", "STAFF"]
    shipped = next(one for one in found if one["name"] == "order_shipped")
    variables = {one["name"]: one for one in shipped.pop("variables")}
    assert shipped == {
        "name": "order_shipped", "title": "Order shipped", "group": "PARCEL", "audience": "CUSTOMER",
        "essential": True, "urgent": True, "sentAtFirst": True, "enabled": None,
    }  # fmt: skip
    assert variables["parcels"] == {
        "name": "parcels", "type": "PARCELS", "optional": False,
        "fields": ["carrier", "tracking_number", "tracking_url"],
        "blocks": ["subject", "preheader", "heading", "intro", "next"],
    }  # fmt: skip
    assert variables["order_url"] == {
        "name": "order_url", "type": "URL", "optional": True, "fields": [], "blocks": ["intro", "next"],
    }  # fmt: skip
    assert variables["total"]["type"] == "NUMBER"


def test_what_is_sent_in_a_channel(ask, stage):
    channel = makers.models.Channel.objects.get(slug="here")
    makers.switch_on(channel, kinds_off="delivered", kinds_on="check_in")
    found = {one["name"]: one["enabled"] for one in ask(KINDS, channel=stage.ids["channel"])}
    assert [found[name] for name in ("order_shipped", "delivered", "check_in", "in_transit")] == [
        True, False, True, False,
    ]  # fmt: skip
    makers.switch_on(channel, tickets=False)
    found = {one["name"]: one["enabled"] for one in ask(KINDS, channel=stage.ids["channel"])}
    assert found["ticket_reply"] is False
    for by, channel_id in (("staff_of_another_channel", stage.ids["channel"]), ("staff", "nowhere")):
        assert message(stage, KINDS, by, channel=channel_id) == "There is no such channel."


def test_our_own_words_are_there_to_start_from(ask, stage):
    found = {
        one["name"]: {b["name"]: b["text"] for b in one["blocks"]} for one in ask(ORIGINALS, language="es")
    }
    assert found["order_shipped"]["subject"] == "Tu pedido n.º {{ order_number }} está en camino"
    assert list(found["order_shipped"]) == ["subject", "preheader", "heading", "intro", "next"]
    assert "Mails can't be written in 'xx'" in message(stage, ORIGINALS, language="xx")


def test_save_list_and_reset(ask, stage):
    saved = ask(SAVE, input=words(channelId=stage.ids["channel"], expectedVersion=0))
    assert saved["errors"] == []
    kept = Override.objects.get(kind="order_shipped")
    assert saved["template"] == {
        "id": to_global_id("SupportNotificationTemplate", kept.pk), "kind": "order_shipped", "language": "en",
        "channelId": stage.ids["channel"], "version": 1,
        "blocks": [{"name": "subject", "text": "Off it goes: #{{ order_number }}"}],
    }  # fmt: skip
    assert ask(SAVE, input=words(language="es"))["template"]["channelId"] is None
    assert ask(LIST)["totalCount"] == 3  # one is the stage's
    for filter_, count in (
        ({"kind": "order_shipped"}, 2),
        ({"kind": "order_shipped", "language": "es"}, 1),
        ({"channelId": stage.ids["channel"]}, 2),
        ({"channelId": ""}, 1),
        ({"kind": "\x00"}, 0),
        ({"kind": None}, 3),
    ):
        assert ask(LIST, filter=filter_)["totalCount"] == count
    assert ask(LIST, by="staff_of_another_channel")["totalCount"] == 1  # what holds in every channel
    where = {"kind": "order_shipped", "language": "en", "channel": stage.ids["channel"]}
    (conflict,) = ask(RESET, **where, version=7)["errors"]
    assert (conflict["field"], conflict["code"]) == ("expectedVersion", "CONFLICT")
    assert ask(RESET, **where)["errors"] == []
    assert ask(LIST)["totalCount"] == 2
    (gone,) = ask(RESET, **where)["errors"]
    assert (gone["field"], gone["code"]) == ("kind", "NOT_FOUND")


def test_errors_name_block_and_line(ask, everything):
    before = everything()
    blocks = {"subject": "{{ name.__class__ }}", "intro": "Fine\n{% load x %}", "colour": "red"}
    answer = ask(SAVE, input=words(blocks=blocks))
    assert answer["template"] is None
    found = {one["field"]: (one["code"], one["message"]) for one in answer["errors"]}
    assert set(found) == {"blocks", "subject", "intro"}
    assert found["subject"] == (
        "INVALID",
        "Line 1: 'name.__class__' is not a name. Write {{ name }}, {% if name %}…{% endif %} or "
        "{% for item in items %}…{% endfor %}.",
    )
    assert found["intro"][1].startswith("Line 2: {% load x %} is not possible here.")
    assert everything() == before


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"kind": "newsletter"}, "kind", "INVALID"),
        ({"kind": "\x00"}, "kind", "INVALID"),
        ({"language": "xx"}, "language", "INVALID"),
        ({"language": " "}, "language", "REQUIRED"),
        ({"blocks": {}}, "blocks", "REQUIRED"),
        ({"channelId": "nowhere"}, "channelId", "NOT_FOUND"),
        ({"expectedVersion": 3}, "expectedVersion", "CONFLICT"),
        ({"blocks": {"next": "é" * 5001}}, "next", "TOO_LONG"),
    ],
)
def test_bad_input_changes_nothing(ask, everything, changes, field, code):
    before = everything()
    answer = ask(SAVE, input=words(**changes))
    assert [(one["field"], one["code"]) for one in answer["errors"]] == [(field, code)]
    assert everything() == before


def test_staff_of_some_channels_change_no_words_of_all(ask, everything):
    before = everything()
    (error,) = ask(SAVE, by="staff_of_another_channel", input=words())["errors"]
    assert (error["field"], error["code"]) == ("channelId", "REQUIRED")
    (error,) = ask(RESET, by="staff_of_another_channel", kind="delivered", language="en")["errors"]
    assert (error["field"], error["code"]) == ("channelId", "REQUIRED")
    assert everything() == before


def test_a_preview_of_a_draft_with_a_real_order(ask, stage, everything):
    before = everything()
    seen = ask(
        PREVIEW,
        kind="order_shipped",
        order=stage.ids["order"],
        language="es",
        blocks=[{"name": "heading", "text": "Hola <b>{{ name }}</b>"}, {"name": "intro", "text": "{{ x }}"}],
    )
    assert seen["subject"] == f"Tu pedido n.º {stage.ids['number']} está en camino"
    assert seen["language"] == "es"
    assert "Hola &lt;b&gt;Lucía Fernández&lt;/b&gt;" in seen["html"]
    assert "12 × Juice" in seen["text"]
    (problem,) = seen["problems"]
    assert (problem["field"], problem["code"]) == ("intro", "INVALID")
    assert problem["message"].startswith("Line 1: There is no x in this mail")
    assert everything() == before


def test_a_preview_that_can_t_be_made(ask, stage):
    assert ask(PREVIEW, kind="order_shipped", channel="nowhere") is None
    assert ask(PREVIEW, kind="order_shipped", order="nowhere") is None
    assert message(stage, PREVIEW, kind="order_shipped") == "Name a channel or an order."
    assert message(stage, PREVIEW, kind="x", channel=stage.ids["channel"]).startswith("There is no kind 'x'")


def test_a_test_is_sent_to_whoever_asks(ask, stage, run_jobs, mailoutbox):
    assert ask(TEST, kind="ticket_reply", channel=stage.ids["channel"], language="es") == {
        "errors": [], "recipient": "all@example.com",
    }  # fmt: skip
    run_jobs()
    (sent,) = [one for one in mailoutbox if one.subject.startswith("[Test]")]
    assert sent.to == ["all@example.com"]
    assert "Hola, Lucía Fernández:" in sent.body
    (error,) = ask(TEST, kind="ticket_reply", channel=stage.ids["channel"], to="ben@example.com")["errors"]
    assert (error["field"], error["code"]) == ("to", "INVALID")
    assert Notification.objects.filter(subject__startswith="test:").count() == 1


def test_lists_cost_the_same_at_10_and_100(stage):
    costs = []
    for count in (10, 90):
        for number in range(count):
            Override.objects.create(kind="delivered", language=f"x{count}-{number}", blocks={"subject": "x"})
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send("staff", LIST)
        assert len(answer["data"]["it"]["edges"]) >= count
        costs.append(len(spent))
    assert costs[0] == costs[1]
    with CaptureQueriesContext(connection) as spent:
        stage.send("staff", ORIGINALS)
    assert not [one for one in spent if "saleor_support_plugin_" in one["sql"]]


def test_the_page_about_own_words_is_true(ask, stage):
    page = (pathlib.Path(__file__).parents[2] / "docs" / "your-own-words.md").read_text(encoding="utf-8")
    found = re.findall(r"^```graphql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert [[error.message for error in validate(schema(), parse(one))] for one in found] == [[], [], [], []]
    assert [one["name"] for one in stage.send("staff", found[0])["data"]["supportNotificationKinds"]]
    saved = stage.send("staff", found[1])["data"]["supportNotificationTemplateUpdate"]
    assert saved["errors"] == []
    assert stage.send("staff", found[2])["data"]["supportNotificationTemplateUpdate"]["errors"] == []
    seen = ask(PREVIEW, kind="order_shipped", channel=stage.ids["channel"])
    assert seen["subject"] == "Ahoy! Order 1042 has set sail"
    assert (
        "Hello Lucía Fernández,\n\nYour order has left our harbour.\n\nIt is in good hands.\n" in seen["text"]
    )
    spanish = ask(PREVIEW, kind="order_shipped", channel=stage.ids["channel"], language="es")
    assert "Un saludo,\nel equipo de Casa Olivo\n" in spanish["text"]
    listed = '{ it: supportNotificationTemplates(first: 9, filter: {kind: "brand"}) { edges { node { blocks { name } } } } }'  # noqa: E501
    (edge,) = stage.send("staff", listed)["data"]["it"]["edges"]
    assert [block["name"] for block in edge["node"]["blocks"]] == ["signature", "banner_text"]
