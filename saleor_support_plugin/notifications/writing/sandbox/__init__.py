"""The language of an admin's own words: text with ``{{ names }}``, nothing that could do harm.

What it can do is what its four nodes do. A name is looked up in a plain dictionary, one field deep, and was
checked against the mail's variables when the text was compiled; a value is a ``str``, ``int``, ``bool``,
``None``, or a list of those or of dictionaries of those. No attribute of any object is ever read, nothing is
called, loaded or imported, and what comes out is plain text that the caller escapes.
"""

from saleor_support_plugin.notifications.writing.sandbox.parser import NAME, SOURCE_LIMIT, TAG_LIMIT, compile
from saleor_support_plugin.notifications.writing.sandbox.program import (
    LOOP_LIMIT,
    OUTPUT_LIMIT,
    Fault,
    Program,
    Scope,
    Shape,
    Type,
    Values,
    plain,
)

__all__ = (
    "LOOP_LIMIT",
    "NAME",
    "OUTPUT_LIMIT",
    "SOURCE_LIMIT",
    "TAG_LIMIT",
    "Fault",
    "Program",
    "Scope",
    "Shape",
    "Type",
    "Values",
    "compile",
    "plain",
)
