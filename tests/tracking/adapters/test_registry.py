"""Adapters of others: by entry point, by code, and what happens when one is broken."""

import importlib.metadata

import pytest

from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters import registry

OURS = ["aftership", "easypost", "seventeentrack", "shippo", "signed"]


class Bikes(adapters.Adapter):
    name, title = "bikes", "Bike couriers"


READY = Bikes()


@pytest.fixture(autouse=True)
def _alone():
    with registry.ADAPTERS.only():
        yield


@pytest.fixture
def installed(monkeypatch):
    """``installed((name, value), …)``: packages that offer these entry points."""

    def install(*points):
        made = [importlib.metadata.EntryPoint(name, value, adapters.GROUP) for name, value in points]

        def entry_points(*, group):
            assert group == "saleor_support_plugin.carriers"
            return importlib.metadata.EntryPoints(made)

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)

    return install


def test_ours_are_there():
    assert sorted(adapters.known()) == OURS
    assert adapters.find("aftership").title == "AfterShip"
    assert adapters.find("nobody") is None


def test_code_registers_one_and_replaces_one():
    assert adapters.register(READY) is READY
    assert adapters.find("bikes") is READY

    class Better(adapters.Adapter):
        name, title = "aftership", "AfterShip, but better"

    better = adapters.register(Better())
    assert adapters.find("aftership") is better


@pytest.mark.parametrize("value", ["Bikes", "READY"])
def test_a_package_offers_one(installed, value):
    installed(("bikes", f"{__name__}:{value}"))
    assert isinstance(adapters.find("bikes"), Bikes)
    assert sorted(adapters.known()) == sorted([*OURS, "bikes"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bikes", "no_such_package:Bikes"), ("bikes", f"{__name__}:missing"), ("bikes", f"{__name__}:OURS"),
        ("other", f"{__name__}:Bikes"),
    ],
)  # fmt: skip
def test_a_broken_package_stops_no_other_source(installed, caplog, name, value):
    installed((name, value), ("bikes", f"{__name__}:READY"))
    assert sorted(adapters.known()) == sorted([*OURS, "bikes"])
    assert f"The carrier {name} ({value}) can't be used." in caplog.text


@pytest.mark.parametrize("given", ["", "Bikes", "a/b", "ab cd", "-a", "x" * 41])
def test_a_name_must_be_able_to_stand_in_an_address(given):
    class Odd(adapters.Adapter):
        name, title = given, "Odd"

    with pytest.raises(ValueError, match="can't be called"):
        adapters.register(Odd())


def test_what_is_no_adapter_is_refused():
    with pytest.raises(ValueError, match="is no Adapter"):
        adapters.register(object())


def test_an_adapter_alone_believes_nobody_and_asks_nobody(now):
    with pytest.raises(adapters.Unverified):
        READY.verify(adapters.Call(b"{}"), secret="", now=now)
    with pytest.raises(adapters.Unreadable):
        READY.read(b"{}")
    with pytest.raises(adapters.Unavailable):
        READY.poll([], api_key="")
