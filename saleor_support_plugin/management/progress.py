"""The line of progress that commands show."""

WIDTH = 30


def line(done: int, total: int, said: str) -> str:
    """``[#####     ]  17%  said`` of ``done`` of ``total``."""
    share = min(1.0, done / total) if total else 1.0
    return f"[{'#' * round(share * WIDTH):<{WIDTH}}] {share:4.0%}  {said}"


def channel_of(wanted: str) -> str:
    """The global id of the channel with this slug or id.

    Raises:
        ValueError: there is none; the message lists those that there are.
    """
    from saleor_support_plugin.shop.current import get_shop

    channels = get_shop().channels()
    for key, channel in channels.items():
        if wanted in (key, channel.slug):
            return key
    slugs = ", ".join(channel.slug for channel in channels.values()) or "none"
    raise ValueError(f"There is no channel {wanted!r}; there are {slugs}.")
