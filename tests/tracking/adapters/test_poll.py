"""How each source is asked, and what its answers say; the source's server is the border."""

import base64
import contextlib
import http.server
import io
import json
import threading
import time
import types
import urllib.parse

import pytest
import requests

from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters import Asked, Unavailable, Unreadable
from saleor_support_plugin.tracking.adapters import http as asking
from tests.tracking.adapters import samples


@pytest.fixture
def server(monkeypatch):
    """``server((status, body), …)`` answers requests in turn; gives what was asked."""
    asked = []

    def start(*answers):
        waiting = list(answers)

        def send(session, request, **options):
            body = json.loads(request.body) if request.body else None
            asked.append((request.method, urllib.parse.unquote(request.url), body, request.headers))
            status, content, *headers = waiting.pop(0)
            response = requests.Response()
            response.status_code, response.request = status, request
            response.raw = io.BytesIO(content if isinstance(content, bytes) else samples.dumped(content))
            response.headers.update(headers[0] if headers else {})
            return response

        monkeypatch.setattr(requests.Session, "send", send)
        return asked

    return start


def poll(name, *asked):
    return adapters.known()[name].poll(list(asked), api_key="the-key")


def test_aftership(server):
    said = json.loads(samples.AFTERSHIP)["msg"]
    number = said["tracking_number"]
    listed = {"meta": {"code": 200}, "data": {"pagination": {}, "trackings": [said]}}
    asked = server((200, listed), (201, {"meta": {"code": 201}, "data": {}}))
    scans = poll("aftership", Asked(number), Asked("NEW1", is_new=True), Asked("OLD1"))
    assert scans == adapters.known()["aftership"].read(samples.AFTERSHIP)
    (method, url, body, headers), (added, where, new, _headers) = asked
    assert (method, body, headers["as-api-key"]) == ("GET", None, "the-key")
    assert url == (
        f"https://api.aftership.com/tracking/2026-07/trackings?tracking_numbers={number},NEW1,OLD1&limit=200"
    )
    assert (added, where) == ("POST", "https://api.aftership.com/tracking/2026-07/trackings")
    assert new == {"tracking_number": "NEW1"}


def test_easypost(server):
    tracker = json.loads(samples.EASYPOST)["result"]
    made = {**tracker, "tracking_code": "NEW1"}
    asked = server((200, {"trackers": [tracker], "has_more": False}), (201, made))
    scans = poll("easypost", Asked("9400110898825022579493"), Asked("NEW1", is_new=True))
    assert scans[:3] == adapters.known()["easypost"].read(samples.EASYPOST)
    assert [scan.number for scan in scans[3:]] == ["NEW1"] * 3
    assert asked[0][1] == (
        "https://api.easypost.com/v2/trackers?tracking_codes[]=9400110898825022579493"
        "&tracking_codes[]=NEW1&page_size=100"
    )
    login = base64.b64encode(b"the-key:").decode()
    assert asked[0][3]["Authorization"] == f"Basic {login}"
    assert asked[1][2] == {"tracker": {"tracking_code": "NEW1"}}


def test_easypost_that_can_not_tell_a_carrier(server):
    server((200, {"trackers": []}), (422, {"error": {"code": "TRACKER.CREATE.ERROR"}}))
    assert poll("easypost", Asked("NEW1", is_new=True)) == []


def test_seventeentrack(server):
    data = json.loads(samples.SEVENTEENTRACK)["data"]
    unknown = {"number": "NEW1", "error": {"code": -18019902, "message": "not registered"}}
    told = {"code": 0, "data": {"accepted": [data], "rejected": [unknown]}}
    asked = server((200, told), (200, {"code": 0, "data": {"accepted": [], "rejected": []}}))
    scans = poll("seventeentrack", Asked("RR123456789CN"), Asked("NEW1", is_new=True))
    assert scans == adapters.known()["seventeentrack"].read(samples.SEVENTEENTRACK)
    (_method, url, body, headers), (_post, added, new, _headers) = asked
    assert url == "https://api.17track.net/track/v2.2/gettrackinfo"
    assert (body, headers["17token"]) == ([{"number": "RR123456789CN"}, {"number": "NEW1"}], "the-key")
    assert (added, new) == ("https://api.17track.net/track/v2.2/register", [{"number": "NEW1"}])


def test_seventeentrack_says_no_in_its_answer(server):
    server((200, {"code": -18010002, "data": {}}))
    with pytest.raises(Unavailable) as error:
        poll("seventeentrack", Asked("RR123456789CN"))
    assert error.value.refused


def test_shippo(server):
    track = json.loads(samples.SHIPPO)["data"]
    asked = server((200, track), (201, {**track, "tracking_number": "NEW1"}), (404, {"detail": "Not found."}))
    scans = poll(
        "shippo", Asked("1Z999AA10123456784", "ups"), Asked("NEW1", "usps", is_new=True),
        Asked("OLD/1", "dhl-express"), Asked("OTHER", "seur"),
    )  # fmt: skip
    assert [scan.number for scan in scans] == ["1Z999AA10123456784"] * 3 + ["NEW1"] * 3
    assert [one[1] for one in asked] == [
        "https://api.goshippo.com/tracks/ups/1Z999AA10123456784", "https://api.goshippo.com/tracks/",
        "https://api.goshippo.com/tracks/dhl_express/OLD/1",
    ]  # fmt: skip
    assert asked[0][3]["Authorization"] == "ShippoToken the-key"
    assert asked[1][2] == {"carrier": "usps", "tracking_number": "NEW1"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("", None),
        ("9" * 30, None),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", None),
    ],
)
def test_who_says_when_to_come_again_is_heard(server, value, seconds):
    server((429, b"", {"Retry-After": value}))
    with pytest.raises(Unavailable) as error:
        asking.get("https://example.com/", headers={})
    assert error.value.retry_after == seconds


@pytest.mark.parametrize(
    ("name", "known", "refusal"),
    [
        ("aftership", {"data": {"trackings": [json.loads(samples.AFTERSHIP)["msg"]]}}, (402, b"{}")),
        ("easypost", {"trackers": [json.loads(samples.EASYPOST)["result"]]}, (402, b"{}")),
        (
            "seventeentrack",
            {"code": 0, "data": {"accepted": [json.loads(samples.SEVENTEENTRACK)["data"]]}},
            (200, {"code": -18010002}),
        ),
    ],
)
def test_a_parcel_that_can_not_be_added_keeps_nothing_from_the_others(server, caplog, name, known, refusal):
    server((200, known), refusal)
    assert len(poll(name, Asked("NEW1", is_new=True), Asked("NEW2", is_new=True))) == 3
    assert f"{adapters.known()[name].title} added no parcels: The answer was " in caplog.text
    nothing = {"code": 0, "data": {}}
    server((200, nothing), refusal)
    with pytest.raises(Unavailable) as error:
        poll(name, Asked("NEW1", is_new=True))
    assert error.value.refused


@pytest.mark.parametrize(
    "more",
    [{"headers": {"as-api-key": "ключ"}}, {"headers": {}, "auth": ("ключ", "")}],
    ids=["header", "auth"],
)
def test_a_key_that_can_not_be_sent_is_as_one_that_is_refused(more):
    with pytest.raises(Unavailable) as error:
        asking.ask("GET", "http://127.0.0.1:9/", **more)
    assert error.value.refused
    assert "ключ" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"no", b"[" * 100_000, b"\xff", b"x" * (asking.LIMIT + 1)])
def test_an_answer_that_is_no_answer_is_unreadable(server, content):
    server((200, content))
    with pytest.raises(Unreadable):
        asking.get("https://example.com/", headers={})


@pytest.fixture
def slow_server():
    """The address of a server that answers at four thousand bytes a second."""

    class Slow(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            with contextlib.suppress(OSError):
                for _part in range(200):
                    self.wfile.write(b" " * 200)
                    time.sleep(0.05)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


def test_a_slow_answer_is_given_up_in_time(slow_server, monkeypatch):
    monkeypatch.setattr(asking, "WHOLE", 0.5)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="too long"):
        asking.get(slow_server, headers={})
    assert time.monotonic() - begun < 3


def test_an_answer_that_drips_is_not_waited_for(server, monkeypatch):
    moments = iter([0.0, 1.0, asking.WHOLE + 2.0])
    monkeypatch.setattr(asking, "time", types.SimpleNamespace(monotonic=lambda: next(moments)))
    server((200, b" " * (asking._CHUNK * 3)))
    with pytest.raises(Unavailable, match="too long"):
        asking.get("https://example.com/", headers={})
