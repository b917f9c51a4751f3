"""Numbers brought into one form."""

import time

import hypothesis
import pytest
from hypothesis import strategies as st

from saleor_support_plugin.tracking.carriers import link_in, normalise


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1z 999 aa1 01 2345 6784", "1Z999AA10123456784"),
        ("  rr-123.456.785-es\n", "RR123456785ES"),
        ("RR\u00a0123\u2009456\u200b785\u2011ES\ufeff", "RR123456785ES"),  # as copied from pages
        ("０１２３", "0123"),
        ("0001/12345678", "000112345678"),
        ("A-1", "A1"),
        ("7", "7"),
        ("", ""),
        ("  -. ", ""),
        ("see mail", ""),  # no digit
        ("A1/B2", ""),
        ("A1/2", "A12"),
        ("https://ups.com/1Z999AA10123456784", ""),
        ("ups.com/1Z999AA10123456784", ""),
        ("١٢٣٤٥٦٧٨٩٠", ""),
        ("<b>1</b>", ""),
        ("1\x002", ""),
        ("1" * 64, "1" * 64),
        ("1" * 65, ""),
        ("1 " * 64, "1" * 64),
        (" " * 300 + "1", ""),
    ],
)
def test_numbers_are_brought_into_one_form(written, number):
    assert normalise(written) == number


@hypothesis.given(st.one_of(st.text(), st.text("0123456789abcXYZ -./", max_size=90)))
def test_normalising_twice_is_normalising_once(text):
    once = normalise(text)
    assert normalise(once) == once
    assert once == "" or (once.isascii() and once.isalnum() and once == once.upper() and len(once) <= 64)


@pytest.mark.parametrize("junk", ["1" * 10_000, "1-" * 5_000, " " * 10_000, "ﷺ" * 10_000, "1/" * 5_000])
def test_ten_thousand_characters_take_no_time(junk):
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        assert normalise(junk) == ""
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.001


@pytest.mark.parametrize("link", ["https://ups.com/x?y=1", "http://a.example/"])
def test_a_link_is_a_link(link):
    assert link_in(f" {link}\n") == link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://ups.com",
        "data:text/html;base64,xxx",
        "ftp://ups.com/x",
        "https://user:secret@ups.com/x",
        "https://localhost/x",
        "https://ups.com/\r\nSet-Cookie: x",
        "https://ups.com/ x",
        'https://ups.com/"><script>',
        "https://",
        "//ups.com/x",
    ],
)
def test_what_is_no_safe_link_is_none(link):
    assert link_in(link) == ""
