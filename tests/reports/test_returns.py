"""What the health report and the plugin's page say of returns that customers are not told how to send."""

import pytest

from saleor_support_plugin.reports import returns, summary
from saleor_support_plugin.reports.channels import channel_health
from saleor_support_plugin.returns.labels import registry
from saleor_support_plugin.returns.models import ReturnOptions
from sandbox import makers
from sandbox.home import reader
from tests.returns.labels.courier import Courier

PAGE = "https://shop.example/returns/{number}"
ADDRESS = {"address": "Dock 1\nOslo"}


@pytest.fixture
def channel(shop):
    made = makers.make_channel("here")
    makers.switch_on(made, return_url=PAGE)
    return made


@pytest.fixture
def courier():
    with registry.MAKERS.only(made := Courier()):
        yield made


def found(shop, channel, **values):
    ReturnOptions.objects.update_or_create(channel_id=makers.gid(channel), defaults={"values": values})
    problems = returns.of_channel(shop.settings(makers.gid(channel)), "here")
    return [(one.level.value, one.code.value, one.channel) for one in problems]


def test_a_channel_that_lacks_nothing(shop, channel):
    assert found(shop, channel, **ADDRESS) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ["no_return_address"]),
        ({"address": " \n "}, ["no_return_address"]),
        ({"addresses": [{"warehouse": "South", "address": "Madrid"}]}, ["no_return_address"]),
        ({"addresses": [{"warehouse": "South", "address": "Madrid"}], "destination": "South"}, []),
        ({"drop_off": "At the counter, Main Street 1."}, []),
        ({"drop_off": "At the counter.", "label_maker": "courier"}, ["no_return_address", "label_maker"]),
        ({**ADDRESS, "label_maker": "courier"}, ["label_maker"]),
    ],
)
def test_options_that_leave_customers_alone(shop, channel, values, expected):
    assert found(shop, channel, **values) == [("warning", code, "here") for code in expected]


def test_a_label_maker_that_is_installed(shop, channel, courier):
    assert found(shop, channel, **ADDRESS, label_maker=courier.name) == []


def test_nobody_has_decided_anything(shop, channel):
    (problem,) = returns.of_channel(shop.settings(makers.gid(channel)), "here")
    assert problem.message == (
        "Nobody is told where approved returns go: set the address in the options of returns "
        "(supportReturnSettingsUpdate)."
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["no_return_page"]),
        ({"kinds_off": "delivered"}, []),  # the other is only sent where it is wanted
        ({"kinds_off": "delivered", "kinds_on": "check_in"}, ["no_return_page"]),
        ({"notifications": False}, []),
    ],
)
def test_mails_that_could_offer_a_return(shop, channel, options, expected):
    makers.switch_on(channel, return_url="", **options)
    assert [code for _level, code, _channel in found(shop, channel, **ADDRESS)] == expected


def test_where_returns_are_off_nothing_is_asked(shop, django_assert_num_queries):
    quiet = makers.make_channel("quiet")
    makers.switch_on(quiet, "notifications", return_url="")
    settings = shop.settings(makers.gid(quiet))
    with django_assert_num_queries(0):
        assert list(returns.of_channel(settings, "quiet")) == []


def test_the_report_and_the_page_say_so(channel):
    makers.switch_on(channel, return_url="")
    ReturnOptions.objects.create(channel_id=makers.gid(channel), values={"label_maker": "pigeons"})
    _health, problems = channel_health(reader.channel(channel))
    codes = {one.code.value for one in problems}
    assert codes >= {"no_return_address", "no_return_page", "label_maker"}
    lines = summary.of(reader.channel(channel)).split("\n")
    assert [line for line in lines if "return" in line and line.startswith("Missing")] == [
        "Missing: Nobody is told where approved returns go: set the address in the options of returns "
        "(supportReturnSettingsUpdate).",
        "Missing: Mails about what was delivered offer no return: set the return page of your storefront.",
    ]
    assert (
        "Labels of returns are for staff to make: the label maker 'pigeons' of the options is not installed. "
        "There are: none."
    ) in lines
