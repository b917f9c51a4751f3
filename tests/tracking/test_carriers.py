"""Carriers told from numbers: the right one, or none."""

import random
import re

import pytest

from saleor_support_plugin.tracking import carriers
from saleor_support_plugin.tracking.carriers import Carrier, detect


@pytest.mark.parametrize(
    ("number", "name", "url"),
    [
        ("1Z999AA10123456784", "UPS", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
        ("1z 999 aa1 01 2345 6784", "UPS", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
        ("986578788855", "FedEx", "https://www.fedex.com/fedextrack/?trknbr=986578788855"),
        ("9400111202555842332669", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels=9400111202555842332669"),
        ("EA123456785US", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels=EA123456785US"),
        ("3318810025", "DHL Express", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=3318810025"),
        ("JJD0002123456789012", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JJD0002123456789012"),
        ("01234567890123", "DPD", "https://tracking.dpd.de/status/en_US/parcel/01234567890123"),
        ("ZX5CQP4F", "GLS", "https://gls-group.eu/track/ZX5CQP4F"),
        (
            "PQ43B40720012345628080T", "Correos",
            "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number=PQ43B40720012345628080T",
        ),
        (
            "RR123456785ES", "Correos",
            "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number=RR123456785ES",
        ),
        ("RB123456785GB", "Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/RB123456785GB"),
        ("6A12345678901", "La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code=6A12345678901"),
        ("CP123456785FR", "La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code=CP123456785FR"),
    ],
)  # fmt: skip
def test_a_number_names_its_carrier(number, name, url):
    assert detect(number) == (name, url)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "   ",
        "1Z999AA10123456785",  # wrong check digit
        "RB123456780GB",
        "RB123456785QQ",  # a post we don't know
        "12345",
        "hello world",
        "'; DROP TABLE x; --",
        "١٢٣٤٥٦٧٨٩٠",
        "<script>alert(1)</script>",
        "A" * 500,
    ],
)
def test_what_is_not_known_names_nobody(number):
    assert detect(number) == ("", "")


def test_a_number_that_fits_two_carriers_names_nobody():
    digits = random.Random(1)
    twelve = ("".join(digits.choice("0123456789") for _ in range(12)) for _ in range(10_000))
    fedex, gls = carriers._fedex_express, carriers._gls
    both = next(number for number in twelve if fedex(number) and gls(number))
    assert detect(both) == ("", "")


def test_check_digits_refuse_nine_of_ten():
    digits = random.Random(2)
    for pattern, size in (("1Z%s", 16), ("%s", 10)):
        known = sum(
            detect(pattern % "".join(digits.choice("0123456789") for _ in range(size))) != ("", "")
            for _ in range(2000)
        )
        assert 100 < known < 320


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://www.ups.com/track?tracknum=1Z&x=1", "UPS"),
        ("http://tracking.seur.com/abc", "SEUR"),
        ("https://notups.com/track", ""),
        ("https://shop.example/track/1", ""),
    ],
)
def test_a_number_that_is_a_link_is_the_link(link, name):
    assert detect(link) == (name, link)
    assert detect(f"  {link} ") == (name, link)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://ups.com",
        "data:text/html;base64,xxx",
        "ftp://ups.com/x",
        "https://user:secret@ups.com/x",
        "https://localhost/x",
        "https://ups.com/\r\nSet-Cookie: x",
        "https://ups.com/ x",
        'https://ups.com/"><script>',
        "https://",
        "//ups.com/x",
    ],
)
def test_a_link_that_is_not_safe_is_none(link):
    assert detect(link) == ("", "")


def test_shops_bring_their_own_carriers():
    own = Carrier("Bike", re.compile(r"BIKE\d{4}"), "https://bike.example/{number}")
    assert detect("bike-1234", [own]) == ("Bike", "https://bike.example/BIKE1234")
    assert detect("bike-1234") == ("GLS", "https://gls-group.eu/track/BIKE1234")
