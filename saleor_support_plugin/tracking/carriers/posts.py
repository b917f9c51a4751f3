"""Posts: who stands behind the last two letters of a postal item's number (UPU standard S10)."""

from saleor_support_plugin.tracking.carriers import checks
from saleor_support_plugin.tracking.carriers.carrier import Carrier, Evidence, Pattern, pattern


def post(*countries: str) -> Pattern:
    """Numbers of the posts of these countries, like RB123456785GB."""
    return pattern(rf"[A-Z]{{2}}\d{{9}}(?:{'|'.join(countries)})", Evidence.SURE, checks.s10)


# Where posts follow items: those that have a page for it which takes the number.
_PAGES = {
    "an-post": "https://www.anpost.com/Post-Parcels/Track/History?item={number}",
    "austrian-post": "https://www.post.at/s/sendungsdetails?snr={number}",
    "belpost": "https://www.belpost.by/Otsleditotpravleniye?number={number}",
    "correios": "https://rastreamento.correios.com.br/app/index.php?objetos={number}",
    "cyprus-post": "https://www.cypruspost.post/en/track-n-trace-results?code={number}",
    "czech-post": "https://www.postaonline.cz/en/trackandtrace/-/zasilka/cislo?parcelNumbers={number}",
    "elta": "https://itemsearch.elta.gr/en-GB/Query/Direct/{number}",
    "hrvatska-posta": "https://posiljka.posta.hr/en/tracking/trackingdata?barcode={number}",
    "israel-post": "https://mypost.israelpost.co.il/itemtrace?itemcode={number}",
    "japan-post": "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1={number}&locale=en",
    "korea-post": "https://service.epost.go.kr/trace.RetrieveEmsRigiTraceList.comm?POST_CODE={number}&displayHeader=N",
    "lietuvos-pastas": "https://post.lt/en/siuntu-sekimas?parcels={number}",
    "magyar-posta": "https://www.posta.hu/nyomkovetes/nyitooldal?searchvalue={number}",
    "new-zealand-post": "https://www.nzpost.co.nz/tools/tracking?trackid={number}",
    "poczta-polska": "https://emonitoring.poczta-polska.pl/?numer={number}",
    "pos-malaysia": "https://tracking.pos.com.my/tracking/{number}",
    "posta-moldovei": "https://www.posta.md/en/tracking?id={number}",
    "posti": "https://www.posti.fi/en/tracking#/lahetys/{number}",
    "ptt": "https://gonderitakip.ptt.gov.tr/Track/Verify?q={number}",
    "russian-post": "https://www.pochta.ru/tracking?barcode={number}",
    "saudi-post": "https://splonline.com.sa/en/shipmentdetailsstatic/?tid={number}",
    "slovenska-posta": "https://tandt.posta.sk/en/items/{number}",
    "thailand-post": "https://track.thailandpost.co.th/?trackNumber={number}",
    "ukrposhta": "https://track.ukrposhta.ua/tracking_EN.html?barcode={number}",
    "vietnam-post": "https://www.vnpost.vn/en-us/dinh-vi/buu-pham?key={number}",
}


def _post(code: str, name: str, countries: str, hosts: str, *aliases: str) -> Carrier:
    page = _PAGES.get(code)
    return Carrier(
        code,
        name,
        (page,) if page else (),
        (post(*countries.split()),),
        hosts=tuple(hosts.split()),
        aliases=aliases,
    )


_OPERATORS: tuple[Carrier, ...] = (
    _post("an-post", "An Post", "IE", "anpost.com", "an-post-ireland"),
    _post("austrian-post", "Österreichische Post", "AT", "post.at"),
    _post("belpost", "Belpost", "BY", "belpost.by"),
    _post("bulgarian-posts", "Bulgarian Posts", "BG", "bgpost.bg", "bgpost"),
    _post("china-post", "China Post", "CN", "chinapost.com.cn ems.com.cn", "china-ems"),
    _post("chunghwa-post", "Chunghwa Post", "TW", "post.gov.tw", "taiwan-post"),
    _post("correios", "Correios", "BR", "correios.com.br", "brazil-correios"),
    _post("correo-argentino", "Correo Argentino", "AR", "correoargentino.com.ar"),
    _post("correos-chile", "Correos de Chile", "CL", "correos.cl"),
    _post("correos-de-mexico", "Correos de México", "MX", "correosdemexico.gob.mx"),
    _post("cyprus-post", "Cyprus Post", "CY", "cypruspost.post"),
    _post("czech-post", "Česká pošta", "CZ", "postaonline.cz"),
    _post("elta", "ELTA", "GR", "elta.gr", "elta-courier"),
    _post("hongkong-post", "Hongkong Post", "HK", "hongkongpost.hk", "hong-kong-post"),
    _post("hrvatska-posta", "Hrvatska pošta", "HR", "posta.hr"),
    _post("iceland-post", "Pósturinn", "IS", "posturinn.is"),
    _post("india-post", "India Post", "IN", "indiapost.gov.in"),
    _post("israel-post", "Israel Post", "IL", "israelpost.co.il"),
    _post("japan-post", "Japan Post", "JP", "japanpost.jp"),
    _post("korea-post", "Korea Post", "KR", "epost.go.kr"),
    _post("latvijas-pasts", "Latvijas Pasts", "LV", "pasts.lv", "latvia-post"),
    _post("lietuvos-pastas", "Lietuvos paštas", "LT", "post.lt", "lithuania-post"),
    _post("magyar-posta", "Magyar Posta", "HU", "posta.hu"),
    _post("maltapost", "MaltaPost", "MT", "maltapost.com"),
    _post("new-zealand-post", "NZ Post", "NZ", "nzpost.co.nz"),
    _post("omniva", "Omniva", "EE", "omniva.ee omniva.lv omniva.lt"),
    _post("poczta-polska", "Poczta Polska", "PL", "poczta-polska.pl"),
    _post("pos-malaysia", "Pos Malaysia", "MY", "pos.com.my"),
    _post("post-luxembourg", "POST Luxembourg", "LU", "post.lu"),
    _post("posta-moldovei", "Poșta Moldovei", "MD", "posta.md"),
    _post("posta-romana", "Poșta Română", "RO", "posta-romana.ro"),
    _post("posta-slovenije", "Pošta Slovenije", "SI", "posta.si", "slovenia-post"),
    _post("posti", "Posti", "FI AX", "posti.fi"),
    _post("ptt", "PTT", "TR", "ptt.gov.tr"),
    _post("russian-post", "Russian Post", "RU", "pochta.ru"),
    _post("saudi-post", "SPL", "SA", "splonline.com.sa"),
    _post("singapore-post", "SingPost", "SG", "singpost.com"),
    _post("slovenska-posta", "Slovenská pošta", "SK", "posta.sk"),
    _post("south-african-post-office", "South African Post Office", "ZA", "postoffice.co.za"),
    _post("thailand-post", "Thailand Post", "TH", "thailandpost.co.th"),
    _post("ukrposhta", "Ukrposhta", "UA", "ukrposhta.ua"),
    _post("vietnam-post", "Vietnam Post", "VN", "vnpost.vn"),
)

# The other members of the Universal Postal Union: their posts have no entry of their own.
_OTHERS = """
    AD AE AF AG AI AL AM AO AQ AW AZ BA BB BD BF BH BI BJ BL BM BN BO BQ BS BT BW BZ CC CD CF
    CG CI CK CM CO CR CU CV CW CX DJ DM DO DZ EC EG EH ER ET FJ FK FM FO GA GD GE GF GG GH GI
    GM GN GP GQ GT GW GY HN HT ID IM IO IQ IR JE JM JO KE KG KH KI KM KN KP KW KY KZ LA LB LC
    LI LK LR LS LY MA MC ME MF MG MH MK ML MM MN MO MQ MR MS MU MV MW MZ NA NC NE NG NI NP NR
    NU OM PA PE PF PG PH PK PM PN PS PW PY QA RE RS RW SB SC SD SH SJ SL SN SO SR SS ST SV SX
    SY SZ TC TD TF TG TJ TK TL TM TN TO TT TV TZ UG UM UY UZ VC VE VG VU WF WS YE YT ZM ZW
"""

POSTS: tuple[Carrier, ...] = (*_OPERATORS, Carrier("s10", "Post", patterns=(post(*_OTHERS.split()),)))
