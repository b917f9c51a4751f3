"""How mails look: one layout, any brand, every mail program; and the sample data they are shown with."""

import dataclasses
import datetime
import html.parser
import re

import pytest
from django.template import loader_tags

from saleor_support_plugin.notifications import kinds, samples, variables
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.variables import Audience, Kind, Variable
from saleor_support_plugin.notifications.writing import brand, language, mail, rendering, tags
from saleor_support_plugin.settings import Feature
from tests.notifications.samples import NOW, SETTINGS

ALL = [kind.name for kind in kinds.TABLE]
BANNER = ["in_transit", "check_in", "ticket_closed", "ticket_survey"]
RICH = dataclasses.replace(
    SETTINGS,
    logo_url="https://casaolivo.example/logo.png",
    signature=("See you soon,", "Marta & Juan"),
    legal_footer=("Casa Olivo S.L.", "CIF B12345678"),
    social_links=(("Instagram", "https://instagram.com/casaolivo"), ("Bad", "javascript:x")),
    return_url="https://casaolivo.example/returns/{number}",
    contact_url="https://casaolivo.example/contact?order={number}",
    banner=True,
    banner_text="New season oil",
    banner_url="https://casaolivo.example/new",
)


def write(kind, settings=RICH, lang="en", rich=True, **changes):
    order, data = samples.sample(kind, lang, rich=rich)
    row = Notification(
        kind=kind, subject="sample:1", recipient=order.email, order_id=order.id, order_number=order.number,
        customer_id=order.customer_id, customer_name=order.customer_name, language=lang,
        time_zone="Europe/Madrid", data={**data, **changes},
    )  # fmt: skip
    return mail.write(row, settings, now=NOW)


class Page(html.parser.HTMLParser):
    """The tags of a mail with their attributes, and whether they are closed in order."""

    VOID = frozenset({"br", "img", "meta"})

    def __init__(self, source):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("kind", ALL)
def test_the_markup_is_sound_and_accessible(kind, lang):
    page = Page(write(kind, lang=lang).html)
    assert page.open == []
    assert page.all("html") == [page.all("html")[0]]
    assert (page.all("html")[0]["lang"], page.all("html")[0]["dir"]) == (lang, "ltr")
    assert len(page.all("h1")) == 1
    assert all(image.get("alt") for image in page.all("img"))
    assert len(page.all("th")) == 2 * sum("role" not in table for table in page.all("table"))
    assert {table.get("role", "presentation") for table in page.all("table")} == {"presentation"}
    assert all(head["scope"] == "col" for head in page.all("th"))
    assert all(link["href"].startswith("https://") for link in page.all("a"))
    widths = [int(attrs["width"]) for _tag, attrs in page.tags if attrs.get("width", "%").isdigit()]
    assert all(width <= 600 for width in widths)
    assert not [tag for tag, _attrs in page.tags if tag in ("script", "link", "form", "iframe", "svg")]


@pytest.mark.parametrize("kind", ALL)
def test_no_style_outgrows_a_phone_or_the_layout(kind):
    source = write(kind).html
    pixels = [int(number) for number in re.findall(r"(?<!max-)width:(\d+)px", source)]
    assert pixels == []
    assert all(
        int(number) <= 600 for number in re.findall(r"max-width:(\d+)px", source.partition("</style>")[2])
    )


@pytest.mark.parametrize("kind", ALL)
def test_only_what_is_neither_urgent_nor_essential_carries_the_banner(kind):
    written = write(kind)
    carries = kind in BANNER
    assert ("New season oil" in written.html, "New season oil" in written.text) == (carries, carries)
    assert ("https://casaolivo.example/new" in written.html) is carries
    if carries:
        assert not kinds.get(kind).essential
        assert not kinds.get(kind).urgent
    off = write(kind, dataclasses.replace(RICH, banner=False))
    assert "New season oil" not in off.html + off.text


def test_a_banner_with_an_image_has_the_text_as_its_alternative():
    settings = dataclasses.replace(RICH, banner_image="https://casaolivo.example/b.png", banner_url="")
    images = Page(write("in_transit", settings).html).all("img")
    assert [(one["src"], one["alt"]) for one in images] == [
        ("https://casaolivo.example/logo.png", "Casa Olivo"),
        ("https://casaolivo.example/b.png", "New season oil"),
    ]
    assert brand.banner_of(dataclasses.replace(RICH, banner_text="")) is None


@pytest.mark.parametrize("kind", [kind.name for kind in kinds.TABLE if kind.audience is Audience.CUSTOMER])
def test_the_brand_is_in_both_parts(kind):
    written = write(kind)
    assert "See you soon,<br>Marta &amp; Juan</p>" in written.html
    assert "See you soon,\nMarta & Juan\n" in written.text
    for address in ("https://casaolivo.example/contact?order=1042", "https://instagram.com/casaolivo"):
        assert address in written.html
        assert address in written.text
    for line in RICH.legal_footer:
        assert line in written.html
        assert line in written.text
    assert "javascript" not in written.html + written.text


@pytest.mark.parametrize("kind", [kind.name for kind in kinds.TABLE if kind.audience is Audience.STAFF])
def test_alerts_greet_the_team_and_carry_no_brand(kind):
    written = write(kind)
    assert written.text.startswith("Hello team,\n")
    assert "Lucía Fernández,\n" not in written.text
    for absent in ("Marta", "instagram", "CIF", "View your order", "Unsubscribe"):
        assert absent not in written.text + written.html


@pytest.mark.parametrize(
    "colour", ["#1d5c4d", "#ffffff", "#000000", "#ffff00", "#ff0000", "#0000ff", "#808080"]
)
def test_any_brand_colour_stays_readable(colour):
    made = brand.colours(colour)
    for ground in (brand.PAPER, brand.PAGE, made["panel"]):
        assert brand.contrast(made["link"], ground) >= 4.5
        assert brand.contrast(brand.INK, ground) >= 4.5
        assert brand.contrast("#56616a", ground) >= 4.5
    for ground in (brand.DARK_PAPER, brand.DARK_PAGE, brand.DARK_PANEL):
        assert brand.contrast(made["dark_link"], ground) >= 4.5
        assert brand.contrast(brand.DARK_INK, ground) >= 4.5
        assert brand.contrast("#a9b4bc", ground) >= 4.5
    assert brand.contrast(made["on_button"], made["button"]) >= 4.5
    assert brand.contrast(made["on_dark_link"], made["dark_link"]) >= 4.5


def test_a_readable_brand_colour_is_kept_as_it_is():
    assert brand.contrast("#000000", "#ffffff") == 21
    assert brand.colours("#1d5c4d")["link"] == brand.colours("#1d5c4d")["button"] == "#1d5c4d"
    written = write("order_shipped", dataclasses.replace(RICH, brand_colour="#ffee00")).html
    assert 'bgcolor="#ffee00"' in written
    assert "color:#101418;text-decoration:none" in written
    assert ":#ffee00;text-decoration:underline" not in written


@pytest.mark.parametrize("kind", ALL)
def test_gmail_shows_every_mail_whole(kind):
    assert len(write(kind).html.encode()) < 30_000


@pytest.mark.parametrize("kind", ["order_received", "order_shipped"])
def test_a_huge_order_is_cut_before_gmail_cuts_it(kind):
    item = {
        "name": "A product with a name of ordinary length",
        "variant": "Green, M",
        "sku": "X",
        "quantity": 2,
    }
    address = "https://carrier.example/track?number=" + "9" * 60
    parcel = {
        "carrier": "Carrier",
        "tracking_number": "9" * 20,
        "tracking_url": address,
        "items": [item] * 25,
    }
    many = {"items": [item] * 300} if kind == "order_received" else {"parcels": [parcel] * 40}
    written = write(kind, **many)
    assert len(written.html.encode()) < 100_000
    said = {
        "order_received": ["600 items in your order", "and 480 more items"],
        "order_shipped": [
            "your 40 parcels",
            "Parcel 1 of 40",
            "and 40 more items",
            "There are 28 more parcels.",
        ],
    }[kind]
    for text in said:
        assert text in written.text
        assert text in written.html


@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.parametrize("lang", ["en", "es-mx"])
@pytest.mark.parametrize("kind", ALL)
def test_samples_are_what_callers_must_give(kind, lang, rich):
    order, data = samples.sample(kind, lang, rich=rich)
    variables.check_data(kinds.get(kind), data)
    assert order.language == lang
    assert (order.lines[0].product_name == "Aceite de oliva") is lang.startswith("es")


def test_samples_lie_around_the_moment_that_is_given():
    day = datetime.datetime(2030, 1, 10, 9, tzinfo=datetime.UTC)
    assert samples.sample("late_dispatch", "en", now=day)[1]["promised_by"] == "2030-01-09"
    assert samples.sample("late_dispatch", "en", now=day)[1]["expected_by"] == "2030-01-13"


def test_a_kind_from_outside_has_a_sample_too(monkeypatch):
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
    every = {f"my_{variable.value}": variable for variable in Variable}
    kinds._KINDS["birthday"] = Kind(
        name="birthday", audience=Audience.CUSTOMER, essential=False, feature=Feature.TICKETS, variables=every
    )
    data = samples.sample("birthday", "en")[1]
    variables.check_data(kinds.get("birthday"), data)
    assert data["my_text"] == "my_text"


@pytest.mark.parametrize(
    ("wanted", "otherwise", "code"),
    [("es-es", "en", "es"), ("eo", "es", "es"), ("", "es-mx", "es"), ("eo", "cy", "en"), ("en", "es", "en")],
)
def test_the_channels_language_is_asked_before_english(wanted, otherwise, code):
    assert language.choose(wanted, None, otherwise).code == code


def test_a_mail_in_no_language_we_have_is_in_the_channels():
    spanish = dataclasses.replace(RICH, language="es")
    assert write("order_shipped", spanish, lang="eo").language == "es"
    assert write("order_shipped", RICH, lang="eo").language == "en"


@pytest.mark.parametrize(
    ("wanted", "day", "number"),
    [
        ("en", "Friday, November 27, 2026", "12,345"),
        ("en-gb", "Friday, 27 November 2026", "12,345"),
        ("es", "viernes, 27 de noviembre de 2026", "12.345"),
    ],
)
def test_days_and_numbers(wanted, day, number):
    chosen = language.choose(wanted)
    assert chosen.date(datetime.date(2026, 11, 27)) == day
    assert chosen.number(12345) == number


def test_paragraphs_are_divided_by_empty_lines():
    assert tags.paragraphs(" One\nline. \n \nTwo.\n\n<table></table>\n\n", "x:y") == (
        '<p class="ink" style="x:y">One\nline.</p><p class="ink" style="x:y">Two.</p><table></table>'
    )
    assert tags.paragraphs("", "x:y") == ""
    assert tags.quoted("one\n\ntwo") == "> one\n>\n> two"


def test_kinds_are_in_order():
    groups = [kind.group for kind in kinds.TABLE]
    assert sorted(set(groups), key=groups.index) == list(variables.Group)
    assert groups == sorted(groups, key=list(variables.Group).index)
    names = set(ALL)
    for kind in kinds.TABLE:
        assert kind.title
        assert kind.silenced_by <= names - {kind.name}
        assert kind.essential <= (kind.audience is Audience.CUSTOMER)
    off = {kind.name for kind in kinds.TABLE if not kind.at_first}
    assert off == {"in_transit", "check_in", "ticket_survey"}
    assert {kind.name: kind.merges for kind in kinds.TABLE if kind.merges} == {
        "order_shipped": "shipped",
        "order_partly_shipped": "shipped",
        "in_transit": "in_transit",
        "out_for_delivery": "out_for_delivery",
        "delivered": "delivered",
    }


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_has_the_blocks_that_admins_may_change(kind):
    found = rendering.template(f"{kind}/body.html").nodelist.get_nodes_by_type(loader_tags.BlockNode)
    names = {node.name for node in found}
    assert {"preheader", "intro", "next"} <= names <= {"preheader", "heading", "intro", "content", "next"}
    text = rendering.template(f"{kind}/body.txt").nodelist.get_nodes_by_type(loader_tags.BlockNode)
    assert {"intro", "next"} <= {node.name for node in text} <= names
