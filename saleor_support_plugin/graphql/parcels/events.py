"""Scans that apps and staff report."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportErrorCode,
    SupportMutation,
    non_null_list,
    now,
)
from saleor_support_plugin.graphql.parcels.trails import SupportParcelStatus, SupportParcelSubStatus
from saleor_support_plugin.tracking import reporting


class SupportTrackingEventError(graphene.ObjectType):
    """A scan that is not kept."""

    class Meta:
        description = "Why one of the reported events was not kept."

    index = graphene.Int(required=True, description="Its place in the list, from 0.")
    field = graphene.String(description="What of it is wrong, in camelCase.")
    message = graphene.String(required=True, description="A sentence for a person, in English.")
    code = graphene.Field(SupportErrorCode, required=True, description="The code to branch on.")


class SupportTrackingEventInput(graphene.InputObjectType):
    """One scan."""

    tracking_number = graphene.String(required=True, description="The parcel's tracking number.")
    happened_at = TYPES.DateTime(required=True, description="When; without a zone UTC is meant.")
    status = graphene.Field(SupportParcelStatus, description="What it means; may be left out with `code`.")
    sub_status = graphene.Field(SupportParcelSubStatus, description="What exactly happened.")
    code = graphene.String(
        description="The carrier's word for it; carrier, number, code and time tell events apart."
    )
    carrier = graphene.String(description="The carrier's code, like `ups`, or its name.")
    description = graphene.String(description="A sentence about it, at most 500 characters.")
    place = graphene.String(description="Town and country, at most 200 characters.")
    expected_by = TYPES.Date(description="The day on which the carrier now expects to deliver.")
    window = graphene.String(description='The hours of that day, like "14:00-16:00".')
    next_attempt = TYPES.Date(description="The day on which the courier comes again.")
    point = graphene.List(
        graphene.NonNull(graphene.String), description="Where it waits: name and address, line by line."
    )
    pickup_code = graphene.String(description="What the customer shows there.")
    pickup_until = TYPES.Date(description="The last day on which it can be collected.")
    service = graphene.String(description='The carrier\'s product, like "Express".')
    correction = graphene.Boolean(
        description="A person says that the parcel was not delivered after all; the status is `EXCEPTION`."
    )


class SupportTrackingEventsCreate(SupportMutation):
    """Report scans."""

    class Meta:
        description = (
            "Report what happened to parcels of a channel, at most 1,000 events, each for the parcels with "
            "its tracking number, which may also come later. Events that can't be are named in `rowErrors`, "
            "the others are kept; what is known changes nothing."
        )
        staff = True

    class Arguments:
        channel_id = graphene.ID(required=True, description="The sales channel.")
        events = graphene.List(
            graphene.NonNull(SupportTrackingEventInput), required=True, description="What happened."
        )

    created = graphene.Int(description="How many were kept.")
    known = graphene.Int(description="How many were known already.")
    moved = graphene.Int(description="How many parcels are somewhere else than before.")
    row_errors = non_null_list(SupportTrackingEventError, description="What was not kept, and why.")

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, channel_id: str, events: list[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Report."""
        rows = [{**one, "number": one["tracking_number"]} for one in events]
        done = reporting.report(actor=actor, channel_id=channel_id, rows=rows, now=now())
        return {
            "created": done.recorded.created,
            "known": done.recorded.known,
            "moved": done.recorded.moved,
            "row_errors": [_row_error(one) for one in done.refused],
        }

    @staticmethod
    def resolve_row_errors(root: Any, _info: Any) -> Any:
        """Empty when nothing was looked at."""
        return getattr(root, "row_errors", None) or []


def _row_error(one: reporting.Refusal) -> SupportTrackingEventError:
    return SupportTrackingEventError(
        index=one.index, field=one.error.field, message=one.error.message, code=one.error.code.value
    )


MUTATION = {"support_tracking_events_create": SupportTrackingEventsCreate.Field()}
