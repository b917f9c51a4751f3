"""Own words in both parts of a mail: they say the same, nothing in them is markup, no header is added."""

import email
import email.policy
import html
import re

import pytest
from django.core.mail import get_connection

from saleor_support_plugin.notifications.writing import mail, wording
from saleor_support_plugin.notifications.writing.wording import Broken
from tests.notifications.own_words import Page, row, said, written
from tests.notifications.samples import SETTINGS

XSS = (
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert`1`>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><input name=q></form>",
    "<object data=https://evil.example/x.swf>",
    "<embed src=https://evil.example/x.swf>",
    "<base href=https://evil.example/>",
    "<!--<img src=x onerror=alert(1)>-->",
    "--><img src=x onerror=alert(1)>",
    "]]><script>alert(1)</script>",
    "</p></td></table><h1>Pay here</h1>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "vbscript:msgbox(1)",
    "https://shop.example/\"onmouseover=\"alert(1)",
    "https://shop.example/'><script>alert(1)</script>",
    "https://user:pass@shop.example/",
    "https://shop.example@evil.example/",
    "https://shop.example.evil.example/",
    "https://evil.example/?https://shop.example/",
    "https://shop.example:x/",
    "http://[::1",
    "https://",
    "<table background=javascript:alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<video><source onerror=alert(1)></video>",
    "<x onclick=alert(1)>x</x>",
    "{{ 7*7 }}<script>{% debug %}</script>",
)  # fmt: skip
KNOWN = {"a", "br", "p", "h1", "h2", "table", "tr", "td", "div", "html", "head", "meta", "title", "style",
         "body", "thead", "tbody", "th", "span", "img"}  # fmt: skip


def as_text(part):
    """The words of an HTML block, as its plain text says them."""
    return html.unescape(re.sub(r"<[^>]+>", "", part.replace("<br>", "\n")))


@pytest.mark.parametrize(
    "source",
    [
        "One line",
        "Two\nlines",
        "A & B < C > D \"E\" 'F'",
        "{{ message }}",
        "  leading\n\n\n\nempty lines  \n",
        "{% if staff_name %}\n\n{{ staff_name }}\n\n{% endif %}end",
        "Visit https://casaolivo.example/a?b=1&c=2, please (https://casaolivo.example/x).",
        *XSS[:-1],
    ],
)
def test_both_parts_agree(source):
    found = said("intro", source.replace("{% debug %}", ""))
    assert as_text(found.html) == found.text


@pytest.mark.parametrize("payload", XSS)
@pytest.mark.parametrize("how", ["value", "source"])
def test_markup_is_shown_and_never_works(payload, how):
    trusted = " https://shop.example/ok"
    if how == "value":
        blocks = dict.fromkeys(wording.PARAGRAPHS, "{{ message }}" + trusted)
        blocks |= dict.fromkeys(wording.ONE_LINE, "{{ ticket_subject }}.")
    else:
        plain = payload.replace("{{ 7*7 }}", "").replace("{% debug %}", "")
        blocks = dict.fromkeys(wording.BLOCKS, plain)
    one = row(data={"message": payload, "ticket_subject": payload})
    made = written(blocks, one)
    ours = Page(written({}, row()).html)
    page = Page(made.html)
    assert set(page.tags) <= KNOWN
    assert page.tags.count("table") == ours.tags.count("table")
    assert page.tags.count("img") == ours.tags.count("img")
    assert page.handlers == []
    hosts = {re.match(r"https?://([^/?#]*)", link).group(1) for link in page.links}
    if how == "value":
        assert hosts <= {"casaolivo.example", "shop.example"}
        assert "https://shop.example/ok" in page.links
    assert all("@" not in host for host in hosts)
    assert "<script" not in made.html.lower()


@pytest.mark.parametrize(
    ("source", "message", "links"),
    [
        ("Look: https://shop.example/a.", "", ["https://shop.example/a"]),
        ("https://shop.example/{{ ticket_number }}", "", ["https://shop.example/T-1042"]),
        ("{{ message }}", "https://evil.example/", []),
        ("https://shop.example/ {{ message }}", "https://evil.example/", ["https://shop.example/"]),
        ("https://shop.example{{ message }}", ".evil.example/", []),
        ("https://shop.example{{ message }}", "@evil.example/", []),
        ("https://{{ message }}", "evil.example/", []),
        ("javascript:alert(1)", "", []),
        ("{{ order_url }}", "", ["https://casaolivo.example/orders/1042?id=T3JkZXI6MTA0Mg%3D%3D"]),
    ],
)
def test_only_addresses_that_the_shop_names_become_links(source, message, links):
    assert Page(said("intro", source, message=message).html).links == links


@pytest.mark.parametrize(
    "break_", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\r\n\r\n"]
)
@pytest.mark.parametrize("how", ["value", "source"])
def test_a_subject_is_one_line_and_adds_no_header(break_, how):
    evil = f"a{break_}Bcc: evil@example.com{break_}X-Evil: 1"
    one = row(data={"ticket_subject": evil}, message_id="<1@shop.example>")
    made = written({"subject": "{{ ticket_subject }}" if how == "value" else evil}, one)
    built = mail.build(one, SETTINGS, made, references=(), connection=get_connection())
    parsed = email.message_from_bytes(built.message().as_bytes(), policy=email.policy.default)
    assert made.subject == "a Bcc: evil@example.com X-Evil: 1"
    assert parsed["Subject"] == made.subject
    assert {"bcc", "x-evil"} & {name.lower() for name in parsed} == set()


def test_a_subject_is_never_longer_than_headers_bear():
    assert len(written({"subject": "{{ message }}"}, row(data={"message": "x" * 5000})).subject) == 200


@pytest.mark.parametrize(
    ("block", "source", "data", "why"),
    [
        ("subject", "{{ staff_name }}", {"staff_name": ""}, "subject: Nothing would be shown here."),
        ("heading", "{% if not staff_name %}x{% endif %}", {}, "heading: Nothing would be shown here."),
        ("intro", "{{ message }}", {"message": "x" * 20_001}, "longer than 20000 characters"),
        ("intro", "{{ message }}", {"message": ["x"]}, "intro: Line 1: message can't be shown."),
        ("next", "{{ message }}", {"message": object()}, "next: TypeError: object is no plain data."),
    ],
)
def test_what_cant_be_said_is_said_so(block, source, data, why):
    with pytest.raises(Broken, match=re.escape(why)):
        said(block, source, **data)
