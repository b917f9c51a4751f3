"""An admin's own words: which blocks they replace, what they may name, and what they can't take away."""

import html

import pytest

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.variables import Variable
from saleor_support_plugin.notifications.writing import drafts, mail, wording
from saleor_support_plugin.notifications.writing.context import context_for
from saleor_support_plugin.notifications.writing.wording import Broken
from tests.notifications.own_words import written
from tests.notifications.samples import NOW, SETTINGS

ALL = {
    "subject": "A word on {{ ticket_number }}",
    "preheader": "We have looked into it",
    "heading": "Dear {{ name|default:'friend' }}",
    "intro": "First & foremost, {{ ticket_subject }}.\n\nSecond paragraph\nof two lines.",
    "next": "See {{ order_url }} or https://casaolivo.example/help.\n\nBye.",
}


def test_every_block_is_replaced_in_both_parts():
    made = written(ALL)
    assert made.subject == "A word on T-1042"
    for text in (
        "First & foremost, Where is my parcel?.\n\nSecond paragraph\nof two lines.\n",
        "\nSee https://casaolivo.example/orders/1042?id=T3JkZXI6MTA0Mg%3D%3D or "
        "https://casaolivo.example/help.\n\nBye.\n",
        "The carrier has found your parcel. It comes tomorrow.",
    ):
        assert text in made.text
    for part in (
        "<title>A word on T-1042</title>",
        ">We have looked into it",
        ">Dear Lucía Fernández</h1>",
        ">First &amp; foremost, Where is my parcel?.</p>",
        ">Second paragraph<br>of two lines.</p>",
        '<a href="https://casaolivo.example/help" class="link" style="color:#1d5c4d;text-decoration:underline;">'
        "https://casaolivo.example/help</a>.</p>",
        ">Bye.</p>",
        "The carrier has found your parcel. It comes tomorrow.",
    ):
        assert part in made.html


def test_what_is_not_replaced_stays():
    ours, theirs = written({}), written({"intro": "Our own."})
    assert theirs.subject == ours.subject
    assert theirs.text.partition("Our own.\n")[2].strip() in ours.text
    assert "Our own." in theirs.html


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
@pytest.mark.parametrize("code", ["en", "es"])
def test_every_kind_can_be_said_otherwise(kind, code):
    """Each name that a kind lists is there in its mails, with all that it can have and the least."""
    blocks = {
        block: f"Own {block}"
        + "".join(f"{{% if {name} %}}.{{% endif %}}" for name in wording.scope(kind, block))
        for block in wording.BLOCKS
    }
    words = {name: wording.compile_blocks(kind, {name: text}) for name, text in blocks.items()}
    assert drafts.try_out(kind, words, code, NOW) == []
    for one in drafts.sample_rows(kind, code, NOW):
        values = context_for(one, kind, SETTINGS, now=NOW)
        assert set(wording.scope(kind, "intro")) - set(values) == set()
        made = mail.compose(kind, values, wording.compile_blocks(kind, blocks).say(kind, values))
        assert made.subject.startswith("Own subject")
        assert [made.text.count(f"Own {block}") for block in wording.PARAGRAPHS] == [1, 1]
        assert [made.html.count(f"Own {block}") for block in wording.BLOCKS[1:]] == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
@pytest.mark.parametrize("code", ["en", "es"])
def test_our_own_words_can_be_the_start_of_others(kind, code):
    found = drafts.originals(kind, code, NOW)
    assert list(found) == list(wording.BLOCKS)
    assert all(found.values())
    words, problems = drafts.compiled(kind, found)
    assert problems == []
    assert drafts.try_out(kind, words, code, NOW) == []


def test_our_own_words_name_their_values():
    found = drafts.originals(kinds.get("return_refunded"), "en", NOW)
    assert "{{ refund }}" in found["subject"]
    assert "{{ return_number }}" in found["subject"]
    spanish = drafts.originals(kinds.get("return_refunded"), "es", NOW)
    assert spanish["subject"] != found["subject"]


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
def test_no_words_of_an_admin_can_take_a_link_away_or_show_a_key(kind):
    """What a mail is for stands in its content, which can't be replaced; a guest's link can't be named."""
    assert "link" not in wording.scope(kind, "intro")
    assert "unsubscribe_url" not in wording.scope(kind, "next")
    blank = wording.compile_blocks(kind, dict.fromkeys(wording.BLOCKS, "."))
    for one in drafts.sample_rows(kind, "en", NOW):
        values = context_for(one, kind, SETTINGS, now=NOW)
        made = mail.compose(kind, values, blank.say(kind, values))
        addresses = [values.get("link"), *(
            values.get(name) for name, variable in kind.variables.items() if variable is Variable.URL
        )]  # fmt: skip
        for address in filter(None, addresses):
            if address in mail.compose(kind, values, {}).text:
                assert address in made.text
                assert html.escape(address) in made.html


@pytest.mark.parametrize("block", wording.ONE_LINE)
def test_lines_name_no_addresses(block):
    kind = kinds.get("ticket_survey")
    with pytest.raises(Broken, match="Line 1: There is no survey_url in this mail"):
        wording.compile_blocks(kind, {block: "{{ survey_url }}"})
    loop = "{% for parcel in parcels %}{{ parcel.tracking_url }}{% endfor %}"
    with pytest.raises(Broken, match="parcel.tracking_url is not possible"):
        wording.compile_blocks(kinds.get("delivered"), {block: loop})


def test_the_names_of_a_kind():
    names = {one.name: one for one in wording.usable(kinds.get("guest_link"))}
    assert set(names) == {
        "name", "order_number", "shop_name", "can_reply", "link_until", "order_url", "return_url", "contact_url",
    }  # fmt: skip
    parcels = next(one for one in wording.usable(kinds.get("delivered")) if one.name == "parcels")
    assert parcels.type is Variable.PARCELS
    assert parcels.fields == ("carrier", "tracking_number", "tracking_url")
    staff = {one.name for one in wording.usable(kinds.get("staff_new_ticket"))}
    assert "name" not in staff
