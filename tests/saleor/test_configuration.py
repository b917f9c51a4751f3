"""The plugin's page in the dashboard: ``plugins`` and ``pluginUpdate`` over HTTP."""

import logging

import pytest
from saleor.plugins.models import PluginConfiguration

from saleor_support_plugin.settings import FIELDS, Feature, FieldKind, Overlap
from saleor_support_plugin.shop.switches import Switch
from tests.saleor.documents import PLUGIN_UPDATE

PLUGINS = """
    { plugins(first: 100) { edges { node { id name description
        channelConfigurations { active channel { id } configuration { name value type label helpText } }
    } } } }"""
SECRET = "smtp+tls://shop:c0rrect-h0rse@smtp.casa.example:587"
GOOD = {
    "notifications": True,
    "tickets": True,
    "returns": True,
    "order_changes": True,
    "guest_access": True,
    "tracking": True,
    "overlap": "take over",
    "shop_name": "La Tienda",
    "sender_name": "Lucía",
    "sender_address": "help@example.com",
    "reply_to": "answers@example.com",
    "email_url": SECRET,
    "order_url": "https://shop.example.com/orders/{id}?n={number}",
    "guest_url": "https://shop.example.com/guest/{token}",
    "guest_link_hours": "24",
    "return_window_days": "14",
    "time_zone": "Europe/Madrid",
    "business_hours": "mon-thu 09:00-14:00 16:00-18:00\nfri 09:00-14:00",
    "holidays": "ES-MD\n2026-12-24",
    "first_response_hours": "4",
    "kinds_off": "delivered",
    "kinds_on": "in_transit check_in",
    "mail_provider": "postmark",
    "mail_provider_options": "server_token=c0rrect-h0rse-battery",
    "webhook_secret": "reports:c0rrect-h0rse-staple",
}
BAD = {
    "overlap": "both",
    "shop_name": "La\nTienda",
    "sender_address": "help@",
    "email_url": "http://mail.example.com",
    "order_url": "shop.example.com/{id}",
    "guest_url": "https://shop.example.com/guest",
    "guest_link_hours": "0",
    "return_window_days": "-1",
    "time_zone": "Mars/Olympus",
    "business_hours": "mondays from nine",
    "holidays": "Christmas",
    "first_response_hours": "1e3",
    "kinds_off": "no_such_kind",
    "kinds_on": "delivered no_such_kind",
    "mail_provider": "pigeon",
    "mail_provider_options": "server_token",
    "webhook_secret": "short",
}


def shown(answer, channel_id):
    """The configuration of one channel as the API shows it: name → item."""
    (one,) = [row for row in answer["channelConfigurations"] if row["channel"]["id"] == channel_id]
    return {item["name"]: item for item in one["configuration"]}, one["active"]


def shown_as(field):
    """Saleor's name for how a field is shown."""
    return {
        FieldKind.SWITCH: "BOOLEAN",
        FieldKind.LINES: "MULTILINE",
        FieldKind.SECRET: "SECRET",
        FieldKind.SECRET_LINES: "SECRETMULTILINE",
    }[field.kind]


def row(world):
    return PluginConfiguration.objects.filter(identifier="saleor.support", channel__slug=world.channel)


def test_the_dashboard_lists_the_plugin_with_every_option(world):
    edges = world.do(PLUGINS)["edges"]
    (node,) = [edge["node"] for edge in edges if edge["node"]["id"] == "saleor.support"]
    assert node["name"] == "Customer support"
    items, active = shown(node, world.channel_id)
    assert active is True
    assert set(items) == {str(field.name) for field in FIELDS} | {"status"}
    assert {name: item["type"] for name, item in items.items() if item["type"] != "STRING"} == {
        **{str(field.name): shown_as(field) for field in FIELDS if field.kind is not FieldKind.TEXT},
        "status": "OUTPUT",
    }
    for field in FIELDS:
        item = items[str(field.name)]
        assert (item["label"], item["helpText"]) == (field.label, field.help_text)
    assert items["status"]["value"] == "Nothing is switched on yet."


def test_good_values_are_saved_and_typed(world, shop):
    assert world.configure(world.channel_id, GOOD) == set()
    settings = shop.settings(world.channel_id)
    assert set(settings.since) == set(Feature)
    assert settings.overlap is Overlap.TAKE_OVER
    assert (settings.shop_name, settings.sender_address) == ("La Tienda", "help@example.com")
    assert (settings.guest_link_hours, settings.return_window_days, settings.first_response_hours) == (
        24,
        14,
        4,
    )
    assert settings.email_url == SECRET
    assert settings.holidays == "ES-MD\n2026-12-24"


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_value_is_refused_with_what_is_right(world, shop, name):
    answer = world.plugin_update(world.channel_id, {name: BAD[name], "tickets": True})
    ((field, code, message),) = [tuple(error.values()) for error in answer["errors"]]
    camel = "".join(part.title() if number else part for number, part in enumerate(name.split("_")))
    assert (field, code) == (camel, "INVALID")
    assert len(message) > 20
    assert not shop.settings(world.channel_id).since
    assert not row(world).exists()


def test_all_wrong_values_are_told_at_once_and_nothing_is_stored(world, shop):
    assert world.configure(world.channel_id, {"shop_name": "Casa", "tickets": True}) == set()
    stored = row(world).get().configuration
    assert world.configure(world.channel_id, BAD) == set(BAD)
    assert row(world).get().configuration == stored
    assert set(shop.settings(world.channel_id).since) == {Feature.TICKETS}


def test_a_refused_first_save_leaves_the_plugin_on_the_dashboards_list(world):
    assert world.configure(world.channel_id, {"time_zone": "nowhere"}, active=True) == {"time_zone"}
    edges = world.do(PLUGINS)["edges"]
    (node,) = [edge["node"] for edge in edges if edge["node"]["id"] == "saleor.support"]
    items, active = shown(node, world.channel_id)
    assert active is True
    assert items["time_zone"]["value"] == "UTC"


def test_secrets_never_come_back(world, shop, caplog):
    caplog.set_level(logging.DEBUG, "saleor_support_plugin")
    first = world.plugin_update(world.channel_id, GOOD)
    again = world.plugin_update(world.channel_id, {"email_url": None, "shop_name": "Casa"})
    listed = world.do(PLUGINS)
    refused = world.plugin_update(world.channel_id, {"email_url": f"http://shop:{SECRET}"})
    for answer in (first, again, listed, refused):
        assert "c0rrect" not in str(answer)
        assert "casa.example" not in str(answer)
    assert "c0rrect" not in caplog.text
    items, _active = shown(again["plugin"], world.channel_id)
    assert items["email_url"]["value"] == ":587"
    settings = shop.settings(world.channel_id)
    assert (settings.email_url, settings.shop_name) == (SECRET, "Casa")


def status(world, values, active=None):
    """The lines of the status after saving these options."""
    answer = world.plugin_update(world.channel_id, values, active=active)
    assert answer["errors"] == []
    items, _active = shown(answer["plugin"], world.channel_id)
    return items["status"]["value"].split("\n")


def test_the_status_says_what_works_and_what_is_missing(world, shop):
    on = status(world, {"guest_access": True, "notifications": True, "sender_address": "a@example.com"})
    assert on[0] == "On: Tell customers about their parcels, Access for guests."
    assert any(line.startswith("Missing:") and "guest page" in line for line in on)
    assert any(line.startswith("Missing:") and "order page" in line for line in on)
    assert "Saleor's own e-mails: ours are skipped where Saleor mails; at present it does not." in on
    better = status(
        world,
        {
            "guest_url": "https://x.example/{token}",
            "order_url": "https://x.example/{id}",
            "overlap": "take over",
        },
    )
    base = shop.settings(world.channel_id).plugin_url
    assert better == [
        on[0],
        "Saleor's own e-mails: taken over.",
        f"Unsubscribe links begin with {base}mail/unsubscribe/",
    ]
    off = ["The plugin is off in this channel: nothing happens."]
    assert status(world, {}, active=False) == off


def test_the_status_names_who_else_mails(world):
    world.mails_too(world.channel_id)
    world.mail_app("Newsletter", ["notify_user"])
    skipping = status(world, {"notifications": True})
    (line,) = [line for line in skipping if "so ours are skipped" in line]
    assert "order_received" in line
    assert "tracking_changed" in line
    assert any("may mail" in line and "Newsletter" in line for line in skipping)
    assert not any("so ours are skipped" in line for line in status(world, {"overlap": "take over"}))
    world.write_mail_anew(world.channel_id, "order_refunded")
    edges = world.do(PLUGINS)["edges"]
    (node,) = [edge["node"] for edge in edges if edge["node"]["id"] == "saleor.support"]
    items, _active = shown(node, world.channel_id)
    assert "Written anew in Saleor, so ours are skipped: order_refunded." in items["status"]["value"]


def test_the_status_is_loud_about_a_rehearsal_and_shows_the_address_for_reports(world):
    lines = status(
        world,
        {
            "notifications": True,
            "rehearsal_address": "me@example.com",
            "mail_provider": "postmark",
            "mail_provider_options": "server_token=1234-5678",
            "webhook_secret": "reports:a-long-secret-word",
        },
    )
    assert lines[0].startswith("REHEARSAL: ")
    assert "me@example.com" in lines[0]
    (address,) = [line for line in lines if line.startswith("Delivery reports of Postmark go to ")]
    assert address.endswith(f"/plugins/channel/{world.channel}/saleor.support/mail/events/postmark")
    assert "1234-5678" not in str(lines)
    assert "a-long-secret-word" not in str(lines)


def test_an_inactive_plugin_does_nothing_and_starts_anew_when_it_is_active_again(world, shop):
    world.configure(world.channel_id, {"tickets": True})
    before = shop.settings(world.channel_id).since[Feature.TICKETS]
    world.configure(world.channel_id, {}, active=False)
    assert not shop.settings(world.channel_id).since
    assert not Switch.objects.filter(channel_id=world.channel_id).exists()
    world.configure(world.channel_id, {}, active=True)
    assert shop.settings(world.channel_id).since[Feature.TICKETS] > before


def test_a_stored_configuration_that_no_longer_parses_switches_everything_off(world, shop, caplog):
    world.configure(world.channel_id, GOOD)
    stored = row(world).get()
    for configuration in (
        [{"name": "time_zone", "value": "Mars/Olympus"}, {"name": "tickets", "value": True}],
    ):
        stored.configuration = configuration
        stored.save()
        settings = shop.settings(world.channel_id)
        assert not settings.since
        assert settings.time_zone == "UTC"
    assert "not valid" in caplog.text
    stored.configuration = {"not": "a list"}
    stored.save()
    assert not shop.settings(world.channel_id).since


def test_only_those_who_manage_plugins_configure(world):
    for who in (None, world.customer, world.user("staff")):
        given = {"channel": world.channel_id, "input": {"configuration": []}}
        answer = world.ask(PLUGIN_UPDATE, given, who)
        assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert not row(world).exists()
