"""The gallery shows every kind of mail, in every language, light and dark, wide and narrow, as text."""

import re

import pytest
from django.test import Client

from saleor_support_plugin.notifications.kinds import kinds
from sandbox import gallery, makers

PAIRS = [(language, kind) for language in gallery.LANGUAGES for kind in kinds()]


@pytest.fixture
def shown(shop, settings, tmp_path):
    settings.MAILS = tmp_path / "mails"
    makers.switch_on(
        makers.make_channel("europe"),
        shop_name="Barro & Vela",
        brand_colour="#8a3b12",
        legal_footer="Barro y Vela S.L. · CIF B00000000",
    )
    return settings.MAILS / gallery.FOLDER


def test_the_languages_are_those_we_have_a_translation_into():
    assert gallery.LANGUAGES == {"en": "English", "es": "Español"}


def test_every_kind_is_in_the_index_once_for_each_language_and_look(shown):
    text = Client().get("/gallery/").content.decode()
    for language, kind in PAIRS:
        for query in ("", "?look=dark", "?width=narrow", "#text"):
            assert text.count(f'href="/gallery/{language}/{kind}/{query}"') == 1


@pytest.mark.parametrize(("language", "kind"), PAIRS)
def test_every_mail_can_be_seen(shown, language, kind):
    text = Client().get(f"/gallery/{language}/{kind}/?look=dark&width=narrow").content.decode()
    assert f'class="mail narrow" sandbox src="/gallery/{language}/{kind}/html/?look=dark"' in text
    assert re.findall(r"""(?:src|href|action)=["'](?!/|#)""", text) == []
    mails = {}
    for look in gallery.LOOKS:
        answer = Client().get(f"/gallery/{language}/{kind}/html/?look={look}")
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        mails[look] = answer.content.decode()
        assert "Barro &amp; Vela" in mails[look]
        assert f'lang="{language}"' in mails[look]
    assert "@media not all" in mails["light"]
    assert "@media all" in mails["dark"]
    assert mails["dark"].replace("@media all", "@media not all") == mails["light"]


@pytest.mark.parametrize(
    "path", ["/gallery/fr/delivered/", "/gallery/en/nothing/", "/gallery/en/nothing/html/"]
)
def test_there_is_nothing_else(shown, path):
    assert Client().get(path).status_code == 404


def test_it_is_written_as_files_with_an_index_whose_links_lead_somewhere(shown):
    assert gallery.save() == len(PAIRS)
    names = {path.name for path in shown.iterdir()}
    assert len(names) == 3 * len(PAIRS) + 1
    index = (shown / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'(?:href|src)="([^"]+)"', index)) == names - {"index.html"}
    gallery.clear()
    assert not shown.exists()


def test_without_a_channel_it_is_a_made_up_shops(shop):
    assert "Example shop" in gallery.write(kinds()["delivered"], "en").html


def test_the_link_to_unsubscribe_leads_to_a_page_that_says_it_is_an_example(shown):
    mail = Client().get("/gallery/en/delivered/html/").content.decode()
    (path,) = set(re.findall(r'href="https?://[^/"]+(/[^"]*/mail/unsubscribe/[^"]*)"', mail))
    page = Client().get(path)
    assert page.status_code == 200
    assert "This link is an example" in page.content.decode()
