"""Whether messages go out, for the people who look after the shop."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.graphql.base import TYPES, enum_type, non_null_list, now, reading, require
from saleor_support_plugin.reports import values
from saleor_support_plugin.reports.health import health
from saleor_support_plugin.settings import Overlap

SupportHealthLevel = enum_type("SupportHealthLevel", values.Level)
SupportHealthProblemCode = enum_type("SupportHealthProblemCode", values.ProblemCode)
SupportChannelMode = enum_type("SupportChannelMode", values.Mode)
SupportOverlap = enum_type("SupportOverlap", Overlap)


class SupportHealthProblem(graphene.ObjectType):
    """One thing to look at."""

    class Meta:
        description = "One thing to look at."

    level = graphene.Field(SupportHealthLevel, required=True, description="How bad it is.")
    code = graphene.Field(SupportHealthProblemCode, required=True, description="What it is.")
    message = graphene.String(required=True, description="What is wrong and what to do, in English.")
    channel = graphene.String(description="The channel's slug; null for the whole shop.")

    @staticmethod
    def resolve_channel(root: values.Problem, _info: Any) -> str | None:
        """The whole shop is null, not blank."""
        return root.channel or None


class SupportHealthCount(graphene.ObjectType):
    """How many messages, for one reason."""

    class Meta:
        description = "How many messages, for one reason."

    reason = graphene.String(required=True, description="Why; blank for messages that were not tried yet.")
    count = graphene.Int(required=True, description="How many.")


def _by_reason(attribute: str, description: str) -> graphene.Field:
    def resolve(root: values.Outbox, _info: Any) -> list[SupportHealthCount]:
        found: Mapping[str, int] = getattr(root, attribute)
        return [SupportHealthCount(reason=reason, count=count) for reason, count in found.items()]

    return non_null_list(SupportHealthCount, description=description, resolver=resolve)


class SupportHealthOutbox(graphene.ObjectType):
    """How the outbox stands."""

    class Meta:
        description = "How the outbox stands. Of what waits or was accepted at most countedUpTo are counted."

    oldest_undecided_at = TYPES.DateTime(
        description="When the oldest message that is due and undecided should have been sent; null: none."
    )
    late_since = TYPES.DateTime(description="The same, without messages that wait for the night or a limit.")
    counted_up_to = graphene.Int(required=True, description="No more are counted.")
    sending = graphene.Int(required=True, description="Messages that a worker holds now.")
    accepted = graphene.Int(required=True, description="Messages handed over in the last 24 hours.")
    waiting = _by_reason("waiting", "Undecided messages by reason.")
    failed = _by_reason("failed_day", "Failed in the last 24 hours, by reason.")
    failed_in_week = _by_reason("failed_week", "Failed in the last 7 days.")
    skipped = _by_reason("skipped_day", "Skipped in the last 24 hours, by reason.")
    skipped_in_week = _by_reason("skipped_week", "Skipped in the last 7 days.")
    reports_waiting = graphene.Int(required=True, description="Delivery reports that are not applied yet.")
    oldest_report_at = TYPES.DateTime(description="When the oldest of them came.")
    suppressed = graphene.Int(required=True, description="Addresses that get no mail.")

    @staticmethod
    def resolve_oldest_undecided_at(root: values.Outbox, _info: Any) -> Any:
        """As the report calls it."""
        return root.oldest_at

    @staticmethod
    def resolve_accepted(root: values.Outbox, _info: Any) -> int:
        """As the report calls it."""
        return root.accepted_day


class SupportHealthJob(graphene.ObjectType):
    """One periodic job."""

    class Meta:
        description = "One periodic job. Started after it ended: it runs, or was stopped."

    name = graphene.String(required=True, description="As the command support_run calls it.")
    every_seconds = graphene.Int(required=True, description="How often it should run.")
    started_at = TYPES.DateTime(description="When its latest run began; null: never.")
    ended_at = TYPES.DateTime(description="When its latest run to end ended.")
    succeeded_at = TYPES.DateTime(description="When it last ended without an error.")
    error = graphene.String(required=True, description="Of the latest run that ended; blank: none.")
    failures = graphene.Int(required=True, description="How many runs failed in a row.")
    late = graphene.Boolean(required=True, description="Whether it has not ended well for too long.")

    @staticmethod
    def resolve_every_seconds(root: values.Job, _info: Any) -> int:
        """Whole seconds."""
        return int(root.every.total_seconds())


class SupportHealthSweep(graphene.ObjectType):
    """How far a sweep has read."""

    class Meta:
        description = "How far a sweep has settled a sequence of the shop's."

    name = graphene.String(required=True, description="Which sequence.")
    behind = graphene.Int(description="Places not settled yet; what was read settles in ten minutes.")


class SupportChannelHealth(graphene.ObjectType):
    """How a channel is set up."""

    class Meta:
        description = "How a channel is set up."

    channel_id = graphene.ID(required=True, description="Global id of the channel.")
    channel = graphene.String(required=True, description="Its slug.")
    mode = graphene.Field(SupportChannelMode, required=True, description="What happens to its mails.")
    overlap = graphene.Field(SupportOverlap, required=True, description="Who tells what the shop tells, too.")
    rehearsal_address = graphene.String(description="Where all mails go in a rehearsal.")
    features = non_null_list(graphene.String, description="The features that are on.")
    shop_mails = non_null_list(
        graphene.String, description="Kinds for which the shop sends its own mail, so ours are skipped."
    )
    doubles = non_null_list(
        graphene.String, description="Apps that hear of the same events, and so may mail, too."
    )

    @staticmethod
    def resolve_channel(root: values.ChannelHealth, _info: Any) -> str:
        """Its slug."""
        return root.slug

    @staticmethod
    def resolve_rehearsal_address(root: values.ChannelHealth, _info: Any) -> str | None:
        """No rehearsal is null, not blank."""
        return root.rehearsal_address or None


class SupportHealth(graphene.ObjectType):
    """Whether messages go out."""

    class Meta:
        description = "Whether messages go out: the outbox, the periodic jobs, the channels' set-up."

    level = graphene.Field(SupportHealthLevel, required=True, description="The worst of the problems.")
    checked_at = TYPES.DateTime(required=True, description="The moment it tells of.")
    problems = non_null_list(SupportHealthProblem, description="What to look at, the worst first.")
    outbox = graphene.Field(SupportHealthOutbox, required=True, description="In the actor's channels.")
    jobs = non_null_list(SupportHealthJob, description="Every periodic job.")
    sweeps = non_null_list(SupportHealthSweep, description="How far the sweeps have come.")
    channels = non_null_list(SupportChannelHealth, description="The actor's channels.")


def resolve_health(_root: Any, info: Any, **data: Any) -> values.Health:
    """The report for the actor's channels."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    return health(actor=actor, now=now())


QUERY = {
    "support_health": graphene.Field(
        SupportHealth,
        required=True,
        resolver=resolve_health,
        description="Whether messages go out, in the channels of the actor. Requires MANAGE_ORDERS.",
    )
}
