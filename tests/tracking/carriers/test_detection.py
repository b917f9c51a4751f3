"""Who carries a parcel: the right one, or none; and all that it may be, the likeliest first."""

import random
import re

import pytest

from saleor_support_plugin.tracking.carriers import Detection, checks, detect
from saleor_support_plugin.tracking.carriers.carrier import Carrier, Evidence, Pattern

CORREOS = "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number="
NACEX = "https://www.nacex.es/seguimientoDetalle.do?agencia_origen=0001&numero_albaran=12345678&estado=1&internacional=0&externo=N&usr=null&pas=null"


def seen(number, **more):
    found = detect(number, own=(), **more)
    return found.carrier_name, found.url


def codes(number, **more):
    return [one.code for one in detect(number, own=(), **more).candidates]


@pytest.mark.parametrize(
    ("number", "name", "url"),
    [
        ("1Z999AA10123456784", "UPS", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
        ("1z 999 aa1 01 2345 6784", "UPS", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
        ("9400111202555842332669", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels=9400111202555842332669"),
        ("EA123456785US", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels=EA123456785US"),
        ("9611020987654312345672", "FedEx", "https://www.fedex.com/fedextrack/?trknbr=9611020987654312345672"),
        ("JJD000390007827101284", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JJD000390007827101284"),
        ("00340433836442636597", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340433836442636597"),
        ("JJD1410302937991", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JJD1410302937991"),
        ("JJD0002257639032011", "Yodel", "https://www.yodel.co.uk/tracking/JJD0002257639032011"),
        ("GM295117494011169042", "DHL eCommerce", "https://webtrack.dhlecs.com/orders?trackingNumber=GM295117494011169042"),
        ("PQ856C0710027820144566Q", "Correos", f"{CORREOS}PQ856C0710027820144566Q"),
        ("RR123456785ES", "Correos", f"{CORREOS}RR123456785ES"),
        ("RB123456785GB", "Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/RB123456785GB"),
        ("6A12345678901", "Colissimo", "https://www.laposte.fr/outils/suivre-vos-envois?code=6A12345678901"),
        ("1L12345678901", "La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code=1L12345678901"),
        ("XW827106090JB", "Chronopost", "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT=XW827106090JB"),
        ("RB123456785JP", "Japan Post", "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1=RB123456785JP&locale=en"),
        ("RB123456785CV", "Post", ""),  # Cape Verde: we know no page of its post
        ("H00HYA0012345678", "Evri", "https://www.evri.com/track/parcel/H00HYA0012345678"),
        ("3STUNM283054292", "PostNL", "https://postnl.post/details?barcodes=3STUNM283054292"),
        ("TBA000000000000", "Amazon", "https://track.amazon.com/tracking/TBA000000000000"),
    ],
)  # fmt: skip
def test_a_number_that_speaks_for_itself_names_its_carrier(number, name, url):
    assert seen(number) == (name, url)


@pytest.mark.parametrize(
    ("number", "country", "name", "url"),
    [
        ("986578788855", "DE", "FedEx", "https://www.fedex.com/fedextrack/?trknbr=986578788855"),
        ("3318810025", "US", "DHL Express", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=3318810025"),
        ("563102430313", "DE", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=563102430313"),
        ("01234567890123", "NL", "DPD", "https://tracking.dpd.de/status/en_US/parcel/01234567890123"),
        ("09980000020033", "DE", "DPD", "https://tracking.dpd.de/status/en_US/parcel/09980000020033"),
        ("15505217097035", "MT", "", ""),  # not on the group's page
        ("XHAX4HDA", "AT", "GLS", "https://gls-group.eu/track/XHAX4HDA"),
        ("ZX5CQP4F", "de", "GLS", "https://gls-group.eu/track/ZX5CQP4F"),
        ("7035114477138472", "CA", "Canada Post", "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor=7035114477138472"),
        ("7035114477138472", "GB", "Evri", "https://www.evri.com/track/parcel/7035114477138472"),
        ("620012345678901234567890", "PL", "InPost", "https://inpost.pl/sledzenie-przesylek?number=620012345678901234567890"),
        ("0082800082804012345678", "ES", "CTT Express", "https://www.cttexpress.com/localizador-de-envios/?sc=0082800082804012345678"),
        ("12345678901234567890123", "ES", "SEUR", "https://www.seur.com/livetracking/?segOnlineIdentificador=12345678901234567890123"),
        ("33VHG500123450100093140", "AU", "Australia Post", "https://auspost.com.au/mypost/track/details/33VHG500123450100093140"),
        ("3UW1X12345678", "IT", "Poste Italiane", "https://www.poste.it/cerca/#/risultati-spedizioni/3UW1X12345678"),
    ],
)  # fmt: skip
def test_others_need_the_destination(number, country, name, url):
    assert seen(number, country=country) == (name, url)
    abroad = detect(number, country="BR", own=())
    assert abroad.carrier_name in ("", "FedEx", "DHL Express")  # which go everywhere
    assert not name or name in [one.name for one in abroad.candidates]


@pytest.mark.parametrize(
    "number",
    [
        "",
        "   ",
        "1Z999AA10123456785",  # wrong check digit
        "RB123456780GB",
        "PQ856C0710027820144566R",
        "RB123456785QQ",  # no such country
        "12345",
        "hello world",
        "'; DROP TABLE x; --",
        "١٢٣٤٥٦٧٨٩٠",
        "<script>alert(1)</script>",
        "A" * 500,
        "0" * 10_000,
    ],
)
def test_what_is_not_known_names_nobody(number):
    assert detect(number, country="ES", own=()).candidates == ()
    assert seen(number, country="ES") == ("", "")


def test_a_number_of_several_carriers_names_none_and_ranks_all():
    twelve = "000112345678"  # GLS's check digit is right
    found = detect(twelve, country="ES", own=())
    assert (found.carrier_code, found.carrier_name, found.url, found.number) == ("", "", "", twelve)
    assert [one.code for one in found.candidates][:3] == ["gls", "mrw", "nacex"]  # at home, check digit first
    assert found.candidates[0].url == "https://gls-group.eu/track/000112345678"
    assert codes("986578788855", country="ES")[:3] == ["mrw", "nacex", "fedex"]  # the destination outranks
    assert codes("986578788855")[0] == "fedex"  # nobody's home is known: the check digit is all there is
    assert seen("986578788855") == ("", "")  # every tenth number of the others would pass as well


def test_few_plain_digits_name_nobody():
    for number, country, code in (("12345678", "FR", "mondial-relay"), ("12345678901", "DE", "gls")):
        found = detect(number, country=country, own=())
        assert [one.code for one in found.candidates] == [code]
        assert found.carrier_code == ""
        assert detect(number, country=country, preferred=code, own=()).carrier_code == code


def test_of_two_carriers_of_one_group_none_is_named():
    """A parcel of DPD's for Britain is followed here or there, and nobody knows which."""
    found = detect("15505217097035", country="GB", own=())
    assert [one.code for one in found.candidates][:2] == ["dpd", "dpd-uk"]
    assert (found.carrier_code, found.url) == ("", "")


def test_two_right_check_digits_name_nobody():
    digits = random.Random(1)
    twelve = ("".join(digits.choice("0123456789") for _ in range(12)) for _ in range(10_000))
    both = next(one for one in twelve if checks.fedex_express(one) and checks.gls(one))
    assert seen(both, country="FI") == ("", "")
    assert codes(both, country="FI")[:2] == ["gls", "fedex"]


def test_the_shops_preferred_carrier_outranks_all_but_proof():
    for word in ("nacex", "Nacex", "NACEX-spain"):
        assert seen("0001/12345678", country="ES", preferred=word) == ("Nacex", NACEX)
    assert seen("0001/12345678", country="BR", preferred="nacex") == ("Nacex", NACEX)
    assert seen("0001/12345678", country="ES", preferred="ups") == ("", "")  # which it can't be
    assert seen("1Z999AA10123456784", preferred="gls")[0] == "UPS"
    assert codes("JJD000390007827101284", country="AU", preferred="australia-post") == [
        "dhl",
        "australia-post",
    ]


def test_check_digits_refuse_nine_of_ten():
    digits = random.Random(2)
    for pattern, size in (("1Z%s", 16), ("%s", 10)):
        known = sum(
            seen(pattern % "".join(digits.choice("0123456789") for _ in range(size)), country="US")
            != ("", "")
            for _ in range(2000)
        )
        assert 100 < known < 320


def test_a_barcode_is_read_for_the_number_in_it():
    usps = detect("420787459400111206206406260787", own=())
    assert (usps.number, usps.url) == (
        "9400111206206406260787",
        "https://tools.usps.com/go/TrackConfirmAction?tLabels=9400111206206406260787",
    )
    fedex = detect("1001921334250001000300779017972697", own=())
    assert (fedex.number, fedex.carrier_code) == ("779017972697", "fedex")
    dpd = detect("00 81827 0998 0000 0200 33 350 276 C", own=())
    assert (dpd.number, dpd.url) == (
        "09980000020033",
        "https://tracking.dpd.de/status/en_US/parcel/09980000020033",
    )


def test_a_site_that_wants_the_destination_gets_it():
    there = seen("3STUNM283054292", country="nl", postal_code="3043 LC")
    assert there == ("PostNL", "https://jouw.postnl.nl/track-and-trace/3STUNM283054292-NL-3043LC")
    odd = seen("3STUNM283054292", country="NL", postal_code="../?x=1#<b>")
    assert odd[1] == "https://jouw.postnl.nl/track-and-trace/3STUNM283054292-NL-..%2F%3Fx%3D1%23%3Cb%3E"


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
    assert seen(link) == (name, link)
    found = detect(f"  {link} ", own=())
    assert (found.url, found.number) == (link, "")
    assert [(one.name, one.url) for one in found.candidates] == ([(name, link)] if name else [])


def test_a_link_that_is_not_safe_is_none():
    for link in ("javascript:alert(1)", "https://user:secret@ups.com/x", 'https://ups.com/"><script>'):
        assert detect(link, own=()) == Detection()


def own(code, expression, *, countries=(), url="https://bike.example/{number}"):
    fits = Pattern(re.compile(expression), Evidence.SURE)
    return Carrier(code, code.title(), (url,), (fits,), frozenset(countries), is_own=True, is_preferred=True)


def test_the_shops_own_carriers_come_first():
    bike, cart = own("bike", r"BIKE\d{4}|1Z.*"), own("cart", r"BIKE\d{4}", countries=["ES"])
    assert detect("bike-1234", own=[bike]).url == "https://bike.example/BIKE1234"
    assert detect("1Z999AA10123456784", own=[bike]).carrier_code == "bike"  # the shop knows better
    assert detect("bike-1234", own=[cart], country="DE").candidates[0].code == "gls"  # it does not go there
    assert (
        detect("bike-1234", own=[bike, cart], country="ES").carrier_code == "cart"
    )  # the destination decides
    assert detect("bike-1234", own=[bike, cart]).carrier_code == ""  # and nothing does here
    both = detect("bike-1234", own=[bike, cart], preferred="bike", country="DE")
    assert both.carrier_code == "bike"


def test_pages_of_a_carrier_whoever_named_it():
    from saleor_support_plugin.tracking.carriers import get

    assert get("nacex").page("000112345678") == NACEX
    assert get("nacex").page("1") == ""  # not one of its numbers: there is no agency in it
    assert get("mrw").page("ABC1").endswith("&envio=ABC1")
    assert get("postnl").page("3S1", country="nl", postal_code="1 AB").endswith("/3S1-NL-1AB")
    assert get("s10").page("RB123456785CV") == ""


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "%0d%0a", '"><script>', "../..", "日本", "E" * 500])
def test_odd_destinations_break_no_page(odd):
    """Half surrogates can't be written into an address at all."""
    from saleor_support_plugin.tracking.carriers.table import TABLE

    for one in TABLE:
        page = one.page("AB123456785DE", country=odd, postal_code=odd)
        assert page == "" or re.fullmatch(r"https://[\w.-]+/[!-;=?-~]*", page, re.ASCII)
        assert not re.search(r"[\"'<>\\\s]|\.\./", page)
    mine = (Carrier("bikes", "Bikes", ("https://b.example/{country}/{postal_code}/{number}",), is_own=True,
                    patterns=(Pattern(re.compile("B[0-9]+"), Evidence.SURE),)),)  # fmt: skip
    found = detect("B1", country=odd, postal_code=odd, own=mine)
    assert found.carrier_code == "bikes"
    assert re.fullmatch(r"https://b\.example/[A-Za-z0-9%._~-]+/[A-Za-z0-9%._~-]+/B1", found.url)
