"""Carriers, as the sources call them."""

import pytest

from saleor_support_plugin.tracking import carriers
from saleor_support_plugin.tracking.adapters import aftership, easypost, parsing, seventeentrack, shippo
from tests.tracking.adapters import documented


@pytest.mark.parametrize(
    ("module", "name", "code"),
    [
        (aftership, "dhl", "dhl-express"), (aftership, "dhl-germany", "dhl"), (aftership, "spain-correos-es", "correos"),
        (aftership, "spanish-seur", "seur"), (aftership, "somebody", "somebody"),
        (easypost, "USPS", "usps"), (easypost, "DHLExpress", "dhl-express"), (easypost, "RoyalMail", "royal-mail"),
        (easypost, "CanadaPost", "canada-post"), (easypost, "UPSDAP", "ups"), (easypost, "FedExDefault", "fedex"),
        (easypost, "DhlEcs", "dhl-ecommerce"), (seventeentrack, "Correos Spain", "correos"),
        (seventeentrack, "DHL", "dhl-express"), (seventeentrack, "GLS (ES)", "gls"), (shippo, "dhl_express", "dhl-express"),
        (shippo, "gls_germany", "gls"), (shippo, "ups", "ups"), (shippo, "dpd_de", "dpd"),
        (shippo, "royal_mail_sf", "royal-mail"), (shippo, "correios_br", "correios"), (shippo, "veho", "veho"),
    ],
)  # fmt: skip
def test_carriers_are_called_as_we_call_them(module, name, code):
    assert parsing.named(module.CARRIERS, name) == code


@pytest.mark.parametrize("module", [aftership, easypost, seventeentrack, shippo])
def test_only_carriers_that_the_table_does_not_know_stand_here(module):
    codes = {carrier.code for carrier in carriers.TABLE}
    assert set(module.CARRIERS.values()) <= codes
    assert [name for name, code in module.CARRIERS.items() if carriers.code_of(name) == code] == []


def test_shippo_is_asked_by_its_own_names_for_carriers_of_ours():
    assert set(shippo.TOKENS.values()) <= documented.SHIPPO_CARRIERS
    for code, token in shippo.TOKENS.items():
        assert parsing.named(shippo.CARRIERS, token) == code


def test_shippo_is_asked_for_all_that_it_has_of_ours():
    ours = {parsing.named(shippo.CARRIERS, token) for token in documented.SHIPPO_CARRIERS}
    ours &= {carrier.code for carrier in carriers.TABLE}
    assert ours - set(shippo.TOKENS) == {"gls"}  # it has GLS of the United States alone
