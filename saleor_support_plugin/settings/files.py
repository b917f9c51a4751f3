"""How large photos and files of customers may be."""

from saleor_support_plugin.settings import reading
from saleor_support_plugin.settings.field import Field, FieldKind

FILES: tuple[Field, ...] = (
    Field(
        "file_megabytes",
        FieldKind.TEXT,
        "Largest photo or PDF (MB)",
        "From 1 to 50. A server before Saleor may allow less.",
        "10",
        reading.whole(1, 50),
    ),
    Field(
        "film_megabytes",
        FieldKind.TEXT,
        "Largest film (MB)",
        "Up to 500; 0: no films.",
        "50",
        reading.whole(0, 500),
    ),
)
