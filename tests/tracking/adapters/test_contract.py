"""Every adapter of ours holds to the contract that is published for those of others."""

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
