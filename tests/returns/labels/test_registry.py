"""Makers of others: by entry point, by code, and what happens when one is broken."""

import importlib.metadata

import pytest

from saleor_support_plugin.returns import labels
from saleor_support_plugin.returns.labels import registry
from tests.returns.labels.courier import Courier, Finder

READY = Courier()


@pytest.fixture(autouse=True)
def _alone():
    with registry.MAKERS.only():
        yield


@pytest.fixture
def installed(monkeypatch):
    def install(*points):
        made = [importlib.metadata.EntryPoint(name, value, labels.GROUP) for name, value in points]

        def entry_points(*, group):
            assert group == "saleor_support_plugin.labels"
            return importlib.metadata.EntryPoints(made)

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)

    return install


def test_we_bring_none():
    assert dict(labels.known()) == {}
    assert labels.find("courier") is None


def test_code_registers_one_and_replaces_one():
    assert labels.register(READY) is READY
    assert labels.find("courier") is READY
    other = Courier()
    labels.register(other)
    assert labels.find("courier") is other


def test_a_package_offers_an_instance_or_a_class(installed):
    installed(
        ("courier", "tests.returns.labels.test_registry:READY"),
        ("finder", "tests.returns.labels.courier:Finder"),
    )
    assert labels.find("courier") is READY
    assert type(labels.find("finder")) is Finder


def test_a_broken_package_does_not_stop_the_others(installed, caplog):
    installed(
        ("gone", "no.such.module:Maker"),
        ("other-name", "tests.returns.labels.courier:Courier"),
        ("word", "tests.returns.labels.courier:PDF"),
        ("finder", "tests.returns.labels.courier:Finder"),
    )
    assert list(labels.known()) == ["finder"]
    told = [record.getMessage().split(" (")[0] for record in caplog.records]
    assert told == [f"The label maker {name}" for name in ("gone", "other-name", "word")]


@pytest.mark.parametrize("name", ["", "UPS", "a", "a b", "x" * 41])
def test_names_that_can_not_stand_in_an_option(name):
    bad = type("Bad", (Courier,), {"name": name})
    with pytest.raises(ValueError, match="can't be called"):
        labels.register(bad())


def test_only_makers_are_registered():
    with pytest.raises(ValueError, match="no LabelMaker"):
        labels.register("ups")
