"""Who carries a parcel, from its tracking number, and where the customer can follow it.

The shop knows no carrier, so the number must speak for itself. All that it may be are ranked; one is named
only when that is clear, since a link to the wrong carrier is worse than none.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence

from saleor_support_plugin.tracking.carriers import own as own_carriers
from saleor_support_plugin.tracking.carriers.carrier import ABROAD, ANYWHERE, Carrier, Evidence
from saleor_support_plugin.tracking.carriers.numbers import host_of, link_in, normalise
from saleor_support_plugin.tracking.carriers.table import TABLE, code_of, likely, slug

TELLING = 12  # fewer plain digits say nothing


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One carrier that a number may belong to.

    Attributes:
        code: the carrier's code.
        name: as customers know it.
        url: where to follow the parcel; "" when there is no such page, or it needs what is not known.
        number: as this carrier writes it (barcodes hold more than the number).
        evidence: what the number proves.
        home: whether the carrier delivers in the destination: AT_HOME, ANYWHERE (or not known) or ABROAD.
        is_preferred: the shop ships with it as a rule, or has it among its own carriers.
        is_own: the shop has said how this carrier's numbers look.
    """

    code: str
    name: str
    url: str
    number: str
    evidence: Evidence
    home: int = ANYWHERE
    is_preferred: bool = False
    is_own: bool = False

    @property
    def rank(self) -> tuple[bool, bool, bool, int, int]:
        """The higher, the likelier: the shop's word, then proof, the destination, the looks."""
        return self.is_own, self.is_sure, self.is_preferred, self.home, self.evidence

    @property
    def is_sure(self) -> bool:
        """Whether nobody else writes such numbers."""
        return self.evidence is Evidence.SURE


@dataclasses.dataclass(frozen=True)
class Detection:
    """What a number says.

    Attributes:
        carrier_code, carrier_name, url: of the one that is clear; "" when none is.
        number: as the carrier that is clear writes it, else as normalised; "" for links and nonsense.
        candidates: all that it may be, the likeliest first.
    """

    carrier_code: str = ""
    carrier_name: str = ""
    url: str = ""
    number: str = ""
    candidates: tuple[Candidate, ...] = ()


def detect(
    number: str,
    *,
    country: str = "",
    postal_code: str = "",
    preferred: str = "",
    own: Sequence[Carrier] | None = None,
) -> Detection:
    """Who may carry a parcel with this number, and who does, if that is clear.

    A "number" that is itself a web address is the link; its carrier is named if the site is known.

    Args:
        number: as somebody wrote it.
        country: the destination, ISO 3166-1; "" unknown.
        postal_code: of the destination, for sites that want it; "" unknown.
        preferred: code or name of the carrier that the shop uses as a rule; "" none.
        own: the shop's own carriers, from ``own.load()``: pass it for many numbers; None reads them (one
            query).
    """
    mine = own_carriers.load() if own is None else own
    known = {carrier.code for carrier in mine}
    if link := link_in(number):
        return _linked(link, [*mine, *(one for one in TABLE if one.code not in known)])
    plain = normalise(number)
    if not plain:
        return Detection()
    carriers = [*mine, *(one for one in likely(plain) if one.code not in known)]
    candidates = _candidates(
        plain, carriers, country.upper(), postal_code, code_of(preferred) or slug(preferred)
    )
    if not _is_clear(candidates):
        return Detection(number=plain, candidates=candidates)
    top = candidates[0]
    return Detection(top.code, top.name, top.url, top.number, candidates)


def _candidates(
    plain: str, carriers: Iterable[Carrier], country: str, postal_code: str, preferred: str
) -> tuple[Candidate, ...]:
    more = {"country": country, "postal_code": re.sub(r"\s", "", postal_code)}
    found = (one for carrier in carriers if (one := _candidate(plain, carrier, more, preferred)))
    return tuple(sorted(found, key=lambda one: one.rank, reverse=True))


def _candidate(plain: str, carrier: Carrier, more: dict[str, str], preferred: str) -> Candidate | None:
    fits = [(one, read) for one in carrier.patterns if (read := one.read(plain))]
    if not fits:
        return None
    ranked = [
        (carrier.home(one, more["country"]), one.evidence, place) for place, (one, _) in enumerate(fits)
    ]
    home, evidence, place = max(ranked, key=lambda fit: fit[:2])
    if carrier.is_own and home == ABROAD:
        return None  # the shop itself says where it goes
    read = fits[place][1]
    return Candidate(
        code=carrier.code,
        name=carrier.name,
        url=carrier.url({**more, **read}),
        number=read["number"],
        evidence=evidence,
        home=home,
        is_preferred=carrier.is_preferred
        or (bool(preferred) and preferred in (carrier.code, slug(carrier.name))),
        is_own=carrier.is_own,
    )


def _is_clear(candidates: Sequence[Candidate]) -> bool:
    """Whether the first candidate is the carrier beyond reasonable doubt.

    A mere shape needs the destination, too, and more digits than delivery notes and telephones have; a
    check digit, that the destination does not speak against it. Every tenth number has a right one by
    chance, so a check digit alone rules nobody else out.
    """
    if not candidates:
        return False
    top, *others = candidates
    if not (top.is_own or top.is_preferred):
        if top.evidence + top.home < Evidence.SURE:
            return False
        if top.evidence is Evidence.SHAPE and top.number.isdigit() and len(top.number) < TELLING:
            return False
    return all(_rules_out(top, other) for other in others)


def _rules_out(top: Candidate, other: Candidate) -> bool:
    """Whether ``other``, which ranks behind, can't be meant where ``top`` may be."""
    said = (top.is_own, top.is_sure, top.is_preferred) != (other.is_own, other.is_sure, other.is_preferred)
    return said or (top.home != ABROAD and other.home == ABROAD) or (top.is_own and top.rank > other.rank)


def _linked(link: str, carriers: Iterable[Carrier]) -> Detection:
    host = host_of(link)
    for one in carriers:
        if any(host == known or host.endswith("." + known) for known in one.hosts):
            sure = Candidate(one.code, one.name, link, "", Evidence.SURE, is_own=one.is_own)
            return Detection(one.code, one.name, link, "", (sure,))
    return Detection(url=link)
