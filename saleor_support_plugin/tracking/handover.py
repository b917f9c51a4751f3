"""Before a channel's options change: what happened until now is decided by those that held until now.

Otherwise an order that the shop has just mailed about would be mailed about again by us, who have taken
over a moment later, and one that was left to us by nobody, once we have given back.
"""

import datetime
import logging

from saleor_support_plugin.tracking import events, service

logger = logging.getLogger(__name__)

LIMIT = 200


def before(*, now: datetime.datetime) -> None:
    """Deal with what happened to orders and parcels and was not read yet. Never raises: an admin must be
    able to change options whatever is wrong; then the sweeps decide by the new ones."""
    try:
        events.sweep(now=now, limit=LIMIT)
        service.settle_pending(now=now, limit=LIMIT)
    except Exception:  # as above
        logger.exception("What happened before the options changed could not be read.")
