"""How a channel is set up, in lines for the dashboard's plugin page; holds nothing secret."""

from collections.abc import Iterator

from saleor_support_plugin.notifications.sending import providers
from saleor_support_plugin.reports.channels import channel_health
from saleor_support_plugin.reports.values import ChannelHealth, Mode, ProblemCode
from saleor_support_plugin.settings import FIELDS, Feature, FieldKind, Overlap, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Channel
from saleor_support_plugin.tracking import adapters

FIRST = (ProblemCode.REHEARSAL, ProblemCode.OPTIONS_WRONG)  # said before everything else


def of(channel: Channel) -> str:
    """What works, what is missing, and which addresses to copy.

    Raises:
        ShopUnavailable: the shop does not answer.
    """
    health, problems = channel_health(channel)
    loud = [problem.message for problem in problems if problem.code in FIRST]
    if health.mode is Mode.OFF:
        return "\n".join([*loud, "Nothing is switched on yet."])
    settings = get_shop().settings(channel.id)
    lines = [f"REHEARSAL: {text}" if health.mode is Mode.REHEARSAL else text for text in loud]
    lines += _mode(settings, health)
    lines += [f"Missing: {one.message}" for one in problems if one.code not in FIRST and _lacks(one.code)]
    lines += [one.message for one in problems if one.code not in FIRST and not _lacks(one.code)]
    if not settings.order_url:
        lines.append("Missing: the order page of your storefront. Without it mails to members have no link.")
    if settings.banner and not (settings.banner_text or settings.banner_image):
        lines.append("The banner is on but has neither text nor image.")
    lines += _addresses(settings)
    return "\n".join(lines)


def _mode(settings: SupportSettings, health: ChannelHealth) -> Iterator[str]:
    on = (field for field in FIELDS if field.kind is FieldKind.SWITCH and field.name in settings.since)
    yield f"On: {', '.join(field.label for field in on)}."
    if not settings.is_on(Feature.NOTIFICATIONS):
        return
    if settings.overlap is Overlap.TAKE_OVER:
        yield "Saleor's own e-mails: taken over."
        if health.shop_mails:
            yield f"Written anew in Saleor, so ours are skipped: {', '.join(health.shop_mails)}."
    elif health.shop_mails:
        yield f"Saleor's own e-mail plugin sends these, so ours are skipped: {', '.join(health.shop_mails)}."
    else:
        yield "Saleor's own e-mails: ours are skipped where Saleor mails; at present it does not."


def _lacks(code: ProblemCode) -> bool:
    return code in (
        ProblemCode.NO_MAIL_SERVER,
        ProblemCode.NO_SENDER,
        ProblemCode.NO_GUEST_PAGE,
        ProblemCode.NO_RETURN_ADDRESS,
        ProblemCode.NO_RETURN_PAGE,
        ProblemCode.WEBHOOK_SECRET,
        ProblemCode.PROVIDER,
        ProblemCode.TRACKING_SOURCE,
    )


def _addresses(settings: SupportSettings) -> Iterator[str]:
    if not settings.plugin_url:
        return
    provider = providers.of(settings)
    if provider is not None and provider.reports:
        yield f"Delivery reports of {provider.title} go to {settings.plugin_url}mail/events/{provider.name}"
    if settings.is_on(Feature.TRACKING):
        source = adapters.find(settings.tracking_provider)
        if source is not None and settings.tracking_secret:
            yield f"Webhooks of {source.title} go to {settings.plugin_url}tracking/{source.name}"
        if settings.tracking_own_secret:
            yield f"Your own tracking events go to {settings.plugin_url}tracking/signed"
    yield f"Unsubscribe links begin with {settings.plugin_url}mail/unsubscribe/"
