"""The report of returns by GraphQL: wishes and faults are two tables, in the reader's language."""

import pytest

from saleor_support_plugin.returns.models import ReturnLine

SPAN = 'from: "2024-04-01", until: "2024-04-30"'


@pytest.fixture
def reasons(stage):
    """One line with a wish, the others with a fault."""
    first = ReturnLine.objects.order_by("pk").first()
    ReturnLine.objects.update(reason="damaged")
    ReturnLine.objects.filter(pk=first.pk).update(reason="too_small")


def rows(stage, arguments, fields):
    answer = stage.send(
        "staff", f"{{ it: supportReturnReport({SPAN}) {{ rows({arguments}) {{ {fields} }} }} }}"
    )
    assert "errors" not in answer, answer
    return answer["data"]["it"]["rows"]


def test_reasons_with_their_list_and_in_the_readers_language(stage, reasons):
    found = rows(stage, "by: REASON", 'value list label es: label(language: "es") share')
    assert sorted((one["value"], one["list"], one["label"], one["es"], one["share"]) for one in found) == [
        ("damaged", "FAULT", "Damaged on the way", "Dañado durante el transporte", 1.0),
        ("too_small", "WISH", "Too small", "Demasiado pequeño", 1.0),
    ]


@pytest.mark.parametrize(("which", "code"), [("WISH", "too_small"), ("FAULT", "damaged")])
def test_one_list_alone(stage, reasons, which, code):
    assert rows(stage, f"by: REASON, list: {which}", "value list") == [{"value": code, "list": which}]
    (channel,) = rows(stage, f"by: CHANNEL, list: {which}", "list label share")
    assert (channel["list"], channel["share"]) == (None, 1.0)
    assert channel["label"]
