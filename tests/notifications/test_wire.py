"""What our SMTP backend writes is what Django would have written, byte for byte."""

import dataclasses
import email
import email.policy
import re

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import BadHeaderError, sanitize_address

from saleor_support_plugin.notifications import samples
from saleor_support_plugin.notifications.kinds import TABLE
from saleor_support_plugin.notifications.sending import wire
from saleor_support_plugin.notifications.writing import mail
from tests.notifications.samples import NOW, SETTINGS, row

BOUNDARY = re.compile(rb"={15}\d{19}==")
BRANDS = (
    SETTINGS,
    dataclasses.replace(
        SETTINGS,
        sender_name="Ñandú “y” hijos, S. L.",
        reply_to="Atención <ayuda@casaolivo.example>",
        plugin_url="https://shop.example/plugins/channel/x/support/",
    ),
)


def usual(**changes):
    """A mail like ours."""
    values = {
        "subject": "Your order", "body": "Hello\n", "from_email": "Shop <shop@example.com>",
        "to": ["lucia@example.com"], "headers": {"Message-ID": "<a@b>", "Date": "Mon, 23 Nov 2026 10:00:00 +0000"},
        "alternatives": [("<p>Hello</p>\n", "text/html")],
    }  # fmt: skip
    return EmailMultiAlternatives(**{**values, **changes})


def both(message):
    """The bytes that we make and those that Django makes, with the same boundary."""
    message.extra_headers.setdefault("Date", "Mon, 23 Nov 2026 10:00:00 +0000")
    message.extra_headers.setdefault("Message-ID", "<a@b>")
    ours, djangos = wire.quick(message), message.message().as_bytes(linesep="\r\n")
    assert ours is not None
    return BOUNDARY.sub(b"B", ours), BOUNDARY.sub(b"B", djangos)


@pytest.mark.parametrize("brand", BRANDS, ids=["plain", "accents"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_leaves_as_django_would_send_it(language, brand):
    for kind in TABLE:
        one = row(kind.name, samples.sample(kind.name, language, rich=True)[1], language=language)
        written = mail.write(one, brand, now=NOW)
        references = [f"<support.{number}.abcdef@casaolivo.example>" for number in range(4)]
        message = mail.build(one, brand, written, references=references, connection=None)
        ours, djangos = both(message)
        assert ours == djangos, kind.name
        parsed = email.message_from_bytes(wire.quick(message), policy=email.policy.default)
        assert parsed["Subject"].strip() == written.subject
        assert parsed.get_body(["plain"]).get_content().replace("\r\n", "\n") == written.text
        assert parsed.get_body(["html"]).get_content().replace("\r\n", "\n") == written.html


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": ""},
        {"subject": " two  blanks "},
        {"subject": "tab\tin it"},
        {"subject": "=?utf-8?q?encoded?="},
        {"subject": "word " * 39},
        {"subject": "w" * 200},
        {"subject": "Ñandú " * 33},
        {"subject": "\x00\x01\x7f"},
        {"subject": "Ünïcödé \u2028 line \u202e turned"},
        {"from_email": "Ñandú <shop@example.com>"},
        {"from_email": '"Shop, \\"the\\" one" <shop@example.com>'},
        {"from_email": "Shop <ventas@ñandú.example>"},
        {"to": ["Lucía <lucia@example.com>"]},
        {"to": ["lucía@example.com"]},
        {"to": ["l" * 64 + "@" + "d" * 60 + ".example"]},
        {"to": ["one@example.com", "two@example.com"], "cc": ["three@example.com"], "bcc": ["four@example.com"]},
        {"reply_to": ["Ayuda Ñ <ayuda@example.com>", "b@example.com"]},
        {"headers": {"From": "Other <other@example.com>", "To": "list@example.com", "X-Long": "x" * 300}},
        {"headers": {"References": " ".join(f"<{number}@shop.example>" for number in range(20))}},
        {"headers": {"X-Spaces": "a: b;  c", "X-Empty": "", "X-Ñ": "ñ"}},
        {"body": "no end of line"},
        {"body": "\n\n.\n..\nFrom here\n--B--\r\nold\rmac\x0b\x0c\x85\u2028 end\n"},
        {"body": "ñ" * 499},
        {"body": "x" * 998},
        {"alternatives": [("<p>Ñ \U0001f381</p>", "text/html")]},
    ],
)  # fmt: skip
def test_whatever_is_in_it_the_bytes_are_djangos(changes):
    message = usual(**changes)
    if any(not name.isascii() for name in message.extra_headers):
        assert wire.quick(message) is None
        return
    ours, djangos = both(message)
    assert ours == djangos


@pytest.mark.parametrize("name", ["Subject", "From", "To", "X-A", "X-Auto-Response-Suppress"])
def test_lines_are_folded_where_django_folds_them(name):
    for length in range(30, 90):
        words = ("ab cde " * 20)[: length - 1] + "."
        ours, djangos = both(usual(headers={name: words}))
        assert ours == djangos
        ours, djangos = both(usual(headers={name: "a" * length}, subject=words))
        assert ours == djangos


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "x" * 999},
        {"body": "ñ" * 500},
        {"body": ""},
        {"alternatives": []},
        {"alternatives": [("<p>a</p>", "text/html"), ("a", "text/x-amp-html")]},
        {"attachments": [("a.txt", "a", "text/plain")]},
        {"to": []},
    ],
)
def test_what_is_unusual_is_left_to_django(changes):
    assert wire.quick(usual(**changes)) is None


def test_a_mail_class_of_somebody_else_writes_itself():
    class Signed(EmailMultiAlternatives):
        pass

    message = usual()
    message.__class__ = Signed
    assert wire.quick(message) is None


@pytest.mark.parametrize("evil", ["a\nBcc: x@example.com", "a\r\nBcc: x@example.com", "a\rb", "a\n", "ñ\nb"])
@pytest.mark.parametrize("where", ["subject", "from_email", "to", "reply_to", "header", "message_id"])
def test_no_header_holds_a_second_line(where, evil):
    changes = {where: evil}
    if where in ("to", "reply_to"):
        changes = {where: [evil]}
    elif where == "header":
        changes = {"headers": {"Content-Language": evil}}
    elif where == "message_id":
        changes = {"headers": {"Message-ID": evil}}
    message = usual(**changes)
    with pytest.raises(BadHeaderError):
        message.message()
    with pytest.raises(BadHeaderError):
        wire.quick(message)


def test_a_name_of_a_header_is_no_way_in():
    assert wire.quick(usual(headers={"X: a\r\nBcc": "x@example.com"})) is None


def test_the_boundary_is_in_no_part(monkeypatch):
    numbers = iter([7, 7, 8])
    monkeypatch.setattr(wire.secrets, "randbelow", lambda _end: next(numbers))
    taken = "=" * 15 + "7".zfill(19) + "=="
    parsed = email.message_from_bytes(wire.quick(usual(body=f"--{taken}--\n")), policy=email.policy.default)
    assert parsed.get_boundary() == "=" * 15 + "8".zfill(19) + "=="
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


def outcome(function, *values):
    """What a function answers, or the kind and words of its error."""
    try:
        return function(*values)
    except (ValueError, IndexError, AttributeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    "address",
    [
        "lucia@example.com",
        "a.b+c_d-e@sub.example.com",
        "Shop <shop@example.com>",
        "Ñandú <shop@ñandú.example>",
        "lucía@example.com",
        '"odd one"@example.com',
        "",
        "lucia",
        "lucia@localhost",
        "a..b@example.com",
        "a@b@example.com",
        "a@ex ample.com",
        "a@x.example\n",
        "a@x.example\r\nRCPT TO:<b@x.example>",
        f"a@{'d' * 64}.example",
        "a@xn--4ca0bs.example",
    ],
)
def test_the_envelope_is_djangos(address):
    expected = outcome(sanitize_address, address, "utf-8")
    assert outcome(wire.envelope, address, "utf-8") == expected
    assert outcome(wire.envelope, address, "utf-8") == expected


class Line:
    """An SMTP connection that notes what it is given."""

    does_esmtp = False

    def __init__(self):
        self.given = []

    def ehlo_or_helo_if_needed(self):
        pass

    def sendmail(self, sender, recipients, content):
        self.given.append((sender, recipients, BOUNDARY.sub(b"B", content)))


@pytest.mark.parametrize(
    "changes", [{}, {"attachments": [("a.txt", "a", "text/plain")]}, {"bcc": ["b@example.com"]}]
)
def test_the_backend_hands_over_what_djangos_does(changes):
    backends = [wire.Backend(host="nowhere"), EmailBackend(host="nowhere")]
    for backend in backends:
        backend.connection = Line()
        assert backend.send_messages([usual(**changes)]) == 1
    ours, djangos = (backend.connection.given for backend in backends)
    assert ours == djangos
    assert len(ours) == 1
