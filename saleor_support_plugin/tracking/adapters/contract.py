"""What every adapter must hold to, as tests that anybody's adapter can run.

Make a class in your tests, with pytest as the runner::

    from saleor_support_plugin.tracking.adapters.contract import AdapterContract

    class TestBikes(AdapterContract):
        adapter = Bikes()
        bodies = (b'{"parcel": "B1", "word": "gone", "at": "2026-05-04T09:30:00Z"}',)
        documented = frozenset({"gone", "there"})

        def sign(self, body, secret, now):
            return Call(body, {"x-bikes-signature": right_signature(body, secret)})

Nothing here needs a database or the network.
"""

import copy
import datetime
import io
import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar
from unittest import mock

import requests

from saleor_support_plugin.tracking.adapters.base import (
    TOLERANCE,
    Adapter,
    Answer,
    Asked,
    Call,
    Instruction,
    Meaning,
    Reply,
    Unavailable,
    Unreadable,
    Unverified,
)
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus

SECRET = "a-secret-of-the-contract-0123456789"
NOW = datetime.datetime(2026, 5, 4, 12, 0, tzinfo=datetime.UTC)
BROKEN = (
    b"", b"{", b"[]", b"null", b"7", b'"text"', b"\xff\xfe", b"\x00", b"[" * 100_000, b'{"a": NaN}',
    b"{" + b'"a":{' * 50_000, b"x" * 100_000,
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, 7, -1, True, "", "\x00", "x" * 10_000, [], {}, [None], [[]], ["x"], 1e300, "9" * 50,
)  # fmt: skip


class SignatureContract:
    """Who is believed; a part of :class:`AdapterContract`, on its own for a second way to sign.

    Attributes:
        adapter: what is tested.
        bodies: webhooks as the source documents them, each with at least one scan.
        signs_time: its signature covers the time of sending.
    """

    adapter: ClassVar[Adapter]
    bodies: ClassVar[tuple[bytes, ...]] = ()
    signs_time: ClassVar[bool] = False

    def sign(self, body: bytes, secret: str, now: datetime.datetime) -> Call:
        """The request that the source would make of this body, at this time."""
        raise AssertionError("Say how the source signs: define sign().")

    def test_what_the_source_signed_is_believed(self) -> None:
        for body in self.bodies:
            self.adapter.verify(self.sign(body, SECRET, NOW), secret=SECRET, now=NOW)

    def test_what_nobody_signed_is_not(self) -> None:
        for body in self.bodies:
            assert not self._believed(Call(body))
            signed = self.sign(body, SECRET, NOW)
            for name in signed.headers:
                rest = {other: value for other, value in signed.headers.items() if other != name}
                less = Call(body, rest, signed.method, signed.path, {})
                assert not self._believed(less) or "signature" not in name

    def test_what_somebody_else_signed_is_not(self) -> None:
        for body in self.bodies:
            assert not self._believed(self.sign(body, "another-secret-0123456789-abcdef", NOW))
            assert not self._believed(self.sign(body, "", NOW))

    def test_odd_headers_are_refused_and_break_nothing(self) -> None:
        for body in self.bodies:
            signed = self.sign(body, SECRET, NOW)
            for value in ("", "=", ",", "v1=", "t=,v1=", "\udcff", "ü", "0" * 10_000, "t=9" * 3000, "None"):
                headers = dict.fromkeys(signed.headers, value)
                query = dict.fromkeys(signed.query, value)
                assert not self._believed(Call(body, headers, signed.method, signed.path, query))

    def test_a_changed_body_is_not_believed_where_the_body_is_signed(self) -> None:
        for body in self.bodies:
            signed = self.sign(body, SECRET, NOW)
            if signed.headers:
                changed = Call(body + b" ", signed.headers, signed.method, signed.path, signed.query)
                assert not self._believed(changed)

    def test_a_time_that_is_signed_counts(self) -> None:
        if not self.signs_time:
            return
        second = datetime.timedelta(seconds=1)
        for body in self.bodies:
            for off in (TOLERANCE + second, -TOLERANCE - second, datetime.timedelta(days=3000)):
                assert not self._believed(self.sign(body, SECRET, NOW - off))
            for off in (TOLERANCE - second, second - TOLERANCE):
                assert self._believed(self.sign(body, SECRET, NOW - off))

    def _believed(self, call: Call) -> bool:
        try:
            self.adapter.verify(call, secret=SECRET, now=NOW)
        except Unverified:
            return False
        return True


class AdapterContract(SignatureContract):
    """The contract; see the module. pytest collects subclasses whose name begins with ``Test``.

    Attributes:
        documented: every word for a status and every finer word that the source documents.
        unknown: those among them that deliberately mean nothing.
        api_key: something that the adapter takes for a key.
    """

    documented: ClassVar[frozenset[str]] = frozenset()
    unknown: ClassVar[frozenset[str]] = frozenset()
    api_key: ClassVar[str] = "a-key"

    # --- names and words ---

    def test_its_name_can_stand_in_an_address(self) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,39}", self.adapter.name)
        assert self.adapter.title
        assert self.adapter.secret_option in ("tracking_secret", "tracking_own_secret")

    def test_its_table_has_every_documented_word_and_no_other(self) -> None:
        assert {*self.adapter.words, *self.adapter.details} == self.documented

    def test_a_word_means_something_or_deliberately_nothing(self) -> None:
        tables = (self.adapter.words, self.adapter.details)
        empty = {word for table in tables for word, meaning in table.items() if meaning == Meaning()}
        assert empty == self.unknown

    def test_meanings_are_ours(self) -> None:
        for table in (self.adapter.words, self.adapter.details):
            for word, meaning in table.items():
                assert meaning.status is None or isinstance(meaning.status, Status), word
                assert meaning.sub_status is None or isinstance(meaning.sub_status, SubStatus), word
        assert self.adapter.means("a word that nobody documents").status is None

    # --- reading ---

    def test_documented_bodies_bring_scans_that_can_be_kept(self) -> None:
        for body in self.bodies:
            scans = self.adapter.read(body)
            assert scans
            self._check(scans)

    def test_reading_twice_brings_the_same(self) -> None:
        for body in self.bodies:
            assert self.adapter.read(body) == self.adapter.read(body)

    def test_what_is_no_webhook_is_unreadable_or_brings_nothing(self) -> None:
        for body in BROKEN:
            assert not self._read(body)

    def test_no_field_of_any_kind_breaks_it(self) -> None:
        for body in self.bodies:
            for changed in _changed(json.loads(body)):
                self._check(self._read(json.dumps(changed).encode()))

    # --- asking ---

    def test_a_source_that_does_not_answer_is_unavailable(self) -> None:
        if self.adapter.polls:
            with mock.patch("requests.Session.send", side_effect=requests.ConnectionError("secret key")):
                error = self._refusal()
            assert self.api_key not in str(error)
            assert "secret" not in str(error)

    def test_who_asks_too_often_is_told_for_how_long(self) -> None:
        if self.adapter.polls:
            with mock.patch("requests.Session.send", return_value=_response(429, {"Retry-After": "120"})):
                error = self._refusal()
            assert (error.retry_after, error.refused) == (120, False)

    def test_a_key_that_is_refused_is_told_from_a_source_that_is_down(self) -> None:
        if self.adapter.polls:
            with mock.patch("requests.Session.send", return_value=_response(401, {})):
                assert self._refusal().refused
            with mock.patch("requests.Session.send", return_value=_response(503, {})):
                assert not self._refusal().refused

    def test_it_asks_by_https_with_a_time_limit_and_follows_nobody(self) -> None:
        if self.adapter.polls:
            elsewhere = _response(302, {"Location": "http://127.0.0.1/"})
            with mock.patch("requests.Session.send", return_value=elsewhere) as send:
                self._refusal()
            for call in send.call_args_list:
                assert call.args[0].url.startswith("https://")
                assert call.kwargs["timeout"] is not None
                assert call.kwargs["allow_redirects"] is False

    def test_an_instruction_that_it_does_not_know_is_not_supported(self) -> None:
        reply = self.adapter.instruct(Instruction("fly to the moon", "X1"), api_key=self.api_key)
        assert isinstance(reply, Reply)
        assert reply.answer is Answer.NOT_SUPPORTED

    def _read(self, body: bytes) -> list[Scan]:
        """The scans; [] for what can't be read, which must be said in a few words."""
        try:
            return self.adapter.read(body)
        except Unreadable as error:
            told = str(error)
        assert 0 < len(told) < 500
        return []

    def _check(self, scans: list[Scan]) -> None:
        for scan in scans:
            assert isinstance(scan, Scan)
            assert scan.happened_at.utcoffset() == datetime.timedelta(0)
            assert 0 < len(scan.code) <= 120
            assert "\x00" not in scan.number + scan.code + scan.description + scan.place + scan.carrier
            assert scan.status is None or isinstance(scan.status, Status)
            assert scan.sub_status is None or (scan.status and isinstance(scan.sub_status, SubStatus))
            assert all(isinstance(line, str) for line in scan.point)

    def _refusal(self) -> Unavailable:
        asked = [Asked("1Z999AA10123456784", "ups", "ES")]
        try:
            self.adapter.poll(asked, api_key=self.api_key)
        except Unavailable as error:
            return error
        raise AssertionError("It should have said that the source is not available.")


def _response(status: int, headers: dict[str, str]) -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = status, io.BytesIO(b"{}")
    response.headers.update(headers)
    return response


def _changed(value: Any) -> Iterator[Any]:
    """The JSON value with each of its parts left out, and replaced by each odd thing."""
    for path in list(_paths(value)):
        for odd in ODD:
            changed = copy.deepcopy(value)
            _place(changed, path)[path[-1]] = odd
            yield changed
        changed = copy.deepcopy(value)
        del _place(changed, path)[path[-1]]
        yield changed


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*above, key)
        yield from _paths(part, (*above, key))


def _place(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value
