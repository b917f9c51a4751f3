"""What every label maker must hold to, as tests that anybody's maker can run.

Make a class in your tests, with pytest as the runner, and let it say how the carrier behaves. How you
stand in for the carrier (a fake server, a patched HTTP client) is yours::

    from saleor_support_plugin.returns.labels.contract import LabelMakerContract

    class TestBikes(LabelMakerContract):
        maker = Bikes()
        finds = True

        @contextlib.contextmanager
        def carrier(self, behaviour):
            with FakeBikes(behaviour) as fake:
                yield lambda: fake.made  # how many labels exist at the carrier

Nothing here needs a database or the network.
"""

import contextlib
import dataclasses
import enum
import re
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from saleor_support_plugin.files import kinds
from saleor_support_plugin.returns.labels.base import (
    Goods,
    Label,
    LabelMaker,
    LabelRequest,
    LabelSettings,
    NotSupported,
    Refused,
    Unavailable,
)
from saleor_support_plugin.shop.data import Address

REQUEST = LabelRequest(
    number="R10012",
    reference="return:12:label:7",
    order_number="1042",
    goods=(
        Goods("Olive oil 500 ml", "OIL-500", 2, Decimal("12.90"), "EUR"),
        Goods("Jamón ibérico", "", 1, Decimal("39.00"), "EUR", grams=750),
    ),
    sender=Address(
        first_name="Lucía", last_name="Fernández", street_address_1="Calle de Alcalá 42",
        city="Madrid", postal_code="28014", country="ES",
    ),
    country="ES",
    receiver=("Warehouse Oslo", "Havnegata 1", "0150 Oslo", "Norway"),
    destination="Oslo",
)  # fmt: skip
SETTINGS = LabelSettings(channel="europe", api_key="a-key-of-the-contract")


class Behaviour(enum.StrEnum):
    """How the carrier behaves, for one test."""

    WELL = "well"  # it makes the label
    AWAY = "away"  # it can't be reached, or says that it is busy: nothing is made
    REFUSES = "refuses"  # it says no for good: an address it does not serve, a key it does not know
    SILENT = "silent"  # it makes the label, and its answer is lost on the way
    NONSENSE = "nonsense"  # it answers with something that its documentation does not know


class LabelMakerContract:
    """The contract; see the module. pytest collects subclasses whose name begins with ``Test``.

    Attributes:
        maker: what is tested.
        finds: whether :meth:`LabelMaker.find` can say what became of a question.
    """

    maker: ClassVar[LabelMaker]
    finds: ClassVar[bool] = False

    def carrier(self, behaviour: Behaviour) -> contextlib.AbstractContextManager[Callable[[], int]]:
        """The carrier, behaving so; gives a function that counts the labels that exist there."""
        raise AssertionError("Say how the carrier is stood in for: define carrier().")

    def test_its_name_can_stand_in_an_option(self) -> None:
        assert isinstance(self.maker, LabelMaker)
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,39}", self.maker.name)
        assert self.maker.title

    def test_it_makes_a_label_that_can_be_used(self) -> None:
        with self.carrier(Behaviour.WELL) as count:
            label = self.maker.make(REQUEST, SETTINGS)
            assert isinstance(label, Label)
            assert count() == 1
        if label.content:
            kind = kinds.of(label.content[: kinds.HEAD])
            assert kind in (kinds.PDF, kinds.PNG, kinds.JPEG)
            assert kind is not None
            assert kind.content_type == label.content_type

    def test_nothing_but_the_required_is_enough(self) -> None:
        bare = dataclasses.replace(
            REQUEST, goods=REQUEST.goods[:1], sender=Address(country="ES"), receiver=(), destination=""
        )
        with self.carrier(Behaviour.WELL) as count:
            answer = self._answer(bare)
            assert isinstance(answer, Label | Refused)
            assert str(answer)
            assert count() == isinstance(answer, Label)

    def test_unavailable_says_that_nothing_was_made(self) -> None:
        with self.carrier(Behaviour.AWAY) as count:
            assert isinstance(self._answer(REQUEST), Unavailable)
            assert count() == 0

    def test_refused_says_why(self) -> None:
        with self.carrier(Behaviour.REFUSES) as count:
            answer = self._answer(REQUEST)
            assert isinstance(answer, Refused)
            assert str(answer)
            assert SETTINGS.api_key not in str(answer)
            assert count() == 0

    def test_a_lost_answer_is_neither_of_the_two(self) -> None:
        with self.carrier(Behaviour.SILENT) as count:
            assert not isinstance(self._answer(REQUEST), Label | Unavailable | Refused)
            assert count() == 1

    def test_nonsense_is_no_label(self) -> None:
        with self.carrier(Behaviour.NONSENSE):
            assert not isinstance(self._answer(REQUEST), Label | Unavailable)

    def test_what_was_made_is_found_or_it_says_that_it_can_not_find_it(self) -> None:
        with self.carrier(Behaviour.WELL) as count:
            if not self.finds:
                try:
                    self.maker.find(REQUEST, SETTINGS)
                except NotSupported:
                    return
                raise AssertionError("Say that it finds labels: finds = True.")
            made = self.maker.make(REQUEST, SETTINGS)
            assert self.maker.find(REQUEST, SETTINGS) == made
            assert count() == 1

    def test_what_was_not_made_is_not_found_as_somebody_elses(self) -> None:
        if not self.finds:
            return
        with self.carrier(Behaviour.WELL) as count:
            other = dataclasses.replace(REQUEST, number="R10013", reference="return:13:label:8")
            made = self.maker.make(REQUEST, SETTINGS)
            assert self.maker.find(other, SETTINGS) != made
            assert count() in (1, 2)  # two where a carrier makes one for each reference it is asked for

    def _answer(self, request: LabelRequest) -> Label | Exception:
        try:
            return self.maker.make(request, SETTINGS)
        except Exception as error:  # which one is what is tested
            return error
