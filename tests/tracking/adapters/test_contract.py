"""Every adapter of ours holds to the contract that is published for those of others."""

import os
import pathlib
import subprocess
import sys

from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters.contract import AdapterContract, SignatureContract
from saleor_support_plugin.tracking.status import Status, SubStatus
from tests.tracking.adapters import documented, samples


class TestAfterShip(AdapterContract):
    adapter = adapters.get("aftership")
    bodies = (samples.AFTERSHIP,)
    documented, unknown = documented.AFTERSHIP, documented.AFTERSHIP_UNKNOWN
    sign = staticmethod(samples.sign_aftership)


class TestEasyPost(AdapterContract):
    adapter = adapters.get("easypost")
    bodies = (samples.EASYPOST,)
    documented, unknown = documented.EASYPOST, documented.EASYPOST_UNKNOWN
    signs_time = True
    sign = staticmethod(samples.sign_easypost_newer)


class TestEasyPostWithBothSignatures(SignatureContract):
    adapter, bodies, signs_time = TestEasyPost.adapter, TestEasyPost.bodies, True
    sign = staticmethod(samples.sign_easypost)

    def test_what_nobody_signed_is_not(self):
        """Each of the two signatures is enough; without both of them nothing is."""
        call = self.sign(samples.EASYPOST, samples.SECRET, samples.at(4, 12))
        bare = {name: value for name, value in call.headers.items() if "signature" not in name}
        assert not self._believed(adapters.Call(call.body, bare, call.method, call.path))


class TestEasyPostWithTheOlderSignature(SignatureContract):
    adapter, bodies = TestEasyPost.adapter, TestEasyPost.bodies
    sign = staticmethod(samples.sign_easypost_older)


class TestSeventeenTrack(AdapterContract):
    adapter = adapters.get("seventeentrack")
    bodies = (samples.SEVENTEENTRACK,)
    documented, unknown = documented.SEVENTEENTRACK, documented.SEVENTEENTRACK_UNKNOWN
    sign = staticmethod(samples.sign_seventeentrack)


class TestShippo(AdapterContract):
    adapter = adapters.get("shippo")
    bodies = (samples.SHIPPO,)
    documented, unknown = documented.SHIPPO, documented.SHIPPO_UNKNOWN
    signs_time = True
    sign = staticmethod(samples.sign_shippo)


class TestShippoWithAToken(SignatureContract):
    adapter, bodies = TestShippo.adapter, TestShippo.bodies
    sign = staticmethod(samples.token_shippo)


class TestSigned(AdapterContract):
    adapter = adapters.get("signed")
    bodies = (samples.OWN,)
    documented = frozenset(one.value for words in (Status, SubStatus) for one in words)
    signs_time = True
    sign = staticmethod(samples.sign_own)


BIKES = """
import datetime

from saleor_support_plugin.tracking.adapters import Adapter, Call, Meaning, Unverified, parsing
from saleor_support_plugin.tracking.adapters.contract import AdapterContract
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status


class Bikes(Adapter):
    name, title = "bikes", "Bike couriers"
    words = {"handed over": Meaning(Status.DELIVERED)}

    def verify(self, call, *, secret, now):
        right = parsing.hmac_sha256(secret, call.body).hex()
        if not parsing.same(call.header("x-bikes-signature"), right):
            raise Unverified("The signature is not right.")

    def read(self, body):
        return [scan for one in parsing.rows(parsing.load(body).get("scans"), "scans") for scan in self._scan(one)]

    def _scan(self, said):
        word, when = parsing.text(said.get("word"), 120), parsing.moment(said.get("at"))
        if when is None:
            return []
        meaning = self.means(word)
        return [Scan(parsing.text(said.get("parcel"), 255), when, word or "none", meaning.status)]


class TestBikes(AdapterContract):
    adapter = Bikes()
    bodies = (b'{"scans": [{"parcel": "BIKE0042", "word": "handed over", "at": "2026-05-04T07:15:00Z"}]}',)
    documented = frozenset({"handed over"})

    def sign(self, body, secret, now):
        return Call(body, {"x-bikes-signature": parsing.hmac_sha256(secret, body).hex()})
"""


def test_a_package_of_its_own_runs_the_contract_where_no_django_is_set_up(tmp_path):
    (tmp_path / "test_bikes.py").write_text(BIKES)
    root = pathlib.Path(__file__).parents[3]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST"))
    }
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", "test_bikes.py"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
