"""Words of people and names of goods in mails about returns, whatever kind of return it is: text stays text."""

import pytest

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.samples import sample
from saleor_support_plugin.notifications.variables import Variable
from saleor_support_plugin.notifications.writing import mail
from tests.notifications.samples import NOW, SETTINGS, row

EVIL = "<script>alert(1)</script>\"'&\r\nBcc: evil@example.com\r\n{{ catalog }}{% load x %}"
RETURNS = [kind.name for kind in kinds.TABLE if "claim" in kind.variables]
FLAGS = ({}, {"claim": True}, {"exchange": True}, {"withdrawal": True})


def evil_data(kind):
    """The sample of a kind with everything that may be said at once, all of it hostile."""
    data = sample(kind, "en")[1]
    for name, variable in kinds.get(kind).variables.items():
        if variable is Variable.TEXT:
            data[name] = EVIL
        elif variable is Variable.LINES:
            data[name] = [EVIL, EVIL]
        elif variable is Variable.ITEMS:
            data[name] = [{"name": EVIL, "variant": EVIL, "sku": EVIL, "quantity": 2}]
    return data


@pytest.mark.parametrize("flags", FLAGS, ids=lambda one: "".join(one) or "return")
@pytest.mark.parametrize("kind", RETURNS)
def test_html_stays_text_and_the_subject_one_line(kind, flags):
    written = mail.write(row(kind, evil_data(kind) | flags, language="en"), SETTINGS, now=NOW)
    assert "<script" not in written.html
    assert "&lt;script&gt;" in written.html
    assert "{{ catalog }}" in written.html  # said, not run
    assert len(written.subject.splitlines()) == 1


def test_these_are_all_mails_about_returns():
    assert len(RETURNS) >= 13
