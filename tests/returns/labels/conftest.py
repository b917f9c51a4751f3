"""A channel whose labels are made by a maker of the test."""

import pytest

from saleor_support_plugin.returns import labels
from saleor_support_plugin.returns.desk import options
from saleor_support_plugin.returns.labels import registry
from sandbox import makers


@pytest.fixture(autouse=True)
def _registry(files_root):
    with registry.MAKERS.only():
        yield


@pytest.fixture
def use(world):
    """``use(maker, …)``: this maker makes the channel's labels, with these options besides."""

    def choose(maker, *, always=True, **more):
        labels.register(maker)
        makers.switch_on(world.channel, label_api_key="the-key")
        values = {"label_maker": maker.name, "label_always": always, **more}
        channel_id = makers.gid(world.channel)
        options.update(actor=world.staff(), channel_id=channel_id, values=values, now=world.now)
        return maker

    return choose
