"""The lines of the dashboard's plugin page."""

import pytest

from saleor_support_plugin.reports import summary
from sandbox import makers, models
from sandbox.home import reader


@pytest.fixture
def channel(shop):
    return makers.make_channel("eu")


def lines(channel):
    return summary.of(reader.channel(channel)).split("\n")


def test_nothing_is_on(channel):
    assert lines(channel) == ["Nothing is switched on yet."]


def test_all_is_well(channel, shop):
    makers.switch_on(
        channel,
        "notifications",
        overlap="take over",
        sender_address="help@shop.example",
        order_url="https://shop.example/{id}",
    )
    base = shop.settings(makers.gid(channel)).plugin_url
    assert lines(channel) == [
        "On: Tell customers about their parcels.",
        "Saleor's own e-mails: taken over.",
        f"Unsubscribe links begin with {base}mail/unsubscribe/",
    ]


def test_what_is_missing(channel):
    makers.switch_on(channel, "guest_access", sender_address="help@shop.example")
    found = lines(channel)
    assert found[0] == "On: Access for guests."
    assert [line.partition(":")[0] for line in found[1:3]] == ["Missing", "Missing"]
    assert "guest page" in found[1]
    assert "order page" in found[2]


@pytest.mark.parametrize("overlap", ["skip ours", "take over"])
def test_who_else_mails(channel, overlap):
    makers.switch_on(channel, overlap=overlap)
    models.ShopMail.objects.create(channel=channel, kind="order_received")
    models.App.objects.create(name="Newsletter", hears=["notify_user"])
    found = lines(channel)
    (skipped,) = [line for line in found if "so ours are skipped: order_received." in line]
    assert skipped.startswith("Written anew" if overlap == "take over" else "Saleor's own e-mail plugin")
    assert any("Newsletter" in line for line in found)


def test_a_rehearsal_comes_first_and_reports_have_an_address(channel, shop):
    makers.switch_on(
        channel,
        "notifications",
        rehearsal_address="me@shop.example",
        mail_provider="postmark",
        mail_provider_options="server_token=unmistakable",
    )
    found = lines(channel)
    assert found[0].startswith("REHEARSAL: ")
    base = shop.settings(makers.gid(channel)).plugin_url
    assert f"Delivery reports of Postmark go to {base}mail/events/postmark" in found
    assert any(line.startswith("Missing:") and "Postmark" in line for line in found)  # the reports' secret
    assert "unmistakable" not in "".join(found)


def test_a_banner_with_nothing_in_it(channel):
    empty = "The banner is on but has neither text nor image."
    makers.switch_on(channel, banner=True)
    assert empty in lines(channel)
    makers.switch_on(channel, banner_text="Olive oil of the new harvest")
    assert empty not in lines(channel)
    makers.switch_on(channel, banner=False, banner_text="")
    assert empty not in lines(channel)


def test_tracking_webhooks_have_an_address_once_they_are_believed(channel, shop):
    base = shop.settings(makers.gid(channel)).plugin_url
    makers.switch_on(channel, tracking_provider="aftership")
    told = summary.of(reader.channel(channel))
    assert "The tracking provider is not heard and not asked" in told
    assert "saleor.support/tracking/" not in told
    makers.switch_on(channel, tracking_secret="0123456789abcdef", tracking_own_secret="fedcba9876543210")
    told = summary.of(reader.channel(channel))
    assert f"Webhooks of AfterShip go to {base}tracking/aftership" in told
    assert f"Your own tracking events go to {base}tracking/signed" in told
    assert "0123456789abcdef" not in told
    makers.switch_on(channel, tracking=False)
    assert "saleor.support/tracking/" not in summary.of(reader.channel(channel))
