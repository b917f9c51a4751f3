"""The slip in the parcel: what it says, who may print it, and for how long."""

import datetime
import re
import zlib

import pytest
from django.core import signing
from django.test import Client

from saleor_support_plugin.returns.desk import options
from saleor_support_plugin.returns.models import Return, ReturnLine, ReturnOptions
from saleor_support_plugin.returns.slip import contents as slip
from saleor_support_plugin.returns.slip import pdf as slip_pdf
from saleor_support_plugin.shop.current import get_shop
from sandbox import makers

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ADDRESS = "Zumos del Sur\r\nNave 14\n\n41703 Dos Hermanas <Sevilla>"


@pytest.fixture
def row(shop, clock, now):
    """An approved return of two of three articles; one more stays with the customer."""
    channel = makers.make_channel("here")
    makers.switch_on(channel, shop_name="Zumos & Co", time_zone="Europe/Madrid")
    ReturnOptions.objects.create(
        channel_id=makers.gid(channel),
        values={"address": ADDRESS, "instructions": "Pack it well.", "drop_off": "Any post office."},
    )
    goods = [("Apple Juice", 2, "4.00"), ("Łódź <b>", 1, "6.50"), ("Kept", 1, "1.00")]
    order = makers.make_order(channel, makers.make_customer("ana@example.com"), lines=goods)
    made = Return.objects.create(
        authorisation="approved",
        order_id=makers.gid(order),
        order_number=str(order.number),
        channel_id=makers.gid(channel),
        currency="EUR",
        country="ES",
        send_by=datetime.datetime(2024, 5, 1, 22, 0, tzinfo=datetime.UTC),  # midnight in Madrid
    )
    for name, _quantity, _price in goods:
        line = order.lines.get(product_name=name)
        ReturnLine.objects.create(
            parent=made, order_line_id=makers.gid(line), product_name=name, sku="SKU-1", variant_name="1 litre",
            unit_price=1, quantity=line.quantity, approved_quantity=1, keep=name == "Kept",
        )  # fmt: skip
    return made


@pytest.fixture
def address(row, shop, now):
    """``address(mailed=…)`` is where the slip is printed."""

    def make(*, mailed=True):
        order = get_shop().order(row.order_id) if mailed else None
        return slip.url(row, shop.settings(row.channel_id), now=now, order=order)

    return make


def test_what_it_says(row, shop):
    found = slip.of(row, shop.order(row.order_id), shop.settings(row.channel_id))
    assert (found.number, found.code, found.order_number) == (row.number, row.number, row.order_number)
    assert found.address == ("Zumos del Sur", "Nave 14", "41703 Dos Hermanas <Sevilla>")
    assert (found.instructions, found.drop_off) == (("Pack it well.",), ("Any post office.",))
    assert [(one.quantity, one.name) for one in found.goods] == [(1, "Apple Juice"), (1, "Łódź <b>")]
    assert (found.send_by, found.shop_name) == ("Wednesday, May 1, 2024", "Zumos & Co")


def test_what_was_mailed_goes_before_the_channels_words(row, shop):
    row.instructions = "By courier only."
    found = slip.of(row, shop.order(row.order_id), shop.settings(row.channel_id))
    assert found.instructions == ("By courier only.",)


def test_address_and_drop_off_are_said_once_where_the_mail_said_them_too(row, shop):
    row.instructions = (
        f"By courier only.\n\nPack it well.\n\nAny post office.\n\n{options.load(row.channel_id).address}"
    )
    found = slip.of(row, shop.order(row.order_id), shop.settings(row.channel_id))
    assert found.instructions == ("By courier only.", "Pack it well.")


@pytest.mark.parametrize("kind", ["return_approved", "return_reminder"])
def test_it_is_linked_in_mails(row, shop, now, kind):
    from saleor_support_plugin.notifications.kinds import kinds
    from saleor_support_plugin.returns.logistics import way_back

    data = way_back.mail_data(row, shop.order(row.order_id), now)
    assert Client().get(data["slip_url"]).status_code == 200
    assert {"slip_url"} <= set(kinds()[kind].optional)
    assert way_back.mail_data(row, None, now)["slip_url"] == ""
    Return.objects.update(logistics="not_required")
    row.refresh_from_db()
    assert way_back.mail_data(row, shop.order(row.order_id), now)["slip_url"] == ""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Return slip", "Please send the items by Wednesday, May 1, 2024.", "Order #")),
        ("es", ("Hoja de devolución", "como muy tarde el miércoles, 1 de mayo de 2024.", "Pedido n.º ")),
    ],
)
def test_the_page_in_the_orders_language(row, address, shop, language, said):
    from sandbox import models

    models.Order.objects.update(language_code=language)
    answer = Client().get(address())
    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f'<html lang="{language}" dir="ltr">' in page
    assert [text for text in (*said, row.number, row.order_number) if text not in page] == []
    assert "41703 Dos Hermanas &lt;Sevilla&gt;" in page
    assert "Łódź &lt;b&gt;" in page
    assert "Kept" not in page
    assert not re.search(r"ana@example\.com|Lucía|EUR|4[.,]00", page)


def test_the_page_loads_nothing_and_is_not_kept(address):
    answer = Client().get(address())
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert answer["Cache-Control"] == "private, no-store"
    assert (answer["Referrer-Policy"], answer["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
    assert not re.search(r"<script|<img|<link|style=", answer.content.decode())


def test_the_page_leads_to_the_pdf(row, address):
    page = Client().get(address()).content.decode()
    (link,) = re.findall(r'href="([^"]+)"', page)
    answer = Client().get(link)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'inline; filename="{row.number}.pdf"'
    assert answer.content.startswith(b"%PDF-1.")
    assert answer["Cache-Control"] == "private, no-store"


def squares(svg):
    """Which modules a QR code's path paints, as segno writes it: strokes of a row."""
    width = int(re.search(r'viewBox="0 0 (\d+) ', svg).group(1))
    dark, x, y = set(), 0, 0.0
    for command, given in re.findall(r"([Mmh])([^Mmhz]+)", re.search(r' d="([^"]+)"', svg).group(1)):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", given)]
        if command == "M":
            x, y = int(numbers[0]), numbers[1]
        elif command == "m":
            x, y = x + int(numbers[0]), y + numbers[1]
        else:
            dark |= {(x + step, int(y)) for step in range(int(numbers[0]))}
            x += int(numbers[0])
    return width, dark


def test_the_code_is_the_number(row, address):
    import segno

    width, dark = squares(re.search(r"<svg.+</svg>", Client().get(address()).content.decode(), re.S).group())
    drawn = segno.make_qr(row.number, error="q").matrix_iter(border=4)
    wanted = {(x, y) for y, line in enumerate(drawn) for x, one in enumerate(line) if one}
    assert dark == wanted
    assert width == max(x for x, _y in wanted) + 5  # four modules of quiet zone


class TestWhoPrintsIt:
    def test_mailed_ones_last(self, address, clock, now):
        link = address()
        clock(now + 179 * DAY)
        assert Client().get(link).status_code == 200
        clock(now + 180 * DAY)
        assert Client().get(link).status_code == 404

    def test_shown_ones_do_not(self, address, clock, now):
        link = address(mailed=False)
        clock(now + 59 * datetime.timedelta(minutes=1))
        assert Client().get(link).status_code == 200
        clock(now + HOUR)
        assert Client().get(link).status_code == 404

    def test_a_mailed_one_ends_with_the_address(self, row, address):
        from sandbox import models

        link, shown = address(), address(mailed=False)
        models.Order.objects.update(user=None, user_email="new@example.com")
        assert Client().get(link).status_code == 404
        assert Client().get(shown).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"authorisation": "requested"},
            {"authorisation": "canceled"},
            {"authorisation": "expired"},
            {"logistics": "not_required"},
            {"closed_at": datetime.datetime(2024, 4, 17, tzinfo=datetime.UTC)},
        ],
    )
    def test_only_while_goods_are_awaited(self, row, address, shop, now, change):
        link = address()
        Return.objects.update(**change)
        assert [Client().get(f"{link}{rest}").status_code for rest in ("", "/pdf")] == [404, 404]
        row.refresh_from_db()
        assert slip.url(row, shop.settings(row.channel_id), now=now) == ""

    @pytest.mark.parametrize("token", ["x", "a.b", "é", "x" * 2000, "WzFd.abc", ".."])
    def test_nonsense(self, row, token):
        for rest in ("", "/pdf"):
            path = f"/plugins/channel/here/saleor.support/returns/slip/{token}{rest}"
            assert Client().get(path).status_code == 404

    def test_one_that_was_mailed_long_ago_works_wherever_the_code_is(self, row, now):
        """It is signed by a name that no module has: moving one must not void what is in mails."""
        signer = signing.Signer(sep=".", salt="saleor_support_plugin.returns.slip")
        token = signer.sign_object([row.pk, "", int((now + HOUR).timestamp())])
        path = f"/plugins/channel/here/saleor.support/returns/slip/{token}"
        assert Client().get(path).status_code == 200

    def test_a_forged_one(self, address):
        content, _, signature = address().rpartition(".")
        assert Client().get(f"{content}x.{signature}").status_code == 404

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_nothing_but_reading(self, address, method):
        assert getattr(Client(), method)(address()).status_code == 405


class TestPdf:
    @pytest.fixture
    def pdf(self, row, shop):
        """``pdf(goods, **changes)`` is the slip's PDF, and the text of its pages as far as it is plain."""
        import dataclasses

        def make(goods=None, **changes):
            found = slip.of(row, shop.order(row.order_id), shop.settings(row.channel_id))
            return slip_pdf.pdf(
                dataclasses.replace(found, **changes, **({} if goods is None else {"goods": goods}))
            )

        return make

    def test_the_same_bytes_each_time(self, pdf):
        assert pdf() == pdf()

    def test_paper_by_country(self, row, pdf):
        assert b"/MediaBox [ 0 0 595.2756 841.8898 ]" in pdf()
        assert b"/MediaBox [ 0 0 612 792 ]" in pdf(is_letter=True)

    def test_as_many_pages_as_the_goods_need(self, pdf):
        goods = tuple(slip.Goods(1, f"Article {number}", "", "") for number in range(200))
        assert pdf().count(b"/Type /Page\n") == 1
        assert 5 <= pdf(goods).count(b"/Type /Page\n") <= 9

    def test_fonts_are_inside_so_any_letter_is_printed(self, pdf):
        made = pdf()
        assert re.search(rb"/FontName /[A-Z]{6}\+DejaVuSans ", made)
        assert made.count(b"/FontFile2") == 2

    @pytest.mark.parametrize(
        "text", ["<b>&amp;<para>", "x" * 3000, "中文果汁", "日本のジュース", "한국", "שלום", "😀", ""]
    )
    def test_any_text(self, pdf, text):
        goods = (slip.Goods(1, text, text, text[:255]),)
        assert pdf(goods, address=(text,), instructions=(text,), shop_name=text[:100]).startswith(b"%PDF-")

    def test_scripts_that_our_font_lacks_are_named(self, pdf):
        made = pdf((slip.Goods(1, "果汁 ジュース 주스", "", ""),))
        assert [
            name for name in (b"STSong-Light", b"HeiseiKakuGo-W5", b"HYGothic-Medium") if name not in made
        ] == []

    def test_nobodys_name_is_in_it(self, pdf):
        made = pdf()
        streams = [
            zlib.decompress(one) if one[:1] == b"x" else one
            for one in re.findall(rb"stream\r?\n(.+?)\r?\nendstream", made, re.S)
        ]
        assert b"ana@example.com" not in b"".join([made, *streams])


def test_importing_it_costs_nothing():
    """The libraries that draw are read when the first slip is printed."""
    import subprocess
    import sys

    asked = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'sandbox.settings'; import django;"
        "django.setup(); print([one for one in ('segno', 'reportlab') if one in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
