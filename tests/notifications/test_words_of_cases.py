"""What every kind of mail says, in English and in Spanish."""

import gettext
import html
import re

import pytest
from django.template import Context
from django.template.loader_tags import BlockNode

from saleor_support_plugin.notifications import kinds, samples
from saleor_support_plugin.notifications.variables import TEMPLATES, Variable
from saleor_support_plugin.notifications.writing import context, language, mail, rendering
from tests.notifications.samples import NOW, SETTINGS, row

KINDS = [kind.name for kind in kinds.TABLE]
SHOWN = {Variable.TEXT, Variable.URL, Variable.MOMENT, Variable.MONEY, Variable.DATE}
MAY_BE_EMPTY = {"what", "action", "instructions", "reason", "staff_name"}
BARE_PARCEL = {"carrier": "", "tracking_number": "", "tracking_url": ""}


def full(kind, lang):
    """A row with everything said."""
    data = samples.sample(kind, lang, rich=True)[1]
    if "action" in data:
        data["action"] = "Responde a este correo." if lang == "es" else "Please answer this e-mail."
    return made(kind, lang, data)


def bare(kind, lang):
    """A row with nothing said that need not be."""
    data = samples.sample(kind, lang)[1]
    wanted = kinds.get(kind)
    for name, variable in wanted.variables.items():
        if name in wanted.optional:
            del data[name]
        elif name in MAY_BE_EMPTY or variable is Variable.URL:
            data[name] = ""
        elif variable is Variable.PARCELS:
            data[name] = [{**parcel, **BARE_PARCEL} for parcel in data[name]]
    if kind in ("ticket_progress", "ticket_solved_question"):
        data["message"] = ""
    return made(kind, lang, data)


def made(kind, lang, data):
    one = row(kind, language=lang)
    one.data = data
    return one


def values(one):
    return context.context_for(one, kinds.get(one.kind), SETTINGS, now=NOW)


def labels(kind, lang):
    source = (TEMPLATES / kind / "body.txt").read_text()
    catalog = language.choose(lang).catalog
    return [catalog.gettext(text) for text in re.findall(r'trans "([^"]+)" as label', source)]


def block(one, name, part="body.txt"):
    """What one block of the text part says."""
    template = rendering.template(f"{one.kind}/{part}")
    found = {node.name: node for node in template.nodelist.get_nodes_by_type(BlockNode)}
    filled = Context(values(one), autoescape=part.endswith(".html"))
    with filled.bind_template(template):
        return found[name].nodelist.render(filled)


@pytest.fixture
def strict(monkeypatch):
    """Spanish that fails on a text it does not have."""

    class Missing(gettext.NullTranslations):
        def gettext(self, message):
            raise AssertionError(f"not translated: {message}")

        def ngettext(self, singular, plural, n):
            raise AssertionError(f"not translated: {singular}")

    monkeypatch.setattr(language.choose("es").catalog, "_fallback", Missing())


@pytest.mark.parametrize("make", [full, bare])
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_well(kind, lang, make, strict):
    written = mail.write(make(kind, lang), SETTINGS, now=NOW)
    assert written.language == lang
    assert 10 < len(written.subject) <= 78
    whole = written.subject + written.text + written.html
    for trace in ("None", "{{", "{%", "%(", "&amp;amp;"):
        assert trace not in whole
    assert not re.search("[!¡]", written.subject + written.text)
    assert "\n\n\n" not in written.text
    assert not re.search(r"[ \t]\n|  |\( ?\)|[,;:] ?[.,;]", written.text.replace("...", ""))
    assert not re.search(r":\n\n(What happens next|Qué pasa ahora)", written.text), "announces nothing"
    for label in labels(kind, lang):
        assert f"{label}:\n\n" not in written.text
    assert "<p></p>" not in re.sub(r" (class|style)=\"[^\"]*\"", "", written.html)


@pytest.mark.parametrize("make", [full, bare])
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_parts_say_the_same_in_at_most_three_paragraphs(kind, lang, make):
    one = make(kind, lang)
    written = mail.write(one, SETTINGS, now=NOW)
    shown = html.unescape(written.html)
    paragraphs = [part.strip() for part in block(one, "intro").split("\n\n") if part.strip()]
    assert len(paragraphs) in (1, 2, 3)
    html_intro = html.unescape(block(one, "intro", "body.html"))
    assert {part.strip() for part in html_intro.split("\n\n") if part.strip()} <= {
        *paragraphs,
        *(part.partition(". ")[2] for part in paragraphs),  # the heading says who answered
    }
    for part in (*(part.strip() for part in html_intro.split("\n\n")), block(one, "next").strip()):
        assert part in shown
        assert part in written.text


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_is_in_both_parts(kind, lang):
    one = full(kind, lang)
    written = mail.write(one, SETTINGS, now=NOW)
    given, shown = values(one), html.unescape(written.html)
    said = f"{written.subject}\n{written.text}"
    facts = [line for name in variables_of(kind, SHOWN) for line in given[name].splitlines()]
    facts += [line for name in variables_of(kind, {Variable.ADDRESS}) for line in given[name]]
    for name in variables_of(kind, {Variable.PARCELS}):
        for parcel in given[name]:
            if kind != "check_in":  # its parcel has arrived
                facts += [parcel["carrier"], parcel["tracking_number"], parcel["tracking_url"]]
            facts += [item["name"] for item in parcel["items"]]
    for name in variables_of(kind, {Variable.ITEMS}):
        facts += [part for item in given[name] for part in (item["name"], item["variant"])]
    if variables_of(kind, {Variable.GRANT}):
        facts.append(given["link"])
    for fact in facts:
        assert fact in said
        assert fact in shown


def variables_of(kind, wanted):
    return [name for name, variable in kinds.get(kind).variables.items() if variable in wanted]


@pytest.mark.parametrize(
    ("kind", "changes", "present", "absent"),
    [
        ("incident_delay", {}, "We now expect it to reach you by Friday, November 27, 2026.", "reliable"),
        ("incident_delay", {"expected_by": None}, "We do not have a reliable new date yet.", "We now expect"),
        ("incident_delay", {"action": ""}, "Until then there is nothing you need to do.", "What you need"),
        ("incident_delay", {"action": "Call us."}, "What you need to do: Call us.", "nothing you need"),
        ("incident_lost", {}, "We will write to you by Thursday, November 26, 2026, even if", "nothing you"),
        ("return_requested", {"decision_by": None}, "write to you with our decision. Please", " by "),
        ("return_approved", {"refund": None}, "please mention R10007", "back, the same way"),
        ("return_approved", {"label_url": "javascript:x"}, "R10007", "label"),
        ("return_approved", {"send_by": None}, "items that you keep:\n", "to return:"),
        ("return_approved", {"credit": True}, "You will get €12.30 as credit with us.", "Your money"),
        ("return_approved", {"exchange": True}, "You will get the ones that you chose", "Your money"),
        ("return_approved", {"replacement": True}, "You will get the same ones once more.", "Your money"),
        ("return_approved", {"on_scan": True}, "as soon as the carrier has the items", "are here"),
        ("return_approved", {"shop_pays": True}, "We bear the cost of sending them.", "You bear"),
        ("return_approved", {"label_url": ""}, "You bear the cost of sending them.", "We bear"),
        ("return_approved", {"label_url": "", "label_follows": True}, "mail of its own; please", "You bear"),
        ("return_reminder", {}, "the return expires and you keep them.", "withdrawal"),
        ("return_reminder", {"withdrawal": True}, "Your withdrawal stands.", "expires"),
        ("return_reminder", {"withdrawal": True}, "Please send them by", "If you still want"),
        ("return_approved", {"kept": ["1 × Soap"]}, "and do not send back:\n1 × Soap", "please do not send"),
        ("return_received", {"missing": ["1 × Soap"]}, "Did not come:\n1 × Soap", "Arrived damaged"),
        ("return_received", {"items": None, "refund": None, "refund_by": None}, "have not come to us", "Thank"),
        ("return_cancelled", {"by_customer": True}, "As you asked, your return", "We have cancelled"),
        ("return_cancelled", {"by_shop": True, "sent": True}, "We have cancelled your return", "do not send"),
        ("return_confirm", {"withdrawal": True}, "Confirm my withdrawal: http", "our decision"),
        ("return_expired", {"send_by": None}, "is over, and they have not", "to be sent by"),
        ("return_withdrawal", {"reason": ""}, "Stated by: Lucía Fernández", "What you added"),
        ("return_received", {"refund_by": None}, "as soon as the money is on its way.", " by "),
        ("return_received", {"refund": None, "refund_by": None}, "We now check the items", "money"),
        ("return_confirm", {"grant_id": None}, "Confirm my request: https://casaolivo.example/orders/1042?",
         "guest?t="),
        ("address_change_refused", {"current": None}, "Your order keeps the address it had.", "We deliver to"),
        ("cancellation_applied", {"refund": None}, "There is nothing more you need to do.", "bank"),
        ("ticket_solved_question", {"closes_on": None}, "a short yes is enough. If it is not", "we close"),
        ("ticket_closed", {"reopen_until": None}, "we will take it up again", "reopen"),
        ("ticket_reply", {"staff_name": ""}, "We have answered you. Here is our answer", "Sam Ortiz"),
        ("ticket_survey", {"survey_url": ""}, "what you think of the help", "Rate our help"),
    ],
)  # fmt: skip
def test_it_says_no_more_than_is_known(kind, changes, present, absent):
    data = {**samples.sample(kind, "en")[1], **changes}
    text = mail.write(made(kind, "en", data), SETTINGS, now=NOW).text.partition("Kind regards,")[0]
    assert present in text
    assert absent not in text


@pytest.mark.parametrize(
    ("lang", "quantity", "title"),
    [
        ("en", 1, "1 item to return:\n- 1 × "),
        ("en", 2, "2 items to return:\n- 2 × "),
        ("es", 1, "1 artículo para devolver:\n- 1 × "),
        ("es", 2, "2 artículos para devolver:\n- 2 × "),
    ],
)
def test_one_item_and_several(lang, quantity, title):
    data = samples.sample("return_approved", lang)[1]
    data["items"] = [{**data["items"][0], "quantity": quantity}]
    assert title in mail.write(made("return_approved", lang, data), SETTINGS, now=NOW).text
