"""Saleor's own mutations, as the dashboard sends them."""

PLUGIN_UPDATE = """
    mutation ($channel: ID!, $input: PluginUpdateInput!) {
      pluginUpdate(id: "saleor.support", channelId: $channel, input: $input) {
        errors { field code message }
        plugin { channelConfigurations { channel { id } active configuration { name value type label } } }
      }
    }"""
FULFILL = """
    mutation ($order: ID!, $input: OrderFulfillInput!) {
      orderFulfill(order: $order, input: $input) { errors { field code message } fulfillments { id status } }
    }"""
TRACK = """
    mutation ($id: ID!, $input: FulfillmentUpdateTrackingInput!) {
      orderFulfillmentUpdateTracking(id: $id, input: $input) { errors { field code message } }
    }"""
CANCEL_FULFILLMENT = """
    mutation ($id: ID!, $input: FulfillmentCancelInput!) {
      orderFulfillmentCancel(id: $id, input: $input) { errors { field code message } }
    }"""
DRAFT = """
    mutation ($input: DraftOrderCreateInput!) {
      draftOrderCreate(input: $input) { errors { field code message } order { id } }
    }"""
COMPLETE = (
    "mutation ($id: ID!) { draftOrderComplete(id: $id) { errors { field code message } order { id } } }"
)
CONFIRM = "mutation ($id: ID!) { orderConfirm(id: $id) { errors { field code message } } }"
PAYMENT_REFUND = """
    mutation ($id: ID!, $amount: PositiveDecimal) {
      paymentRefund(paymentId: $id, amount: $amount) { errors { field code message } }
    }"""
TRANSACTION_REFUND = """
    mutation ($id: ID!, $amount: PositiveDecimal) {
      transactionRequestAction(id: $id, actionType: REFUND, amount: $amount) {
        errors { field code message }
      }
    }"""
CANCEL = "mutation ($id: ID!) { orderCancel(id: $id) { errors { field code message } } }"
RETURN_GOODS = """
    mutation ($order: ID!, $input: OrderReturnProductsInput!) {
      orderFulfillmentReturnProducts(order: $order, input: $input) { errors { field code message } }
    }"""
REFUND_GOODS = """
    mutation ($order: ID!, $input: OrderRefundProductsInput!) {
      orderFulfillmentRefundProducts(order: $order, input: $input) { errors { field code message } }
    }"""
GRANT = """
    mutation ($id: ID!, $input: OrderGrantRefundCreateInput!) {
      orderGrantRefundCreate(id: $id, input: $input) { errors { field code message } }
    }"""
