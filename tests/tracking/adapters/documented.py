"""Every word for a status that the providers document, written down apart from our tables."""


def _words(text):
    return frozenset(text.split())


def _numbered(word, *numbers):
    return {f"{word}_{number:03d}" for number in numbers}


AFTERSHIP = frozenset(
    {"Pending", "InfoReceived", "InTransit", "OutForDelivery", "AttemptFail", "Delivered"}
    | {"AvailableForPickup", "Exception", "Expired"}
    | _numbered("Pending", *range(1, 7))
    | _numbered("InfoReceived", 1)
    | _numbered("InTransit", *range(1, 10))
    | _numbered("OutForDelivery", 1, 3, 4)
    | _numbered("AttemptFail", 1, 2, 3)
    | _numbered("AvailableForPickup", 1)
    | _numbered("Delivered", *range(1, 6))
    | _numbered("Exception", *range(1, 14), *range(16, 22))
    | _numbered("Expired", 1)
)
AFTERSHIP_UNKNOWN = frozenset({"Pending"} | _numbered("Pending", *range(1, 7)))

EASYPOST = _words(
    # status
    "unknown pre_transit in_transit out_for_delivery delivered available_for_pickup return_to_sender failure "
    "cancelled error "
    # status_detail
    "address_correction arrived_at_destination arrived_at_facility arrived_at_pickup_location "
    "awaiting_information cancelled damaged delayed delivery_exception departed_facility "
    "departed_origin_facility expired failure held in_transit label_created lost missorted out_for_delivery "
    "received_at_destination_facility received_at_origin_facility refused return status_update "
    "transferred_to_destination_carrier transit_exception unknown weather_delay"
)
EASYPOST_UNKNOWN = _words(
    "unknown error address_correction arrived_at_destination arrived_at_facility departed_facility "
    "departed_origin_facility in_transit label_created out_for_delivery received_at_destination_facility "
    "received_at_origin_facility status_update transferred_to_destination_carrier"
)

SEVENTEENTRACK = _words(
    "NotFound InfoReceived InTransit Expired AvailableForPickup OutForDelivery DeliveryFailure Delivered "
    "Exception NotFound_Other NotFound_InvalidCode InTransit_PickedUp InTransit_Other InTransit_Departure "
    "InTransit_Arrival InTransit_CustomsProcessing InTransit_CustomsReleased "
    "InTransit_CustomsRequiringInformation Expired_Other AvailableForPickup_Other OutForDelivery_Other "
    "DeliveryFailure_Other DeliveryFailure_NoBody DeliveryFailure_Security DeliveryFailure_Rejected "
    "DeliveryFailure_InvalidAddress Delivered_Other Exception_Other Exception_Returning Exception_Returned "
    "Exception_NoBody Exception_Security Exception_Damage Exception_Rejected Exception_Delayed Exception_Lost "
    "Exception_Destroyed Exception_Cancel"
)
SEVENTEENTRACK_UNKNOWN = frozenset({"NotFound", "NotFound_Other", "NotFound_InvalidCode"})

SHIPPO = _words(
    "UNKNOWN PRE_TRANSIT TRANSIT DELIVERED RETURNED FAILURE "
    "information_received address_issue contact_carrier delayed delivery_attempted delivery_rescheduled "
    "delivery_scheduled location_inaccessible notice_left out_for_delivery package_accepted package_arrived "
    "package_damaged package_departed package_forwarded package_held package_processed package_processing "
    "pickup_available reschedule_delivery delivered return_to_sender package_unclaimed package_undeliverable "
    "package_disposed package_lost other"
)
SHIPPO_UNKNOWN = _words(
    "UNKNOWN information_received contact_carrier delivered delivery_rescheduled delivery_scheduled other "
    "package_accepted package_arrived package_departed package_forwarded package_processed "
    "package_processing"
)
