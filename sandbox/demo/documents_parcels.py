"""The GraphQL documents of the story of parcels."""

FULFILLED = """
mutation ($order: ID!, $lines: [OrderFulfillLineInput!]!, $tracking: String) {
  orderFulfill(order: $order, input: {lines: $lines, trackingNumber: $tracking, notifyCustomer: true}) {
    fulfillments { id trackingNumber }
    errors { field message code }
  }
}"""

TRANSIT_RULE = """
mutation ($rule: SupportTransitRuleCreateInput!) {
  supportTransitRuleCreate(input: $rule) {
    rule { country daysFrom daysUntil }
    errors { field message code }
  }
}"""

TRACKING_PAGE = """
query ($order: ID!, $accessToken: String, $language: String) {
  order(id: $order) {
    number
    supportParcels(accessToken: $accessToken) {
      id
      number
      status
      statusText(language: $language)
      carrier
      trackingNumber
      trackingUrl
      promisedFrom
      promisedUntil
      promisedHours
      deliveredAt
      items { name quantity }
      events { happenedAt statusText(language: $language) place }
    }
  }
}"""

NEW_ADDRESS = """
mutation ($parcel: ID!, $address: AddressInput!) {
  supportCarrierInstructionRequest(parcelId: $parcel, kind: NEW_ADDRESS, address: $address) {
    instruction { id kind state address { streetAddress1 city } }
    errors { field message code }
  }
}"""

DECIDE = """
mutation ($id: ID!, $note: String) {
  supportCarrierInstructionUpdate(id: $id, decision: ACCEPTED, note: $note) {
    instruction { state note }
    errors { field message code }
  }
}"""

PARCELS = """
query ($number: String!) {
  supportParcels(first: 5, filter: {orderNumber: $number}) {
    totalCount
    edges { node { number status subStatus warehouse carrier instructions { kind state } } }
  }
}"""

SCORECARD = """
query ($from: Date!, $until: Date!) {
  supportCarrierScorecard(from: $from, until: $until, groupBy: [CARRIER]) {
    carrier
    parcels
    delivered
    onTimeRate
    exceptionRate
    exceptions { kind parcels }
    daysInTransitP50
  }
}"""
