"""Statuses in words for customers, in every language there are translations of."""

from saleor_support_plugin.notifications.writing import language
from saleor_support_plugin.tracking.status import Status, SubStatus

STATUS = {
    Status.PENDING: "Sent",
    Status.INFO_RECEIVED: "The carrier expects the parcel",
    Status.IN_TRANSIT: "On its way",
    Status.OUT_FOR_DELIVERY: "Out for delivery today",
    Status.ATTEMPT_FAILED: "The courier could not deliver the parcel",
    Status.AVAILABLE_FOR_PICKUP: "Ready to be collected",
    Status.DELIVERED: "Delivered",
    Status.EXCEPTION: "There is a problem with the parcel",
    Status.EXPIRED: "No news for a long time",
    Status.RETURNING: "On its way back to the shop",
    Status.RETURNED: "Back at the shop",
    Status.CANCELLED: "Cancelled",
}
SUB_STATUS = {
    SubStatus.COLLECTED: "Collected",
    SubStatus.SIGNED: "Delivered against a signature",
    SubStatus.PAID_ON_DELIVERY: "Delivered and paid for",
    SubStatus.NEIGHBOUR: "Left with a neighbour",
    SubStatus.SAFE_PLACE: "Left in a safe place",
    SubStatus.ABSENT: "The courier met nobody",
    SubStatus.CLOSED: "The courier found the door closed",
    SubStatus.NO_ACCESS: "The courier could not get to the door",
    SubStatus.PICKUP_MISSED: "Not collected in time",
    SubStatus.INCORRECT_ADDRESS: "The address is wrong or incomplete",
    SubStatus.MOVED: "The recipient has moved",
    SubStatus.REFUSED: "The recipient did not take the parcel",
    SubStatus.CUSTOMS: "Held by customs",
    SubStatus.DOCUMENTS_MISSING: "Held until documents arrive",
    SubStatus.PAYMENT_DUE: "Held until duties or charges are paid",
    SubStatus.WEATHER: "Delayed by the weather",
    SubStatus.MISSED_CONNECTION: "Delayed on the way",
    SubStatus.PROCESSING_DELAY: "Delayed in a depot",
    SubStatus.EXTERNAL_DELAY: "Delayed by something out of the carrier's hands",
    SubStatus.REJECTED: "The carrier did not accept the parcel",
    SubStatus.DISPOSED: "Disposed of by the carrier",
    SubStatus.DAMAGED: "Damaged",
    SubStatus.LOST: "Lost",
    SubStatus.STALLED: "No scan for an unusually long time",
}


def say(status: str, sub_status: str = "", wanted: str = "") -> str:
    """A status in words.

    Args:
        status: a :class:`Status`; "" (a word of the carrier's that we do not know) gives "".
        sub_status: a :class:`SubStatus`, which says it more exactly, or "".
        wanted: a language like "es-es"; English when there are no translations.
    """
    if not status:
        return ""
    text = STATUS[Status(status)]
    if sub_status:
        text = SUB_STATUS.get(SubStatus(sub_status), text)
    return language.choose(wanted).catalog.gettext(text)
