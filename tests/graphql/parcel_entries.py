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
    "Mutation.supportParcelUpdate": Entry(
        'mutation ($parcel: ID!) { it: supportParcelUpdate(id: $parcel, input: {carrier: "dhl", '
        'trackingNumber: "JJD0003800000001234"}) { errors { field code } parcel { id } } }',
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Query.supportCarriers": Entry(
        "query ($accessToken: String) { it: supportCarriers(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id code } } } }",
        STAFF_EVERYWHERE,
        DENIED,
    ),
    "Query.supportTransitRules": Entry(
        "query ($accessToken: String) { it: supportTransitRules(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id daysUntil } } } }",
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": EMPTY},
    ),
    "Query.supportCarrierCandidates": Entry(
        'query ($accessToken: String) { it: supportCarrierCandidates(number: "1Z999AA10123456784", '
        "accessToken: $accessToken) { code evidence isDetected } }",
        STAFF_EVERYWHERE,
        DENIED,
    ),
    "Mutation.supportCarrierCreate": Entry(
        'mutation { it: supportCarrierCreate(input: {code: "drones", name: "Drones"}) { errors { field code } '
        "carrier { id } } }",
        STAFF,
        DENIED,
    ),
    "Mutation.supportCarrierUpdate": Entry(
        'mutation ($carrier: ID!) { it: supportCarrierUpdate(id: $carrier, input: {name: "Drones"}) '
        "{ errors { field code } carrier { id } } }",
        STAFF,
        DENIED,
    ),
    "Mutation.supportCarrierDelete": Entry(
        "mutation ($carrier: ID!) { it: supportCarrierDelete(id: $carrier) { errors { field code } } }",
        STAFF,
        DENIED,
    ),
    "Mutation.supportTransitRuleCreate": Entry(
        "mutation ($channel: ID!) { it: supportTransitRuleCreate(input: {channelId: $channel, daysFrom: 1, "
        'daysUntil: 3, country: "ES"}) { errors { field code } rule { id } } }',
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportTransitRuleUpdate": Entry(
        "mutation ($rule: ID!) { it: supportTransitRuleUpdate(id: $rule, input: {daysUntil: 3}) "
        "{ errors { field code } rule { id } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportTransitRuleDelete": Entry(
        "mutation ($rule: ID!) { it: supportTransitRuleDelete(id: $rule) { errors { field code } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
}
