"""Models of parcels."""

from saleor_support_plugin.tracking.models.carriers import OwnCarrier, TransitRule
from saleor_support_plugin.tracking.models.instructions import (
    CarrierInstruction,
    InstructionKind,
    InstructionState,
)
from saleor_support_plugin.tracking.models.parcels import CarrierSource, Direction, Parcel, ParcelState
from saleor_support_plugin.tracking.models.scans import PayloadState, TrackingEvent, TrackingPayload
from saleor_support_plugin.tracking.models.sweeps import DispatchWatch, SeenEvent, SweepCursor, WatchState

__all__ = [
    "CarrierInstruction",
    "CarrierSource",
    "Direction",
    "DispatchWatch",
    "InstructionKind",
    "InstructionState",
    "OwnCarrier",
    "Parcel",
    "ParcelState",
    "PayloadState",
    "SeenEvent",
    "SweepCursor",
    "TrackingEvent",
    "TrackingPayload",
    "TransitRule",
    "WatchState",
]
