"""Why goods come back: wishes of the customer and faults of somebody else, kept apart for reports."""

import dataclasses
import enum


class Fault(enum.StrEnum):
    """Whose doing it is."""

    NOBODY = "nobody"  # a wish: the goods are as they should be
    MERCHANT = "merchant"  # the shop's fault
    CARRIER = "carrier"  # the carrier's fault


@dataclasses.dataclass(frozen=True)
class Reason:
    """One reason: a stable code, how people read it (English), whose fault, whether words must be added."""

    code: str
    label: str
    fault: Fault = Fault.NOBODY
    needs_note: bool = False


REASONS: tuple[Reason, ...] = (
    Reason("too_small", "Too small"),
    Reason("too_large", "Too large"),
    Reason("colour", "The colour is different from what I expected"),
    Reason("style", "I don't like the style"),
    Reason("changed_mind", "I changed my mind"),
    Reason("ordered_by_mistake", "Ordered by mistake"),
    Reason("better_price", "Found at a better price"),
    Reason("arrived_late", "Arrived too late", Fault.CARRIER),
    Reason("damaged", "Damaged on the way", Fault.CARRIER),
    Reason("defective", "Defective", Fault.MERCHANT),
    Reason("wrong_item", "Wrong item", Fault.MERCHANT),
    Reason("not_as_described", "Not as described", Fault.MERCHANT),
    Reason("missing_part", "An item or a part is missing", Fault.MERCHANT),
    Reason("other", "Another reason", needs_note=True),
)

BY_CODE = {reason.code: reason for reason in REASONS}
