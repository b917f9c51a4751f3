"""The language of a mail: which translations there are, and how it writes dates, money and places."""

import dataclasses
import datetime
import functools
import gettext
import pathlib
import re
import zoneinfo
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location
from babel.numbers import format_currency, format_decimal
from django.conf import settings as django_settings

from saleor_support_plugin.notifications.variables import PACKAGE

LOCALE = PACKAGE / "locale"
DOMAIN = "django"  # the name that makemessages gives
SOURCE = "en"  # what templates are written in, and the answer to a language we don't have

# Where the postal code stands behind the city, on the city's line or on a line of its own.
_CODE_BEHIND = frozenset({"AU", "BR", "CA", "ID", "IN", "KR", "NZ", "SA", "TH", "TW", "US"})
_CODE_BELOW = frozenset({"GB", "GG", "GI", "IE", "IM", "JE"})


@dataclasses.dataclass(frozen=True)
class Language:
    """One language to write in.

    Attributes:
        code: the translations used, like "es" (what ``<html lang>`` and Content-Language say).
        locale: how dates and money are written; may be regional ("es_MX") where the texts are not.
        catalog: the translations; English, the source, has none.
    """

    code: str
    locale: Locale
    catalog: gettext.NullTranslations

    def moment(self, moment: datetime.datetime, zone: datetime.tzinfo) -> str:
        """A moment in words, with its zone: "Tuesday, November 24, 2026, 4:30 PM (Madrid time)"."""
        local = moment.astimezone(zone)
        values = {
            "date": format_date(local, "full", locale=self.locale),
            # Narrow no-break spaces of newer locale data look broken in some mail programs.
            "time": format_time(local, "short", locale=self.locale).replace("\u202f", " "),
            "city": get_timezone_location(local, self.locale, return_city=True).rpartition("/")[2],
        }
        if not local.utcoffset() and values["city"] == "UTC":
            return "{date}, {time} (UTC)".format(**values)
        return self.catalog.gettext("%(date)s, %(time)s (%(city)s time)") % values

    def date(self, day: datetime.date) -> str:
        """A calendar day in words, with its weekday: "Tuesday, November 24, 2026"."""
        return format_date(day, "full", locale=self.locale)

    def number(self, number: int) -> str:
        """A whole number: "1,234", "1.234"."""
        return format_decimal(number, locale=self.locale)

    def money(self, money: Mapping[str, str]) -> str:
        """An amount with its currency: "€12.30", "12,30 €"."""
        return format_currency(Decimal(money["amount"]), money["currency"], locale=self.locale)

    def address(self, address: Mapping[str, Any]) -> list[str]:
        """An address as lines, in the order its country writes them, the country's name last."""
        part = {name: " ".join(str(value or "").split()) for name, value in address.items()}
        country = part["country"].upper()
        city, code = part["city"], part["postal_code"]
        area = part["country_area"]
        if area.casefold() == city.casefold() or (len(area) <= 3 and country not in _CODE_BEHIND):
            area = ""  # said already, or a code that only the shop's forms know
        if country in _CODE_BEHIND:
            last = [", ".join(filter(None, [city, " ".join(filter(None, [area, code]))]))]
        elif country in _CODE_BELOW:
            last = [city, area, code]
        else:
            last = [" ".join(filter(None, [code, city])), area]
        lines = [
            f"{part['first_name']} {part['last_name']}".strip(),
            part["company_name"],
            part["street_address_1"],
            part["street_address_2"],
            part["city_area"],
            *last,
            self.locale.territories.get(country, country),
        ]
        return [line for line in lines if line]


@functools.lru_cache(maxsize=256)
def choose(wanted: str, extra: pathlib.Path | None = None, otherwise: str = "") -> Language:
    """The language to write in for a wish like "es-es": exactly that, else its base, else the same of
    ``otherwise``, else English.

    ``extra`` is a folder of translations asked before ours, for kinds that bring their own.
    """
    chosen = _find(wanted, extra) or _find(otherwise, extra)
    return chosen or Language(SOURCE, Locale.parse(SOURCE), _catalog(SOURCE, extra))


def _find(wanted: str, extra: pathlib.Path | None) -> Language | None:
    parts = re.findall(r"[A-Za-z0-9]{1,8}", wanted[:35])
    exact = "_".join([part.lower() if index == 0 else _subtag(part) for index, part in enumerate(parts)])
    names = [exact, exact.partition("_")[0]] if exact else []
    for name in dict.fromkeys(names):
        if name == SOURCE or any(_file(folder, name).is_file() for folder in (*_shops_own(), LOCALE)):
            return Language(name.replace("_", "-"), _locale(exact, name), _catalog(name, extra))
    return None


def _subtag(part: str) -> str:
    return part.title() if len(part) == 4 else part.upper()


def _locale(exact: str, name: str) -> Locale:
    for candidate in (exact, name):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(SOURCE)


def _catalog(name: str, extra: pathlib.Path | None) -> gettext.NullTranslations:
    """The shop's own translations, then those of ``extra``, then ours; English, the source, needs none."""
    folders = [*_shops_own(), *([] if extra is None else [extra]), *([] if name == SOURCE else [LOCALE])]
    catalogs = [gettext.translation(DOMAIN, one, languages=[name], fallback=True) for one in folders]
    found = [one for one in catalogs if isinstance(one, gettext.GNUTranslations)]
    for one, following in zip(found, found[1:], strict=False):
        one.add_fallback(following)
    return found[0] if found else gettext.NullTranslations()


def _file(folder: pathlib.Path, name: str) -> pathlib.Path:
    return folder / name / "LC_MESSAGES" / f"{DOMAIN}.mo"


def _shops_own() -> tuple[pathlib.Path, ...]:
    """The folders of translations in Django's setting SUPPORT_LOCALE_PATHS, asked before all others."""
    return tuple(pathlib.Path(folder) for folder in getattr(django_settings, "SUPPORT_LOCALE_PATHS", ()))


def zone(name: str, otherwise: str) -> datetime.tzinfo:
    """The time zone with this IANA name, else the other one, else UTC."""
    for candidate in (name, otherwise):
        try:
            return zoneinfo.ZoneInfo(candidate)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            continue
    return datetime.UTC
