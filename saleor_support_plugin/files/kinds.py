"""What a file is, told by its first bytes alone; names and types that senders give prove nothing.

The list holds what people send as evidence: photos, films and PDFs. HTML, SVG and other formats in which
programs can hide are not on it, nor is plain text, which a comment carries better.
"""

import dataclasses
from types import MappingProxyType

MEGABYTE = 1_000_000
HEAD = 64  # bytes that are enough to tell


@dataclasses.dataclass(frozen=True)
class FileKind:
    """One type of file that is taken.

    Attributes:
        content_type: its media type (IANA).
        endings: the endings its names may have, lower case, without the dot; the first is its usual one.
        title: how messages call it.
        is_film: whether the larger limit of size holds.
        inline: whether browsers may show it in place instead of saving it.
    """

    content_type: str
    endings: tuple[str, ...]
    title: str
    is_film: bool = False
    inline: bool = False

    @property
    def is_image(self) -> bool:
        """Whether it is a picture."""
        return self.content_type.startswith("image/")


JPEG = FileKind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "JPEG", inline=True)
PNG = FileKind("image/png", ("png",), "PNG", inline=True)
GIF = FileKind("image/gif", ("gif",), "GIF", inline=True)
WEBP = FileKind("image/webp", ("webp",), "WebP", inline=True)
HEIC = FileKind("image/heic", ("heic", "heif"), "HEIC")
PDF = FileKind("application/pdf", ("pdf",), "PDF", inline=True)
MP4 = FileKind("video/mp4", ("mp4", "m4v"), "MP4", is_film=True)
MOV = FileKind("video/quicktime", ("mov", "qt"), "MOV", is_film=True)

KINDS = (JPEG, PNG, GIF, WEBP, HEIC, PDF, MP4, MOV)
BY_TYPE = MappingProxyType({one.content_type: one for one in KINDS})

# The brand behind "ftyp", the first box of ISO base media files (ISO/IEC 14496-12 §4.3).
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"), MP4),
    **dict.fromkeys((b"M4V ", b"MSNV", b"dash", b"mmp4", b"f4v "), MP4),
    b"qt  ": MOV,
}


def of(head: bytes) -> FileKind | None:
    """The kind of a file that begins with ``head`` (:data:`HEAD` bytes are enough); None: not on the list."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    return None


def listed() -> str:
    """The kinds in a sentence, like "JPEG, PNG or PDF"."""
    *first, last = (one.title for one in KINDS)
    return f"{', '.join(first)} or {last}"
