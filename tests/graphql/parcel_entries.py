"""The fields about parcels for the callers matrix."""

from tests.graphql.entries import (
    DENIED,
    EMPTY,
    MINE,
    NOT_FOUND,
    NULL,
    STAFF,
    STAFF_EVERYWHERE,
    STAFF_ONLY,
    Entry,
)

PARCELS = {
    "Query.supportParcel": Entry(
        "query ($parcel: ID!, $accessToken: String) { it: supportParcel(id: $parcel, accessToken: $accessToken) "
        "{ id number address { city } pickupPoint { code } events { id } instructions { id place } } }",
        MINE,
        NULL,
    ),
    "Query.supportParcels": Entry(
        "query ($accessToken: String) { it: supportParcels(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id address { city } events { id } } } } }",
        MINE,
        EMPTY,
    ),
    "Query.supportCarrierScorecard": Entry(
        'query ($accessToken: String) { it: supportCarrierScorecard(from: "2024-04-01", until: "2024-04-30", '
        "accessToken: $accessToken) { carrier parcels } }",
        STAFF_EVERYWHERE,
        DENIED,
    ),
    "Order.supportParcels": Entry(
        "query ($order: ID!, $accessToken: String) { order(id: $order) { it: supportParcels("
        "accessToken: $accessToken) { id address { city } events { id } } } }",
        MINE,
        DENIED,
    ),
    "Mutation.supportTrackingEventsCreate": Entry(
        "mutation ($channel: ID!) { it: supportTrackingEventsCreate(channelId: $channel, events: [{trackingNumber: "
        '"1Z999AA10123456784", happenedAt: "2024-04-17T11:00:00Z", status: IN_TRANSIT}]) '
        "{ errors { field code } created } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportCarrierInstructionRequest": Entry(
        "mutation ($parcel: ID!, $accessToken: String) { it: supportCarrierInstructionRequest(parcelId: $parcel, "
        "kind: HOLD, accessToken: $accessToken) { errors { field code } instruction { id } } }",
        MINE,
        NOT_FOUND,
    ),
    "Mutation.supportCarrierInstructionUpdate": Entry(
        "mutation ($instruction: ID!) { it: supportCarrierInstructionUpdate(id: $instruction, decision: ACCEPTED) "
        "{ errors { field code } instruction { id } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
}
