"""Models of returns."""

from saleor_support_plugin.returns.axes import (
    Authorisation,
    Disposition,
    Logistics,
    Resolution,
    ReturnKind,
    ReturnStatus,
    Settlement,
    ShipmentState,
)
from saleor_support_plugin.returns.models.desk import (
    Fault,
    Listed,
    ReasonList,
    ReturnListEntry,
    ReturnOptions,
    ReturnReason,
    ReturnRule,
)
from saleor_support_plugin.returns.models.goods import (
    ReceiptState,
    ReturnPayout,
    ReturnReceipt,
    ReturnReceiptLine,
    ReturnShipment,
)
from saleor_support_plugin.returns.models.labels import LABEL_OPEN, LabelState, ReturnLabel
from saleor_support_plugin.returns.models.returns import Return, ReturnComment, ReturnLine

__all__ = [
    "LABEL_OPEN",
    "Authorisation",
    "Disposition",
    "Fault",
    "LabelState",
    "Listed",
    "Logistics",
    "ReasonList",
    "ReceiptState",
    "Resolution",
    "Return",
    "ReturnComment",
    "ReturnKind",
    "ReturnLabel",
    "ReturnLine",
    "ReturnListEntry",
    "ReturnOptions",
    "ReturnPayout",
    "ReturnReason",
    "ReturnReceipt",
    "ReturnReceiptLine",
    "ReturnRule",
    "ReturnShipment",
    "ReturnStatus",
    "Settlement",
    "ShipmentState",
]
