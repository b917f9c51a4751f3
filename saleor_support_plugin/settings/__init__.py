"""Every option of a channel: the homes keep the raw values (Saleor in its plugin configuration, the
sandbox in a table) and call :func:`parse`; the rest of the code sees the frozen :class:`SupportSettings`.
"""

from saleor_support_plugin.settings.field import Field, FieldKind
from saleor_support_plugin.settings.fields import BY_NAME, FIELDS, parse
from saleor_support_plugin.settings.types import LONGEST, Feature, Overlap, SupportSettings

__all__ = (
    "BY_NAME",
    "FIELDS",
    "Feature",
    "Field",
    "FieldKind",
    "LONGEST",
    "Overlap",
    "SupportSettings",
    "parse",
)
