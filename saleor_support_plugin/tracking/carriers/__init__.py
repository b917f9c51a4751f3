"""Carriers: who carries a parcel, from its number, and where the customer can follow it.

``detection.detect`` knows all: the shop's own carriers, the destination, ranked candidates.
"""

from saleor_support_plugin.tracking.carriers.detection import Candidate, Detection
from saleor_support_plugin.tracking.carriers.detection import detect as _detect
from saleor_support_plugin.tracking.carriers.numbers import link_in, normalise
from saleor_support_plugin.tracking.carriers.table import TABLE, code_of, get

__all__ = ["TABLE", "Candidate", "Detection", "code_of", "detect", "get", "link_in", "normalise"]


def detect(number: str) -> tuple[str, str]:
    """The carrier's name and the link to follow the parcel, ("", "") when it can't be told for sure; from
    the table alone."""
    found = _detect(number, own=())
    return found.carrier_name, found.url
