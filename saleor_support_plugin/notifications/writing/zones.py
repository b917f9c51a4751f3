"""The time zone in which a customer reads the clock, from the address the parcel goes to.

Countries with one zone come from Babel's CLDR data; those with several are decided by region or
postal code here. Regions split between zones take the zone of most of their people.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping

from babel.core import get_global

from saleor_support_plugin.shop.data import Address

# Several zones on paper, but one for nearly everybody; the others by region below.
_MAIN = {
    "AR": "America/Argentina/Buenos_Aires",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}

# country: {zone: regions}; a region is written as code, or "code Name", separated by commas.
_REGIONS: Mapping[str, Mapping[str, str]] = {
    "US": {
        "America/New_York": "CT Connecticut, DC District of Columbia, DE Delaware, FL Florida, GA Georgia,"
        "IN Indiana, KY Kentucky, MA Massachusetts, MD Maryland, ME Maine, MI Michigan, NC North Carolina,"
        "NH New Hampshire, NJ New Jersey, NY New York, OH Ohio, PA Pennsylvania, RI Rhode Island,"
        "SC South Carolina, VA Virginia, VT Vermont, WV West Virginia",
        "America/Chicago": "AL Alabama, AR Arkansas, IA Iowa, IL Illinois, KS Kansas, LA Louisiana,"
        "MN Minnesota, MO Missouri, MS Mississippi, ND North Dakota, NE Nebraska, OK Oklahoma,"
        "SD South Dakota, TN Tennessee, TX Texas, WI Wisconsin",
        "America/Denver": "CO Colorado, ID Idaho, MT Montana, NM New Mexico, UT Utah, WY Wyoming",
        "America/Phoenix": "AZ Arizona",
        "America/Los_Angeles": "CA California, NV Nevada, OR Oregon, WA Washington",
        "America/Anchorage": "AK Alaska",
        "Pacific/Honolulu": "HI Hawaii",
        "America/Puerto_Rico": "PR Puerto Rico, VI Virgin Islands",
        "Pacific/Guam": "GU Guam, MP Northern Mariana Islands",
        "Pacific/Pago_Pago": "AS American Samoa",
    },
    "CA": {
        "America/St_Johns": "NL Newfoundland and Labrador",
        "America/Halifax": "NB New Brunswick, NS Nova Scotia, PE Prince Edward Island",
        "America/Toronto": "ON Ontario, QC Quebec, NU Nunavut",
        "America/Winnipeg": "MB Manitoba",
        "America/Regina": "SK Saskatchewan",
        "America/Edmonton": "AB Alberta, NT Northwest Territories",
        "America/Vancouver": "BC British Columbia",
        "America/Whitehorse": "YT Yukon",
    },
    "AU": {
        "Australia/Sydney": "NSW New South Wales, ACT Australian Capital Territory, JBT Jervis Bay Territory",
        "Australia/Melbourne": "VIC Victoria",
        "Australia/Brisbane": "QLD Queensland",
        "Australia/Adelaide": "SA South Australia",
        "Australia/Darwin": "NT Northern Territory",
        "Australia/Perth": "WA Western Australia",
        "Australia/Hobart": "TAS Tasmania",
    },
    "BR": {
        "America/Sao_Paulo": "DF Distrito Federal, ES Espírito Santo, GO Goiás, MG Minas Gerais, PR Paraná,"
        "RJ Rio de Janeiro, RS Rio Grande do Sul, SC Santa Catarina, SP São Paulo",
        "America/Bahia": "BA Bahia",
        "America/Maceio": "AL Alagoas, SE Sergipe",
        "America/Recife": "PE Pernambuco",
        "America/Fortaleza": "CE Ceará, MA Maranhão, PB Paraíba, PI Piauí, RN Rio Grande do Norte",
        "America/Belem": "AP Amapá, PA Pará",
        "America/Araguaina": "TO Tocantins",
        "America/Cuiaba": "MT Mato Grosso",
        "America/Campo_Grande": "MS Mato Grosso do Sul",
        "America/Manaus": "AM Amazonas",
        "America/Porto_Velho": "RO Rondônia",
        "America/Boa_Vista": "RR Roraima",
        "America/Rio_Branco": "AC Acre",
    },
    "MX": {
        "America/Tijuana": "BC Baja California, B.C.",
        "America/Mazatlan": "BCS Baja California Sur, B.C.S., NAY Nayarit, Nay., SIN Sinaloa, Sin.",
        "America/Hermosillo": "SON Sonora, Son.",
        "America/Chihuahua": "CHH Chihuahua, Chih.",
        "America/Cancun": "ROO Quintana Roo, Q.R.",
        "America/Merida": "YUC Yucatán, Yuc., CAM Campeche, Camp.",
        "America/Monterrey": "COA Coahuila, Coah., Coahuila de Zaragoza, DUR Durango, Dgo.,"
        "NLE Nuevo León, N.L., TAM Tamaulipas, Tamps.",
        "America/Mexico_City": "CMX Ciudad de México, CDMX, DF, AGU Aguascalientes, Ags., CHP Chiapas, Chis.,"
        "COL Colima, Col., GUA Guanajuato, Gto., GRO Guerrero, Gro., HID Hidalgo, Hgo., JAL Jalisco, Jal.,"
        "MEX México, Méx., Estado de México, MIC Michoacán, Mich., MOR Morelos, Mor., OAX Oaxaca, Oax.,"
        "PUE Puebla, Pue., QUE Querétaro, Qro., SLP San Luis Potosí, S.L.P., TAB Tabasco, Tab.,"
        "TLA Tlaxcala, Tlax., VER Veracruz, Ver., ZAC Zacatecas, Zac.",
    },
    "RU": {
        "Europe/Kaliningrad": "KGD Kaliningrad, Kaliningradskaya oblast, Калининградская область",
        "Europe/Moscow": "MOW Moscow, Moskva, Москва, MOS Moscow oblast, Moskovskaya oblast,"
        "Московская область, SPE Saint Petersburg, Sankt-Peterburg, Санкт-Петербург,"
        "LEN Leningradskaya oblast,"
        "Ленинградская область, KDA Krasnodarskiy kray, Краснодарский край, ROS Rostovskaya oblast,"
        "Ростовская область, TA Tatarstan, Татарстан, NIZ Nizhegorodskaya oblast, Нижегородская область",
        "Europe/Samara": "SAM Samarskaya oblast, Самарская область, UD Udmurt, Удмуртская",
        "Europe/Volgograd": "VGG Volgogradskaya oblast, Волгоградская область",
        "Asia/Yekaterinburg": "SVE Sverdlovskaya oblast, Свердловская область, CHE Chelyabinskaya oblast,"
        "Челябинская область, BA Bashkortostan, Башкортостан, PER Permskiy kray, Пермский край,"
        "TYU Tyumenskaya oblast, Тюменская область",
        "Asia/Omsk": "OMS Omskaya oblast, Омская область",
        "Asia/Novosibirsk": "NVS Novosibirskaya oblast, Новосибирская область",
        "Asia/Krasnoyarsk": "KYA Krasnoyarskiy kray, Красноярский край, KEM Kemerovskaya oblast",
        "Asia/Irkutsk": "IRK Irkutskaya oblast, Иркутская область, BU Buryatia, Бурятия",
        "Asia/Yakutsk": "SA Sakha, Саха, AMU Amurskaya oblast, Амурская область",
        "Asia/Vladivostok": "PRI Primorskiy kray, Приморский край, KHA Khabarovskiy kray, Хабаровский край",
        "Asia/Magadan": "MAG Magadanskaya oblast, Магаданская область",
        "Asia/Sakhalin": "SAK Sakhalinskaya oblast, Сахалинская область",
        "Asia/Kamchatka": "KAM Kamchatskiy kray, Камчатский край, CHU Chukotka, Чукотка",
    },
    "ID": {
        "Asia/Jakarta": "JK Jakarta, DKI Jakarta, JB Jawa Barat, JT Jawa Tengah, JI Jawa Timur, BT Banten,"
        "YO DI Yogyakarta, AC Aceh, SU Sumatera Utara, SB Sumatera Barat, SS Sumatera Selatan, RI Riau,"
        "KR Kepulauan Riau, JA Jambi, BE Bengkulu, LA Lampung, BB Kepulauan Bangka Belitung",
        "Asia/Pontianak": "KB Kalimantan Barat, KT Kalimantan Tengah",
        "Asia/Makassar": "BA Bali, NB Nusa Tenggara Barat, NT Nusa Tenggara Timur, KS Kalimantan Selatan,"
        "KI Kalimantan Timur, KU Kalimantan Utara, SN Sulawesi Selatan, SA Sulawesi Utara,"
        "ST Sulawesi Tengah, SG Sulawesi Tenggara, GO Gorontalo, SR Sulawesi Barat",
        "Asia/Jayapura": "PA Papua, PB Papua Barat, MA Maluku, MU Maluku Utara",
    },
    "ES": {
        "Atlantic/Canary": "GC Las Palmas, TF Santa Cruz de Tenerife, CN Canarias, Islas Canarias",
        "Africa/Ceuta": "CE Ceuta, ML Melilla",
    },
    "PT": {
        "Atlantic/Azores": "20 Azores, Açores, Região Autónoma dos Açores",
        "Atlantic/Madeira": "30 Madeira, Região Autónoma da Madeira",
    },
    "CL": {
        "America/Punta_Arenas": "MA Magallanes, Magallanes y de la Antártica Chilena",
        "Pacific/Easter": "Isla de Pascua",
    },
    "EC": {"Pacific/Galapagos": "W Galápagos, Islas Galápagos"},
    "NZ": {"Pacific/Chatham": "CIT Chatham Islands"},
    "CD": {
        "Africa/Lubumbashi": "HK Haut-Katanga, KE Kasaï-Oriental, NK Nord-Kivu, SK Sud-Kivu, MA Maniema,"
        "TO Tshopo, IT Ituri, LU Lualaba",
    },
    "MN": {
        "Asia/Hovd": "043 Hovd, Khovd, 071 Bayan-Ölgii, 046 Uvs, 057 Zavkhan, 065 Govi-Altai",
        "Asia/Ulaanbaatar": "1 Ulaanbaatar, Улаанбаатар",
    },
}

# What a postal code tells where people leave the region out: (country, pattern, zone).
_CODES = (
    ("ES", re.compile(r"3[58]\d{3}"), "Atlantic/Canary"),
    ("ES", re.compile(r"5[12]\d{3}"), "Africa/Ceuta"),
    ("PT", re.compile(r"9[0-4]\d{2}"), "Atlantic/Madeira"),
    ("PT", re.compile(r"9[5-9]\d{2}"), "Atlantic/Azores"),
)


def time_zone_of(address: Address | None) -> str:
    """:func:`time_zone` of an address; "" when there is none."""
    if address is None:
        return ""
    return time_zone(address.country, address.country_area, address.postal_code)


@functools.lru_cache(maxsize=10_000)
def time_zone(country: str, region: str = "", postal_code: str = "") -> str:
    """The IANA zone of an address (country ISO 3166-1 alpha-2), or "" when it can't be told."""
    country = country.strip().upper()
    known = _table().get(country, {}).get(_key(region))
    if known:
        return known
    for where, pattern, zone in _CODES:
        if where == country and pattern.match(postal_code.strip()):
            return zone
    zones = get_global("territory_zones").get(country, [])
    return _MAIN.get(country) or (zones[0] if len(zones) == 1 else "")


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {}
    for country, zones in _REGIONS.items():
        regions = table.setdefault(country, {})
        for zone, text in zones.items():
            for entry in text.split(","):
                code, _space, name = entry.strip().partition(" ")
                for spelling in (entry, code, name):
                    if spelling and (spelling == entry or code.isupper() or code.isdigit()):
                        regions[_key(spelling)] = zone
    return table


def _key(region: str) -> str:
    plain = unicodedata.normalize("NFKD", region).casefold()
    return "".join(character for character in plain if character.isalnum())
