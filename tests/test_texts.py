"""Text from people."""

import pytest

from saleor_support_plugin import texts
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.settings import reading


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  hello ", "hello"),
        ("one\r\ntwo\rthree\n\nfour\tfive", "one\ntwo\nthree\n\nfour\tfive"),
        ("a\x00b\ud800c\x07d\x1b[31m", "abcd[31m"),
        ("<script>alert(1)</script> ñ 日本 👍", "<script>alert(1)</script> ñ 日本 👍"),
    ],
)
def test_block(value: str, expected: str) -> None:
    assert texts.block(value, field="message", maximum=100) == expected


@pytest.mark.parametrize(("value", "expected"), [(" a\tb ", "a b"), ("x\x00\x07y", "xy"), ("ok\n", "ok")])
def test_line(value: str, expected: str) -> None:
    assert texts.line(value, field="subject", maximum=10) == expected


@pytest.mark.parametrize("mark", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_line_refuses_breaks(mark: str) -> None:
    with pytest.raises(Invalid) as error:
        texts.line(f"Hello{mark}Bcc: all@example.com", field="subject", maximum=100)
    assert (error.value.code, error.value.field, error.value.message) == (
        Code.INVALID,
        "subject",
        "Use one line without line breaks.",
    )


@pytest.mark.parametrize("read", [texts.line, texts.block])
@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("", Code.REQUIRED, "This can't be empty."),
        (" \t\x00 ", Code.REQUIRED, "This can't be empty."),
        ("x" * 11, Code.TOO_LONG, "Use at most 10 characters."),
    ],
)
def test_refuses(read, value: str, code: Code, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Invalid) as error:
        read(value, field="subject", maximum=10)
    assert (error.value.code, error.value.field, error.value.message) == (code, "subject", message)


@pytest.mark.parametrize(
    "mark", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x01", "\x7f", "\n", "\u2028", "\u202e"]
)
def test_an_address_holds_nothing_that_breaks_a_header(mark: str) -> None:
    """Django takes some of these between quotes, and Python writes a line break for them."""
    assert not texts.is_address(f'"a{mark}Bcc:eve@evil.example{mark}X:"@example.com')


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("lucia@example.com", True),
        ("lucia+shop@olivo-españa.example", True),
        ('"a,b@evil.example"@example.com', False),
        ("ſ@example.com", False),
        ("a@b.example,c@d.example", False),
        ("Lucia <lucia@example.com>", False),
        ("@route:lucia@example.com", False),
        ("a" * 64 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + ".com", False),
    ],
)
def test_what_is_an_address(value: str, right: bool) -> None:
    assert texts.is_address(value) is right


@pytest.mark.parametrize(
    "odd", ['"a\x0bBcc:eve@evil.example\x0bX:"@example.com', '"a,b"@example.com', "ſ@example.com"]
)
def test_an_option_is_no_such_address_either(odd: str) -> None:
    with pytest.raises(ValueError, match="Give one e-mail address"):
        reading.address(odd)


@pytest.mark.parametrize(
    "url",
    ["smtp://u:p@mail.example?timeout=soon", "smtp://u:p@mail.example\x00", "smtp://u:p/w@mail.example:25"],
)
def test_a_mail_server_that_could_not_be_used_is_refused_and_its_password_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="Give an address like") as error:
        reading.email_url(url)
    assert "p/w" not in str(error.value)
