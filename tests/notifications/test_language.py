"""Languages, dates, money, addresses and zones."""

import datetime
import gettext
import re
import zoneinfo

import pytest

from saleor_support_plugin.notifications import variables
from saleor_support_plugin.notifications.writing import language, zones
from saleor_support_plugin.notifications.writing.language import LOCALE
from saleor_support_plugin.tracking import words
from tests.notifications.samples import ADDRESS, NOW

MADRID = zoneinfo.ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("wanted", "code", "locale"),
    [
        ("es", "es", "es"),
        ("es-es", "es", "es_ES"),
        ("ES_mx", "es", "es_MX"),
        ("en", "en", "en"),
        ("en-gb", "en", "en_GB"),
        ("eo-001", "en", "en"),
        ("", "en", "en"),
        ("zh-hans", "en", "en"),
        ("es-zz-nonsense", "es", "es"),
        ("../../etc/passwd", "en", "en"),
        pytest.param("x" * 500, "en", "en", id="endless"),
    ],
)
def test_language_is_exact_then_base_then_english(wanted, code, locale):
    chosen = language.choose(wanted)
    assert (chosen.code, str(chosen.locale)) == (code, locale)


@pytest.mark.parametrize(
    ("wanted", "zone", "text"),
    [
        ("en", "Europe/Madrid", "Tuesday, November 24, 2026, 4:30 PM (Madrid time)"),
        ("en-gb", "Europe/London", "Tuesday, 24 November 2026, 15:30 (London time)"),
        ("es", "Europe/Madrid", "martes, 24 de noviembre de 2026, 16:30 (hora de Madrid)"),
        ("es", "Atlantic/Canary", "martes, 24 de noviembre de 2026, 15:30 (hora de Canarias)"),
        (
            "es",
            "America/Argentina/Buenos_Aires",
            "martes, 24 de noviembre de 2026, 12:30 (hora de Buenos Aires)",
        ),
        ("es", "UTC", "martes, 24 de noviembre de 2026, 15:30 (UTC)"),
        ("eo", "UTC", "Tuesday, November 24, 2026, 3:30 PM (UTC)"),
    ],
)
def test_moments_are_written_in_the_customers_zone_and_language(wanted, zone, text):
    assert language.choose(wanted).moment(NOW, zoneinfo.ZoneInfo(zone)) == text


def test_summer_time():
    moment = datetime.datetime(2026, 7, 1, 10, 0, tzinfo=datetime.UTC)
    assert (
        language.choose("es").moment(moment, MADRID)
        == "miércoles, 1 de julio de 2026, 12:00 (hora de Madrid)"
    )


@pytest.mark.parametrize(
    ("wanted", "amount", "currency", "text"),
    [
        ("en", "12.30", "EUR", "€12.30"),
        ("en", "1234.5", "USD", "$1,234.50"),
        ("es", "12.30", "EUR", "12,30\xa0€"),
        ("es-es", "12345.5", "EUR", "12.345,50\xa0€"),
        ("en", "1500", "JPY", "¥1,500"),
    ],
)
def test_money(wanted, amount, currency, text):
    assert language.choose(wanted).money({"amount": amount, "currency": currency}) == text


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({}, ["Lucía Fernández", "Calle de Alcalá 42", "28014 MADRID", "España"]),
        (
            {"company_name": "Olivo S.L.", "street_address_2": "3.º B", "country_area": "Madrid"},
            ["Lucía Fernández", "Olivo S.L.", "Calle de Alcalá 42", "3.º B", "28014 MADRID", "España"],
        ),
        (
            {"country": "US", "city": "Springfield", "country_area": "IL", "postal_code": "62701"},
            ["Lucía Fernández", "Calle de Alcalá 42", "Springfield, IL 62701", "Estados Unidos"],
        ),
        (
            {"country": "GB", "city": "LONDON", "country_area": "", "postal_code": "SW1A 1AA"},
            ["Lucía Fernández", "Calle de Alcalá 42", "LONDON", "SW1A 1AA", "Reino Unido"],
        ),
        (
            {"country": "ES", "city": "TELDE", "country_area": "Las Palmas", "postal_code": "35200"},
            ["Lucía Fernández", "Calle de Alcalá 42", "35200 TELDE", "Las Palmas", "España"],
        ),
        ({"first_name": "Evil\r\nBcc: x@y.z", "country": "XX"}, None),
    ],
)
def test_addresses_follow_their_country(change, lines):
    written = language.choose("es").address({**ADDRESS, **change})
    expected = lines or ["Evil Bcc: x@y.z Fernández", "Calle de Alcalá 42", "28014 MADRID", "XX"]
    assert written == expected


@pytest.mark.parametrize(
    ("country", "region", "code", "zone"),
    [
        ("ES", "Madrid", "28014", "Europe/Madrid"),
        ("es", "", "", "Europe/Madrid"),
        ("ES", "Las Palmas", "", "Atlantic/Canary"),
        ("ES", "", "38001", "Atlantic/Canary"),
        ("ES", "", "51001", "Africa/Ceuta"),
        ("PT", "", "1000-001", "Europe/Lisbon"),
        ("PT", "", "9500-321", "Atlantic/Azores"),
        ("PT", "", "9000-017", "Atlantic/Madeira"),
        ("US", "CA", "", "America/Los_Angeles"),
        ("US", "california", "", "America/Los_Angeles"),
        ("US", "New York", "", "America/New_York"),
        ("US", "Hawaii", "", "Pacific/Honolulu"),
        ("US", "", "", ""),
        ("CA", "Québec", "", "America/Toronto"),
        ("CA", "BC", "", "America/Vancouver"),
        ("AU", "Western Australia", "", "Australia/Perth"),
        ("BR", "São Paulo", "", "America/Sao_Paulo"),
        ("BR", "Amazonas", "", "America/Manaus"),
        ("MX", "Q.R.", "", "America/Cancun"),
        ("MX", "Ciudad de México", "", "America/Mexico_City"),
        ("RU", "Москва", "", "Europe/Moscow"),
        ("RU", "Приморский край", "", "Asia/Vladivostok"),
        ("GB", "", "", "Europe/London"),
        ("DE", "", "", "Europe/Berlin"),
        ("CN", "", "", "Asia/Shanghai"),
        ("XX", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_the_zone_of_an_address(country, region, code, zone):
    assert zones.time_zone(country, region, code) == zone


def test_no_address_no_zone():
    assert zones.time_zone_of(None) == ""


def test_every_zone_of_the_tables_exists():
    named = {*zones._MAIN.values(), *(zone for table in zones._REGIONS.values() for zone in table)}
    named |= {zone for _country, _pattern, zone in zones._CODES}
    for zone in named:
        zoneinfo.ZoneInfo(zone)


def test_a_broken_zone_falls_back():
    assert str(language.zone("Mars/Base", "Europe/Madrid")) == "Europe/Madrid"
    assert language.zone("", "") == datetime.UTC


def _texts_of_the_templates() -> set[str]:
    """Every text that the templates ask a translation for, as makemessages would find it."""
    from django.utils.translation.template import templatize

    found = set()
    for path in variables.TEMPLATES.parent.rglob("*.*"):
        source = templatize(path.read_text())
        for call in re.finditer(r"\bn?gettext\(u?(['\"])(.+?)\1(?:,\s*u?(['\"])(.+?)\3)?", source):
            found.add(call.group(2).replace("\\'", "'"))
    return found


@pytest.mark.parametrize("code", sorted(path.name for path in LOCALE.iterdir() if path.is_dir()))
def test_every_translation_is_complete_and_compiled(code):
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    folder = LOCALE / code / "LC_MESSAGES"
    source = read_po((folder / "django.po").open("rb"))
    compiled = read_mo((folder / "django.mo").open("rb"))
    texts = {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in source
        if message.id
    }
    missing = [key for key, one in texts.items() if one.fuzzy or not one.string or not all(one.string)]
    assert missing == [], "not translated yet"
    used = _texts_of_the_templates()
    assert len(used) > 60
    used |= {*words.STATUS.values(), *words.SUB_STATUS.values()}
    assert used - set(texts) == set()
    assert set(texts) - used == {"%(date)s, %(time)s (%(city)s time)"}, "translates what no mail says"
    for key, message in texts.items():
        there = compiled.get(key).string
        assert (there if isinstance(there, str) else tuple(there)) == message.string, "run `make messages`"
        wanted = set(re.findall(r"%\(\w+\)s", " ".join([key] if isinstance(message.id, str) else message.id)))
        given = set(
            re.findall(
                r"%\(\w+\)s", message.string if isinstance(message.string, str) else message.string[-1]
            )
        )
        assert given == wanted, key
        assert not re.search(r"[<>&]", str(message.string)), "texts are not markup"


def test_a_kinds_own_translations_come_first(tmp_path):
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    own = Catalog(locale="es")
    own.add("A present", "Un regalo")
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, own)
    catalog = language.choose("es", tmp_path).catalog
    assert (catalog.gettext("A present"), catalog.gettext("Hello,")) == ("Un regalo", "Hola:")
    assert isinstance(language.choose("en", tmp_path).catalog, gettext.NullTranslations)


def _translation(folder, code, pairs):
    """Write a compiled catalog with these texts."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalog = Catalog(locale=code)
    for text, translated in pairs.items():
        catalog.add(text, translated)
    path = folder / code / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


@pytest.fixture
def shops_own(tmp_path, settings):
    """A folder of the shop's own translations, as SUPPORT_LOCALE_PATHS names it."""
    settings.SUPPORT_LOCALE_PATHS = [str(tmp_path)]
    language.choose.cache_clear()
    yield tmp_path
    language.choose.cache_clear()


def test_a_shop_brings_a_language_of_its_own(shops_own):
    _translation(shops_own, "fr", {"Hello,": "Bonjour,"})
    french = language.choose("fr-ca")
    assert (french.code, french.catalog.gettext("Hello,")) == ("fr", "Bonjour,")


def test_a_shop_changes_single_texts_of_a_language_we_have(shops_own):
    before = language.choose("es").catalog.gettext("Kind regards,")
    _translation(shops_own, "es", {"Hello,": "Muy buenas:"})
    language.choose.cache_clear()
    spanish = language.choose("es")
    assert spanish.catalog.gettext("Hello,") == "Muy buenas:"
    assert spanish.catalog.gettext("Kind regards,") == before != "Kind regards,"
