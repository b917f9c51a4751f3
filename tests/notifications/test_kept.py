"""Parts that are kept for all mails of a shop: the same to the letter, nothing personal in them, and not
shared by shops that differ."""

import dataclasses

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.utils.safestring import SafeString

from saleor_support_plugin.notifications import kinds, samples
from saleor_support_plugin.notifications.writing import context, kept, language, mail, tags
from tests.notifications.samples import NOW, SETTINGS, row

PLAIN = dataclasses.replace(SETTINGS, plugin_url="https://shop.example/plugins/")
FULL = dataclasses.replace(
    PLAIN,
    channel_id="full",
    shop_name='B & <Co> "x"',
    brand_colour="#ffcc00",
    logo_url="https://x.example/l.png?a=1&b=2",
    signature=("Ana & Luis", "B & <Co>"),
    legal_footer=("B & Co", "Calle <1>"),
    social_links=(("X & Y", "https://x.example/?a=1&b=2"), ("Z", "https://z.example/")),
    contact_url="https://x.example/contact/{number}",
    banner=True,
    banner_text="Sale & <b>more</b>",
    banner_url="https://b.example/?a&b",
)
BARE = dataclasses.replace(
    PLAIN, channel_id="bare", shop_name="", reply_to="", banner=True, banner_image="https://b.example/i.png"
)
BRANDS = {"plain": PLAIN, "full": FULL, "bare": BARE}
PERSONAL = {
    "customer_name": "Zoraida Quxley",
    "order_number": "987612",
    "order_id": "T3JkZXI6UXV4",
    "recipient": "zoraida@quxley.example",
}
VALUES = {
    "catalog": language.choose("en").catalog,
    "lang": "en",
    "dir": "ltr",
    "start": "left",
    "end": "right",
    "for_staff": False,
    "shop_name": "Casa & Olivo",
    "can_reply": True,
    "brand": {"link": "#123456", "legal": ["One & Co", "Two"], "social": [{"name": "X", "url": "u"}]},
    "banner": None,
}


@pytest.fixture(autouse=True)
def found(monkeypatch):
    """All parts that are kept, nothing of which was there before."""
    made = []

    class Recorded(kept.Parts):
        def __init__(self, values):
            super().__init__(values)
            made.append(self)

    kept._parts.cache_clear()
    monkeypatch.setattr(kept, "Parts", Recorded)
    yield made
    kept._parts.cache_clear()


def write_all():
    """Every kind in each language and brand, to customers with and without a name."""
    mails = {}
    for kind in kinds.TABLE:
        for code in ("en", "es"):
            _order, data = samples.sample(kind.name, code, now=NOW)
            for brand, settings in BRANDS.items():
                for name in ("Zoraida Quxley", ""):
                    one = row(kind.name, data, **{**PERSONAL, "language": code, "customer_name": name})
                    mails[kind.name, code, brand, name] = mail.write(one, settings, now=NOW)
    return mails


def test_mails_are_the_same_with_and_without_what_is_kept(monkeypatch, found):
    cold = write_all()
    parts = sum(len(one.found) for one in found)
    warm = write_all()
    assert sum(len(one.found) for one in found) == parts > 100  # the second time nothing was rendered
    monkeypatch.setattr(kept.Kept, "render", lambda self, live: self.nodelist.render(live))
    assert cold == write_all()
    assert warm == cold


def test_nothing_personal_is_kept(found):
    mails = write_all()
    texts = [text for one in found for text in one.found.values()]
    secrets = [*PERSONAL.values(), "Zoraida", "unsubscribe/", "orders/", "guest?t=", "contact/"]
    assert texts
    assert [(secret, text) for text in texts for secret in secrets if secret in text] == []
    whole = "".join(one.html for one in mails.values())
    for secret in ("Zoraida Quxley", "987612", "unsubscribe/", "orders/", "guest?t=", "contact/"):
        assert secret in whole  # they are in the mails


def test_only_what_no_customer_and_no_order_changes_is_seen():
    changes = {
        "customer_name": "Other Name", "customer_id": "", "order_id": "T3JkZXI6OTk=", "order_number": "55",
        "recipient": "other@example.com", "redirect_url": "https://o.example/", "pk": 8,
    }  # fmt: skip
    for kind in kinds.TABLE:
        _order, data = samples.sample(kind.name, "en", now=NOW)
        one = context.context_for(row(kind.name, data), kind, FULL, now=NOW)
        other = context.context_for(row(kind.name, data, **changes), kind, FULL, now=NOW)
        names = [name for name in kept.SHOP if one[name] != other[name]]
        assert names == [], kind.name
        assert kept.with_parts(one)[kept._NAME] is kept.with_parts(other)[kept._NAME]
        assert not set(kept.SHOP) & set(kind.variables), kind.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("catalog", language.choose("es").catalog),
        ("lang", "es"),
        ("dir", "rtl"),
        ("start", "right"),
        ("end", "left"),
        ("for_staff", True),
        ("shop_name", "Casa"),
        ("shop_name", SafeString("Casa & Olivo")),
        ("can_reply", 1),
        ("brand", {**VALUES["brand"], "link": "#123457"}),
        ("brand", {**VALUES["brand"], "legal": ["One & Co"]}),
        ("brand", {**VALUES["brand"], "legal": ["One & Co", SafeString("Two")]}),
        ("brand", {**VALUES["brand"], "social": [{"name": "X", "url": "v"}]}),
        ("banner", {"text": "Sale"}),
    ],
)
def test_shops_that_differ_share_nothing(name, value):
    mine = kept.with_parts(VALUES)[kept._NAME]
    assert kept.with_parts({**VALUES, name: value})[kept._NAME] is not mine
    assert kept.with_parts({**VALUES, "name": "Ana", "brand": dict(VALUES["brand"])})[kept._NAME] is mine


def test_every_name_was_tried():
    tried = test_shops_that_differ_share_nothing.pytestmark[0].args[1]
    assert {name for name, _value in tried} == set(kept.SHOP) == set(VALUES)


def test_channels_and_languages_have_parts_of_their_own(found):
    for settings in (PLAIN, FULL):
        for code in ("en", "es"):
            mail.write(row("order_shipped", language=code), settings, now=NOW)
    assert len(found) == 4
    both = ["".join(one.found.values()) for one in found]
    assert ["B &amp; &lt;Co&gt;" in one for one in both] == [False, False, True, True]
    assert ["Qué pasa ahora" in one for one in both] == [False, True, False, True]


def test_so_many_brands_are_kept_and_no_more():
    for number in range(kept.CACHED + 10):
        kept.with_parts({**VALUES, "shop_name": f"Shop {number}"})
    assert kept._parts.cache_info().currsize == kept.CACHED


def compiled(source):
    return Engine(builtins=[tags.__name__, kept.__name__]).from_string(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% for shop_name in names %}{% kept %}{{ shop_name }}{% endkept %};{% endfor %}",
        '{% with shop_name="Ana" %}{% kept %}{{ shop_name }}{% endkept %};{% endwith %}'
        "{% kept %}{{ shop_name }}{% endkept %};",
    ],
)
def test_what_a_template_calls_alike_is_not_seen(source):
    for _again in range(2):
        shown = compiled(source).render(Context(kept.with_parts({**VALUES, "names": ["Ana", "Eva"]})))
        assert shown == "Casa &amp; Olivo;Casa &amp; Olivo;"


def test_html_and_text_are_kept_apart():
    source, values = compiled("{% kept %}{{ shop_name }}{% endkept %}"), kept.with_parts(VALUES)
    for _again in range(2):
        assert source.render(Context(values)) == "Casa &amp; Olivo"
        assert source.render(Context(values, autoescape=False)) == "Casa & Olivo"


def test_conditions_loops_and_texts_are_possible():
    shown = compiled(
        '{% kept %}{% if brand.legal and not for_staff %}{% for one in brand.legal %}{{ one|default:"-" }}'
        "{% if not forloop.last %}|{% endif %}{% empty %}none{% endfor %}{% endif %}{# a note #} "
        '{% trans "Hello," %} {% blocktrans with x=shop_name %}The {{ x }} of {{ lang }}{% endblocktrans %}'
        "{% endkept %}"
    ).render(Context(VALUES))
    assert shown == "One &amp; Co|Two Hello, The Casa &amp; Olivo of en"


@pytest.mark.parametrize(
    "inside",
    [
        "{{ name }}",
        "{{ order_number }}",
        "{{ unsubscribe_url }}",
        "{{ shop_name|default:name }}",
        "{{ shop_name|upper }}",
        "{% if shop_name %}{{ name }}{% endif %}",
        "{% if shop_name and name %}x{% endif %}",
        "{% if not name %}x{% endif %}",
        "{% if for_staff %}x{% elif contact_url %}x{% else %}x{% endif %}",
        "{% for one in items %}x{% endfor %}",
        "{% for one in brand.legal %}{{ name }}{% endfor %}",
        "{% for one in brand.legal %}x{% empty %}{{ name }}{% endfor %}",
        "{% for one in brand.legal %}x{% endfor %}{{ one }}",
        "{% blocktrans %}Hello {{ name }}{% endblocktrans %}",
        "{% blocktrans with x=name %}Hello {{ x }}{% endblocktrans %}",
        "{% blocktrans count n=total %}{{ n }} item{% plural %}{{ n }} items{% endblocktrans %}",
        "{% blocktrans asvar x %}Hello{% endblocktrans %}",
        '{% trans "Hello" as x %}',
        "{% trans name %}",
        "{% block intro %}{% endblock %}",
        '{% include "parts/banner.html" %}',
        '{% with x="1" %}{{ x }}{% endwith %}',
        "{% now 'Y' %}",
        "{% cycle 'a' 'b' %}",
        "{% filter paragraphs:'' %}x{% endfilter %}",
    ],
)
def test_whatever_else_is_refused(inside):
    with pytest.raises(TemplateSyntaxError, match="^In what is kept for many mails .* (not one of|possible)"):
        compiled("{% kept %}" + inside + "{% endkept %}")


def test_it_takes_no_argument():
    with pytest.raises(TemplateSyntaxError, match="without anything"):
        compiled("{% kept header %}{% endkept %}")


def test_what_a_shop_says_of_numbers_changes_no_mail(settings):
    data = {**samples.sample("order_shipped", "en", now=NOW)[1]}
    parcel = {**data["parcels"][0], "items": [{"name": "Cork", "variant": "", "sku": "C", "quantity": 12345}]}
    before = mail.write(row("order_shipped", {**data, "parcels": [parcel]}), PLAIN, now=NOW)
    settings.USE_THOUSAND_SEPARATOR, settings.THOUSAND_SEPARATOR = True, "x"
    assert mail.write(row("order_shipped", {**data, "parcels": [parcel]}), PLAIN, now=NOW) == before
    assert "12345" in before.text
