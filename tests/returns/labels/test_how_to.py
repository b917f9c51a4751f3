"""The label maker of the documentation works, and keeps the contract."""

import base64
import contextlib
import re
from pathlib import Path
from unittest import mock

import requests

from saleor_support_plugin.returns.labels.contract import Behaviour, LabelMakerContract
from tests.returns.labels.courier import PDF

PAGE = Path(__file__).parents[3] / "docs" / "returns.md"
_CODE = re.compile(r"^`bike_labels/maker.py`\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _maker():
    found = _CODE.search(PAGE.read_text(encoding="utf-8"))
    names = {}
    exec(compile(found[1], str(PAGE), "exec"), names)
    return names["Bikes"]()


class Couriers:
    """Their interface, behind ``requests.put``."""

    def __init__(self, behaviour):
        self.behaviour, self.made = behaviour, {}

    def put(self, url, *, json, headers, timeout, allow_redirects):
        assert headers == {"Authorization": "Bearer a-key-of-the-contract"}
        assert (max(timeout) <= 60, allow_redirects) == (True, False)
        assert json["goods"]
        if self.behaviour is Behaviour.AWAY:
            return _answer(503, {})
        if self.behaviour is Behaviour.REFUSES:
            return _answer(422, {"message": "We do not ride there."})
        if self.behaviour is Behaviour.NONSENSE:
            return _answer(200, [])
        number = self.made.setdefault(url.rpartition("/")[2], f"BIKE{len(self.made)}")
        if self.behaviour is Behaviour.SILENT:
            raise requests.ReadTimeout
        return _answer(200, {"pdf": base64.b64encode(PDF).decode(), "number": number})


def _answer(status, body):
    answer = requests.Response()
    answer.status_code, answer.json = status, lambda: body
    return answer


class TestBikes(LabelMakerContract):
    maker = _maker()
    finds = True

    @contextlib.contextmanager
    def carrier(self, behaviour):
        couriers = Couriers(behaviour)
        with mock.patch.object(requests, "put", couriers.put):
            yield lambda: len(couriers.made)
