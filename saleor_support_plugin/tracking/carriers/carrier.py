"""What is known of a carrier: how its numbers look and where parcels are followed."""

import dataclasses
import enum
import re
import urllib.parse
from collections.abc import Mapping

from saleor_support_plugin.tracking.carriers.checks import Check

PLACES = ("number", "postal_code", "country")  # what a URL may have between braces
AT_HOME, ANYWHERE, ABROAD = 2, 1, 0  # the destination is the carrier's country, may be, is not


class Evidence(enum.IntEnum):
    """How much a number that fits a pattern says of its carrier."""

    SHAPE = 1  # length and kind of characters only, which others use as well
    CHECK = 2  # a right check digit, or letters that others do not use
    SURE = 3  # both, or such letters that there is no doubt


@dataclasses.dataclass(frozen=True)
class Pattern:
    """One way a carrier writes its numbers.

    Attributes:
        expression: of the whole number, normalised. A group ``number`` is what the carrier's site wants of
            it, if that is less than all; other groups may stand in the carrier's URL.
        evidence: what it proves that a number fits.
        check: the check digit; a number that fails it is not this carrier's.
        countries: destinations that such numbers go to, where they are fewer than the carrier's.
    """

    expression: re.Pattern[str]
    evidence: Evidence
    check: Check | None = None
    countries: frozenset[str] = frozenset()

    def read(self, number: str) -> dict[str, str]:
        """What ``number`` (normalised) holds, under "number" the carrier's own; empty if it does not fit."""
        found = self.expression.fullmatch(number)
        if found is None or (self.check is not None and not self.check(number)):
            return {}
        return {"number": number, **{name: text for name, text in found.groupdict().items() if text}}


@dataclasses.dataclass(frozen=True)
class Carrier:
    """One carrier.

    Attributes:
        code: ours, stable, like ``dhl-express``.
        name: as customers know it.
        urls: where to follow a parcel, with ``{number}``, ``{postal_code}``, ``{country}`` (ISO 3166-1, both
            of the destination); the first counts for which everything is known.
        patterns: how its numbers look; none: it can't be told from a number.
        countries: where it delivers itself (ISO 3166-1); empty: everywhere.
        hosts: its sites, to name it when the "number" is a link.
        aliases: other codes for it, as providers write them: see ``table.code_of``.
        is_own: the shop has said how its numbers look, so that it comes before all others.
        is_preferred: the shop has said that it ships with it.
    """

    code: str
    name: str
    urls: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    countries: frozenset[str] = frozenset()
    hosts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    is_own: bool = False
    is_preferred: bool = False

    def url(self, values: Mapping[str, str]) -> str:
        """The page that follows a parcel; "" when there is none, or it needs what is not in ``values``."""
        for template in self.urls:
            if all(values.get(name) for name in re.findall(r"{(\w+)}", template)):
                return re.sub(r"{(\w+)}", lambda place: _quoted(values[place[1]]), template)
        return ""

    def page(self, number: str, *, country: str = "", postal_code: str = "") -> str:
        """The page that follows the parcel with this number (normalised), whoever said that the carrier has
        it; "" as :meth:`url`."""
        fits = (read for one in self.patterns if (read := one.read(number)))
        found = next(fits, {"number": number})
        return self.url({"country": country.upper(), "postal_code": re.sub(r"\s", "", postal_code), **found})

    def home(self, pattern: Pattern, country: str) -> int:
        """Whether such numbers go to this destination: AT_HOME, ANYWHERE (or not known), or ABROAD."""
        countries = pattern.countries or self.countries
        if not country or not countries:
            return ANYWHERE
        return AT_HOME if country in countries else ABROAD


def _quoted(value: str) -> str:
    return urllib.parse.quote(value, safe="", errors="replace")  # half surrogates, which no address holds


def pattern(
    expression: str, evidence: Evidence = Evidence.SHAPE, check: Check | None = None, going_to: str = ""
) -> Pattern:
    """A :class:`Pattern` from texts; destinations divided by blanks."""
    return Pattern(re.compile(expression, re.ASCII), evidence, check, frozenset(going_to.split()))


def countries(codes: str) -> frozenset[str]:
    """A set of countries (ISO 3166-1) from codes divided by blanks."""
    return frozenset(codes.split())
