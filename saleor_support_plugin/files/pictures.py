"""What is done to pictures before they are kept: a look at their size, and forgetting where they were taken.

Nothing is decoded and encoded again, so a picture stays the evidence that it is: the place is overwritten
with zeros where it stands. Of a PNG the chunks go that hold text and Exif.
"""

import io
import itertools
import re
import struct
import warnings

from PIL import Image

from saleor_support_plugin.files.kinds import GIF, HEIC, JPEG, PNG, WEBP, FileKind

MOST_PIXELS = 80_000_000  # below Pillow's own warning; phones take 12 to 50 million

_FORMATS = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WEBP: "WEBP"}  # HEIC: not without another library
_SPATIAL_EXTENT = re.compile(rb"ispe.{4}(.{4})(.{4})", re.DOTALL)  # ISO/IEC 23008-12 §6.5.3
_TIFF = re.compile(rb"II\x2a\x00|MM\x00\x2a")  # how Exif begins, which is a TIFF (CIPA DC-008 §4.5.2)
_GPS = 0x8825  # the entry that leads to the place (CIPA DC-008 §4.6.3)
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8}  # bytes of a value, by its type
_TIFFS, _ENTRIES = 200, 200  # a picture has one Exif, and one for each preview inside
# Nothing is tried twice ("+"): who sends ten megabytes of beginnings keeps nobody busy.
_XMP = re.compile(
    rb'exif:GPS\w{1,40}+\s*+=\s*+["\']([^"\'<]{0,200})|<exif:GPS\w{1,40}+[^>]{0,200}+>([^<]{0,200})'
)
_TOLD = frozenset((b"eXIf", b"iTXt", b"tEXt", b"zTXt", b"zxIf"))


def fault(data: bytes, kind: FileKind) -> str:
    """Why the picture can't be taken, a sentence; "" for one that can. Reads its head, never its pixels."""
    try:
        pixels = _heic_pixels(data) if kind is HEIC else _pixels(data, kind)
    except Image.DecompressionBombError:
        pixels = MOST_PIXELS + 1
    except Exception:  # Pillow's readers raise a dozen kinds of errors over broken files
        return "This picture is damaged; open it on your device, save it again, and send that."
    if pixels > MOST_PIXELS:
        return f"This picture has too many pixels; send one with at most {MOST_PIXELS // 1_000_000} million."
    return ""


def without_place(data: bytes, kind: FileKind) -> bytes:
    """The picture without the place where it was taken (GPS in Exif and XMP); its pixels are the same."""
    if kind is PNG:
        return _png_without_text(data)
    blanked = bytearray(data)
    for found in itertools.islice(_TIFF.finditer(data), _TIFFS):
        _blank_gps(blanked, found.start(), "<" if found.group() == b"II\x2a\x00" else ">")
    for found in _XMP.finditer(data):
        for group in (1, 2):
            start, end = found.span(group)
            if start >= 0:
                blanked[start:end] = b" " * (end - start)
    return bytes(blanked)


def _pixels(data: bytes, kind: FileKind) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we count ourselves
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as image:
            width, height = image.size
            image.verify()
    return int(width * height)


def _heic_pixels(data: bytes) -> int:
    sizes = (struct.unpack(">II", b"".join(one.groups())) for one in _SPATIAL_EXTENT.finditer(data))
    return max(int(width * height) for width, height in sizes)


def _blank_gps(data: bytearray, base: int, order: str) -> None:
    """Empty the directory of the place in the TIFF that begins at ``base``; no harm where there is none."""
    try:
        (first,) = struct.unpack_from(f"{order}I", data, base + 4)
        for entry in _entries(data, base + first, order):
            tag, _type, _count, value = struct.unpack_from(f"{order}HHII", data, entry)
            if tag == _GPS:
                _empty(data, base, base + value, order)
                return  # a directory has one
    except struct.error:  # it ends too early: not a TIFF
        return


def _empty(data: bytearray, base: int, directory: int, order: str) -> None:
    entries = _entries(data, directory, order)
    for entry in entries:
        _tag, kind, count, value = struct.unpack_from(f"{order}HHII", data, entry)
        length = _SIZES.get(kind, 0) * count
        if 4 < length <= 1000 and base + value + length <= len(data):
            data[base + value : base + value + length] = bytes(length)
    for entry in entries:
        data[entry : entry + 12] = bytes(12)
    data[directory : directory + 2] = bytes(2)


def _entries(data: bytearray, directory: int, order: str) -> list[int]:
    (count,) = struct.unpack_from(f"{order}H", data, directory)
    if count > _ENTRIES or directory + 2 + 12 * count > len(data):
        return []
    return [directory + 2 + 12 * number for number in range(count)]


def _png_without_text(data: bytes) -> bytes:
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 12 + length
        if data[at + 4 : at + 8] not in _TOLD:
            kept.append(data[at:end])
        if data[at + 4 : at + 8] == b"IEND":  # what follows is no picture
            break
        at = end
    return b"".join(kept)
