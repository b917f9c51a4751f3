"""Signature, legal footer and banner by language: what is refused, which ones hold, and what it costs."""

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.errors import Code, Errors, Invalid
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import overrides
from saleor_support_plugin.notifications.models import Override
from saleor_support_plugin.notifications.writing import mail, wording
from saleor_support_plugin.notifications.writing import preview as previews
from saleor_support_plugin.notifications.writing.wording import Wording
from sandbox import makers
from tests.notifications.own_words import row
from tests.notifications.samples import SETTINGS
from tests.notifications.test_overrides import ADMIN

OPTIONS = dataclasses.replace(
    SETTINGS, signature=("Saludos", "Casa Olivo"), legal_footer=("Casa Olivo SL",), banner=True,
    banner_text="Rebajas",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_read():
    wording._compiled.cache_clear()
    wording._texts.cache_clear()


@pytest.fixture
def save(shop, now):
    """``save(blocks)`` keeps them in English everywhere; keywords override."""

    def keep(blocks, **changes):
        pairs = list(blocks.items()) if isinstance(blocks, dict) else blocks
        values = {"actor": ADMIN, "kind": "brand", "language": "en", "now": now, "blocks": pairs}
        return overrides.save(**{**values, **changes})

    return keep


def say(language, now, kind="ticket_reply", settings=OPTIONS, **changes):
    return mail.write(row(kind, language, **changes), settings, now=now, wording=Wording())


def test_each_language_has_its_own_and_the_options_hold_for_the_rest(save, now):
    save({"signature": "Yours,\nthe olive people <3"})
    english, spanish = say("en", now), say("es", now)
    assert "Yours,\nthe olive people <3\n" in english.text
    assert "the olive people &lt;3" in english.html
    for one in (english.text, english.html):
        assert "Saludos" not in one
        assert "Casa Olivo SL" in one  # what is not given in this language
    assert "Saludos\nCasa Olivo\n" in spanish.text
    assert "olive people" not in spanish.html


def test_a_region_falls_back_and_a_channels_own_win(save, now, channel):
    save({"legal_footer": "All"})
    save({"legal_footer": "Here"}, channel_id=makers.gid(channel))
    assert "Here" in say("en-gb", now, channel_id=makers.gid(channel)).text
    assert "All" in say("en-gb", now, channel_id="elsewhere").text
    save({"legal_footer": "Britain"}, language="en_GB")
    assert "Britain" in say("en-gb", now, channel_id=makers.gid(channel)).text


def test_the_banner_speaks_the_language_only_where_there_is_one(save, now):
    save({"banner_text": "Summer sale"})
    assert "Summer sale" in say("en", now, "check_in").text
    assert "Rebajas" in say("es", now, "check_in").text
    assert "Summer sale" not in say("en", now, "ticket_reply").text  # never carries one
    off = dataclasses.replace(OPTIONS, banner=False)
    assert "Summer sale" not in say("en", now, "check_in", settings=off).text


def test_it_goes_with_own_words_and_is_seen_in_a_preview(save, now, channel):
    save({"signature": "Yours"})
    save({"intro": "Ahoy"}, kind="order_shipped")
    seen = previews.preview(
        actor=ADMIN, kind="order_shipped", channel_id=makers.gid(channel), language="en", now=now
    )
    assert "Ahoy" in seen.text
    assert "Yours\n" in seen.text
    assert seen.problems == ()


def test_taken_back_the_options_hold_again(save, now):
    assert save({"signature": "Yours"}).version == 1
    overrides.reset(actor=ADMIN, kind="brand", language="en", now=now)
    assert "Saludos" in say("en", now).text
    assert list(HistoryEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "template_updated",
        "template_reset",
    ]


@pytest.mark.parametrize(
    ("blocks", "field", "code", "message"),
    [
        ({"subject": "Hello"}, "blocks", Code.INVALID, "There is no block 'subject'; there are signature, "),
        ({"signature": " "}, "signature", Code.REQUIRED, "This can't be empty."),
        ({"signature": "x\n" * 11 + "x"}, "signature", Code.INVALID, "Signature: Use at most 10 lines"),
        ({"legal_footer": "x" * 201}, "legal_footer", Code.INVALID, "Legal footer: Use at most 10 lines"),
        ({"banner_text": "a\nb"}, "banner_text", Code.INVALID, "Banner text: Use one line"),
        ({"signature": "Yours, {{ name }}"}, "signature", Code.INVALID, "Write plain text: names and tags"),
    ],
)
def test_what_can_not_be_kept(save, blocks, field, code, message):
    with pytest.raises(Errors) as caught:
        save(blocks)
    ((error,),) = [caught.value.errors]
    assert (error.field, error.code, error.message[: len(message)]) == (field, code, message)
    assert Override.objects.count() == 0


def test_all_mistakes_are_told_at_once_and_a_language_without_mails_is_refused(save):
    with pytest.raises(Errors) as caught:
        save([("signature", "a"), ("signature", "b"), ("banner_text", "x" * 201)])
    assert [error.field for error in caught.value.errors] == ["signature", "banner_text"]
    with pytest.raises(Invalid, match="no translation into it"):
        save({"signature": "a"}, language="tlh")
    with pytest.raises(Invalid, match="at least one block"):
        save({})


def test_it_costs_no_query_more_than_once(save, now):
    one = Wording()
    mail.write(row(), OPTIONS, now=now, wording=one)
    save({"signature": "Yours"})
    costs = []
    for _ in range(2):
        one = Wording()
        with CaptureQueriesContext(connection) as spent:
            for _ in range(10):
                mail.write(row(), OPTIONS, now=now, wording=one)
        costs.append(len(spent))
    assert costs == [2, 1]  # which there are; and their text, once for each version
