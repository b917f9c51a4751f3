"""What a mail says and how it is built, without a shop."""

import email
import email.policy
import gettext
import html.parser

import pytest
from django.core.mail import get_connection
from django.template import Context
from django.test import override_settings

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.variables import Variable
from saleor_support_plugin.notifications.writing import context, links, mail, rendering, web
from saleor_support_plugin.settings import SupportSettings
from tests.notifications import samples
from tests.notifications.samples import NOW, SETTINGS, row

EVIL = "<script>alert(1)</script>\"'&\r\nBcc: evil@example.com\r\n\r\n{{ catalog }}{% load x %}"


def write(kind, data=None, settings=SETTINGS, **changes):
    return mail.write(row(kind, data, **changes), settings, now=NOW)


def parcels(**changes):
    return {"parcels": [{**samples.PARCEL, **changes}]}


def build(kind, data=None, settings=SETTINGS, references=(), **changes):
    one = row(kind, data, **changes)
    written = mail.write(one, settings, now=NOW)
    message = mail.build(one, settings, written, references=references, connection=get_connection())
    return email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)


def test_a_shipped_mail_in_english_word_for_word():
    written = write("order_shipped", {"more_to_come": True})
    assert written.subject == "Part of your order #1042 is on its way"
    assert written.text == (
        "Hello Lucía Fernández,\n"
        "\n"
        "Good news: your parcel has left us and is travelling to you with UPS.\n"
        "\n"
        "Carrier: UPS\n"
        "Tracking number: 1Z999AA10123456784\n"
        "Track your parcel: https://www.ups.com/track?tracknum=1Z999AA10123456784\n"
        "\n"
        "3 items in this parcel:\n"
        "- 2 × Olive oil (500 ml)\n"
        "- 1 × Bread board\n"
        "\n"
        "What happens next:\n"
        "The carrier may need up to 24 hours to show the first movement of your parcel. "
        "The rest of your order travels separately: we will write to you again when it leaves.\n"
        "\n"
        "Kind regards,\n"
        "The Casa Olivo team\n"
        "\n"
        "----\n"
        "Do you have a question? Just reply to this e-mail.\n"
        "This e-mail is about your order #1042.\n"
        "View your order: https://casaolivo.example/orders/1042?id=T3JkZXI6MQ%3D%3D\n"
    )


def test_a_shipped_mail_in_spanish_word_for_word():
    written = write("order_shipped", parcels(items=samples.ITEMS[1:]), language="es-es")
    assert (written.subject, written.language) == ("Tu pedido n.º 1042 está en camino", "es")
    assert written.text == (
        "Hola, Lucía Fernández:\n"
        "\n"
        "Buenas noticias: tu paquete ya ha salido y va hacia ti con UPS.\n"
        "\n"
        "Empresa de transporte: UPS\n"
        "Número de seguimiento: 1Z999AA10123456784\n"
        "Seguir tu paquete: https://www.ups.com/track?tracknum=1Z999AA10123456784\n"
        "\n"
        "1 artículo en este paquete:\n"
        "- 1 × Bread board\n"
        "\n"
        "Qué pasa ahora:\n"
        "La empresa de transporte puede tardar hasta 24 horas en mostrar "
        "el primer movimiento de tu paquete.\n"
        "\n"
        "Un saludo,\n"
        "El equipo de Casa Olivo\n"
        "\n"
        "----\n"
        "¿Tienes alguna pregunta? Responde a este correo.\n"
        "Este correo trata de tu pedido n.º 1042.\n"
        "Ver tu pedido: https://casaolivo.example/orders/1042?id=T3JkZXI6MQ%3D%3D\n"
    )


def test_the_html_part_says_the_same():
    written = write("order_shipped", language="es")
    assert '<html lang="es" dir="ltr"' in written.html
    for text in (
        "Tu pedido n.º 1042 está en camino</h1>",
        ">Hola, Lucía Fernández:</p>",
        ">3 artículos en este paquete</th>",
        ">Cantidad</th>",
        '<a href="https://www.ups.com/track?tracknum=1Z999AA10123456784"',
        ">Seguir tu paquete</a>",
        ">Qué pasa ahora</h2>",
    ):
        assert text in written.html


@pytest.mark.parametrize(
    ("kind", "language", "subject", "sentence"),
    [
        ("ticket_acknowledged", "en", "We have received your message: Where is my parcel? [T-1042]",
         "answers you by Wednesday, November 25, 2026, 12:00 PM (Madrid time)."),
        ("ticket_acknowledged", "es", "Hemos recibido tu mensaje: Where is my parcel? [T-1042]",
         "te responderá como muy tarde el miércoles, 25 de noviembre de 2026, 12:00 (hora de Madrid)."),
        ("ticket_reply", "en", "Re: Where is my parcel? [T-1042]", "Sam Ortiz has answered you."),
        ("ticket_reply", "es", "Re: Where is my parcel? [T-1042]", "Sam Ortiz te ha respondido."),
        ("address_changed", "en", "The delivery address of your order #1042 has been changed",
         "We deliver to:\nLucía Fernández\nCalle de Alcalá 42\n28014 MADRID\nSpain\n"),
        ("address_changed", "es", "La dirección de entrega de tu pedido n.º 1042 ha cambiado",
         "Ya no en:\nLucía Fernández\nGran Vía 1\n28014 MADRID\nEspaña\n"),
        ("return_requested", "en", "We have received your return request R10007", "Your reason: Too large\n"),
        ("return_requested", "es", "Hemos recibido tu solicitud de devolución R10007",
         "2 artículos para devolver:"),
        ("return_approved", "en", "Your return R10007 has been approved", "You will get €12.30 back"),
        ("return_approved", "es", "Hemos aprobado tu devolución R10007", "Te devolveremos 12,30\xa0€ por"),
        ("return_refunded", "en", "We have refunded €12.30 for your return R10007", "3 items in this return:"),
        ("return_refunded", "es", "Te hemos devuelto 12,30 € por tu devolución R10007",
         "Te hemos devuelto 12,30\xa0€ por el mismo medio"),
    ],
)  # fmt: skip
def test_every_kind_in_both_languages(kind, language, subject, sentence):
    written = write(kind, language=language)
    assert written.subject == subject
    assert sentence in written.text


@pytest.mark.parametrize("kind", samples.DATA)
@pytest.mark.parametrize("language", ["en", "es"])
def test_text_parts_are_tidy(kind, language):
    text = write(kind, language=language).text
    assert "\n\n\n" not in text
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "&" not in text.replace("&id=", "")


@pytest.mark.parametrize(
    ("data", "present", "absent"),
    [
        (
            {"carrier": "", "tracking_number": "", "tracking_url": ""},
            "This parcel has no tracking number.",
            "with ",
        ),
        ({"carrier": "", "tracking_url": ""}, "Tracking number: 1Z999AA10123456784\n", "Track your parcel"),
        ({"tracking_number": ""}, "Track your parcel: https://www.ups.com/", "Tracking number"),
        ({"tracking_url": "javascript:alert(1)"}, "Tracking number: 1Z999AA10123456784\n", "javascript"),
    ],
)
def test_a_parcel_without_this_or_that(data, present, absent):
    written = write("order_shipped", parcels(**data))
    assert present in written.text
    assert absent not in written.text
    assert "javascript" not in written.html


def test_what_is_missing_is_left_out():
    bare = SupportSettings(channel_id="channel", sender_address="a@shop.example")
    written = write("return_approved", {"refund": None}, bare, customer_name="", customer_id="")
    assert written.text == (
        "Hello,\n\nWe have approved the return of the items below.\n\n"
        "3 items that you keep:\n- 2 × Olive oil (500 ml)\n- 1 × Bread board\n\n"
        "What happens next:\nYou keep the items; please do not send them back. "
        "If you write to us about this return, please mention R10007.\n\n"
        "Kind regards,\nCustomer support\n\n----\nThis e-mail is about your order #1042.\n"
    )


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Ana", "Ana"),
        ("  Ana\r\nBcc: x  ", "Ana Bcc: x"),
        ("ana@example.com", ""),
        ("Click www.evil.example", ""),
        ("You won at evil.example", ""),
        ("EVIL。COM", ""),
        ("J. R. R. Tolkien Jr.", "J. R. R. Tolkien Jr."),
        ("J.R. Tolkien", "J.R. Tolkien"),
        ("Ana \u202elive\u202c", "Ana live"),
        ("https://evil.example/win", ""),
        ("<b>Ana</b>", ""),
        ("A" * 61, ""),
        ("", ""),
    ],
)
def test_people_are_greeted_by_name_or_neutrally(name, greeted):
    assert context.greeting_name(name) == greeted


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        self.found.extend(name for name, _value in attrs if name.startswith("on"))


FORMED = {Variable.MOMENT, Variable.DATE, Variable.MONEY}  # what can't be just any text


def poisoned(kind, evil):
    """The sample of a kind with ``evil`` for every free text in it."""

    def spoil(value):
        if isinstance(value, str):
            return evil
        if isinstance(value, dict):
            return {key: spoil(part) for key, part in value.items()}
        return [spoil(part) for part in value] if isinstance(value, list) else value

    types = kinds.get(kind).variables
    return {
        name: value if types[name] in FORMED else spoil(value) for name, value in samples.DATA[kind].items()
    }


@pytest.mark.parametrize("kind", samples.DATA)
def test_html_in_any_value_stays_text(kind):
    written = write(kind, poisoned(kind, EVIL), customer_name=EVIL, order_number=EVIL)
    parser = Tags()
    parser.feed(written.html)
    assert "script" not in parser.found
    assert not [name for name in parser.found if name.startswith("on")]
    assert "<script" not in written.html
    assert "\n" not in written.subject


@pytest.mark.parametrize("kind", samples.DATA)
@pytest.mark.parametrize(
    "break_", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\r\n\r\n"]
)
def test_no_line_break_reaches_a_header(kind, break_):
    evil = f"a{break_}Bcc: evil@example.com{break_}X-Evil: 1"
    data = poisoned(kind, evil)
    settings = SupportSettings(sender_name=evil, sender_address="a@shop.example", reply_to="b@shop.example")
    message = build(kind, data, settings, order_number=evil, customer_name=evil)
    wanted = {
        "content-type", "mime-version", "subject", "from", "to", "reply-to", "date", "message-id",
        "content-language",
    }  # fmt: skip
    if kind not in ("return_comment", "ticket_reply"):
        wanted |= {"auto-submitted", "x-auto-response-suppress"}
    assert {name.lower() for name in message} == wanted
    assert message["To"] == "lucia@example.com"


def test_the_headers_of_an_automatic_mail():
    message = build("ticket_acknowledged", language="es")
    assert message["From"] == "Casa Olivo <hola@casaolivo.example>"
    assert message["Reply-To"] == "ayuda@casaolivo.example"
    assert message["Message-ID"] == "<support.7.x@casaolivo.example>"
    assert message["Content-Language"] == "es"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["References"] is None
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_persons_answer_is_not_automatic_and_joins_the_thread():
    message = build("ticket_reply", references=["<1@a>", "<2@a>"])
    assert message["Auto-Submitted"] is None
    assert message["X-Auto-Response-Suppress"] is None
    assert message["In-Reply-To"] == "<2@a>"
    assert message["References"] == "<1@a> <2@a>"


@pytest.mark.parametrize(
    ("settings", "default", "header"),
    [
        (SupportSettings(sender_name="Ana", sender_address="a@b.example"), "x@y.z", "Ana <a@b.example>"),
        (SupportSettings(shop_name="Olivo, S.L."), "x@y.example", '"Olivo, S.L." <x@y.example>'),
        (SupportSettings(), "Shop <x@y.example>", "Shop <x@y.example>"),
        (SupportSettings(shop_name="Peñón"), "x@y.example", "Peñón <x@y.example>"),
    ],
)
def test_the_sender(settings, default, header):
    with override_settings(DEFAULT_FROM_EMAIL=default):
        assert mail.sender(settings) == header
        assert str(build("ticket_reply", settings=settings)["From"]) == header


def test_without_a_sender_nothing_is_built():
    with override_settings(DEFAULT_FROM_EMAIL=""), pytest.raises(mail.NotNow, match="sender address"):
        build("ticket_reply", settings=SupportSettings())


def test_message_ids_are_ours_signed_and_stable():
    first = mail.message_id(row("ticket_reply"), "Shop <a@shöp.example>")
    assert first == mail.message_id(row("ticket_acknowledged"), "Other <b@shöp.example>")
    assert first.startswith("<support.7.")
    assert first.endswith("@xn--shp-tna.example>")
    assert first != mail.message_id(row("ticket_reply", pk=8), "Shop <a@shöp.example>")
    assert mail.message_id(row("ticket_reply"), "").endswith("@localhost>")


@pytest.mark.parametrize("source", ["{{ nothing }}", "{% blocktrans %}{{ nothing }}{% endblocktrans %}"])
def test_a_template_that_uses_what_nobody_gave_is_an_error(source):
    engine = rendering.template("ticket_reply/body.html").engine
    with pytest.raises(KeyError, match="nothing"):
        engine.from_string(source).render(Context({"catalog": gettext.NullTranslations()}))


def test_templates_are_compiled_once():
    assert rendering.template("ticket_reply/body.html") is rendering.template("ticket_reply/body.html")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&z=2"),
        (" http://a.example ", "http://a.example"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example", ""),
        ("https://user:pass@a.example", ""),
        ("https://a.example:port/", ""),
        ("https://a.example/\r\nx", ""),
        ("https://a.example/\u202egnp.exe", ""),
        ("https://a.exam\u200bple/", ""),
        ('https://a.example/"onclick=', ""),
        ("https://", ""),
        ("https://a.example/" + "x" * 2000, ""),
        ("", ""),
    ],
)
def test_only_whole_web_addresses_are_linked(text, link):
    assert web.web_address(text) == link


def test_order_links_are_for_members():
    assert links.order_link(row("order_shipped", customer_id=""), SETTINGS) == ""
    quoted = links.order_link(row("order_shipped", order_number="10/4 2"), SETTINGS)
    assert quoted == "https://casaolivo.example/orders/10%2F4%202?id=T3JkZXI6MQ%3D%3D"
    redirect = row("order_shipped", redirect_url="https://shop.example/o/1")
    assert links.order_link(redirect, SupportSettings()) == "https://shop.example/o/1"
    assert links.order_link(row("order_shipped", redirect_url="javascript:1"), SupportSettings()) == ""
