"""The name of a file: shown to people, never used as a path."""

import re
import unicodedata

from saleor_support_plugin.files.kinds import FileKind

LONGEST = 150
_PATH = re.compile(r".*[/\\]", re.DOTALL)
_RESERVED = re.compile(r'[<>:"|?*%;]')  # what file systems, headers and shells read as something else


def cleaned(given: str, kind: FileKind) -> str | None:
    """The name without a path and without what can't be seen, at most 150 characters; None when its ending
    is not one of the kind's. A name that is blank but for its ending becomes "file".

    Control, format (so those that turn the direction of text), private and unassigned characters go, and
    so do the half surrogates that no database holds: Unicode's categories C.
    """
    name = _PATH.sub("", unicodedata.normalize("NFC", given))
    name = "".join(one for one in name if not unicodedata.category(one).startswith("C"))
    name = " ".join(_RESERVED.sub(" ", name).split())
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, kind.endings[0]
    elif ending.lower() not in kind.endings:
        return None
    stem = stem.strip(" .") or "file"
    return f"{stem[: LONGEST - len(ending) - 1].rstrip(' .')}.{ending}"
