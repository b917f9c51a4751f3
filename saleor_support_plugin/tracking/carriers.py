"""Who carries a parcel, from its tracking number alone, and where the customer can follow it.

The shop knows no carrier, so the number must speak for itself. A number that fits several carriers
names none: a link to the wrong carrier is worse than no link.
"""

import dataclasses
import re
import urllib.parse
from collections.abc import Callable, Sequence

from saleor_support_plugin.notifications.writing.links import web_address


@dataclasses.dataclass(frozen=True)
class Carrier:
    """One way a carrier writes its numbers.

    Attributes:
        name: as customers know it.
        pattern: the whole number, upper case, without blanks and dashes.
        url: where to follow it; ``{number}`` is filled in.
        valid: an optional check digit; numbers that fail it are not this carrier's.
        hosts: the carrier's sites, to name it when the "number" is a link.
    """

    name: str
    pattern: re.Pattern[str]
    url: str
    valid: Callable[[str], bool] = lambda number: True
    hosts: tuple[str, ...] = ()


def _digits(number: str) -> list[int]:
    return [int(character) for character in number if character.isdigit()]


def _mod10(number: str, *, odd: int, even: int) -> bool:
    """The last digit completes the weighted sum of the others (weights from the right) to tens."""
    *body, check = _digits(number)
    total = sum(digit * (odd if place % 2 == 0 else even) for place, digit in enumerate(reversed(body)))
    return (10 - total % 10) % 10 == check


def _ups(number: str) -> bool:
    values = [
        int(character) if character.isdigit() else (ord(character) - 63) % 10 for character in number[2:-1]
    ]
    total = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values))
    return number[-1].isdigit() and (10 - total % 10) % 10 == int(number[-1])


def _fedex_express(number: str) -> bool:
    *body, check = _digits(number)
    weights = (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)
    return sum(digit * weight for digit, weight in zip(body, weights, strict=True)) % 11 % 10 == check


def _dhl_express(number: str) -> bool:
    return int(number[:-1]) % 7 == int(number[-1])


def _gls(number: str) -> bool:
    *body, check = _digits(number)
    total = sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))) + 1
    return (10 - total % 10) % 10 == check


def s10(number: str) -> bool:
    """The check digit of the Universal Postal Union's S10 numbers (AA000000005XX)."""
    *body, check = _digits(number)
    total = sum(digit * weight for digit, weight in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) == check


def _post(country: str) -> re.Pattern[str]:
    return re.compile(rf"[A-Z]{{2}}\d{{9}}{country}")


_UPS = "https://www.ups.com/track?tracknum={number}"
_FEDEX = "https://www.fedex.com/fedextrack/?trknbr={number}"
_USPS = "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"
_DHL = "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}"
_DPD = "https://tracking.dpd.de/status/en_US/parcel/{number}"
_GLS = "https://gls-group.eu/track/{number}"
_CORREOS = "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={number}"
_SEUR = "https://www.seur.com/livetracking/?segOnlineIdentificador={number}"
_ROYAL_MAIL = "https://www.royalmail.com/track-your-item#/tracking-results/{number}"
_LA_POSTE = "https://www.laposte.fr/outils/suivre-vos-envois?code={number}"
_POSTE_ITALIANE = "https://www.poste.it/cerca/#/risultati-spedizioni/{number}"
_CTT = "https://appserver.ctt.pt/CustomerArea/PublicArea_Detail?ObjectCodeInput={number}"


def _usps(number: str) -> bool:
    return _mod10(number, odd=3, even=1)


CARRIERS: tuple[Carrier, ...] = (
    Carrier("UPS", re.compile(r"1Z[0-9A-Z]{16}"), _UPS, _ups, ("ups.com",)),
    Carrier("FedEx", re.compile(r"\d{12}"), _FEDEX, _fedex_express, ("fedex.com",)),
    Carrier("FedEx", re.compile(r"\d{15}"), _FEDEX, lambda number: _mod10(number, odd=3, even=1)),
    Carrier("USPS", re.compile(r"9[1-5]\d{18}(\d\d)?"), _USPS, _usps, ("usps.com",)),
    Carrier("USPS", _post("US"), _USPS, s10),
    Carrier("DHL Express", re.compile(r"\d{10}"), _DHL, _dhl_express, ("dhl.com", "dhl.de")),
    Carrier("DHL", re.compile(r"JJD\d{16,18}|JVGL\d{16,20}"), _DHL),
    Carrier("DHL", _post("DE"), _DHL, s10),
    Carrier("DPD", re.compile(r"\d{14}"), _DPD, hosts=("dpd.de", "dpd.com", "dpd.co.uk", "dpdgroup.com")),
    Carrier("GLS", re.compile(r"\d{12}"), _GLS, _gls, ("gls-group.eu", "gls-group.com", "gls-spain.es")),
    Carrier("GLS", re.compile(r"(?=[0-9]*[A-Z])(?=[A-Z]*[0-9])[0-9A-Z]{8}"), _GLS),
    Carrier("Correos", re.compile(r"P[A-Z][0-9A-Z]{5}\d{15}[A-Z]"), _CORREOS, hosts=("correos.es",)),
    Carrier("Correos", _post("ES"), _CORREOS, s10),
    Carrier("SEUR", re.compile(r"ECB\d{11,14}|\d{23}"), _SEUR, hosts=("seur.com",)),
    Carrier("Royal Mail", _post("GB"), _ROYAL_MAIL, s10, ("royalmail.com",)),
    Carrier("La Poste", _post("FR"), _LA_POSTE, s10, ("laposte.fr", "colissimo.fr")),
    Carrier("La Poste", re.compile(r"[0-9][A-Z]\d{11}"), _LA_POSTE),
    Carrier("PostNL", _post("NL"), "https://postnl.post/details?barcodes={number}", s10, ("postnl.nl",)),
    Carrier("Poste Italiane", _post("IT"), _POSTE_ITALIANE, s10, ("poste.it",)),
    Carrier(
        "CTT",
        _post("PT"),
        _CTT,
        s10,
        ("ctt.pt",),
    ),
)


def detect(number: str, carriers: Sequence[Carrier] = CARRIERS) -> tuple[str, str]:
    """The carrier's name and the link to follow the parcel, ("", "") when it can't be told for sure.

    A "number" that is itself a web address is the link; its carrier is named if the site is known.
    """
    if link := link_in(number):
        return _by_host(link, carriers), link
    plain = re.sub(r"[\s.-]", "", number).upper()
    if not re.fullmatch(r"[0-9A-Z]{8,40}", plain, re.ASCII):
        return "", ""
    found = {(one.name, one.url) for one in carriers if one.pattern.fullmatch(plain) and one.valid(plain)}
    if len(found) != 1:
        return "", ""
    name, url = found.pop()
    return name, url.replace("{number}", plain)


def link_in(number: str) -> str:
    """``number`` if it is a full http(s) address that is safe to link to, else ""."""
    link = web_address(number)
    return link if "." in (urllib.parse.urlsplit(link).hostname or "") else ""


def _by_host(link: str, carriers: Sequence[Carrier]) -> str:
    host = urllib.parse.urlsplit(link).hostname or ""
    for one in carriers:
        if any(host == known or host.endswith("." + known) for known in one.hosts):
            return one.name
    return ""
