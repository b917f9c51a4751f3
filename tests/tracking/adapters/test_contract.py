"""Every adapter of ours holds to the contract that is published for those of others."""

from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters.contract import AdapterContract, SignatureContract
from saleor_support_plugin.tracking.status import Status, SubStatus
from tests.tracking.adapters import documented, samples


class Ours:
    """One of ours, by name, with its sample and its documented words, and how it is signed here."""

    def __init_subclass__(cls, *, source, sign, signs_time=False, **more):
        super().__init_subclass__(**more)
        cls.adapter, cls.bodies = adapters.known()[source], (samples.WEBHOOKS[source],)
        cls.sign, cls.signs_time = staticmethod(sign), signs_time
        if words := documented.SOURCES.get(source):
            cls.documented, cls.unknown = words.all, words.nothing


class TestAfterShip(Ours, AdapterContract, source="aftership", sign=samples.sign_aftership):
    pass


class TestEasyPost(
    Ours, AdapterContract, source="easypost", sign=samples.sign_easypost_newer, signs_time=True
):
    pass


class TestEasyPostWithBothSignatures(
    Ours, SignatureContract, source="easypost", sign=samples.sign_easypost, signs_time=True
):
    def test_what_nobody_signed_is_not(self):
        """Each of the two signatures is enough; without both of them nothing is."""
        call = self.sign(samples.EASYPOST, samples.SECRET, samples.at(4, 12))
        bare = {name: value for name, value in call.headers.items() if "signature" not in name}
        assert not self._believed(adapters.Call(call.body, bare, call.method, call.path))


class TestEasyPostWithTheOlderSignature(
    Ours, SignatureContract, source="easypost", sign=samples.sign_easypost_older
):
    pass


class TestSeventeenTrack(Ours, AdapterContract, source="seventeentrack", sign=samples.sign_seventeentrack):
    pass


class TestShippo(Ours, AdapterContract, source="shippo", sign=samples.sign_shippo, signs_time=True):
    pass


class TestShippoWithAToken(Ours, SignatureContract, source="shippo", sign=samples.token_shippo):
    pass


class TestSigned(Ours, AdapterContract, source="signed", sign=samples.sign_own, signs_time=True):
    documented = frozenset(one.value for words in (Status, SubStatus) for one in words)
