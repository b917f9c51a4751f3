"""Webhooks of tracking providers: who is believed, what is kept, and what becomes of it."""

import logging
import time
import types

import pytest

from saleor_support_plugin import jobs
from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.models import TrackingEvent, TrackingPayload
from saleor_support_plugin.tracking.scans import payloads
from saleor_support_plugin.webhooks import router, tracking
from sandbox import makers, worker
from tests.tracking.adapters import samples

SECRET = samples.SECRET
BODIES = {
    "aftership": samples.AFTERSHIP, "easypost": samples.EASYPOST, "seventeentrack": samples.SEVENTEENTRACK,
    "shippo": samples.SHIPPO, "signed": samples.OWN,
}  # fmt: skip
SIGN = {
    "aftership": samples.sign_aftership, "easypost": samples.sign_easypost,
    "seventeentrack": samples.sign_seventeentrack, "shippo": samples.sign_shippo, "signed": samples.sign_own,
}  # fmt: skip
NAMES = sorted(BODIES)
SIGNS_TIME = ("easypost", "shippo", "signed")
SCANS = {"aftership": 3, "easypost": 3, "seventeentrack": 3, "shippo": 3, "signed": 2}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture
def now():
    """When the samples were sent."""
    return samples.at(4, 12, 30)


@pytest.fixture
def source(channel, client, now):
    """``source(name)`` sets the channel up for it; gives how it calls."""

    def connect(name, *, secret=SECRET, where=channel, **more):
        makers.switch_on(
            where, tracking_provider="" if name == "signed" else name, tracking_secret=secret,
            tracking_own_secret=secret, **more,
        )  # fmt: skip
        url = f"/plugins/channel/{where.slug}/saleor.support/tracking/{name}"

        def post(call, content_type="application/json", **changes):
            query = f"?token={call.query['token']}" if call.query else ""
            return client.post(
                url + query, call.body, content_type=content_type, headers=dict(call.headers), **changes
            )

        def send(body=BODIES[name], key=SECRET, at=now):
            return post(SIGN[name](body, key, at))

        return types.SimpleNamespace(url=url, post=post, send=send, sign=SIGN[name], body=BODIES[name])

    return connect


def effects():
    return TrackingPayload.objects.count(), TrackingEvent.objects.count()


@pytest.mark.parametrize("name", NAMES)
def test_a_webhook_is_kept_first_and_then_read(name, source, channel, run_jobs, now):
    assert source(name).send().status_code == 200
    payload = TrackingPayload.objects.get()
    assert (payload.state, payload.adapter, payload.received_at) == ("stored", name, now)
    assert payload.body.encode() == BODIES[name]
    assert payload.channel_id == makers.gid(channel)
    assert TrackingEvent.objects.count() == 0
    run_jobs()
    payload.refresh_from_db()
    assert (payload.state, payload.error) == ("read", "")
    events = TrackingEvent.objects.all()
    assert len(events) == SCANS[name]
    assert {(one.channel_id, one.source, one.payload_id) for one in events} == {
        (makers.gid(channel), name, payload.pk)
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_is_replayed_is_answered_and_has_no_effect(name, source, run_jobs):
    hook = source(name)
    assert hook.send().status_code == 200
    run_jobs()
    before = effects()
    for _again in range(100):
        assert hook.send().status_code == 200
    run_jobs()
    assert effects() == before == (1, SCANS[name])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_forged_has_no_effect(name, source, run_jobs):
    hook = source(name)
    call = hook.sign(hook.body, SECRET, samples.at(4, 12, 30))
    assert hook.post(adapters.Call(hook.body)).status_code == 403
    assert hook.send(key="another-secret-0123456789").status_code == 403
    altered = adapters.Call(hook.body + b" ", call.headers)
    assert hook.post(altered).status_code == 403
    run_jobs()
    assert effects() == (0, 0)


@pytest.mark.parametrize("name", SIGNS_TIME)
@pytest.mark.parametrize("hour", [11, 13])
def test_what_is_stale_or_ahead_has_no_effect(name, hour, source, run_jobs):
    hook = source(name)
    assert hook.send(at=samples.at(4, hour)).status_code == 403
    run_jobs()
    assert effects() == (0, 0)


def test_a_token_in_the_address_is_enough_for_shippo(source, run_jobs):
    hook = source("shippo")
    assert hook.post(adapters.Call(hook.body, query={"token": SECRET[:-1]})).status_code == 403
    assert effects() == (0, 0)
    assert hook.post(adapters.Call(hook.body, query={"token": SECRET})).status_code == 200
    run_jobs()
    assert effects() == (1, 3)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_secret_there_is_nothing_here(name, source):
    assert source(name, secret="").send().status_code == 404
    assert source(name, secret="").send(key="").status_code == 404
    assert effects() == (0, 0)


@pytest.mark.parametrize("name", NAMES)
def test_while_parcels_are_not_followed_there_is_nothing_here(name, source):
    hook = source(name, tracking=False)
    assert hook.send().status_code == 404
    assert effects() == (0, 0)


def test_another_provider_than_the_one_chosen_is_not_heard(source, channel):
    hook = source("aftership")
    makers.switch_on(channel, tracking_provider="easypost")
    assert hook.send().status_code == 404
    assert effects() == (0, 0)


def test_own_events_are_heard_besides_a_provider(source, channel):
    hook = source("signed")
    makers.switch_on(channel, tracking_provider="aftership")
    assert hook.send().status_code == 200


def test_the_providers_secret_opens_nothing_else(source, channel):
    hook = source("signed")
    makers.switch_on(channel, tracking_own_secret="another-secret-0123456789")
    assert hook.send().status_code == 403
    assert effects() == (0, 0)


@pytest.mark.parametrize("path", ["tracking/nobody", "tracking/", "tracking", "tracking/aftership/more"])
def test_there_is_nothing_else_here(path, client, channel):
    url = f"/plugins/channel/{channel.slug}/saleor.support/{path}"
    assert client.post(url, b"{}", content_type="application/json").status_code == 404


def test_no_channel_no_webhook(rf, shop):
    request = rf.post("/", b"{}", content_type="application/json")
    assert router.handle(request, channel_id="", path="tracking/aftership").status_code == 404
    assert router.handle(request, channel_id="Q2hhbm5lbDo5OTk=", path="tracking/aftership").status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post(method, source, client):
    response = getattr(client, method)(source("aftership").url)
    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_only_json(kind, source, now):
    hook = source("aftership")
    assert hook.post(hook.sign(hook.body, SECRET, now), content_type=kind).status_code == 415
    assert effects() == (0, 0)


class Endless:
    """A body of which nobody said how long it is."""

    def __init__(self):
        self.given = 0

    def read(self, size=-1):
        assert size >= 0, "read without a limit"
        self.given += size
        return b"x" * size


def test_a_huge_body_is_not_read(source, rf, channel, now):
    hook = source("aftership")
    body = b'{"event": "' + b"x" * 10_000_000 + b'"}'
    assert hook.post(hook.sign(body, SECRET, now)).status_code == 413
    request = rf.post("/", b"", content_type="application/json")
    request.META.pop("CONTENT_LENGTH", None)
    request.content_type = "application/json"  # Django's factory drops it where the body is empty
    request._stream = Endless()
    response = router.handle(request, channel_id=makers.gid(channel), path="tracking/aftership")
    assert response.status_code == 413
    assert request._stream.given <= tracking.LIMIT + 1
    assert effects() == (0, 0)


def test_a_length_that_is_none_is_refused(source, rf, channel):
    source("aftership")
    for length in ("-1", "1e9", "x", "9" * 30):
        request = rf.post("/", b"{}", content_type="application/json", CONTENT_LENGTH=length)
        response = router.handle(request, channel_id=makers.gid(channel), path="tracking/aftership")
        assert response.status_code == 413


@pytest.mark.parametrize("name", NAMES)
def test_refusing_is_quick(name, source, rf, channel, now, django_assert_max_num_queries):
    """20 ms is the most a refusal may take (of a processor: others may be at work here); it writes nothing."""
    hook = source(name)
    huge = b'{"a": "' + b"x" * 900_000 + b'"}'  # the most that is looked at
    forged = SIGN[name](huge, "another-secret-0123456789", now)
    took = []
    for _one in range(25):
        request = rf.post(
            hook.url, huge, content_type="application/json",
            headers=dict(forged.headers),
        )  # fmt: skip
        begun = time.thread_time()
        with django_assert_max_num_queries(4):
            response = router.handle(request, channel_id=makers.gid(channel), path=f"tracking/{name}")
        took.append(time.thread_time() - begun)
        assert response.status_code == 403
    assert sorted(took)[len(took) // 2] < 0.020
    assert effects() == (0, 0)


def test_a_webhook_that_can_not_be_read_is_kept_and_can_be_read_later(
    source, run_jobs, monkeypatch, now, clock
):
    hook = source("aftership")
    body = b'{"event": "tracking_update", "msg": [7]}'
    assert hook.send(body).status_code == 200
    run_jobs()
    payload = TrackingPayload.objects.get()
    assert (payload.state, payload.error) == ("unreadable", "There is no object at msg.")
    assert payload.body.encode() == body
    better = adapters.known()["aftership"].read(samples.AFTERSHIP)
    monkeypatch.setattr(type(adapters.known()["aftership"]), "read", lambda self, body: better)
    payloads.again(payload_ids=[payload.pk], now=now)
    payload.refresh_from_db()
    assert (payload.state, payload.error) == ("read", "")
    assert effects() == (1, 3)


def test_a_webhook_whose_job_was_lost_is_read_by_the_sweep(source):
    assert source("aftership").send().status_code == 200
    worker.PENDING.clear()
    jobs.run("sweep_payloads")
    assert effects() == (1, 3)


def test_two_channels_do_not_hear_each_other(source, run_jobs, shop):
    other = makers.make_channel(slug="other")
    assert source("aftership", where=other).send().status_code == 200
    run_jobs()
    assert set(TrackingEvent.objects.values_list("channel_id", flat=True)) == {makers.gid(other)}


def test_a_shop_that_does_not_answer_and_options_that_can_not_be_read_are_asked_again(
    source, shop, monkeypatch
):
    hook = source("aftership")
    for error in (ShopUnavailable("no answer"), Invalid("The options can't be read.")):

        def broken(channel_id, error=error):
            raise error

        monkeypatch.setattr(shop, "settings", broken)
        response = hook.send()
        assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert effects() == (0, 0)


def test_an_adapter_that_breaks_believes_nobody(source, monkeypatch):
    hook = source("aftership")
    monkeypatch.setattr(type(adapters.known()["aftership"]), "verify", lambda self, call, **more: 1 / 0)
    assert hook.send().status_code == 403
    assert effects() == (0, 0)


def test_strangers_words_and_secrets_are_not_logged(source, caplog):
    hook = source("shippo")
    hook.post(adapters.Call(b'{"x": "\\u001b[2J"}', query={"token": "wrong-token-0123456789"}))
    assert "A webhook of Shippo was not believed" in caplog.text
    assert "wrong-token" not in caplog.text
    assert SECRET not in caplog.text
