"""What a file is and how it is called: by its content, whatever its sender says."""

import pytest

from saleor_support_plugin.files import kinds, names
from tests.files import samples

TAKEN = {
    "image/jpeg": samples.picture("JPEG"),
    "image/png": samples.picture("PNG"),
    "image/gif": samples.picture("GIF"),
    "image/webp": samples.picture("WEBP"),
    "image/heic": samples.heic(),
    "application/pdf": samples.PDF,
    "video/mp4": samples.film(),
    "video/quicktime": samples.film(b"qt  "),
}


@pytest.mark.parametrize("content_type", TAKEN)
def test_told_by_the_content(content_type):
    found = kinds.of(TAKEN[content_type][: kinds.HEAD])
    assert found is kinds.BY_TYPE[content_type]


def test_every_kind_has_a_sample():
    assert set(TAKEN) == set(kinds.BY_TYPE)
    assert kinds.listed() == "JPEG, PNG, GIF, WebP, HEIC, PDF, MP4 or MOV"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'<?xml version="1.0"?><svg/>',
        b"\xef\xbb\xbf<html>",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"PK\x03\x04",
        b"#!/bin/sh\n",
        b"just text",
        b"BM\x00\x00",
        b"II*\x00",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\x00\x00\x00\x18ftypcrx ",  # a camera's raw file
        b" %PDF-1.4",
        b"\x00" * 64,
    ],
)
def test_what_is_not_taken(content):
    assert kinds.of(content) is None


@pytest.mark.parametrize(
    ("given", "kind", "shown"),
    [
        ("broken box.png", kinds.PNG, "broken box.png"),
        ("IMG_0001.JPG", kinds.JPEG, "IMG_0001.JPG"),
        ("foto.jpeg", kinds.JPEG, "foto.jpeg"),
        ("../../etc/passwd.png", kinds.PNG, "passwd.png"),
        ("C:\\Users\\Ana\\caja.png", kinds.PNG, "caja.png"),
        ("a\x00b\r\nc\x1b[31m.png", kinds.PNG, "abc[31m.png"),
        ("\u202egnp.exe.png", kinds.PNG, "gnp.exe.png"),  # would be read "exe.png" backwards
        ("\u2066a\u2069\u200b\ufeff.png", kinds.PNG, "a.png"),
        ("half\ud800.png", kinds.PNG, "half.png"),
        ('a"b;c%d|e?.png', kinds.PNG, "a b c d e.png"),
        ("cafe\u0301.png", kinds.PNG, "caf\u00e9.png"),
        ("  .png", kinds.PNG, "file.png"),
        ("...", kinds.PNG, None),
        ("", kinds.PDF, "file.pdf"),
        ("photo", kinds.JPEG, "photo.jpg"),
        (".htaccess", kinds.PNG, None),
        ("invoice.pdf", kinds.PNG, None),
        ("page.html", kinds.PNG, None),
        ("photo.png.svg", kinds.PNG, None),
        ("照片.png", kinds.PNG, "照片.png"),
        ("x" * 400 + ".png", kinds.PNG, "x" * 146 + ".png"),
    ],
)
def test_names(given, kind, shown):
    assert names.cleaned(given, kind) == shown
