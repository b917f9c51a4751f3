"""Tasks for staff: the one list of whatever a person must do."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import TYPES, SupportMutation, enum_type, now, pk_of, reading, require
from saleor_support_plugin.graphql.connections import connection, connection_field, page
from saleor_support_plugin.worklist import queries, service
from saleor_support_plugin.worklist.models import TaskKind, TaskState

SupportStaffTaskKind = enum_type("SupportStaffTaskKind", TaskKind)
SupportStaffTaskState = enum_type("SupportStaffTaskState", TaskState)


class SupportStaffTask(graphene.ObjectType):
    """Something a person must do."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "Something a person must do, about one order."

    kind = graphene.Field(SupportStaffTaskKind, required=True, description="Why a person is needed.")
    state = graphene.Field(SupportStaffTaskState, required=True, description="How far the task has come.")
    summary = graphene.String(required=True, description="What happened, in one sentence.")
    subject = graphene.String(required=True, description='What it is about, like "return:12".')
    order = graphene.Field(TYPES.Order, description="The order it is about.")
    assignee_id = graphene.ID(description="Global id of the staff user who took it.")
    note = graphene.String(required=True, description="What was noted when it was closed.")
    created_at = TYPES.DateTime(required=True, description="When it was opened.")
    closed_at = TYPES.DateTime(description="When it was done or dismissed.")

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        """The order, batched."""
        return TYPES.load_order(info, root.order_id) if root.order_id else None

    @staticmethod
    def resolve_assignee_id(root: Any, _info: Any) -> str | None:
        """Nobody is null, not blank."""
        return root.assignee_id or None


SupportStaffTaskCountableConnection = connection(SupportStaffTask)


class SupportStaffTaskFilterInput(graphene.InputObjectType):
    """Which tasks."""

    state = graphene.Field(SupportStaffTaskState, description="Only tasks in this state.")
    kind = graphene.Field(SupportStaffTaskKind, description="Only tasks of this kind.")


def resolve_tasks(_root: Any, info: Any, filter: Mapping[str, Any] | None = None, **data: Any) -> Any:
    """Tasks of the actor's channels, newest first."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    wanted = {name: value for name, value in (filter or {}).items() if value is not None}
    return page(info, queries.visible(actor).filter(**wanted), data)


class SupportStaffTaskAssign(SupportMutation):
    """Give a task to somebody."""

    class Meta:
        description = "Give an open task to a staff user, or take it back from them."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The task.")
        assignee = graphene.ID(description="Global id of the staff user; null for nobody.")

    task = graphene.Field(SupportStaffTask)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, assignee: str | None = None) -> Mapping[str, Any]:
        """Assign."""
        key = pk_of(id, "SupportStaffTask", "task")
        return {"task": service.assign(actor=actor, task_id=key, assignee_id=assignee or "", at=now())}


class SupportStaffTaskComplete(SupportMutation):
    """Say it is done."""

    class Meta:
        description = "Say that an open task was done."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The task.")
        note = graphene.String(description="What was done, at most 2000 characters.")

    task = graphene.Field(SupportStaffTask)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, note: str | None = None) -> Mapping[str, Any]:
        """Complete."""
        key = pk_of(id, "SupportStaffTask", "task")
        return {"task": service.complete(actor=actor, task_id=key, note=note or "", at=now())}


class SupportStaffTaskDismiss(SupportMutation):
    """Say nothing is to do."""

    class Meta:
        description = "Say that an open task needs nothing to be done, and why."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The task.")
        note = graphene.String(required=True, description="Why, at most 2000 characters.")

    task = graphene.Field(SupportStaffTask)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, note: str) -> Mapping[str, Any]:
        """Dismiss."""
        key = pk_of(id, "SupportStaffTask", "task")
        return {"task": service.dismiss(actor=actor, task_id=key, note=note, at=now())}


QUERY = {
    "support_staff_tasks": connection_field(
        SupportStaffTaskCountableConnection,
        resolver=resolve_tasks,
        description="What a person must do, newest first. Requires MANAGE_ORDERS.",
        filter=SupportStaffTaskFilterInput(),
    )
}
MUTATION = {
    "support_staff_task_assign": SupportStaffTaskAssign.Field(),
    "support_staff_task_complete": SupportStaffTaskComplete.Field(),
    "support_staff_task_dismiss": SupportStaffTaskDismiss.Field(),
}
