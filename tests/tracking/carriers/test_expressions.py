"""The small language in which shops describe their carriers' numbers: what it takes, and that it is quick."""

import contextlib
import re
import time

import hypothesis
import pytest
from hypothesis import strategies as st

from saleor_support_plugin.tracking.carriers.expressions import compiled


@pytest.mark.parametrize(
    ("expression", "fitting", "others"),
    [
        (r"BIKE\d{4}", ["BIKE1234", "bike1234"], ["BIKE123", "XBIKE1234", "BIKE12345"]),
        (r"^AB[0-9]{2,3}$", ["AB12", "AB123"], ["AB1", "AB1234"]),
        (r"(?:AB|C[DE])\d+", ["AB1", "CE" + "1" * 62], ["CF1", "AB"]),
        (r"([A-Z]\d)?X", ["X", "A1X"], ["AX"]),
        (r"\d{3,}", ["123", "1" * 64], ["12"]),
        (r"[\dA-F]{4}", ["12AF"], ["12AG"]),
        (r"\d*Z", ["Z", "1Z"], ["1"]),
        ("abc1", ["ABC1", "abc1"], ["abc2"]),
    ],
)
def test_what_may_be_written(expression, fitting, others):
    made = compiled(expression)
    assert [one for one in [*fitting, *others] if made.fullmatch(one)] == fitting


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "The expression is empty"),
        ("^$", "The expression is empty"),
        ("(", 'There is a "(" without its ")".'),
        ("A)", 'There is a ")" without its "(".'),
        ("A(B", 'There is a "(" without its ")".'),
        ("[A-", '"[" can\'t be used here'),
        ("[^A]", '"[" can\'t be used here'),
        ("[9-0]", "This is no regular expression: bad character range 9-0"),
        ("*A", '"*" can\'t be used here'),
        ("A**", "Give one count only"),
        ("A{2}{3}", "Give one count only"),
        ("A+?", "Give one count only"),
        ("A{3,2}", "Counts go up"),
        ("A{65}", "Counts go up, and to 64 at most."),
        ("A{99999}", "Counts go up"),
        ("(A{64}){2}", "This asks for 128 characters; numbers have at most 64."),
        ("A?", "This would fit an empty number"),
        ("A|", "This would fit an empty number"),
        ("AB-12", "Numbers are compared without blanks"),
        ("AB 12", "Numbers are compared without blanks"),
        ("AB.12", "Numbers are compared without blanks"),
        (r"\w+", '"\\" can\'t be used here'),
        (r"\1", '"\\" can\'t be used here'),
        ("(?=A)A", '"?" can\'t be used here'),
        ("(?P<x>A)", '"?" can\'t be used here'),
        ("(?i)A", '"?" can\'t be used here'),
        ("Ñ", '"Ñ" can\'t be used here'),
        ("A\n", '"\n" can\'t be used here'),
        ("((((((((((A))))))))))", "Put at most 8 groups inside each other."),
        ("A" * 201, "Use at most 200 characters."),
    ],
)
def test_what_may_not_be_written_is_refused_with_a_reason(expression, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        compiled(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "(A+)+B",
        "(A|A)*B",
        "(A|AA)+B",
        "([A-Z]+)*1",
        r"\d+\d+\d+",
        r"\d*\d*\d*\d*\d*\d*1",
        "(A?){40}A{20}",
        "A?" * 60 + "1",
        "((A{0,9}){0,9}){0,9}B",
        "(" * 8 + "A{1,2}" + "){1,2}" * 8,
    ],
)
def test_an_expression_that_could_take_for_ever_is_refused(expression):
    with pytest.raises(ValueError, match="too many ways|asks for"):
        compiled(expression)


PART = st.sampled_from(["A", "1", r"\d", "[A-Z0-9]", "(A|1)", "(AB|A|B)", "(A1?){1,3}", "[A-Z0-9]"])
COUNT = st.sampled_from(["", "", "", "?", "+", "{2}", "{0,3}", "{1,8}", "*", "{2,}"])


@hypothesis.given(
    st.lists(st.tuples(PART, COUNT).map("".join), min_size=1, max_size=8).map("".join),
    st.sampled_from(["A", "1", "A1", "AB", "AAB1"]),
)
@hypothesis.settings(max_examples=200, deadline=None)
def test_what_is_taken_is_quick(expression, part):
    try:
        made = compiled(expression)
    except ValueError:
        return
    number = (part * 64)[:63] + "Z"
    started = time.process_time()
    made.fullmatch(number)
    assert time.process_time() - started < 0.05


@hypothesis.given(st.text("AZ09\\d[](){}|?+*^$-,: .Ñ\x00", max_size=30))
@hypothesis.settings(max_examples=1000, deadline=None)
def test_junk_is_refused_and_nothing_else_happens(text):
    with contextlib.suppress(ValueError):
        assert compiled(text).fullmatch("") is None
