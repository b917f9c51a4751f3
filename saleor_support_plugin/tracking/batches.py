"""Deal with many things at once, and one by one where that fails: one alone holds no other up."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from saleor_support_plugin.shop.errors import ShopUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


def together(
    things: Sequence[T],
    work: Callable[[Sequence[T]], R],
    *,
    what: str,
    failed: Callable[[T], object] = lambda _thing: None,
) -> list[R]:
    """What ``work`` gives for all ``things``, or where it fails for each of them that it does not fail for.

    Args:
        work: all or nothing: a transaction of its own.
        what: the things, for the log.
        failed: is told of each that ``work`` fails for.

    Raises:
        ShopUnavailable: the shop did not answer; the rest is not tried.
    """
    try:
        return [work(things)]
    except ShopUnavailable:
        raise
    except Exception:  # whatever is wrong with one must not hold up the others
        logger.exception("%s: one by one.", what)
    done = []
    for one in things:
        try:
            done.append(work([one]))
        except ShopUnavailable:
            raise
        except Exception:  # as above
            logger.exception("%s: nothing can be done about %s.", what, one)
            failed(one)
    return done
