"""Carriers that deliver everywhere, and those of Germany and its neighbours, east and north."""

from saleor_support_plugin.tracking.carriers import checks
from saleor_support_plugin.tracking.carriers.carrier import Carrier, Evidence, countries, pattern
from saleor_support_plugin.tracking.carriers.posts import post

SHAPE, CHECK, SURE = Evidence.SHAPE, Evidence.CHECK, Evidence.SURE

EUROPE = """AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM
    VA"""

# Where DPD's numbers are followed on the group's own page, and where other carriers of the group hand over.
DPD_GROUP = "AT BE CH CZ DE EE GB HR HU IE LT LU LV NL PT SI SK"

WORLDWIDE: tuple[Carrier, ...] = (
    Carrier(
        "ups",
        "UPS",
        ("https://www.ups.com/track?tracknum={number}",),
        (
            pattern(r"1Z[0-9A-Z]{15}\d", SURE, checks.ups),
            pattern(r"[AHJKTV]\d{10}", CHECK, checks.ups_waybill),
        ),
        hosts=("ups.com",),
    ),
    Carrier(
        "fedex",
        "FedEx",
        ("https://www.fedex.com/fedextrack/?trknbr={number}",),
        (
            pattern(r"\d{12}", CHECK, checks.fedex_express),
            pattern(r"\d{15}", CHECK, checks.gs1),
            pattern(r"96\d{20}", SURE, checks.last(15, checks.gs1)),
            # labels: the number is what stands last
            pattern(r"(?:10\d\d|9622)\d{18}(?P<number>\d{12})", SURE, checks.last(12, checks.fedex_express)),
        ),
        hosts=("fedex.com", "tnt.com"),
        aliases=("fedex-express", "fedex-ground", "tnt"),
    ),
    Carrier(
        "dhl-express",
        "DHL Express",
        ("https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",),
        (
            pattern(r"\d{10}", CHECK, checks.mod7),
            pattern(r"JJ?D01\d{9,20}", SURE),
        ),
        aliases=("dhlexpress",),
    ),
    Carrier(
        "dhl-ecommerce",
        "DHL eCommerce",
        ("https://webtrack.dhlecs.com/orders?trackingNumber={number}",),
        (
            pattern(r"GM\d{16,22}", SURE),
            pattern(r"\d{14}", SHAPE, going_to="US"),
        ),
        hosts=("webtrack.dhlecs.com", "webtrack.dhlglobalmail.com"),
        aliases=("dhl-global-mail", "dhl-ecommerce-us", "dhlglobalmail", "dhlecs"),
    ),
)

NORTHERN: tuple[Carrier, ...] = (
    Carrier(
        "dhl",
        "DHL",
        ("https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",),
        (
            pattern(r"(?:00)?34043[34]\d{12}", SURE, checks.gs1),
            pattern(r"JJD(?!01|0002\d{12}\Z)(?:\d{13}|\d{16,20})|JVGL\d{16,20}", SURE),
            pattern(r"\d{12}", CHECK, checks.identcode),
            post("DE"),
        ),
        countries(EUROPE),
        ("dhl.com", "dhl.de", "deutschepost.de"),
        ("dhl-paket", "dhlpaket", "dhl-germany", "dhl-de", "deutsche-post", "deutsch-post", "dhl-parcel"),
    ),
    Carrier(
        "dpd",
        "DPD",
        ("https://tracking.dpd.de/status/en_US/parcel/{number}",),
        (
            pattern(r"\d{7}(?P<number>\d{14})\d{6}[0-9A-Z]", SURE, checks.mod37_36),
            pattern(r"(?P<number>\d{14})[0-9A-Z]", CHECK, checks.mod37_36),
            pattern(r"\d{14}", going_to=DPD_GROUP),
        ),
        countries(EUROPE),
        ("dpd.de", "dpd.com", "dpd.fr", "dpdgroup.com"),
        ("dpd-de", "dpd-germany", "dpd-fr", "exapaq", "dpd-poland"),
    ),
    Carrier(
        "dpd-uk",
        "DPD UK",
        ("https://track.dpd.co.uk/parcels/{number}",),
        (pattern(r"\d{14}"),),
        countries("GB IE"),
        ("dpd.co.uk", "dpd.ie", "dpdlocal.co.uk"),
        ("dpduk", "dpd-local"),
    ),
    Carrier(
        "gls",
        "GLS",
        ("https://gls-group.eu/track/{number}",),
        (
            pattern(r"\d{12}", CHECK, checks.gls),
            pattern(r"\d{12}", going_to="DK"),
            pattern(r"\d{11}"),
            pattern(r"[0-9A-Z]{8}", SHAPE, checks.has_letters),
            pattern(r"\d{14}", SHAPE, going_to="ES PT PL"),
        ),
        countries(EUROPE),
        ("gls-group.eu", "gls-group.com", "gls-spain.es", "gls-italy.com"),
        ("gls-de", "gls-fr", "gls-spain", "gls-italy", "asm"),
    ),
    Carrier(
        "hermes-de",
        "Hermes Germany",
        ("https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{number}",),
        (pattern(r"H\d{19}", CHECK), pattern(r"\d{14}", CHECK, checks.gs1)),
        countries("DE AT"),
        ("myhermes.de",),
        ("hermesworld-de",),
    ),
    Carrier(
        "postnl",
        "PostNL",
        (
            "https://jouw.postnl.nl/track-and-trace/{number}-{country}-{postal_code}",
            "https://postnl.post/details?barcodes={number}",
        ),
        (pattern(r"3S[A-Z0-9]{4,6}\d{7,9}", CHECK), post("NL")),
        hosts=("postnl.nl", "postnl.post", "postnl.be"),
        aliases=("postnl-international", "postnl-domestic", "postnl-3s"),
    ),
    Carrier(
        "bpost",
        "bpost",
        (
            "https://track.bpost.cloud/btr/web/#/search?itemCode={number}&lang=en&postalCode={postal_code}",
            "https://track.bpost.cloud/btr/web/#/search?itemCode={number}&lang=en",
        ),
        (pattern(r"323\d{21}", CHECK, going_to="BE"), post("BE")),
        hosts=("bpost.be", "bpost.cloud"),
        aliases=("bpost-international",),
    ),
    Carrier(
        "swiss-post",
        "Swiss Post",
        ("https://service.post.ch/ekp-web/ui/entry/search/{number}",),
        (pattern(r"99\d{16}", CHECK, going_to="CH LI"), post("CH")),
        hosts=("post.ch",),
        aliases=("swisspost", "die-post"),
    ),
    Carrier(
        "postnord",
        "PostNord",
        ("https://tracking.postnord.com/en/tracking?id={number}",),
        (pattern(r"(?:00)?[37]73\d{15}", CHECK, checks.gs1), post("SE", "DK", "GL")),
        hosts=("postnord.com", "postnord.se", "postnord.dk", "postnord.no", "postnord.fi"),
        aliases=("postnord-sweden", "postnord-denmark", "danmark-post", "sweden-posten"),
    ),
    Carrier(
        "posten-norge",
        "Posten",
        ("https://sporing.posten.no/sporing/{number}?lang=en",),
        (
            pattern(r"(?:00)?370\d{15}", CHECK, checks.gs1),
            pattern(r"70\d{15}", CHECK, going_to="NO"),
            post("NO"),
        ),
        hosts=("posten.no", "bring.no", "bring.com"),
        aliases=("bring", "posten-norge-as"),
    ),
    Carrier(
        "inpost",
        "InPost",
        ("https://inpost.pl/sledzenie-przesylek?number={number}",),
        (pattern(r"\d{24}"),),
        countries("PL"),
        ("inpost.pl",),
        ("inpost-paczkomaty", "paczkomaty"),
    ),
    Carrier(
        "packeta",
        "Packeta",
        ("https://tracking.packeta.com/en/?id={number}",),
        (pattern(r"Z\d{10}", CHECK),),
        hosts=("packeta.com", "zasilkovna.cz"),
        aliases=("zasilkovna",),
    ),
)  # fmt: skip
