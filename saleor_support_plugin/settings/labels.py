"""Who makes the labels of returns; which maker is an option of returns."""

from saleor_support_plugin.settings import reading
from saleor_support_plugin.settings.field import Field, FieldKind

LABELS: tuple[Field, ...] = (
    Field(
        "label_api_key",
        FieldKind.SECRET,
        "Key of the label maker",
        "What the carrier that makes your return labels knows you by, see The whole way of a return.",
        "",
        reading.text(200),
    ),
)
