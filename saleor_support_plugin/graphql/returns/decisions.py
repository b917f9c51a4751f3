"""What staff does with returns: ask, approve, decline, label, count, settle, take up again."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.graphql.base import SupportMutation, now, pk_of, sent
from saleor_support_plugin.graphql.returns.goods import SupportReturnReceipt, SupportReturnShipment
from saleor_support_plugin.graphql.returns.types import SupportReturn
from saleor_support_plugin.graphql.returns.words import KEY, amount_of, key_of, return_id, shown
from saleor_support_plugin.returns import listing, queries, service


class SupportReturnInformationRequest(SupportMutation):
    """Ask the customer."""

    class Meta:
        description = "Ask the customer something before deciding; until the answer the clock stands still."
        staff = True

    class Arguments:
        id = return_id()
        question = graphene.String(required=True, description="Plain text, at most 2000 characters.")

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, question: str) -> Mapping[str, Any]:
        """Ask."""
        row = service.ask(actor=actor, return_id=key_of(id), question=question, now=now())
        return shown(actor, row)


class SupportReturnQuantityInput(graphene.InputObjectType):
    """How many of a line."""

    order_line_id = graphene.ID(required=True, description="The order line.")
    quantity = graphene.Int(required=True, description="Pieces to approve, from 0 to what was asked for.")


class SupportReturnApproveInput(graphene.InputObjectType):
    """On which terms."""

    quantities = graphene.List(
        graphene.NonNull(SupportReturnQuantityInput),
        description="Where fewer are approved than were asked for; lines left out are approved as a whole.",
    )
    keep = graphene.Boolean(
        description="Whether the goods stay with the customer; left out: as the policy says."
    )
    instructions = graphene.String(description="How to send the goods, instead of the channel's own words.")
    message = graphene.String(description="To the customer, at most 2000 characters.")
    override_reason = graphene.String(
        description="Why it is approved against the policy, at most 500 characters; written down."
    )


class SupportReturnApprove(SupportMutation):
    """Agree to a return."""

    class Meta:
        description = (
            "Agree to a return: the customer is told what goes back, and how and by when to send the goods."
        )
        staff = True

    class Arguments:
        id = return_id()
        input = SupportReturnApproveInput(description="On which terms; left out: as it was asked for.")

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """Approve."""
        terms = sent(input or {})
        quantities = _quantities(terms.pop("quantities", None))
        row = service.approve(actor=actor, return_id=key_of(id), quantities=quantities, now=now(), **terms)
        return shown(actor, row)


def _quantities(given: Sequence[Mapping[str, Any]] | None) -> Mapping[str, int] | None:
    if given is None:
        return None
    found = {one["order_line_id"]: int(one["quantity"]) for one in given}
    if len(found) < len(given):
        raise Invalid("Name each line once.", field="quantities")
    return found


class SupportReturnDecline(SupportMutation):
    """Refuse a return."""

    class Meta:
        description = "Refuse a return; the customer reads why. A withdrawal in time can't be refused."
        staff = True

    class Arguments:
        id = return_id()
        message = graphene.String(required=True, description="Why, at most 2000 characters.")

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, message: str) -> Mapping[str, Any]:
        """Decline."""
        row = service.decline(actor=actor, return_id=key_of(id), message=message, now=now())
        return shown(actor, row)


class SupportReturnLabelAttachInput(graphene.InputObjectType):
    """A label."""

    file_id = graphene.ID(description="A file handed in with `supportFileUpload`; or")
    url = graphene.String(description="the carrier's page, https.")
    carrier = graphene.String(description="Code or name of the carrier, at most 60 characters.")
    tracking_number = graphene.String(description="The label's tracking number; with it it is followed.")
    key = graphene.String(description=KEY.format("parcel"))


class SupportReturnLabelAttach(SupportMutation):
    """Give the customer a label."""

    class Meta:
        description = "Give the customer a label to send goods of a return with, one for each parcel."
        staff = True

    class Arguments:
        id = return_id()
        input = SupportReturnLabelAttachInput(required=True, description="The label.")

    return_ = graphene.Field(SupportReturn, name="return")
    shipment = graphene.Field(SupportReturnShipment)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Attach."""
        key, label = key_of(id), sent(input)
        if "file_id" in label:
            label["file_id"] = pk_of(label["file_id"], "SupportFile", "file", "fileId")
        shipment = service.attach_label(actor=actor, return_id=key, now=now(), **label)
        found = shown(actor, queries.get(actor, key))
        shipment.parent = found["return_"]
        return {**found, "shipment": shipment}


class SupportReturnCountInput(graphene.InputObjectType):
    """What was found of a line."""

    order_line_id = graphene.ID(required=True, description="The order line.")
    sellable = graphene.Int(description="Pieces as new.")
    damaged = graphene.Int(description="Pieces of the shop's, not to be sold again.")
    missing = graphene.Int(description="Pieces that were not in the parcel.")
    not_ours = graphene.Int(description="Pieces instead of which something else was in the parcel.")


class SupportReturnReceiveInput(graphene.InputObjectType):
    """What came."""

    lines = graphene.List(
        graphene.NonNull(SupportReturnCountInput), required=True, description="What was found, line by line."
    )
    warehouse = graphene.String(description="Where the goods lie; left out: where they were to go.")
    note = graphene.String(description="For staff, at most 500 characters.")
    key = graphene.String(description=KEY.format("count"))


class SupportReturnReceive(SupportMutation):
    """Count goods."""

    class Meta:
        description = (
            "Write down what came; a job enters the sellable and the damaged pieces in Saleor as returned. "
            "Again for what comes later."
        )
        staff = True

    class Arguments:
        id = return_id()
        input = SupportReturnReceiveInput(required=True, description="What came.")

    return_ = graphene.Field(SupportReturn, name="return")
    receipt = graphene.Field(SupportReturnReceipt)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Receive."""
        key, given = key_of(id), sent(input)
        counts = [service.Count(**sent(one)) for one in given.pop("lines")]
        made = service.receive(actor=actor, return_id=key, counts=counts, now=now(), **given)
        found = shown(actor, queries.get(actor, key))
        receipt = next(one for one in listing.receipts([key])[key] if one.pk == made.pk)
        receipt.parent = found["return_"]
        return {**found, "receipt": receipt}


class SupportReturnReceiptRetry(SupportMutation):
    """Try again to enter goods."""

    class Meta:
        description = "Try again to enter counted goods in Saleor which it refused before."
        staff = True

    class Arguments:
        id = return_id()

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Retry."""
        key = key_of(id)
        service.retry_entry(actor=actor, return_id=key, now=now())
        return shown(actor, queries.get(actor, key))


class SupportReturnSettleInput(graphene.InputObjectType):
    """How much."""

    amount = graphene.Float(
        description="In the return's currency; left out: all that is owed. 0 closes it without the rest."
    )
    note = graphene.String(
        description="For staff, at most 500 characters; compulsory when less, or another credit, is given."
    )
    message = graphene.String(
        description="For the customer, in the mail that says how the return ended, like the code of a "
        "credit; at most 2,000 characters. Only where the return ends with this, not with a refund."
    )
    key = graphene.String(description="Idempotency key, at most 64 characters: the same key settles once.")


class SupportReturnSettle(SupportMutation):
    """Settle a return."""

    class Meta:
        description = (
            "Give money back now, all of it or a part; or say that what the customer was to get instead "
            "was given."
        )
        staff = True

    class Arguments:
        id = return_id()
        input = SupportReturnSettleInput(description="How much; left out: all that is owed.")

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """Settle."""
        given = sent(input or {})
        amount = amount_of(given.pop("amount", None), "amount")
        row = service.settle(actor=actor, return_id=key_of(id), amount=amount, now=now(), **given)
        return shown(actor, row)


class SupportReturnReopen(SupportMutation):
    """Take a return up again."""

    class Meta:
        description = "Take a return up again that was declined, cancelled, expired or completed."
        staff = True

    class Arguments:
        id = return_id()
        reason = graphene.String(required=True, description="Why, at most 500 characters.")

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, reason: str) -> Mapping[str, Any]:
        """Reopen."""
        row = service.reopen(actor=actor, return_id=key_of(id), reason=reason, now=now())
        return shown(actor, row)


MUTATION = {
    "support_return_information_request": SupportReturnInformationRequest.Field(),
    "support_return_approve": SupportReturnApprove.Field(),
    "support_return_decline": SupportReturnDecline.Field(),
    "support_return_label_attach": SupportReturnLabelAttach.Field(),
    "support_return_receive": SupportReturnReceive.Field(),
    "support_return_receipt_retry": SupportReturnReceiptRetry.Field(),
    "support_return_settle": SupportReturnSettle.Field(),
    "support_return_reopen": SupportReturnReopen.Field(),
}
