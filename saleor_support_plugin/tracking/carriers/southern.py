"""Carriers of Spain, Portugal, France and Italy."""

from saleor_support_plugin.tracking.carriers import checks
from saleor_support_plugin.tracking.carriers.carrier import Carrier, Evidence, countries, pattern
from saleor_support_plugin.tracking.carriers.posts import post

SHAPE, CHECK, SURE = Evidence.SHAPE, Evidence.CHECK, Evidence.SURE

IBERIA = "ES PT AD GI"
ITALY = "IT SM VA"

IBERIAN: tuple[Carrier, ...] = (
    Carrier(
        "correos",
        "Correos",
        ("https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={number}",),
        (
            pattern(
                r"[A-Z][0-9A-Z][0-9A-HJ-NP-TV-Z]{4}\d\d[0-9A-Z]{9}(?:\d{5}|AD\d{3})[A-Z]",
                SURE,
                checks.correos,
            ),
            pattern(r"[A-Z]{2}\d{11}", going_to="ES AD"),
            post("ES"),
        ),
        hosts=("correos.es",),
        aliases=("spain-correos-es", "correos-spain", "correos-de-espana"),
    ),
    Carrier(
        "correos-express",
        "Correos Express",
        ("https://s.correosexpress.com/SeguimientoSinCP/search?shippingNumber={number}",),
        (pattern(r"323\d{13}", CHECK), pattern(r"\d{16}")),
        countries(IBERIA),
        ("correosexpress.com",),
        ("correosexpress", "cex"),
    ),
    Carrier(
        "seur",
        "SEUR",
        ("https://www.seur.com/livetracking/?segOnlineIdentificador={number}",),
        (pattern(r"ECB\d{11,14}", CHECK), pattern(r"\d{23}")),
        countries(IBERIA),
        ("seur.com",),
        ("spanish-seur", "international-seur"),
    ),
    Carrier(
        "mrw",
        "MRW",
        (
            "https://www.mrw.es/seguimiento_envios/MRW_resultados_consultas.asp?modo=nacional&envio={number}",
        ),
        (pattern(r"0\d{4}[A-Z]\d{6}", CHECK), pattern(r"\d{12}")),
        countries(IBERIA),
        ("mrw.es", "mrw.pt"),
        ("mrw-spain",),
    ),
    Carrier(
        "nacex",
        "Nacex",
        (
            "https://www.nacex.es/seguimientoDetalle.do?agencia_origen={agency}&numero_albaran={waybill}"
            "&estado=1&internacional=0&externo=N&usr=null&pas=null",
        ),
        (pattern(r"(?P<agency>\d{4})(?P<waybill>\d{8})"),),
        countries(IBERIA),
        ("nacex.es", "nacex.com", "nacex.pt"),
        ("nacex-spain",),
    ),
    Carrier(
        "ctt",
        "CTT",
        ("https://appserver.ctt.pt/CustomerArea/PublicArea_Detail?ObjectCodeInput={number}",),
        (post("PT"),),
        hosts=("ctt.pt",),
        aliases=("portugal-ctt", "ctt-expresso"),
    ),
    Carrier(
        "ctt-express",
        "CTT Express",
        ("https://www.cttexpress.com/localizador-de-envios/?sc={number}",),
        (pattern(r"\d{22}"),),
        countries(IBERIA),
        ("cttexpress.com",),
        ("tourline", "tipsa-ctt"),
    ),
)  # fmt: skip

FRANCE_AND_ITALY: tuple[Carrier, ...] = (
    Carrier(
        "colissimo",
        "Colissimo",
        ("https://www.laposte.fr/outils/suivre-vos-envois?code={number}",),
        (pattern(r"[5-9][A-Z]\d{11}", CHECK),),
        hosts=("colissimo.fr",),
    ),
    Carrier(
        "la-poste",
        "La Poste",
        ("https://www.laposte.fr/outils/suivre-vos-envois?code={number}",),
        (pattern(r"[1-4][A-Z]\d{11}", CHECK), post("FR")),
        hosts=("laposte.fr",),
        aliases=("la-poste-colissimo", "laposte"),
    ),
    Carrier(
        "chronopost",
        "Chronopost",
        ("https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}",),
        (pattern(r"[A-Z]{2}\d{9}J[ABCDFGHIKLNQRSTUVWXYZ]", SURE, checks.s10),),
        hosts=("chronopost.fr",),
        aliases=("chronopost-france",),
    ),
    Carrier(
        "mondial-relay",
        "Mondial Relay",
        (
            "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition={number}&codePostal={postal_code}",
            "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition={number}",
        ),
        (pattern(r"\d{8}|\d{10}|\d{12}"),),
        countries("FR BE LU NL"),
        ("mondialrelay.fr", "mondialrelay.com", "mondialrelay.be"),
        ("mondialrelay",),
    ),
    Carrier(
        "poste-italiane",
        "Poste Italiane",
        ("https://www.poste.it/cerca/#/risultati-spedizioni/{number}",),
        (
            pattern(r"\d[A-Z]{2}[0-9A-Z]{2}[0-9]{8}", going_to=ITALY),
            pattern(r"\d{12}", going_to=ITALY),
            post("IT", "SM", "VA"),
        ),
        hosts=("poste.it",),
        aliases=("poste-italiane-paccocelere", "italy-sda", "sda"),
    ),
    Carrier(
        "brt",
        "BRT",
        ("https://www.mybrt.it/it/mybrt/my-parcels/incoming?parcelNumber={number}",),
        (pattern(r"\d{12}|\d{14}|\d{15}"),),
        countries(ITALY),
        ("mybrt.it", "brt.it"),
        ("bartolini", "brt-it", "brt-bartolini"),
    ),
)  # fmt: skip

SOUTHERN: tuple[Carrier, ...] = IBERIAN + FRANCE_AND_ITALY
