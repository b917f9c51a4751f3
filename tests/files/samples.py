"""Files as people send them, made here so that nothing private is among them."""

import io
import struct
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PLACE = {1: "N", 2: (40.0, 25.0, 1.25), 3: "W", 4: (3.0, 42.0, 13.5), 7: (11.0, 12.0, 13.0)}
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="40,25.02N">'
    b"<exif:GPSLongitude>3,42.22W</exif:GPSLongitude></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def picture(format: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """A small picture."""
    written = io.BytesIO()
    image = Image.new("RGB", size, (200, 30, 60))
    image.paste((20, 90, 200), (0, 0, size[0] // 2, size[1] // 2))
    image.save(written, format, **options)
    return written.getvalue()


def exif(order: str = "<") -> Any:
    """Exif as a phone writes it: the maker, which way is up, when, and where."""
    made = Image.Exif()
    made.endian = order
    made[0x010F], made[0x0112] = "Camera & Co", 6
    made.get_ifd(0x8769)[0x9003] = "2024:04:17 12:00:00"
    made.get_ifd(0x8825).update(PLACE)
    return made


def box(kind: bytes, content: bytes) -> bytes:
    """A box of the ISO base media file format."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def film(brand: bytes = b"isom") -> bytes:
    """The beginning of a film."""
    return box(b"ftyp", brand + bytes(4) + b"isommp42") + box(b"mdat", b"frames" * 100)


def heic(width: int = 4032, height: int = 3024, extra: bytes = b"") -> bytes:
    """A HEIC picture without its pixels; ``extra`` stands where Exif does."""
    extent = box(b"ispe", bytes(4) + struct.pack(">II", width, height))
    thumbnail = box(b"ispe", bytes(4) + struct.pack(">II", 320, 240))
    meta = box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", thumbnail + extent)))
    return box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + meta + box(b"mdat", extra + b"pixels" * 100)


def upload(content: bytes | None = None, name: str = "broken.png") -> SimpleUploadedFile:
    """A file as a request brings it, declared as something else than it is."""
    given = picture() if content is None else content
    return SimpleUploadedFile(name, given, content_type="application/octet-stream")
