"""What holds in one channel or, with a blank channel, in every one."""

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.shop.current import get_shop


def check(actor: Actor, channel_id: str, *, purpose: str) -> None:
    """Let through whoever may decide for this channel (global id), or for all of them (""): that is for
    staff of all channels only. ``purpose`` ends the sentence "Name the one …".

    Raises:
        NotThere: no such channel among the actor's (field ``channelId``).
        Invalid: staff of some channels only name none (REQUIRED, field ``channelId``).
    """
    if not channel_id:
        if not actor.may(Permission.MANAGE_ORDERS):
            raise NotThere("channel", field="channelId")
        if actor.channels is not None:
            message = f"You look after some channels only, so name the one {purpose}."
            raise Invalid(message, field="channelId", code=Code.REQUIRED)
    elif not actor.may(Permission.MANAGE_ORDERS, channel_id) or channel_id not in get_shop().channels():
        raise NotThere("channel", field="channelId")
