"""The fields about returns for the callers matrix."""

from tests.graphql.conftest import CALLERS
from tests.graphql.entries import (
    BAD_LINK,
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


def _mine(arguments: str, field: str, variable: str, *, payload: str = "return { id number }") -> Entry:
    """A mutation about one return which its customer and staff may use."""
    return Entry(
        f"mutation (${variable}: ID!, $accessToken: String) {{ it: {field}(id: ${variable}, {arguments}"
        f"accessToken: $accessToken) {{ errors {{ field code }} {payload} }} }}",
        MINE,
        NOT_FOUND,
    )


def _staff(arguments: str, field: str, variable: str, *, payload: str = "return { id number }") -> Entry:
    """A mutation about one object which staff of its channel may use."""
    return Entry(
        f"mutation (${variable}: ID!) {{ it: {field}(id: ${variable}{arguments}) "
        f"{{ errors {{ field code }} {payload} }} }}",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    )


EVERYWHERE = {"staff_of_another_channel": NOT_FOUND}  # what holds in every channel is not theirs to change
RETURNS = {
    "Query.supportReturn": Entry(
        "query ($return: ID!, $accessToken: String) { it: supportReturn(id: $return, accessToken: $accessToken) "
        '{ id number kind status lines { quantity unitPrice { amount } reasonLabel(language: "es") files { id } '
        "policy { rule ruleName } } explanation { rule text } shipments { id } labelRequest { isComing state message } receipts { id } payouts { id } "
        "comments { text } history { event after } risk { rule } slipUrl } }",
        MINE,
        NULL,
    ),
    "Query.supportReturns": Entry(
        "query ($accessToken: String) { it: supportReturns(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id } } } }",
        MINE,
        EMPTY,
    ),
    "Query.supportReturnEligibility": Entry(
        "query ($order: ID!, $accessToken: String) { it: supportReturnEligibility(orderId: $order, "
        "accessToken: $accessToken) { eligible lines { returnable kinds { kind isAllowed ruleName } } } }",
        MINE,
        NULL,
    ),
    "Query.supportReturnReasons": Entry(
        "query ($accessToken: String) { it: supportReturnReasons(accessToken: $accessToken) "
        '{ id code label(language: "es") labels { text } } }',
        tuple(one for one in CALLERS if one != "guest_with_forged_link"),
        BAD_LINK,
    ),
    "Query.supportReturnRules": Entry(
        "query ($accessToken: String) { it: supportReturnRules(accessToken: $accessToken) "
        "{ id name conditions { countries } outcome { days fees { code } } } }",
        STAFF_EVERYWHERE,
        DENIED,
    ),
    "Query.supportReturnSettings": Entry(
        "query ($channel: ID!, $accessToken: String) { it: supportReturnSettings(channelId: $channel, "
        "accessToken: $accessToken) { channelId sendDays risk { points } } }",
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": NULL},
    ),
    "Query.supportReturnListEntries": Entry(
        "query ($accessToken: String) { it: supportReturnListEntries(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id email note } } } }",
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": EMPTY},
    ),
    "Query.supportReturnReport": Entry(
        'query ($accessToken: String) { it: supportReturnReport(from: "2024-04-01", until: "2024-04-30", '
        "accessToken: $accessToken) { returns rate rows(by: REASON) { value rate } times { step p50 } } }",
        STAFF_EVERYWHERE,
        DENIED,
    ),
    "Order.supportReturns": Entry(
        "query ($order: ID!, $accessToken: String) { order(id: $order) { it: supportReturns("
        "accessToken: $accessToken) { id lines { quantity } comments { text } history { event } } } }",
        MINE,
        DENIED,
    ),
    "User.supportReturns": Entry(
        "{ me { it: supportReturns(first: 5) { totalCount edges { node { id } } } } }", ("owner",), EMPTY
    ),
    "Mutation.supportReturnRequest": Entry(
        "mutation ($order: ID!, $line: ID!, $accessToken: String) { it: supportReturnRequest(input: {orderId: "
        "$order, kind: RETURN, lines: [{orderLineId: $line, quantity: 1}]}, accessToken: $accessToken) "
        "{ errors { field code } return { id } } }",
        MINE,
        NOT_FOUND,
    ),
    "Mutation.supportReturnConfirm": _mine("", "supportReturnConfirm", "unconfirmed")._replace(
        allowed=("owner", "staff", "app"),
        denied={"guest": BAD_LINK},  # only by the link of its own mail
    ),
    "Mutation.supportReturnInformationProvide": _mine(
        'input: {text: "The blue one"}, ', "supportReturnInformationProvide", "questioned"
    ),
    "Mutation.supportReturnCancel": _mine("", "supportReturnCancel", "return"),
    "Mutation.supportReturnShipmentReport": _mine(
        'input: {trackingNumber: "1Z999AA10123456799"}, ',
        "supportReturnShipmentReport",
        "approved",
        payload="return { id } shipment { id events { id } }",
    ),
    "Mutation.supportReturnCommentAdd": _mine(
        'input: {text: "Hello"}, ',
        "supportReturnCommentAdd",
        "return",
        payload="return { id } comment { id authorName text }",
    ),
    "Mutation.supportReturnInformationRequest": _staff(
        ', question: "Which one?"', "supportReturnInformationRequest", "return"
    ),
    "Mutation.supportReturnApprove": _staff(
        ', input: {overrideReason: "Kind"}', "supportReturnApprove", "return"
    ),
    "Mutation.supportReturnDecline": _staff(', message: "No"', "supportReturnDecline", "return"),
    "Mutation.supportReturnLabelAttach": _staff(
        ', input: {url: "https://ups.example/label"}',
        "supportReturnLabelAttach",
        "approved",
        payload="return { id } shipment { id labelUrl }",
    ),
    "Mutation.supportReturnReceive": Entry(
        "mutation ($approved: ID!, $line: ID!) { it: supportReturnReceive(id: $approved, input: {lines: "
        "[{orderLineId: $line, sellable: 1}]}) { errors { field code } return { id } receipt { id lines { "
        "sellable } } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportReturnReceiptRetry": _staff("", "supportReturnReceiptRetry", "stuck"),
    "Mutation.supportReturnSettle": _staff(
        ', input: {amount: 0, note: "Settled by phone"}', "supportReturnSettle", "kept"
    ),
    "Mutation.supportReturnReopen": _staff(', reason: "It came back"', "supportReturnReopen", "declined"),
    "Mutation.supportReturnReasonCreate": Entry(
        'mutation { it: supportReturnReasonCreate(input: {code: "itches", list: WISH, label: "It itches"}) '
        "{ errors { field code } reason { id code isGroup } } }",
        STAFF,
        DENIED,
        denied=EVERYWHERE,
    ),
    "Mutation.supportReturnReasonUpdate": _staff(
        ', input: {label: "Its", labels: [{language: "es", text: "Eso"}]}',
        "supportReturnReasonUpdate",
        "reason",
        payload="reason { id label }",
    ),
    "Mutation.supportReturnReasonDelete": _staff("", "supportReturnReasonDelete", "reason", payload=""),
    "Mutation.supportReturnReasonReorder": Entry(
        "mutation ($reason: ID!) { it: supportReturnReasonReorder(ids: [$reason]) "
        "{ errors { field code } reasons { id position } } }",
        STAFF,
        DENIED,
        denied=EVERYWHERE,
    ),
    "Mutation.supportReturnRuleCreate": Entry(
        'mutation ($channel: ID!) { it: supportReturnRuleCreate(input: {channelId: $channel, name: "Shoes", '
        "outcome: {days: 60}}) { errors { field code } rule { id name outcome { days } } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportReturnRuleUpdate": _staff(
        ", input: {isActive: true}", "supportReturnRuleUpdate", "returnRule", payload="rule { id isActive }"
    ),
    "Mutation.supportReturnRuleDelete": _staff("", "supportReturnRuleDelete", "returnRule", payload=""),
    "Mutation.supportReturnRuleReorder": Entry(
        "mutation ($returnRule: ID!) { it: supportReturnRuleReorder(ids: [$returnRule]) "
        "{ errors { field code } rules { id position } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportReturnSettingsUpdate": Entry(
        "mutation ($channel: ID!) { it: supportReturnSettingsUpdate(channelId: $channel, input: {sendDays: 21, "
        "risk: {returns: 0}}) { errors { field code } settings { sendDays risk { returns } } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportReturnListEntryCreate": Entry(
        "mutation ($channel: ID!) { it: supportReturnListEntryCreate(input: {channelId: $channel, list: ALLOW, "
        'email: "good@example.com"}) { errors { field code } entry { id list } } }',
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportReturnListEntryDelete": _staff("", "supportReturnListEntryDelete", "entry", payload=""),
}
