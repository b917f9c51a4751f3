"""Downloads: an address for one reader, for a quarter of an hour, whose right is asked again each time."""

import asyncio
import dataclasses
import datetime

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.handlers.asgi import ASGIRequest
from django.test import Client, RequestFactory

from saleor_support_plugin.access import service as access
from saleor_support_plugin.actors import ANONYMOUS, SYSTEM
from saleor_support_plugin.files import links, service, storage
from saleor_support_plugin.webhooks import files as webhook
from saleor_support_plugin.webhooks import router
from sandbox import makers
from tests.files import samples

MINUTE = datetime.timedelta(minutes=1)
MINE = ("owner", "guest", "staff", "app")


@pytest.fixture
def get(scene, now):
    """``get(row, who)`` is what this reader gets by an address made for them."""

    def do(row, who="owner", *, method="get", token=None):
        token = token or links.token(row, scene.actors[who], now)
        return getattr(Client(), method)(f"/plugins/channel/here/saleor.support/files/{token}")

    return do


@pytest.fixture
def row(scene, keep, now):
    """A picture of Ana's that is attached to her return."""
    found = keep()
    return service.attach(actor=scene.actors["owner"], ids=[found.pk], subject="return:1", now=now)[0]


@pytest.mark.parametrize("who", MINE)
def test_whoever_may_gets_it(row, get, who):
    answer = get(row, who)
    assert (answer.status_code, answer.getvalue()) == (200, samples.picture())


def test_others_get_nothing_by_an_address_of_their_own(scene, row, get):
    for who in set(scene.actors) - set(MINE):
        assert get(row, who).status_code == 404


def test_nobody_in_person_has_no_address(row, now, scene):
    assert [links.token(row, one, now) for one in (ANONYMOUS, SYSTEM)] == ["", ""]
    row.state = "scanning"
    assert links.token(row, scene.actors["owner"], now) == ""


HEADERS = {
    "image/png": (samples.picture(), "a.png", "inline"),
    "image/jpeg": (samples.picture("JPEG"), "a.jpg", "inline"),
    "image/gif": (samples.picture("GIF"), "a.gif", "inline"),
    "image/webp": (samples.picture("WEBP"), "a.webp", "inline"),
    "application/pdf": (samples.PDF, "a.pdf", "inline"),
    "image/heic": (samples.heic(), "a.heic", "attachment"),
    "video/mp4": (samples.film(), "a.mp4", "attachment"),
    "video/quicktime": (samples.film(b"qt  "), "a.mov", "attachment"),
}


@pytest.mark.parametrize("content_type", HEADERS)
@pytest.mark.parametrize("method", ["get", "head"])
def test_headers(keep, get, content_type, method):
    content, name, how = HEADERS[content_type]
    answer = get(keep(content=content, name=name), method=method)
    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert answer["Content-Length"] == str(len(content))
    assert answer["Content-Disposition"] == f'{how}; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    policy = answer["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert ("sandbox" in policy) is (content_type != "application/pdf")
    assert answer.getvalue() == (content if method == "get" else b"")


def test_a_name_in_other_letters(keep, get):
    answer = get(keep(name='caja "rota" ñ.png'))
    assert answer["Content-Disposition"] == "inline; filename*=utf-8''caja%20rota%20%C3%B1.png"


def test_a_quarter_of_an_hour(row, get, clock, now):
    clock(now + 14 * MINUTE)
    assert get(row).status_code == 200
    clock(now + 15 * MINUTE)
    assert get(row).status_code == 404


class TestRightsOfNow:
    def test_a_guests_link_is_revoked(self, scene, row, get, now):
        access.revoke(actor=scene.actors["staff"], order_id=scene.order_id, now=now)
        assert get(row, "guest").status_code == 404

    def test_a_guests_link_expires(self, scene, row, get, now):
        grant = scene.grant()
        grant.expires_at = now
        grant.save()
        assert get(row, "guest").status_code == 404

    def test_a_user_or_app_is_deactivated(self, scene, row, get):
        for who in ("owner", "staff", "app"):
            type(scene.users[who]).objects.filter(pk=scene.users[who].pk).update(is_active=False)
            assert get(row, who).status_code == 404

    def test_staff_loses_the_permission_or_the_channel(self, scene, row, get):
        staff = scene.users["staff"]
        staff.channel_pks = []
        staff.save()
        assert get(row, "staff").status_code == 404
        staff.channel_pks, staff.permissions = None, []
        staff.save()
        assert get(row, "staff").status_code == 404

    def test_the_order_changes_hands(self, scene, row, get):
        scene.order.user = scene.users["other_customer"]
        scene.order.save()
        assert get(row).status_code == 404

    def test_the_file_is_refused_after_all(self, row, get):
        type(row).objects.update(state="refused")
        assert get(row).status_code == 404


class TestTokens:
    def test_they_are_bound_to_reader_and_file(self, scene, row, get, now):
        mine, theirs = (
            links.token(row, scene.actors[who], now).split(".") for who in ("owner", "other_customer")
        )
        assert get(row, token=".".join([mine[0], theirs[1]])).status_code == 404
        assert get(row, token=".".join([theirs[0], mine[1]])).status_code == 404

    @pytest.mark.parametrize("token", ["x", ".", "a.b", "%00", "é", "x" * 3000, "W10.abc"])
    def test_nonsense(self, row, get, token):
        assert get(row, token=token).status_code == 404

    def test_one_signed_for_something_else(self, row, get, scene):
        assert get(row, token=access.token(scene.grant())).status_code == 404

    def test_they_are_not_logged(self, scene, row, now, caplog, monkeypatch):
        def broken(*_args):
            raise RuntimeError("boom")

        monkeypatch.setattr(webhook, "download", broken)
        token = links.token(row, scene.actors["owner"], now)
        answer = router.handle(RequestFactory().get("/"), channel_id="", path=f"files/{token}")
        assert answer.status_code == 500
        assert "A request to files/ failed." in caplog.text
        assert token[:10] not in caplog.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_nothing_but_reading(row, get, method):
    assert get(row, method=method).status_code == 405


def test_a_storage_in_trouble(row, get, monkeypatch):
    def broken(_name, _mode="rb"):
        raise OSError("timeout")

    monkeypatch.setattr(storage.storage(), "open", broken)
    answer = get(row)
    assert (answer.status_code, answer.getvalue()) == (503, webhook.LATER.encode())


class Watched:
    """A content that says how much of it was asked for at once, and whether it was closed."""

    def __init__(self, size):
        self.left, self.largest, self.closed = size, 0, False

    def read(self, size=-1):
        self.largest = max(self.largest, self.left if size < 0 else size)
        given = min(size, self.left)
        self.left -= given
        return bytes(given)

    def close(self):
        self.closed = True


@pytest.fixture
def watched(monkeypatch, row):
    """The content of ``row``, watched."""
    found = Watched(5_000_000)
    monkeypatch.setattr(FileSystemStorage, "open", lambda *_args: found)
    return found


def test_in_pieces_to_a_server_that_waits(row, get, watched):
    assert len(get(row).getvalue()) == 5_000_000
    assert (watched.largest, watched.closed) == (webhook.CHUNK, True)


@pytest.mark.django_db(transaction=True)
def test_in_pieces_to_a_server_that_does_not_wait(scene, row, watched, now):
    """As Saleor is run: by an ASGI server."""
    path = f"files/{links.token(row, scene.actors['owner'], now)}"
    request = ASGIRequest({"type": "http", "method": "GET", "path": f"/{path}", "headers": []}, None)
    answer = router.handle(request, channel_id=makers.gid(scene.channel), path=path)

    async def received():
        return [len(piece) async for piece in answer]

    sizes = asyncio.run(received())
    answer.close()
    assert (sum(sizes), max(sizes), watched.closed) == (5_000_000, webhook.CHUNK, True)


def test_a_reader_is_an_actor_of_now(scene, now, row):
    """What a token says of its reader is no right by itself."""
    boss = dataclasses.replace(scene.actors["staff_without_permission"], permissions=frozenset())
    claim = links.read(links.token(row, boss, now), now)
    assert (claim.file_id, claim.kind, claim.id) == (row.pk, boss.kind, boss.id)
