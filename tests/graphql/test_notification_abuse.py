"""What one request may cost that asks for mails: previews, our own words, and long filters."""

import pytest

from saleor_support_plugin.graphql import loaders
from saleor_support_plugin.graphql.schema import fields

PREVIEW = 'supportNotificationPreview(kind: "delivered", channelId: $channel) { subject }'


def aliases(field: str, count: int) -> str:
    return " ".join(f"a{number}: {field}" for number in range(count))


def messages(answer):
    return {error["message"] for error in answer.get("errors", [])}


def test_previews_of_one_request_come_to_an_end(stage):
    document = f"query ($channel: ID!) {{ {aliases(PREVIEW, 40)} }}"
    assert messages(stage.send("staff", document, {"channel": stage.ids["channel"]})) == set()

    document = f"query ($channel: ID!) {{ {aliases(PREVIEW, 60)} }}"
    assert messages(stage.send("staff", document, {"channel": stage.ids["channel"]})) == {loaders.TOO_MUCH}


def test_our_own_words_of_one_request_come_to_an_end(stage):
    once = "supportNotificationKinds { blocks { text } }"
    assert messages(stage.send("staff", f"{{ {once} }}")) == set()
    assert messages(stage.send("staff", f"{{ {aliases(once, 20)} }}")) == {loaders.TOO_MUCH}


def test_a_preview_costs_as_much_as_writing():
    assert fields().costs["Query"]["supportNotificationPreview"]["complexity"] >= 500


def test_a_draft_of_a_hundred_thousand_blocks_is_one_problem(stage):
    document = (
        "query ($channel: ID!, $blocks: [SupportNotificationBlockInput!]) { it: supportNotificationPreview("
        'kind: "delivered", channelId: $channel, blocks: $blocks) { problems { field message } } }'
    )
    blocks = [{"name": "x", "text": "y"}] * 5_000

    answer = stage.send("staff", document, {"channel": stage.ids["channel"], "blocks": blocks})

    assert [one["field"] for one in answer["data"]["it"]["problems"]] == ["blocks"]


def test_a_kind_that_is_not_there_is_not_repeated_at_length(stage):
    document = "query ($k: String!, $c: ID!) { supportNotificationPreview(kind: $k, channelId: $c) { text } }"

    answer = stage.send("staff", document, {"k": "x" * 100_000, "c": stage.ids["channel"]})

    assert all(len(message) < 3_000 for message in messages(answer))
    assert messages(answer) != set()


@pytest.mark.parametrize("name", ["kind", "reason"])
def test_long_filters_are_refused(stage, name):
    document = f"query ($v: [String!]) {{ it: supportNotifications(first: 5, filter: {{{name}: $v}}) {{ totalCount }} }}"
    assert stage.send("staff", document, {"v": ["nothing"] * 50_000})["data"]["it"]["totalCount"] == 0

    answer = stage.send("staff", document, {"v": [f"x{number}" for number in range(101)]})

    assert messages(answer) == {"A list of the filter holds at most 100 different values."}
