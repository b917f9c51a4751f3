"""The demo's pages: they render, load nothing from elsewhere, and show mails without running them."""

import html
import json
import pathlib
import re
import shlex

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client

from sandbox import clock, mails, makers, models, pages
from sandbox.demo import seed as seeds
from sandbox.demo.seed import seed
from sandbox.home.addresses import checked
from tests.tracking.adapters import samples

OWN = pages.STATIC / "sandbox"


@pytest.fixture
def seeded(shop, settings, tmp_path):
    """The demo's shop, with one nasty mail."""
    settings.MAILS = tmp_path / "mails"
    message = EmailMultiAlternatives("Niño & <b>", "plain <i>", "shop@example.com", ["lucia@example.com"])
    message.attach_alternative("<script>alert(1)</script><p>Hello</p>", "text/html")
    assert get_connection("sandbox.mails.Backend").send_messages([message]) == 1
    return seed()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?order=1041",
        "/graphql/",
        "/mails/",
        "/mails/1/",
        "/guest/",
        "/guest/?number=1045&token=x",
        "/guest/?number=%F0%9F%92%A5&token=%3Cscript%3E",
    ],
)
def test_pages_render_and_load_only_our_own_files(seeded, path):
    answer = Client().get(path)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe-eval" not in answer["Content-Security-Policy"]
    assert "<script>alert" not in text
    assert re.findall(r"""(?:src|href|action)=["'](?!/|#)""", text) == []
    for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
        assert Client().get(file).status_code == 200, file


def test_our_scripts_and_styles_name_no_other_host():
    for file in OWN.iterdir():
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", file.read_text()), file


def test_the_orders_page_names_every_order_and_person(seeded):
    text = Client().get("/").content.decode()
    for order in seeded.orders.values():
        assert f"#{order.number}" in text
    for person in seeded.people.values():
        assert person.email in text


def test_the_first_page_has_the_ids_of_products(seeded):
    text = Client().get("/").content.decode()
    found = list(models.Product.objects.all())
    assert found
    for product in found:
        assert f'value="{makers.gid(product)}" aria-label="Global id of {html.escape(product.name)}"' in text


def test_the_orders_page_shows_how_to_tell_where_a_parcel_is(seeded):
    """The event it signs is taken, on a clock that runs ahead."""
    assert "Tell where a parcel is" not in Client().get("/").content.decode()
    europe = seeded.channels["eu"]
    makers.switch_on(europe, tracking_own_secret="key-of-the-warehouse")
    clock.go_ahead(hours=30)
    page = html.unescape(Client().get("/", headers={"host": "127.0.0.1:8001"}).content.decode())
    said = dict(
        shlex.split(line)[0].split("=", 1) for line in page.splitlines() if re.match("[A-Z]+='?[^$(]*$", line)
    )
    assert said["SECRET"] == "key-of-the-warehouse"
    assert said["URL"] == "http://127.0.0.1:8001/plugins/channel/europe/saleor.support/tracking/signed"
    assert "NOW=$(( $(date +%s) + 108000 ))" in page
    latest = models.Fulfillment.objects.filter(order__channel=europe).exclude(tracking_number="").last()
    (event,) = json.loads(said["BODY"])["events"]
    assert (event["number"], event["status"]) == (latest.tracking_number, "delivered")
    now = clock.now()
    call = samples.sign_own(said["BODY"].encode(), said["SECRET"], now)
    path = said["URL"].removeprefix("http://127.0.0.1:8001")
    answer = Client().post(path, call.body, content_type="application/json", headers=dict(call.headers))
    assert answer.status_code == 200


def test_a_mails_html_is_locked_up(seeded):
    answer = Client().get("/mails/1/html/")
    assert answer.content == b"<script>alert(1)</script><p>Hello</p>"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    page = Client().get("/mails/1/").content.decode()
    assert '<iframe class="mail" sandbox src="/mails/1/html/"' in page
    assert "Niño &amp; &lt;b&gt;" in page


def test_a_mail_can_be_downloaded(seeded):
    answer = Client().get("/mails/1/raw/")
    assert b"".join(answer.streaming_content) == mails.get(1).path.read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="001-mail.eml"'


@pytest.mark.parametrize(
    "path",
    [
        "/mails/2/",
        "/mails/2/html/",
        "/mails/0/raw/",
        "/static/nothing.js",
        "/static/%2e%2e/settings.py",
        "/x",
    ],
)
def test_what_is_not_there(seeded, path):
    assert Client().get(path).status_code in (400, 404)


@pytest.mark.parametrize("path", ["/", "/mails/", "/guest/"])
def test_pages_are_for_reading(seeded, path):
    assert Client().post(path).status_code == 405


def test_mails_are_numbered_and_an_old_runs_mails_go_but_nothing_else(seeded, settings):
    message = EmailMultiAlternatives("Two", "two", "shop@example.com", ["tom@example.com"])
    get_connection("sandbox.mails.Backend").send_messages([message])
    assert [(mail.number, mail.kind, mail.subject) for mail in mails.sent()] == [
        (1, "mail", "Niño & <b>"),
        (2, "mail", "Two"),
    ]
    keep = settings.MAILS / "notes.txt"
    keep.write_text("mine")
    mails.clear()
    assert [path.name for path in settings.MAILS.iterdir()] == ["notes.txt"]


def test_the_seeds_addresses_are_in_normal_form():
    found = [value for value in vars(seeds).values() if isinstance(value, seeds.Address)]
    assert len(found) == 7
    assert [checked(one) for one in found] == found


def test_vendored_files_bring_their_licences():
    for folder in (pages.STATIC / "vendor").iterdir():
        if folder.is_dir():
            assert "Copyright" in (folder / "LICENSE").read_text(), folder
    assert pathlib.Path(pages.STATIC / "vendor" / "README.md").exists()
