"""Sources of scans, by name: ours, those of installed packages, and those that code registers."""

from saleor_support_plugin.tracking.adapters.base import (
    Adapter,
    Answer,
    Asked,
    Call,
    Instruction,
    Meaning,
    Reply,
    Unavailable,
    Unreadable,
    Unverified,
)
from saleor_support_plugin.tracking.adapters.registry import GROUP, find, known, register

__all__ = [
    "GROUP",
    "Adapter",
    "Answer",
    "Asked",
    "Call",
    "Instruction",
    "Meaning",
    "Reply",
    "Unavailable",
    "Unreadable",
    "Unverified",
    "find",
    "known",
    "register",
]
