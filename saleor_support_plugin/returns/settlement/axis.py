"""The money's axis of a return, and what is written down when it moves."""

import datetime

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.returns import notices
from saleor_support_plugin.returns.axes import Settlement
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.states import move


def move_to(
    row: Return, to: Settlement, now: datetime.datetime, *, message: str = "", **changes: object
) -> None:
    """Move it, unless it is there already: into history, and a failure into the shop's timeline, too;
    ``message``: why, "" for nothing; ``changes``: other columns of the return's."""
    if row.settlement == to:
        return
    before = {"settlement": row.settlement}
    move(row, to, field="settlement", **changes)
    after = {"settlement": row.settlement, **({"message": message} if message else {})}
    verb = f"return_settlement_{to.value}"
    if to is Settlement.FAILED:
        said = f"could not be refunded: {message or 'the provider did not say why'}"
        notices.record(row, verb, actor=SYSTEM, now=now, said=said, before=before, after=after)
    else:
        notices.silently(row, verb, now=now, before=before, after=after)
