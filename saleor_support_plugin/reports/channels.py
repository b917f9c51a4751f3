"""How each channel is set up, and what is wrong with that; asks the shop, and no mail server."""

from collections.abc import Iterable

from django.conf import settings as django_settings

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications.kinds import kinds
from saleor_support_plugin.notifications.sending import provider_options, providers
from saleor_support_plugin.notifications.writing.mail import sender
from saleor_support_plugin.reports import parcels, returns
from saleor_support_plugin.reports.values import ChannelHealth, Level, Mode, Problem, ProblemCode
from saleor_support_plugin.settings import Feature, Overlap, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Channel, OtherMails
from saleor_support_plugin.shop.errors import ShopError

# Our kinds that tell of an event of which the shop's own e-mail plugin may tell, too.
SHARED = (
    "order_received",
    "order_confirmed",
    "order_cancelled",
    "order_refunded",
    "order_shipped",
    "tracking_changed",
)


def channel_health(channel: Channel) -> tuple[ChannelHealth, list[Problem]]:
    """One channel and its problems.

    Raises:
        ShopUnavailable: the shop does not answer.
    """
    shop = get_shop()
    try:
        settings = shop.settings(channel.id)
    except ShopError:
        raise
    except SupportError as error:
        bare = ChannelHealth(channel.id, channel.slug, Mode.OFF, Overlap.SKIP_OURS)
        text = f"The options can't be read, so nothing is sent: {error.message}"
        return bare, [Problem(Level.CRITICAL, ProblemCode.OPTIONS_WRONG, text, channel.slug)]
    told = settings.is_on(Feature.NOTIFICATIONS)
    others = shop.other_mails(channel.id) if told else OtherMails()
    health = ChannelHealth(
        channel_id=channel.id,
        slug=channel.slug,
        mode=_mode(settings),
        overlap=settings.overlap,
        rehearsal_address=settings.rehearsal_address,
        features=tuple(str(one) for one in Feature if settings.is_on(one)),
        shop_mails=tuple(kind for kind in SHARED if kind in others.kinds),
        doubles=others.apps,
    )
    problems = [] if health.mode is Mode.OFF else list(_problems(settings, health))
    return health, problems


def _mode(settings: SupportSettings) -> Mode:
    if not settings.since:
        return Mode.OFF
    return Mode.REHEARSAL if settings.rehearsal_address else Mode.ON


def _problems(settings: SupportSettings, health: ChannelHealth) -> Iterable[Problem]:
    def problem(level: Level, code: ProblemCode, message: str) -> Problem:
        return Problem(level, code, message, health.slug)

    if not (settings.email_url or settings.mail_provider or django_settings.EMAIL_BACKEND):
        text = "Neither the channel nor the server says how to send mail; set the mail server."
        yield problem(Level.CRITICAL, ProblemCode.NO_MAIL_SERVER, text)
    if not sender(settings):
        yield problem(Level.CRITICAL, ProblemCode.NO_SENDER, "Set the sender address.")
    for option, text in provider_options.problems_by_option(settings).items():
        if option == "webhook_secret":
            yield problem(Level.WARNING, ProblemCode.WEBHOOK_SECRET, text)
        else:
            yield problem(Level.CRITICAL, ProblemCode.PROVIDER, text)
    provider = providers.of(settings)
    if provider is not None and provider.reports and not settings.webhook_secret:
        text = f"The delivery reports of {provider.title} are refused: set their secret."
        yield problem(Level.WARNING, ProblemCode.WEBHOOK_SECRET, text)
    if settings.is_on(Feature.GUEST_ACCESS) and not settings.guest_url:
        text = "Guests who ask for a link get none: set the guest page of your storefront."
        yield problem(Level.WARNING, ProblemCode.NO_GUEST_PAGE, text)
    if unknown := sorted((settings.kinds_off | settings.kinds_on) - set(kinds())):
        text = f"The options name kinds of mail that do not exist: {', '.join(unknown)}."
        yield problem(Level.WARNING, ProblemCode.UNKNOWN_KINDS, text)
    yield from parcels.of_channel(settings, health.slug)
    yield from returns.of_channel(settings, health.slug)
    if health.doubles:
        text = f"These apps may mail customers about the same events: {', '.join(health.doubles)}."
        yield problem(Level.WARNING, ProblemCode.POSSIBLE_DOUBLE, text)
    if health.mode is Mode.REHEARSAL:
        text = f"No customer gets mail: all of it goes to {settings.rehearsal_address}."
        yield problem(Level.WARNING, ProblemCode.REHEARSAL, text)
