"""The requests of the stories: Saleor's own documents, and ours as a storefront sends them."""

LOGIN = """mutation ($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) { token errors { field message } } }"""
CHANNELS = "{ channels { id slug } }"
VARIANTS = """query ($channel: String!) { productVariants(first: 100, channel: $channel,
  filter: {isPreorder: false}) { edges { node {
  id name stocks { warehouse { id } } product { productType { isShippingRequired } } } } } }"""
ZONES = """query ($channel: String!) { shippingZones(first: 20, channel: $channel) {
  edges { node { countries { code } shippingMethods { id name } } } } }"""
DRAFT_CREATE = """mutation ($input: DraftOrderCreateInput!) { draftOrderCreate(input: $input) {
  errors { field message code } order { id } } }"""
DRAFT_COMPLETE = """mutation ($id: ID!) { draftOrderComplete(id: $id) { errors { field message code }
  order { id number userEmail total { gross { amount currency } }
          lines { id quantity productName unitPrice { gross { amount } } totalPrice { gross { amount } } } } } }"""
MARK_PAID = """mutation ($id: ID!) { orderMarkAsPaid(id: $id) { errors { field message code } } }"""
FULFILL = """mutation ($order: ID!, $input: OrderFulfillInput!) { orderFulfill(order: $order, input: $input) {
  errors { field message code } fulfillments { id trackingNumber lines { id quantity } } } }"""
CONFIRM = "mutation ($id: ID!) { orderConfirm(id: $id) { errors { field message code } } }"
UPDATE_TRACKING = """mutation ($id: ID!, $number: String!) { orderFulfillmentUpdateTracking(id: $id,
  input: {trackingNumber: $number}) { errors { field message code } } }"""
PAYMENT_REFUND = """mutation ($id: ID!, $amount: PositiveDecimal!) { paymentRefund(paymentId: $id,
  amount: $amount) { errors { field message code } } }"""
CHANNEL_CONFIRMS = """mutation ($channel: ID!, $on: Boolean!) { channelUpdate(id: $channel, input: {
  orderSettings: {automaticallyConfirmAllNewOrders: $on}}) { errors { field message } } }"""
CANCEL = "mutation ($id: ID!) { orderCancel(id: $id) { errors { field message code } } }"
ORDER = """query ($id: ID!) { order(id: $id) { status
  shippingAddress { streetAddress1 city postalCode }
  fulfillments { id status lines { quantity orderLine { id } } }
  payments { id chargeStatus capturedAmount { amount } }
  transactions { id refundedAmount { amount } chargedAmount { amount } }
  grantedRefunds { status amount { amount } reason }
  events { type message app { name } } } }"""
CONFIGURE = """mutation ($channel: ID!, $options: [ConfigurationItemInput!]!) {
  pluginUpdate(id: "saleor.support", channelId: $channel, input: {active: true, configuration: $options}) {
    errors { field message code }
    plugin { id channelConfigurations { channel { slug } configuration { name value type } } } } }"""
PLUGINS = """{ plugins(first: 50) { edges { node { id name
  channelConfigurations { active channel { slug } configuration { name value type label helpText } } } } } }"""
APP_CREATE = """mutation ($permissions: [PermissionEnum!]) { appCreate(input: {name: "An app",
  permissions: $permissions}) { errors { field message } authToken app { id } } }"""
WEBHOOK_CREATE = """mutation ($app: ID!, $url: String!) { webhookCreate(input: {app: $app, targetUrl: $url,
  name: "Payments", isActive: true, syncEvents: [TRANSACTION_REFUND_REQUESTED],
  query: "subscription { event { ... on TransactionRefundRequested { action { amount actionType } } } }"}) {
  errors { field message } webhook { id } } }"""
TRANSACTION_CREATE = """mutation ($id: ID!, $transaction: TransactionCreateInput!) {
  transactionCreate(id: $id, transaction: $transaction) { errors { field message code } transaction { id } } }"""
STAFF_CREATE = """mutation ($input: StaffCreateInput!) { staffCreate(input: $input) {
  errors { field message } user { id email } } }"""
GROUP_CREATE = """mutation ($input: PermissionGroupCreateInput!) { permissionGroupCreate(input: $input) {
  errors { field message } group { id } } }"""

PAYMENT_FLOW = """mutation ($channel: ID!) { channelUpdate(id: $channel, input: {
  orderSettings: {markAsPaidStrategy: PAYMENT_FLOW}}) { errors { field message } } }"""

TICKET_CREATE = """mutation ($input: SupportTicketCreateInput!, $token: String) {
  supportTicketCreate(input: $input, accessToken: $token) { errors { field message code }
    ticket { id number subject state answerBy messages { author body } } } }"""
TICKET_REPLY = """mutation ($id: ID!, $input: SupportTicketReplyInput!, $token: String) {
  supportTicketReply(id: $id, input: $input, accessToken: $token) { errors { field message code }
    ticket { id state } message { id } } }"""
TICKET = "query ($id: ID!, $token: String) { supportTicket(id: $id, accessToken: $token) { id number } }"
ORDER_TICKETS = """query ($id: ID!, $token: String) { order(id: $id) { number
  supportTickets(accessToken: $token) { number subject } } }"""
MY_TICKETS = "{ me { email supportTickets(first: 10) { totalCount edges { node { number } } } } }"
ADDRESS = """mutation ($order: ID!, $address: AddressInput!, $token: String) {
  supportAddressChangeRequest(orderId: $order, address: $address, accessToken: $token) {
    errors { field message code } addressChange { state } } }"""
ELIGIBILITY = """query ($order: ID!, $token: String) {
  supportReturnEligibility(orderId: $order, accessToken: $token) { eligible allowed
    lines { orderLineId eligible returnable fulfilled inReturns rule reason } } }"""
ORDER_PARCELS = """query ($id: ID!, $token: String) { order(id: $id) { number
  supportParcels(accessToken: $token) {
    id number status subStatus statusText carrier trackingNumber trackingUrl warehouse shippingMethod country
    shippedAt deliveredAt isLate items { name quantity } address { city }
    events { status description place source }
  } } }"""
GUEST_ACCESS = """mutation ($channel: String!, $number: String!, $email: String!) {
  supportGuestAccessRequest(channel: $channel, orderNumber: $number, email: $email) {
    errors { field message code } } }"""
TASKS = """{ supportStaffTasks(first: 10) { totalCount edges { node { id kind state summary } } } }"""

PEOPLE = """
import graphene
from saleor.account.models import User
for user in User.objects.filter(is_staff=False, is_active=True).order_by("pk")[:3]:
    user.set_password("{password}")
    user.is_confirmed = True
    user.save()
    print(graphene.Node.to_global_id("User", user.pk) + "|" + user.email)
"""
STOCK = """
from saleor.warehouse.models import Stock
Stock.objects.update(quantity=100000)
"""
OUTBOX = """
from saleor_support_plugin.notifications.models import Notification
for row in Notification.objects.order_by("pk"):
    print(row.kind, row.order_number, row.state, row.reason or "-")
"""
PASSWORD = """
from saleor.account.models import User
user = User.objects.get(email="{email}")
user.set_password("{password}")
user.is_confirmed = True
user.save()
"""
