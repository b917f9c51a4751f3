"""Files in Saleor: uploaded at its own endpoint, stored apart from its media, and handed out by its servers."""

import asyncio
import json
import pathlib
import threading

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import AsyncClient, Client
from saleor.account.models import User
from saleor.app.models import App
from saleor.core.db.connection import allow_writer
from saleor.core.jwt import create_access_token
from saleor.plugins.models import PluginConfiguration

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.files import service
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.returns.slip import contents as slip
from tests.files import samples

UPLOAD = """
    mutation ($file: Upload!, $orderId: ID!, $accessToken: String) {
        supportFileUpload(file: $file, orderId: $orderId, accessToken: $accessToken) {
            errors { field message code }
            file { id name contentType size state url createdAt } } }"""


@pytest.fixture
def on(world, tmp_path, settings):
    """A world where returns are on and files have their folder."""
    settings.SUPPORT_FILES_ROOT = str(tmp_path / "files")
    settings.MEDIA_ROOT = str(tmp_path / "media")
    on = {"returns": True, "guest_access": True, "file_megabytes": "1"}
    assert world.configure(world.channel_id, on) == set()
    yield world
    Attachment.objects.all().delete()


@pytest.fixture
def order_id(on):
    """An order of the world's customer."""
    return on.make_order()


def bearer(who):
    """The headers with which a user or app asks."""
    if isinstance(who, App):
        _row, token = who.tokens.create(name="test")
    else:
        token = create_access_token(who)
    return {"authorization": f"Bearer {token}"}


def send(order_id, who=None, *, content=None, name="broken.png", access_token=None):
    """POST the file as a multipart request to Saleor's endpoint; the payload."""
    variables = {"file": None, "orderId": order_id, "accessToken": access_token}
    form = {
        "operations": json.dumps({"query": UPLOAD, "variables": variables}),
        "map": json.dumps({"0": ["variables.file"]}),
        "0": SimpleUploadedFile(name, samples.picture() if content is None else content),
    }
    answer = Client().post("/graphql/", form, headers=bearer(who) if who else {}).json()
    assert "errors" not in answer, answer
    return answer["data"]["supportFileUpload"]


def path_of(url):
    return url.partition("/plugins/")[1] + url.partition("/plugins/")[2]


def guest(on, order_id):
    """The token of a guest's link to the order."""
    grant = GuestGrant.objects.create(
        order_id=order_id, channel_id=on.channel_id, order_number="1", email=on.row(order_id).user_email,
        nonce="n" * 22, expires_at=on.row(order_id).created_at.replace(year=2100),
    )  # fmt: skip
    return access.token(grant), grant


def robot(on):
    """An app with MANAGE_ORDERS."""
    made = App.objects.create(name="Robot", is_active=True)
    made.permissions.set(on.user("staff").groups.get().permissions.all())
    return made


@pytest.mark.parametrize("kind", ["member", "guest", "staff", "confined", "app"])
def test_from_the_upload_to_the_download(on, order_id, kind, tmp_path):
    token, who = None, on.customer
    if kind == "guest":
        (token, _grant), who = guest(on, order_id), None
    elif kind == "app":
        who = robot(on)
    elif kind != "member":
        who = on.user(kind)
    sent = send(
        order_id, who, access_token=token, content=samples.picture("JPEG", exif=samples.exif()), name="a.jpg"
    )
    assert sent["errors"] == []
    shown = sent["file"]
    assert (shown["name"], shown["contentType"], shown["state"]) == ("a.jpg", "image/jpeg", "CLEAN")
    (stored,) = (path for path in (tmp_path / "files").rglob("*") if path.is_file())
    assert not (tmp_path / "media").exists()
    got = Client().get(path_of(shown["url"]))
    assert got.status_code == 200
    assert got.getvalue() == stored.read_bytes() != samples.picture("JPEG", exif=samples.exif())
    assert got["Content-Disposition"] == 'inline; filename="a.jpg"'
    assert (got["Cache-Control"], got["X-Content-Type-Options"]) == ("private, no-store", "nosniff")


@pytest.mark.parametrize("kind", ["anonymous", "other", "powerless", "elsewhere"])
def test_nobody_else_hands_one_in(on, order_id, kind):
    who = None
    if kind == "elsewhere":
        who = on.user("confined")
        group = who.groups.get()
        group.channels.clear()
    elif kind != "anonymous":
        who = on.user(kind)
    sent = send(order_id, who)
    assert [(error["field"], error["code"]) for error in sent["errors"]] == [("orderId", "NOT_FOUND")]
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<script>alert(1)</script>", "a.png", "INVALID"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", "INVALID"),
        (samples.picture(), "a.pdf", "INVALID"),
        (samples.picture() + bytes(3_000_000), "a.png", "OUT_OF_RANGE"),  # by way of a file on disk
        (b"", "a.png", "REQUIRED"),
    ],
)
def test_what_is_not_taken(on, order_id, content, name, code):
    sent = send(order_id, on.customer, content=content, name=name)
    assert [(error["field"], error["code"]) for error in sent["errors"]] == [("file", code)]
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize("given", ["", "0", 7, ["x"], {"a": 1}])
def test_without_a_file(on, order_id, given):
    answer = on.ask(UPLOAD, {"file": given, "orderId": order_id}, on.customer)
    errors = answer["data"]["supportFileUpload"]["errors"]
    assert [(one["field"], one["code"]) for one in errors] == [("file", "REQUIRED")]


class TestRightsOfNow:
    def test_a_member_is_deactivated(self, on, order_id):
        url = path_of(send(order_id, on.customer)["file"]["url"])
        assert Client().get(url).status_code == 200
        User.objects.filter(pk=on.customer.pk).update(is_active=False)
        assert Client().get(url).status_code == 404

    def test_staff_loses_the_permission(self, on, order_id):
        staff = on.user("staff")
        url = path_of(send(order_id, staff)["file"]["url"])
        assert Client().get(url).status_code == 200
        staff.groups.clear()
        assert Client().get(url).status_code == 404

    def test_staff_loses_the_channel(self, on, order_id):
        staff = on.user("confined")
        url = path_of(send(order_id, staff)["file"]["url"])
        assert Client().get(url).status_code == 200
        staff.groups.get().channels.clear()
        assert Client().get(url).status_code == 404

    def test_an_app_is_switched_off_or_removed(self, on, order_id):
        app = robot(on)
        url = path_of(send(order_id, app)["file"]["url"])
        assert Client().get(url).status_code == 200
        App.objects.filter(pk=app.pk).update(is_active=False)
        assert Client().get(url).status_code == 404

    def test_a_guests_link_is_revoked(self, on, order_id, shop):
        token, grant = guest(on, order_id)
        url = path_of(send(order_id, access_token=token)["file"]["url"])
        assert Client().get(url).status_code == 200
        GuestGrant.objects.filter(pk=grant.pk).update(revoked_at=shop.now())
        assert Client().get(url).status_code == 404

    def test_the_order_changes_hands(self, on, order_id):
        url = path_of(send(order_id, on.customer)["file"]["url"])
        row = on.row(order_id)
        row.user = on.user("other")
        row.save()
        assert Client().get(url).status_code == 404

    def test_the_plugin_is_switched_off(self, on, order_id):
        url = path_of(send(order_id, on.customer)["file"]["url"])
        PluginConfiguration.objects.filter(identifier="saleor.support").update(active=False)
        assert Client().get(url).status_code == 404


def test_the_asgi_server_gets_it_in_pieces(on, order_id):
    """Saleor is run by an ASGI server; Django would read a synchronous stream into memory for it."""
    film = samples.film() + bytes(900_000)
    assert on.configure(on.channel_id, {"film_megabytes": "2"}) == set()
    sent = send(order_id, on.customer, content=film, name="a.mp4")

    async def fetch():
        answer = await AsyncClient().get(path_of(sent["file"]["url"]))
        assert answer.status_code == 200
        return [piece async for piece in answer.streaming_content]

    pieces = asyncio.run(fetch())
    assert b"".join(pieces) == film
    assert max(len(piece) for piece in pieces) <= 64 * 1024


def test_of_many_who_attach_it_one_wins(on, order_id, shop):
    with allow_writer():
        key = _pk(send(order_id, on.customer)["file"]["id"])
        actor = shop.identify(on.caller("customer").request)
    outcomes, start = [], threading.Barrier(6)

    def run(number):
        try:
            start.wait()
            with allow_writer():
                service.attach(actor=actor, ids=[key], subject=f"return:{number}", now=shop.now())
            outcomes.append(number)
        except Invalid:
            outcomes.append(None)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(outcomes) == 6
    (winner,) = [one for one in outcomes if one is not None]
    assert Attachment.objects.get(pk=key).subject == f"return:{winner}"


def test_the_slip_of_a_return(on, order_id, shop):
    row = Return.objects.create(
        authorisation="approved", order_id=order_id, order_number="1", channel_id=on.channel_id, currency="EUR",
        country="ES",
    )  # fmt: skip
    try:
        row.lines.create(
            order_line_id="x", product_name="Łódź", unit_price=1, quantity=2, approved_quantity=2
        )
        order = shop.order(order_id)
        url = path_of(slip.url(row, shop.settings(on.channel_id), now=shop.now(), order=order))
        page, pdf = Client().get(url), Client().get(f"{url}/pdf")
        assert (page.status_code, pdf.status_code) == (200, 200)
        assert row.number in page.content.decode()
        assert pdf["Content-Type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF-")
        saleor_order = on.row(order_id)
        saleor_order.user_email, saleor_order.user = "else@example.com", None
        saleor_order.save()
        assert Client().get(url).status_code == 404
    finally:
        row.delete()


def test_by_default_beside_saleors_media(on, settings):
    del settings.SUPPORT_FILES_ROOT
    from saleor_support_plugin.files import storage

    media = pathlib.Path(django_settings.MEDIA_ROOT)
    assert pathlib.Path(storage.storage().location) == media.parent / "support-files"


def _pk(global_id):
    from graphql_relay import from_global_id

    return int(from_global_id(global_id)[1])
