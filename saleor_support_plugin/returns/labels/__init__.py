"""Carriers that make labels for goods that come back, by name; see ``docs/returns.md``."""

from saleor_support_plugin.returns.labels.base import (
    Goods,
    Label,
    LabelMaker,
    LabelRequest,
    LabelSettings,
    NotSupported,
    Refused,
    Unavailable,
)
from saleor_support_plugin.returns.labels.registry import GROUP, find, known, register

__all__ = [
    "GROUP",
    "Goods",
    "Label",
    "LabelMaker",
    "LabelRequest",
    "LabelSettings",
    "NotSupported",
    "Refused",
    "Unavailable",
    "find",
    "known",
    "register",
]
