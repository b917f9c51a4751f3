"""Mails about returns, by kind: claims are no wishes, withdrawals no favours, and what never came is not
asked back."""

import gettext
import re

import pytest

from saleor_support_plugin.notifications import kinds, samples
from saleor_support_plugin.notifications.variables import Group
from saleor_support_plugin.notifications.writing import language, mail
from tests.notifications.samples import NOW, SETTINGS, row

KINDS = [kind.name for kind in kinds.TABLE if kind.group is Group.RETURN]
OTHERS = ("claim", "exchange", "withdrawal")
NEVER = {("return_expired", "withdrawal"), ("return_replacement_shipped", "withdrawal")}
STAY = {"send_by": None, "slip_url": "", "label_url": "", "instructions": "", "kept": []}
PART = {"declined": ["1 × Olive oil (250 ml)"]}
# Names of papers and pages, whatever the goods come back for.
PAPERS = {
    "en": r"return (label|slip)|/return",
    "es": r"(etiqueta|hoja) de devolución|Te devolveremos|Te hemos devuelto|/return",
}
RETURN = {"en": r"return", "es": r"devol|devuelt"}


@pytest.fixture
def strict(monkeypatch):
    """Spanish that fails on a text it does not have."""

    class Missing(gettext.NullTranslations):
        def gettext(self, message):
            raise AssertionError(f"not translated: {message}")

        def ngettext(self, singular, plural, n):
            raise AssertionError(f"not translated: {singular}")

    monkeypatch.setattr(language.choose("es").catalog, "_fallback", Missing())


def written(kind, lang, of="", rich=False, **changes):
    """A mail of this kind about an ordinary return, or one ``of`` another kind."""
    data = samples.sample(kind, lang, rich=rich)[1]
    data |= {one: one == of for one in OTHERS} | changes
    one = row(kind, language=lang)
    one.data = {name: value for name, value in data.items() if name in kinds.get(kind).variables}
    return mail.write(one, SETTINGS, now=NOW)


def own_words(text, lang):
    """The mail's own sentences, without what papers are called and what people wrote."""
    people = [*(samples.sample(kind, lang)[1].get("reason", "") for kind in KINDS)]
    people += [str(samples.sample(kind, lang)[1].get("instructions", "")) for kind in KINDS]
    for said in filter(None, people):
        text = text.replace(said, "")
    return re.sub(PAPERS[lang], "", text, flags=re.IGNORECASE)


@pytest.mark.parametrize("changes", [{}, STAY, PART, {**STAY, **PART}, {"refund": None}, {"items": None}])
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("kind", "of"), [(kind, of) for kind in KINDS for of in ("", *OTHERS) if (kind, of) not in NEVER]
)
def test_it_reads_well(kind, of, lang, changes, strict):
    if changes == {"items": None} and kind != "return_received":
        changes = {}
    for rich in (False, True):
        if kind == "return_reminder" and "send_by" in changes:
            continue  # it is about nothing else
        if kind == "return_refunded" and "refund" in changes:
            continue
        one = written(kind, lang, of, rich, **changes)
        assert 10 < len(one.subject) <= 78
        whole = one.subject + one.text + one.html
        for trace in ("None", "{{", "{%", "%("):
            assert trace not in whole
        assert "\n\n\n" not in one.text
        assert not re.search(r"[ \t]\n|  |\( ?\)|[,;:] ?[.,;]", one.text)
        if of in ("claim", "withdrawal"):
            for part in (one.subject, one.text, re.sub(r"(?s)<style.*?</style>|<[^>]*>", "", one.html)):
                assert not re.search(RETURN[lang], own_words(part, lang), re.IGNORECASE)


@pytest.mark.parametrize(
    ("lang", "present", "absent"),
    [
        ("en", "There is nothing you need to send back.", r"do not send|keep|Please send"),
        ("es", "No tienes que enviar nada de vuelta.", r"Te quedas|Envía los|no los envíes"),
    ],
)
@pytest.mark.parametrize("kind", ["return_approved", "return_cancelled"])
def test_who_claims_what_never_came_is_not_asked_for_it(kind, lang, present, absent):
    text = written(kind, lang, "claim", **STAY, message="").text
    assert present in text
    assert not re.search(absent, text)


ENDS = {"credit": None, "refunded": None, "other_goods": False, "replacement": False, "message": ""}
MONEY = {"amount": "12.30", "currency": "EUR"}


@pytest.mark.parametrize(
    ("change", "lang", "said"),
    [
        ({"credit": MONEY}, "en", "We have given you €12.30 as credit with us for the items below."),
        ({"credit": MONEY}, "es", "Te hemos dado 12,30\xa0€ como saldo en nuestra tienda"),
        ({"other_goods": True}, "en", "We have arranged for the items that you chose instead"),
        ({"other_goods": True}, "es", "Ya nos hemos ocupado de los artículos que elegiste a cambio"),
        ({"replacement": True}, "en", "We have arranged for your replacement"),
        ({"replacement": True}, "es", "Ya nos hemos ocupado de tu envío de sustitución"),
        ({"refunded": MONEY}, "en", "We have sent you €12.30 before; there is nothing more to give back"),
        ({"refunded": MONEY}, "es", "Ya te habíamos enviado 12,30\xa0€, y no queda nada más por pagarte"),
        ({}, "en", "We have looked at everything, and there is nothing to give back for the items below."),
        ({}, "es", "Lo hemos revisado todo, y no hay nada que pagarte"),
    ],
)
@pytest.mark.parametrize("of", ["", *OTHERS])
def test_how_it_ended(change, lang, said, of, strict):
    one = written("return_completed", lang, of, **{**ENDS, **change})
    note = {"en": "Our message about it", "es": "Nuestro mensaje al respecto"}[lang]
    assert "R10007" in one.subject
    for part in (one.text, one.html):
        assert (said in part, note in part) == (True, False)
        if of in ("claim", "withdrawal"):
            bare = re.sub(r"(?s)<style.*?</style>|<[^>]*>", "", part)
            assert not re.search(RETURN[lang], own_words(bare, lang), re.IGNORECASE)
    told = written("return_completed", lang, of, **{**ENDS, **change, "message": "Code A-1."})
    assert f"{note}: Code A-1.\n" in told.text
    assert "Code A-1." in told.html
    where = {"en": "write to us and mention R10007", "es": "escríbenos e indica R10007"}[lang]
    assert where in told.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_withdrawal_is_received_and_never_approved(kind):
    one = written(kind, "en", "withdrawal")
    assert not re.search(r"approve|accept(ed)? (a|your)|request", one.subject + one.text) or kind in (
        "return_declined",  # one that came too late
    )


@pytest.mark.parametrize(
    ("of", "changes", "subject", "heading", "said"),
    [
        ("", {}, "Your return R10007 has been approved", "Your return has been approved",
         "We have approved the return of the items below. You will get €12.30 back"),
        ("exchange", {}, "We have approved your exchange R10007", "We have approved your exchange",
         "We have approved the exchange of the items below. You will get the ones that you chose"),
        ("claim", {}, "We have accepted your claim R10007", "We have accepted your claim",
         "We have accepted your claim about the items below. You will get €12.30 back"),
        ("claim", {"replacement": True}, "We have accepted your claim R10007", "We have accepted your claim",
         "We have accepted your claim about the items below. You will get the same ones once more."),
        ("withdrawal", {}, "What happens with your withdrawal R10007", "What happens with your withdrawal",
         "You have withdrawn from the contract for the items below. You will get €12.30 back"),
        ("", PART, "We have approved a part of your return R10007", "We have approved a part of your return",
         "We can take back a part of what you asked for: the items below."),
        ("exchange", PART, "We have approved a part of your exchange R10007", "a part of your exchange",
         "We can exchange a part of what you asked for: the items below."),
        ("claim", PART, "We have accepted a part of your claim R10007", "a part of your claim",
         "We have accepted your claim for a part of the items, listed below."),
    ],
)  # fmt: skip
def test_an_approval_by_kind(of, changes, subject, heading, said):
    one = written("return_approved", "en", of, **changes)
    assert one.subject == subject
    assert heading in one.html
    assert said in one.text
    assert said in one.html


@pytest.mark.parametrize(
    ("of", "lang", "label", "agreed"),
    [
        ("", "en", "We could not agree to these; please keep them", "3 items to return:\n- 2 × Olive oil"),
        ("claim", "en", "We could not accept your claim for", "3 items to send back:\n- 2 × Olive oil"),
        ("", "es", "No hemos podido aceptar estos; quédatelos", "3 artículos para devolver:\n- 2 × Aceite"),
        ("claim", "es", "No hemos podido aceptar tu reclamación para", "3 artículos para enviar de vuelta:"),
    ],
)
def test_an_approval_in_part_says_which_pieces_and_why(of, lang, label, agreed):
    why = "The seal was broken.\nSorry."
    one = written("return_approved", lang, of, **PART, message=why)
    note = {"en": "Our message about it", "es": "Nuestro mensaje al respecto"}[lang]
    assert agreed in one.text
    assert f"{label}:\n1 × Olive oil (250 ml)\n\n{note}:\nThe seal was broken.\nSorry.\n" in one.text
    for part in (label, "1 × Olive oil (250 ml)", note, "The seal was broken.<br>Sorry."):
        assert part in one.html
    bare = written("return_approved", lang, of, **PART, message="")
    assert (label in bare.text, note in bare.text + bare.html) == (True, False)
    whole = written("return_approved", lang, of, message=why)
    assert label not in whole.text + whole.html
    assert whole.text.index("The seal") < whole.text.index("Olive oil" if lang == "en" else "Aceite")


def test_values_of_several_lines_begin_on_their_own():
    one = written("return_approved", "en", instructions="Pack it well.\n\nShop\nGran Vía 1\n28013 Madrid")
    assert "How to send the items back:\nPack it well.\n\nShop\nGran Vía 1\n28013 Madrid\n" in one.text
    assert (
        "How to send the items back: Pack it well.\n"
        in written("return_approved", "en", instructions="Pack it well.").text
    )


@pytest.mark.parametrize(("of", "there"), [("", True), ("claim", False), ("withdrawal", True)])
def test_that_claimed_goods_are_damaged_is_no_news(of, there):
    one = written("return_received", "en", of, damaged=["1 × Olive oil (500 ml)"])
    for said in ("Arrived damaged", "If you see it differently"):
        assert (said in one.text, said in one.html) == (there, there)
