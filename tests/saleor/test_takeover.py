"""Taking Saleor's own mail over, and giving it back."""

import pytest
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import EmailTemplate, PluginConfiguration
from saleor.plugins.user_email import constants
from saleor.plugins.user_email.constants import PLUGIN_ID as USER_EMAIL
from saleor.plugins.user_email.plugin import UserEmailPlugin
from saleor.webhook.models import Webhook

from saleor_support_plugin.shop.saleor import takeover
from saleor_support_plugin.shop.switches import TemplateBackup

NAME = "order_fulfillment_confirmation"
TAKE = {"notifications": True, "overlap": "take over"}


def templates(world, name=NAME):
    rows = EmailTemplate.objects.filter(
        plugin_configuration__identifier=USER_EMAIL,
        plugin_configuration__channel__slug=world.channel,
        name=name,
    )
    return list(rows.values_list("value", flat=True))


def write(world, value, name=NAME):
    plugin = PluginConfiguration.objects.get(identifier=USER_EMAIL, channel__slug=world.channel)
    EmailTemplate.objects.update_or_create(plugin_configuration=plugin, name=name, defaults={"value": value})


@pytest.fixture
def mailing(world):
    """A world whose Saleor mails by itself."""
    world.mails_too(world.channel_id)
    return world


@pytest.mark.parametrize("text", [None, "<p>Own text</p>"])
@pytest.mark.parametrize(
    "back", [{"overlap": "skip ours"}, {"notifications": False}, "inactive"], ids=["skip", "off", "inactive"]
)
def test_over_and_back(mailing, shop, text, back):
    if text:
        write(mailing, text)
    write(mailing, "<p>Paid</p>", "order_payment_confirmation")
    for _again in range(2):
        mailing.configure(mailing.channel_id, TAKE)
        assert templates(mailing) == [""]
        assert "order_shipped" not in shop.other_mails(mailing.channel_id).kinds
    for _again in range(2):
        if back == "inactive":
            mailing.configure(mailing.channel_id, {}, active=False)
        else:
            mailing.configure(mailing.channel_id, back)
        assert templates(mailing) == ([text] if text else [])
        assert "order_shipped" in shop.other_mails(mailing.channel_id).kinds
    assert templates(mailing, "order_payment_confirmation") == ["<p>Paid</p>"]
    assert not TemplateBackup.objects.filter(channel_id=mailing.channel_id).exists()


def test_a_template_that_was_empty_before_stays_empty(mailing):
    write(mailing, "")
    mailing.configure(mailing.channel_id, TAKE)
    mailing.configure(mailing.channel_id, {"overlap": "skip ours"})
    assert templates(mailing) == [""]


def test_a_template_written_anew_meanwhile_is_left_alone(mailing):
    mailing.configure(mailing.channel_id, TAKE)
    write(mailing, "<p>New</p>")
    mailing.configure(mailing.channel_id, {"overlap": "skip ours"})
    assert templates(mailing) == ["<p>New</p>"]
    assert not TemplateBackup.objects.filter(channel_id=mailing.channel_id).exists()


def test_written_anew_and_taken_again_keeps_the_newer_text(mailing):
    write(mailing, "<p>Old</p>")
    mailing.configure(mailing.channel_id, TAKE)
    write(mailing, "<p>New</p>")
    mailing.configure(mailing.channel_id, TAKE)
    assert templates(mailing) == [""]
    mailing.configure(mailing.channel_id, {"overlap": "skip ours"})
    assert templates(mailing) == ["<p>New</p>"]


def test_saleors_mail_plugin_that_was_never_configured_stays_silent_when_it_is(world, shop):
    world.configure(world.channel_id, TAKE)
    assert "order_shipped" not in shop.other_mails(world.channel_id).kinds
    saleors = PluginConfiguration.objects.get(identifier=USER_EMAIL, channel__slug=world.channel)
    assert (saleors.active, saleors.configuration) == (False, UserEmailPlugin.DEFAULT_CONFIGURATION)
    saleors.active = True
    saleors.save()
    assert templates(world) == [""]
    assert "order_shipped" not in shop.other_mails(world.channel_id).kinds
    world.configure(world.channel_id, {"overlap": "skip ours"})
    assert templates(world) == []
    assert "order_shipped" in shop.other_mails(world.channel_id).kinds


def test_saleors_mail_plugin_that_is_not_loaded_mails_nothing(mailing, shop, settings):
    settings.PLUGINS = [path for path in settings.PLUGINS if "user_email" not in path]
    assert "order_shipped" not in shop.other_mails(mailing.channel_id).kinds


def test_it_was_only_switched_off(mailing, shop):
    PluginConfiguration.objects.filter(identifier=USER_EMAIL).update(active=False)
    assert "order_shipped" not in shop.other_mails(mailing.channel_id).kinds
    mailing.configure(mailing.channel_id, TAKE)
    PluginConfiguration.objects.filter(identifier=USER_EMAIL).update(active=True)
    assert "order_shipped" not in shop.other_mails(mailing.channel_id).kinds


def test_other_channels_keep_theirs(mailing, shop):
    mailing.mails_too(mailing.other_channel_id)
    mailing.configure(mailing.channel_id, TAKE)
    assert "order_shipped" in shop.other_mails(mailing.other_channel_id).kinds


@pytest.mark.parametrize("kind", ["ticket_reply", "return_refunded", "guest_link", "nonsense", ""])
def test_kinds_that_saleor_knows_nothing_of(mailing, shop, kind):
    assert kind not in shop.other_mails(mailing.channel_id).kinds


def test_a_channel_that_is_gone_does_not_stop_the_others(mailing):
    write(mailing, "<p>Own</p>")
    mailing.configure(mailing.channel_id, TAKE)
    TemplateBackup.objects.create(channel_id="Q2hhbm5lbDo5OTk5OTk=", template=NAME, existed=True, value="x")
    ours = TemplateBackup.objects.filter(channel_id=mailing.channel_id)
    assert sorted(ours.values_list("template", flat=True)) == sorted(set(takeover.TEMPLATES.values()))
    waiting = TemplateBackup.objects.count()
    assert len(takeover.restore_all()) == waiting
    assert not TemplateBackup.objects.exists()
    assert templates(mailing) == ["<p>Own</p>"]


@pytest.mark.parametrize("taken", [True, False])
def test_saleors_own_plugin_agrees(mailing, taken, monkeypatch):
    sent = []
    monkeypatch.setattr(
        "saleor.plugins.user_email.notify_events.send_fulfillment_confirmation_email_task.delay",
        lambda *args: sent.append(args),
    )
    mailing.configure(mailing.channel_id, TAKE if taken else {"notifications": True})
    (saleors,) = get_plugins_manager(allow_replica=False).get_plugins(
        mailing.channel, plugin_ids=[USER_EMAIL]
    )
    assert isinstance(saleors, UserEmailPlugin)
    mailing.fulfill(mailing.make_order(), notify=True)
    assert len(sent) == (0 if taken else 1)


@pytest.mark.parametrize("kind", takeover.TEMPLATES)
def test_each_mail_over_and_back(mailing, shop, kind):
    name = takeover.TEMPLATES[kind]
    write(mailing, "<p>Own text</p>", name)
    mailing.configure(mailing.channel_id, TAKE)
    assert templates(mailing, name) == [""]
    assert kind not in shop.other_mails(mailing.channel_id).kinds
    write(mailing, "<p>New</p>", name)  # from this moment ours is skipped
    assert kind in shop.other_mails(mailing.channel_id).kinds
    mailing.configure(mailing.channel_id, {"shop_name": "Casa"})  # taken over again
    assert kind not in shop.other_mails(mailing.channel_id).kinds
    mailing.configure(mailing.channel_id, {"overlap": "skip ours"})
    assert templates(mailing, name) == ["<p>New</p>"]


def test_saleor_has_all_the_templates_we_know():
    assert set(takeover.TEMPLATES.values()) <= set(constants.TEMPLATE_FIELDS)


def test_apps_that_hear_of_other_channels_only(world, shop):
    world.mail_app("Here", ["notify_user"])
    world.mail_app("Elsewhere", ["notify_user"])
    Webhook.objects.filter(name="Here").update(filterable_channel_slugs=[world.channel, "x"])
    Webhook.objects.filter(name="Elsewhere").update(filterable_channel_slugs=[world.other_channel])
    assert shop.other_mails(world.channel_id).apps == ("Here",)
    assert shop.other_mails(world.other_channel_id).apps == ("Elsewhere",)
    Webhook.objects.update(is_active=False)
    assert shop.other_mails(world.channel_id).apps == ()
