"""Carriers: who carries a parcel, from its number, and where the customer can follow it."""

from saleor_support_plugin.tracking.carriers.detection import Candidate, Detection, detect
from saleor_support_plugin.tracking.carriers.numbers import link_in, normalise
from saleor_support_plugin.tracking.carriers.table import TABLE, code_of, get

__all__ = ["TABLE", "Candidate", "Detection", "code_of", "detect", "get", "link_in", "normalise"]
