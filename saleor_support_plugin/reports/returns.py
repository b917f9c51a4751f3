"""Whether customers who may return something are told how: what a channel's set-up lacks for that."""

from collections.abc import Iterable

from saleor_support_plugin.notifications.kinds import kinds
from saleor_support_plugin.reports.values import Level, Problem, ProblemCode
from saleor_support_plugin.returns.desk import options
from saleor_support_plugin.returns.labels import registry
from saleor_support_plugin.settings import Feature, SupportSettings

LINKING = ("delivered", "check_in")  # kinds of mail that offer a return, by a link to the storefront


def of_channel(settings: SupportSettings, channel: str) -> Iterable[Problem]:
    """What is wrong with a channel's set-up; ``channel`` is its slug. One query where returns are on."""
    if not settings.is_on(Feature.RETURNS):
        return
    chosen = options.load(settings.channel_id)
    # Where goods are only handed in at a shop nobody sends them; a carrier needs to know where to.
    if not chosen.address_of(chosen.destination).strip() and (
        chosen.label_maker or not chosen.drop_off.strip()
    ):
        text = (
            "Nobody is told where approved returns go: set the address in the options of returns "
            "(supportReturnSettingsUpdate)."
        )
        yield Problem(Level.WARNING, ProblemCode.NO_RETURN_ADDRESS, text, channel)
    if chosen.label_maker and registry.find(chosen.label_maker) is None:
        there = ", ".join(sorted(registry.known())) or "none"
        text = (
            f"Labels of returns are for staff to make: the label maker {chosen.label_maker!r} of the options "
            f"is not installed. There are: {there}."
        )
        yield Problem(Level.WARNING, ProblemCode.LABEL_MAKER, text, channel)
    if not settings.return_url and _links(settings):
        text = "Mails about what was delivered offer no return: set the return page of your storefront."
        yield Problem(Level.WARNING, ProblemCode.NO_RETURN_PAGE, text, channel)


def _links(settings: SupportSettings) -> bool:
    told = settings.is_on(Feature.NOTIFICATIONS)
    return told and any(settings.sends(name, at_first=kinds()[name].at_first) for name in LINKING)
