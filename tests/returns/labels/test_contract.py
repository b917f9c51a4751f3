"""Makers that keep the contract, and those that break it."""

import pytest

from saleor_support_plugin.returns.labels import Label, Unavailable
from saleor_support_plugin.returns.labels.contract import LabelMakerContract
from tests.returns.labels.courier import Courier, Finder, behaving


class TestCourier(LabelMakerContract):
    maker = Courier()

    def carrier(self, behaviour):
        return behaving(self.maker, behaviour)


class TestFinder(LabelMakerContract):
    maker = Finder()
    finds = True

    def carrier(self, behaviour):
        return behaving(self.maker, behaviour)


class _Hasty(Courier):
    def make(self, request, settings):
        try:
            return super().make(request, settings)
        except TimeoutError:
            raise Unavailable("No answer.") from None


class _Careless(LabelMakerContract):
    maker = _Hasty()

    def carrier(self, behaviour):
        return behaving(self.maker, behaviour)


def test_a_lost_answer_that_is_called_unavailable_breaks_it():
    with pytest.raises(AssertionError):
        _Careless().test_a_lost_answer_is_neither_of_the_two()
    _Careless().test_unavailable_says_that_nothing_was_made()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"content": b"x", "content_type": "application/pdf", "url": "https://example.com/l"},
        {"content": b"x"},
        {"content": b"x" * 5_000_001, "content_type": "application/pdf"},
        {"url": "http://example.com/label"},
        {"url": "https://example.com/" + "x" * 2000},
        {"url": "https://example.com/l", "carrier": "x" * 61},
        {"url": "https://example.com/l", "tracking_number": "1\n2"},
        {"url": "https://example.com/l", "tracking_number": "1" * 256},
    ],
)
def test_what_is_no_label_can_not_be_made(wrong):
    with pytest.raises(ValueError):  # noqa: PT011
        Label(**wrong)
