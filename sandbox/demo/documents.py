"""The GraphQL documents of the story."""

LOGIN = """
mutation ($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) {
    token
    user { email isStaff }
    errors { field message code }
  }
}"""

CONFIGURE = """
mutation ($channel: ID, $options: [ConfigurationItemInput!]) {
  pluginUpdate(id: "saleor.support", channelId: $channel, input: {configuration: $options}) {
    errors { field message code }
  }
}"""

PLUGIN = """
query {
  plugin(id: "saleor.support") {
    name
    channelConfigurations {
      active
      channel { slug }
      configuration { name value type }
    }
  }
}"""

ORDER_FOR_STAFF = """
query ($id: ID!) {
  warehouseId
  order(id: $id) {
    number
    status
    lines { id productName quantity quantityFulfilled }
  }
}"""

FULFILL = """
mutation ($order: ID!, $lines: [OrderFulfillLineInput!]!, $tracking: String, $notify: Boolean) {
  orderFulfill(
    order: $order
    input: {lines: $lines, trackingNumber: $tracking, notifyCustomer: $notify}
  ) {
    fulfillments { id status trackingNumber lines { quantity orderLine { productName } } }
    order { status }
    errors { field message code }
  }
}"""

TICKET_CREATE = """
mutation ($input: SupportTicketCreateInput!, $accessToken: String) {
  supportTicketCreate(input: $input, accessToken: $accessToken) {
    ticket { id number state subject answerBy order { number } }
    errors { field message code }
  }
}"""

TICKET_REPLY = """
mutation ($id: ID!, $input: SupportTicketReplyInput!) {
  supportTicketReply(id: $id, input: $input) {
    message { author authorName body internal }
    ticket { number state }
    errors { field message code }
  }
}"""

TICKETS = """
query ($order: ID!) {
  order(id: $order) {
    number
    supportTickets { number state messages { author authorName body internal } }
  }
  me {
    email
    supportTickets(first: 5) { totalCount edges { node { number subject } } }
  }
}"""

ADDRESS_CHANGE = """
mutation ($order: ID!, $address: AddressInput!) {
  supportAddressChangeRequest(orderId: $order, address: $address) {
    addressChange {
      state
      address { streetAddress1 postalCode city country { code } }
      previous { streetAddress1 postalCode city }
    }
    errors { field message code }
  }
}"""

ORDER_ADDRESS = """
query ($id: ID!) {
  order(id: $id) {
    number
    status
    shippingAddress { streetAddress1 postalCode city countryArea }
  }
}"""

TIMELINE = """
query ($id: ID!) {
  order(id: $id) {
    number
    status
    events { type message }
  }
}"""

GUEST_ACCESS = """
mutation ($channel: String!, $orderNumber: String!, $email: String!) {
  supportGuestAccessRequest(channel: $channel, orderNumber: $orderNumber, email: $email) {
    errors { field message code }
  }
}"""

GUEST_ORDER = """
query ($order: ID!, $accessToken: String) {
  order(id: $order) {
    number
    status
    supportTickets(accessToken: $accessToken) { number subject state }
    supportReturns(accessToken: $accessToken) { number status }
  }
}"""

TICKET = """
query ($id: ID!, $accessToken: String) {
  supportTicket(id: $id, accessToken: $accessToken) { number subject }
}"""

ORDER_TICKETS = """
query ($order: ID!) {
  order(id: $order) {
    number
    supportTickets { number }
  }
}"""

PREVIEW = """
query ($order: ID!, $blocks: [SupportNotificationBlockInput!]) {
  supportNotificationPreview(kind: "order_shipped", order: $order, blocks: $blocks) {
    subject
    text
    language
    problems { field message }
  }
}"""

TEMPLATE = """
mutation ($input: SupportNotificationTemplateInput!) {
  supportNotificationTemplateUpdate(input: $input) {
    template { kind language version }
    errors { field message code }
  }
}"""

TASKS = """
query {
  supportStaffTasks(first: 5, filter: {state: OPEN}) {
    edges { node { id kind summary order { number } } }
  }
}"""

TASK_COMPLETE = """
mutation ($id: ID!, $note: String) {
  supportStaffTaskComplete(id: $id, note: $note) {
    task { state note }
    errors { field message code }
  }
}"""

NOTIFICATIONS = """
query ($filter: SupportNotificationFilterInput) {
  supportNotifications(first: 5, filter: $filter) {
    totalCount
    edges { node { id kind recipient state reason delivery } }
  }
}"""

RESEND = """
mutation ($id: ID!, $recipient: String) {
  supportNotificationResend(id: $id, recipient: $recipient) {
    notification { kind recipient state }
    errors { field message code }
  }
}"""

HEALTH = """
query {
  supportHealth {
    level
    problems { level code message channel }
    outbox {
      oldestUndecidedAt
      lateSince
      accepted
      failed { reason count }
      skipped { reason count }
      reportsWaiting
      suppressed
    }
    jobs { name succeededAt late }
    channels { channel mode overlap features shopMails doubles }
  }
}"""
