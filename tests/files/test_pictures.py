"""Pictures: what can't be taken, and that the place goes while the picture stays."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image

from saleor_support_plugin.files import kinds, pictures
from tests.files import samples

KINDS = {"JPEG": kinds.JPEG, "PNG": kinds.PNG, "WEBP": kinds.WEBP}


def place(data):
    with Image.open(io.BytesIO(data)) as image:
        return dict(image.getexif().get_ifd(0x8825))


def pixels(data):
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("format", KINDS)
def test_the_place_goes_and_the_picture_stays(format, order):
    taken = samples.picture(format, exif=samples.exif(order))
    assert place(taken)[2] == (40.0, 25.0, 1.25)
    cleaned = pictures.without_place(taken, KINDS[format])
    assert place(cleaned) == {}
    assert pixels(cleaned) == pixels(taken)
    assert pictures.fault(cleaned, KINDS[format]) == ""


def test_what_else_a_photo_tells_stays():
    cleaned = pictures.without_place(samples.picture("JPEG", exif=samples.exif()), kinds.JPEG)
    with Image.open(io.BytesIO(cleaned)) as image:
        assert image.getexif()[0x0112] == 6  # which way is up
        assert image.getexif().get_ifd(0x8769)[0x9003] == "2024:04:17 12:00:00"


def test_no_trace_of_the_numbers_stays():
    wide = struct.pack("<6I", 40, 1, 25, 1, 5, 4)
    taken = samples.picture("JPEG", exif=samples.exif())
    assert wide in taken
    assert wide not in pictures.without_place(taken, kinds.JPEG)


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_the_place_in_xmp_goes(format):
    cleaned = pictures.without_place(samples.picture(format, xmp=samples.XMP), KINDS[format])
    assert b"exif:GPSLatitude" in cleaned
    assert b"40,25" not in cleaned
    assert b"3,42" not in cleaned
    assert pixels(cleaned) == pixels(samples.picture(format))


def test_text_in_a_png_goes_and_what_follows_its_end():
    header = b"\x00" * 4 + b"tEXt"
    text = struct.pack(">I", 7) + b"tEXt" + b"a\x0040.25" + struct.pack(">I", zlib.crc32(b"tEXta\x0040.25"))
    plain = samples.picture("PNG")
    taken = plain[:33] + text + plain[33:] + b"<script>" + header
    assert pictures.without_place(taken, kinds.PNG) == plain


def test_a_heic_picture_loses_its_place():
    exif = b"Exif\x00\x00" + samples.exif().tobytes().removeprefix(b"Exif\x00\x00")
    taken = samples.heic(extra=exif)
    cleaned = pictures.without_place(taken, kinds.HEIC)
    found = Image.Exif()
    found.load(cleaned[cleaned.index(b"Exif\x00\x00") : -600])
    assert (found[0x0112], dict(found.get_ifd(0x8825))) == (6, {})
    assert len(cleaned) == len(taken)


@pytest.mark.parametrize("format", KINDS)
def test_a_picture_without_a_place_is_not_touched(format):
    taken = samples.picture(format)
    assert pictures.without_place(taken, KINDS[format]) == taken


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_a_small_file_with_a_huge_picture():
    for side in (9_000, 50_000):
        head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
        assert pictures.fault(b"\x89PNG\r\n\x1a\n" + parts, kinds.PNG) == (
            "This picture has too many pixels; send one with at most 80 million."
        )
    assert "too many pixels" in pictures.fault(samples.heic(20_000, 20_000), kinds.HEIC)
    assert pictures.fault(samples.heic(), kinds.HEIC) == ""


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (samples.picture("JPEG")[:20], kinds.JPEG),
        (b"\x89PNG\r\n\x1a\n" + b"<script>alert(1)</script>", kinds.PNG),
        (b"GIF89a<script>", kinds.GIF),
        (b"RIFF\x04\x00\x00\x00WEBP", kinds.WEBP),
        (samples.box(b"ftyp", b"heic" + bytes(8)), kinds.HEIC),
        (samples.picture("PNG"), kinds.JPEG),
    ],
)
def test_what_only_begins_like_a_picture(content, kind):
    assert "damaged" in pictures.fault(content, kind)


def test_a_file_made_to_keep_us_busy():
    directory = struct.pack("<IH", 8, 200) + struct.pack("<HHII", 0x8825, 4, 1, 8) * 200
    hostile = b"\xff\xd8\xff" + (b"II\x2a\x00" + directory) * 3_000 + b"II\x2a\x00" * 500_000
    began = time.monotonic()
    pictures.without_place(hostile, kinds.JPEG)
    assert time.monotonic() - began < 5


def test_beginnings_of_places_are_read_once():
    """Forty ends of each name times two hundred of what follows would take three seconds."""
    hostile = b"\xff\xd8\xff" + (b"<exif:GPS" + b"a" * 40 + b"x") * 200_000
    began = time.process_time()
    pictures.without_place(hostile, kinds.JPEG)
    assert time.process_time() - began < 1.5
