"""The GraphQL documents of the story of returns."""

RETURN_SETTINGS = """
mutation ($channel: ID!, $input: SupportReturnSettingsInput!) {
  supportReturnSettingsUpdate(channelId: $channel, input: $input) {
    settings { sendDays address instructions }
    errors { field message code }
  }
}"""

RULE = """
mutation ($input: SupportReturnRuleCreateInput!) {
  supportReturnRuleCreate(input: $input) {
    rule { name position outcome { days anchor settleOn } }
    errors { field message code }
  }
}"""

ELIGIBILITY = """
query ($order: ID!, $accessToken: String) {
  supportReturnEligibility(orderId: $order, accessToken: $accessToken) {
    eligible
    allowed
    lines {
      orderLineId
      returnable
      deadline
      reason
      remedy
      kinds { kind isAllowed rule days anchor whoPays needsEvidence }
      withdrawal { isOpen reason }
    }
  }
}"""

REASONS = """
query ($language: String) {
  supportReturnReasons { code list isGroup label(language: $language) needsEvidence }
}"""

PHOTO = """
mutation ($file: Upload!, $order: ID!) {
  supportFileUpload(file: $file, orderId: $order) {
    file { id name contentType state }
    errors { field message code }
  }
}"""

RETURN_REQUEST = """
mutation ($input: SupportReturnRequestInput!, $accessToken: String) {
  supportReturnRequest(input: $input, accessToken: $accessToken) {
    return {
      id
      number
      kind
      status
      decisionBy
      explanation { rule deadline text }
      lines { productName quantity reasonLabel(language: "es") files { name } }
    }
    errors { field message code }
  }
}"""

RETURN_CONFIRM = """
mutation ($id: ID!, $accessToken: String) {
  supportReturnConfirm(id: $id, accessToken: $accessToken) {
    return { number status decisionBy }
    errors { field message code }
  }
}"""

RETURN_APPROVE = """
mutation ($id: ID!, $input: SupportReturnApproveInput) {
  supportReturnApprove(id: $id, input: $input) {
    return { number status logistics quotedAmount { amount currency } sendBy instructions slipUrl }
    errors { field message code }
  }
}"""

SHIPMENT_REPORT = """
mutation ($id: ID!, $input: SupportReturnShipmentReportInput!) {
  supportReturnShipmentReport(id: $id, input: $input) {
    return { status logistics }
    shipment { state carrier trackingUrl }
    errors { field message code }
  }
}"""

RECEIVE = """
mutation ($id: ID!, $input: SupportReturnReceiveInput!) {
  supportReturnReceive(id: $id, input: $input) {
    return { number status logistics }
    receipt { warehouse lines { sellable damaged missing } }
    errors { field message code }
  }
}"""

ONE_RETURN = """
query ($id: ID!) {
  supportReturn(id: $id) {
    number
    status
    authorisation
    logistics
    settlement
    refundAmount { amount currency }
    lines { quantity approvedQuantity sellableQuantity returnedQuantity }
    payouts { amount { amount } state }
    history { event actor }
  }
}"""

AFTER_RETURN = """
query ($order: ID!) {
  order(id: $order) {
    number
    status
    fulfillments { status lines { quantity orderLine { productName } } }
    payments { capturedAmount { amount currency } }
    transactions { chargedAmount { amount } refundedAmount { amount } }
    grantedRefunds { amount { amount } status reason }
    events { type message }
    supportReturns { number status refundAmount { amount currency } }
  }
}"""

RETURN_REPORT = """
query ($from: Date!, $until: Date!) {
  supportReturnReport(from: $from, until: $until) {
    returns
    orders
    rate
    refunded { amount currency }
    reasons: rows(by: REASON) { label returns pieces rate }
    products: rows(by: PRODUCT, first: 3) { label pieces rate }
    times { step returns p50 p90 }
  }
}"""
