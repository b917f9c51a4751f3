"""Every kind of mail with sample data, in every language, in the brand of the demo's first channel."""

import dataclasses
import itertools
import re
import shutil

from babel import Locale
from django.conf import settings as django_settings
from django.template.loader import render_to_string

from saleor_support_plugin.notifications.kinds import kinds
from saleor_support_plugin.notifications.variables import Kind
from saleor_support_plugin.notifications.writing import drafts, language, mail
from saleor_support_plugin.notifications.writing.preview import sample
from saleor_support_plugin.settings import SupportSettings
from sandbox.home.shop import SHOP


def _languages() -> dict[str, str]:
    """Every language we have a compiled translation into, by its code, as it calls itself."""
    codes = sorted(path.parent.parent.name for path in language.LOCALE.glob("*/LC_MESSAGES/django.mo"))
    names = {code: Locale.parse(code).get_display_name() or code for code in (language.SOURCE, *codes)}
    return {code.lower().replace("_", "-"): name.capitalize() for code, name in names.items()}


LANGUAGES = _languages()
LOOKS = ("light", "dark")
FOLDER = "gallery"  # inside the folder of the demo's mails
_DARK = re.compile(r"\(prefers-color-scheme:\s*dark\)")


@dataclasses.dataclass(frozen=True)
class Group:
    """Kinds about the same, in the order of the table."""

    name: str
    kinds: tuple[Kind, ...]


def groups() -> list[Group]:
    """Every kind, by group."""
    found = itertools.groupby(sorted(all_kinds(), key=_rank), key=lambda kind: kind.group)
    return [Group(str(group), tuple(members)) for group, members in found]


def all_kinds() -> list[Kind]:
    """Every kind there is."""
    return list(kinds().values())


def write(kind: Kind, code: str) -> mail.Written:
    """The mail of this kind with sample data."""
    now, settings = SHOP.now(), brand()
    return mail.write(sample(kind, settings, code, None, now), settings, now=now)


def brand() -> SupportSettings:
    """The options of the shop's first channel; of a made-up shop while there is none."""
    channel = next(iter(SHOP.channels()), None)
    return SHOP.settings(channel) if channel else drafts.SETTINGS


def dressed(html: str, look: str) -> str:
    """The mail as a program in this look shows it, whatever the look of the browser."""
    return _DARK.sub("all" if look == "dark" else "not all", html)


def save() -> int:
    """Write all of it as files, with an index, beside the demo's mails; returns how many mails."""
    folder = django_settings.MAILS / FOLDER
    clear()
    folder.mkdir(parents=True)
    count = 0
    for code in LANGUAGES:
        for kind in all_kinds():
            written = write(kind, code)
            stem = f"{code}-{kind.name}"
            (folder / f"{stem}.txt").write_text(f"{written.subject}\n\n{written.text}", encoding="utf-8")
            for look in LOOKS:
                path = folder / f"{stem}-{look}.html"
                path.write_text(dressed(written.html, look), encoding="utf-8")
            count += 1
    index = render_to_string("sandbox/gallery_files.html", {"groups": groups(), "languages": LANGUAGES})
    (folder / "index.html").write_text(index, encoding="utf-8")
    return count


def clear() -> None:
    """Remove what an earlier run wrote."""
    shutil.rmtree(django_settings.MAILS / FOLDER, ignore_errors=True)


def _rank(kind: Kind) -> int:
    return list(type(kind.group)).index(kind.group)
