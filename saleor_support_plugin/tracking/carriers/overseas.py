"""Carriers of the British Isles, America, Australia and China."""

from saleor_support_plugin.tracking.carriers import checks
from saleor_support_plugin.tracking.carriers.carrier import Carrier, Evidence, countries, pattern
from saleor_support_plugin.tracking.carriers.posts import post

SHAPE, CHECK, SURE = Evidence.SHAPE, Evidence.CHECK, Evidence.SURE

ISLES = "GB IE GG JE IM"
AMERICA = "US PR GU VI AS MP"

# What stands before the number in the barcodes of the American post: 420 and the ZIP code.
_ZIP = r"(?:420\d{5}(?:\d{4})?)?"

BRITAIN: tuple[Carrier, ...] = (
    Carrier(
        "royal-mail",
        "Royal Mail",
        ("https://www.royalmail.com/track-your-item#/tracking-results/{number}",),
        (post("GB"),),
        hosts=("royalmail.com",),
        aliases=("royalmail",),
    ),
    Carrier(
        "evri",
        "Evri",
        ("https://www.evri.com/track/parcel/{number}",),
        (pattern(r"[HCT][0-9A-Z]{4}A\d{10}", CHECK), pattern(r"\d{16}")),
        countries(ISLES),
        ("evri.com", "myhermes.co.uk"),
        ("hermes", "myhermes-uk", "hermes-uk"),
    ),
    Carrier(
        "yodel",
        "Yodel",
        ("https://www.yodel.co.uk/tracking/{number}",),
        (pattern(r"JJ?D0002\d{12}", CHECK),),
        countries(ISLES),
        ("yodel.co.uk",),
        ("yodel-domestic", "yodel-international"),
    ),
)

AMERICA_AND_ASIA: tuple[Carrier, ...] = (
    Carrier(
        "usps",
        "USPS",
        ("https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",),
        (
            pattern(rf"{_ZIP}(?P<number>9[1-5]\d{{20}})", SURE, checks.last(22, checks.gs1)),
            pattern(rf"{_ZIP}(?P<number>9[2-5]\d{{24}})", SURE, checks.last(26, checks.gs1)),
            pattern(r"(?:0[1-7]|13|14|23|7[0-7]|9[1-5])\d{18}", CHECK, checks.usps_20, AMERICA),
            post(*AMERICA.split()),
        ),
        hosts=("usps.com",),
    ),
    Carrier(
        "canada-post",
        "Canada Post",
        ("https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",),
        (pattern(r"\d{16}", CHECK, checks.gs1, "CA"), post("CA")),
        hosts=("canadapost-postescanada.ca", "canadapost.ca"),
        aliases=("canadapost", "postes-canada"),
    ),
    Carrier(
        "purolator",
        "Purolator",
        ("https://www.purolator.com/en/shipping/tracker?searchValue={number}",),
        (
            pattern(r"[A-Z]{3}\d{9}", going_to="CA"),
            pattern(r"[0-5]\d{11}", CHECK, checks.luhn, "CA"),
        ),
        countries("CA US"),
        ("purolator.com",),
    ),
    Carrier(
        "australia-post",
        "Australia Post",
        ("https://auspost.com.au/mypost/track/details/{number}",),
        (
            pattern(r"[0-9A-Z]{3}(?:[0-9A-Z]{2})?\d{18}", SHAPE, checks.has_letters, "AU"),
            pattern(r"[0-9A-Z]{3}(?:[0-9A-Z]{2})?\d{7}", SHAPE, checks.has_letters, "AU"),
            post("AU", "NF"),
        ),
        hosts=("auspost.com.au",),
        aliases=("auspost", "australiapost"),
    ),
    Carrier(
        "amazon",
        "Amazon",
        ("https://track.amazon.com/tracking/{number}",),
        (pattern(r"TB[ACM]\d{12}", SURE),),
        hosts=("track.amazon.com",),
        aliases=("amazon-logistics", "amazon-fba-us"),
    ),
    Carrier(
        "ontrac",
        "OnTrac",
        ("https://www.ontrac.com/tracking/?number={number}",),
        (
            pattern(r"C\d{14}", SURE, checks.ontrac),
            pattern(r"D\d{14}", SURE, checks.ontrac),
            pattern(r"1LS[0-9A-Z]{12}|1LS\d{15}|LX[1-3]\d{7}", CHECK),
        ),
        countries("US"),
        ("ontrac.com", "lasership.com"),
        ("lasership", "lasershipv2"),
    ),
    Carrier(
        "yunexpress",
        "YunExpress",
        ("https://www.yuntrack.com/parcelTracking?id={number}",),
        (pattern(r"YT\d{16}", SURE),),
        hosts=("yuntrack.com",),
    ),
    Carrier(
        "cainiao",
        "Cainiao",
        ("https://global.cainiao.com/detail.htm?mailNoList={number}",),
        (pattern(r"LP\d{14}", SURE), pattern(r"CNFR\d{16}HD", SURE)),
        hosts=("cainiao.com",),
        aliases=("aliexpress-standard-shipping",),
    ),
)

OVERSEAS: tuple[Carrier, ...] = BRITAIN + AMERICA_AND_ASIA
