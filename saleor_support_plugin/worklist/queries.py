"""Who sees which tasks."""

from django.db.models import QuerySet

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.worklist.models import StaffTask


def visible(actor: Actor) -> QuerySet[StaffTask]:
    """The tasks of the channels in which the actor manages orders, in no particular order."""
    if not actor.may(Permission.MANAGE_ORDERS):
        return StaffTask.objects.none()
    tasks = StaffTask.objects.all()
    return tasks if actor.channels is None else tasks.filter(channel_id__in=actor.channels)
