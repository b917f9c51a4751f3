"""What customers do with returns, and staff for them: ask, confirm, answer, send, take back, comment."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import SupportMutation, access_token, now, sent
from saleor_support_plugin.graphql.files import file_keys
from saleor_support_plugin.graphql.returns.goods import SupportReturnShipment
from saleor_support_plugin.graphql.returns.lines import SupportReturnComment
from saleor_support_plugin.graphql.returns.types import SupportReturn
from saleor_support_plugin.graphql.returns.words import (
    KEY,
    SupportReturnKind,
    SupportReturnResolution,
    key_of,
    return_id,
    shown,
)
from saleor_support_plugin.returns import queries, service

FILES = "Files handed in with `supportFileUpload`, at most 10."


class SupportReturnRequestLineInput(graphene.InputObjectType):
    """How many of one line."""

    order_line_id = graphene.ID(required=True, description="The order line.")
    quantity = graphene.Int(required=True, description="Pieces, at least 1.")
    reason = graphene.String(
        description="Code of one of `supportReturnReasons`. Compulsory for claims, never for withdrawals."
    )
    note = graphene.String(description="The customer's own words, at most 500 characters.")
    file_ids = graphene.List(graphene.NonNull(graphene.ID), description=FILES)
    wanted_variant_id = graphene.ID(description="For an exchange: the variant to get instead.")


class SupportReturnRequestInput(graphene.InputObjectType):
    """What should come back."""

    order_id = graphene.ID(required=True, description="The order.")
    kind = SupportReturnKind(description="What the customer wants; `RETURN` when left out.")
    resolution = SupportReturnResolution(
        description="What the customer gets; the shop's favourite when left out."
    )
    lines = graphene.List(
        graphene.NonNull(SupportReturnRequestLineInput), required=True, description="At least one line."
    )
    comment = graphene.String(description="Anything else, at most 2000 characters.")
    override_reason = graphene.String(
        description="Why staff asks for more than the policy allows, at most 500 characters; staff only."
    )
    key = graphene.String(description=KEY.format("return"))


class SupportReturnRequest(SupportMutation):
    """Ask for a return."""

    class Meta:
        description = (
            "Ask the shop to take goods back, to exchange them or to make good what is wrong with them. A "
            "guest's request and a withdrawal wait for `supportReturnConfirm`."
        )

    class Arguments:
        input = SupportReturnRequestInput(required=True, description="What should come back.")
        access_token = access_token()

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Request."""
        lines = [_wish(number, line) for number, line in enumerate(input["lines"])]
        row = service.request(actor=actor, now=now(), **{**sent(input), "lines": lines})
        return shown(actor, row)


def _wish(number: int, line: Mapping[str, Any]) -> service.Wish:
    files = file_keys(line.get("file_ids") or (), field=f"lines.{number}.fileIds")
    return service.Wish(**{**sent(line), "file_ids": tuple(files)})


class SupportReturnConfirm(SupportMutation):
    """Confirm a request."""

    class Meta:
        description = (
            "Confirm a return that was asked for: from then on the shop has to decide. Guests use the link "
            "of the mail that asks them to."
        )

    class Arguments:
        id = return_id()
        access_token = access_token()

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Confirm."""
        return shown(actor, service.confirm(actor=actor, return_id=key_of(id), now=now()))


class SupportReturnInformationProvideInput(graphene.InputObjectType):
    """An answer."""

    text = graphene.String(required=True, description="Plain text, at most 2000 characters.")
    file_ids = graphene.List(graphene.NonNull(graphene.ID), description=FILES)
    key = graphene.String(description=KEY.format("answer"))


class SupportReturnInformationProvide(SupportMutation):
    """Answer the shop."""

    class Meta:
        description = "Answer what the shop asks about a return; the clock of its decision goes on."

    class Arguments:
        id = return_id()
        input = SupportReturnInformationProvideInput(required=True, description="The answer.")
        access_token = access_token()

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer."""
        row = service.answer(
            actor=actor,
            return_id=key_of(id),
            text=input["text"],
            file_ids=file_keys(input.get("file_ids") or ()),
            key=input.get("key") or "",
            now=now(),
        )
        return shown(actor, row)


class SupportReturnCancel(SupportMutation):
    """Take a return back."""

    class Meta:
        description = (
            "Take a return back; its goods may be asked for again. The customer may until the goods are on "
            "their way, staff until they are counted."
        )

    class Arguments:
        id = return_id()
        reason = graphene.String(description="Why, at most 500 characters.")
        access_token = access_token()

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, reason: str | None = None) -> Mapping[str, Any]:
        """Cancel."""
        row = service.cancel(actor=actor, return_id=key_of(id), reason=reason or "", now=now())
        return shown(actor, row)


class SupportReturnShipmentReportInput(graphene.InputObjectType):
    """A parcel that was handed in."""

    tracking_number = graphene.String(description="The tracking number; with it the parcel is followed.")
    carrier = graphene.String(description="Code or name of the carrier, at most 60 characters.")
    key = graphene.String(description=KEY.format("parcel"))


class SupportReturnShipmentReport(SupportMutation):
    """Say that goods are on their way."""

    class Meta:
        description = "Say that a parcel with goods of a return was handed to its carrier."

    class Arguments:
        id = return_id()
        input = SupportReturnShipmentReportInput(required=True, description="The parcel.")
        access_token = access_token()

    return_ = graphene.Field(SupportReturn, name="return")
    shipment = graphene.Field(SupportReturnShipment)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Report."""
        key = key_of(id)
        shipment = service.report_shipment(actor=actor, return_id=key, now=now(), **sent(input))
        found = shown(actor, queries.get(actor, key))
        shipment.parent = found["return_"]
        return {**found, "shipment": shipment}


class SupportReturnCommentAddInput(graphene.InputObjectType):
    """A comment."""

    text = graphene.String(required=True, description="Plain text, at most 2000 characters.")
    is_internal = graphene.Boolean(description="Only staff sees it (staff only).")
    key = graphene.String(description=KEY.format("comment"))


class SupportReturnCommentAdd(SupportMutation):
    """Say something."""

    class Meta:
        description = "Say something about a return; what staff says in public is mailed to the customer."

    class Arguments:
        id = return_id()
        input = SupportReturnCommentAddInput(required=True, description="What to say.")
        access_token = access_token()

    return_ = graphene.Field(SupportReturn, name="return")
    comment = graphene.Field(SupportReturnComment)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Comment."""
        key = key_of(id)
        comment = service.comment(actor=actor, return_id=key, now=now(), **sent(input))
        found = shown(actor, queries.get(actor, key))
        comment.parent = found["return_"]
        return {**found, "comment": comment}


MUTATION = {
    "support_return_request": SupportReturnRequest.Field(),
    "support_return_confirm": SupportReturnConfirm.Field(),
    "support_return_information_provide": SupportReturnInformationProvide.Field(),
    "support_return_cancel": SupportReturnCancel.Field(),
    "support_return_shipment_report": SupportReturnShipmentReport.Field(),
    "support_return_comment_add": SupportReturnCommentAdd.Field(),
}
