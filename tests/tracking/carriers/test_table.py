"""The table as a whole: what it holds, and that every entry keeps the rules of the table."""

import re
import string
import time
import urllib.parse

import hypothesis
import pytest
from hypothesis import strategies as st

from saleor_support_plugin.tracking.carriers import TABLE, checks, code_of, countries, detect, get
from saleor_support_plugin.tracking.carriers.carrier import PLACES
from saleor_support_plugin.tracking.carriers.table import slug

PATTERNS = [
    pytest.param(carrier, one, id=f"{carrier.code}-{place}")
    for carrier in TABLE
    for place, one in enumerate(carrier.patterns)
]
# Posts write all their numbers alike: one of them stands for all here, and all have a test of their own.
VARIED = [one for one in PATTERNS if one.values[1].check is not checks.s10 or one.id == "an-post-0"]
CHECKED = [one for one in VARIED if one.values[1].check not in (None, checks.has_letters)]


def place_of_check(pattern):
    """Where the check digit stands: before the country in numbers of posts, else at the end."""
    return 10 if pattern.check is checks.s10 else -1


def replaced(number, place, character):
    place %= len(number)
    return number[:place] + character + number[place + 1 :]


def numbers(pattern):
    """Numbers that fit a pattern, with a right check digit where it has one; none is of letters alone."""

    def has_digit(number):
        return any(character.isdigit() for character in number)

    def right(number):
        if pattern.check is None:
            return number
        if pattern.check is checks.has_letters:
            return number if pattern.read(number) else ""
        place = place_of_check(pattern)
        letters = string.digits if number[place].isdigit() else string.ascii_uppercase
        made = (replaced(number, place, character) for character in letters)
        return next((one for one in made if pattern.read(one)), "")

    return st.from_regex(pattern.expression, fullmatch=True).map(right).filter(has_digit)


@pytest.mark.parametrize(
    "code",
    [
        "ups",
        "fedex",
        "usps",
        "dhl-express",
        "dhl",
        "dhl-ecommerce",
        "dpd",
        "gls",
        "postnl",
        "royal-mail",
        "correos",
        "correos-express",
        "seur",
        "mrw",
        "nacex",
        "la-poste",
        "colissimo",
        "chronopost",
        "poste-italiane",
        "inpost",
        "evri",
        "canada-post",
        "australia-post",
        "ctt",
        "s10",
    ],
)
def test_the_carriers_that_shops_use_are_there(code):
    assert get(code).code == code
    assert get(code).patterns


def test_codes_and_names_are_each_carriers_own():
    codes = [carrier.code for carrier in TABLE]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if slug(code) != code or len(code) > 60] == []
    words = [*codes, *(slug(one.name) for one in TABLE if slug(one.name) != one.code)]
    words += [alias for one in TABLE for alias in one.aliases]
    assert sorted(word for word in set(words) if words.count(word) > 1) == []
    assert all(carrier.name and len(carrier.name) <= 60 for carrier in TABLE)
    hosts = [host for carrier in TABLE for host in carrier.hosts]
    assert len(set(hosts)) == len(hosts)


@pytest.mark.parametrize("carrier", TABLE, ids=lambda carrier: carrier.code)
def test_pages_are_safe_and_hold_the_number(carrier):
    groups = {name for one in carrier.patterns for name in one.expression.groupindex}
    for url in carrier.urls:
        wanted = re.findall(r"{(\w+)}", url)
        assert set(wanted) <= {*PLACES, *groups}
        assert {*groups, "number"} & set(wanted)
        assert urllib.parse.urlsplit(url).scheme == "https"
        assert "{" not in urllib.parse.urlsplit(url).netloc
        assert re.sub(r"{\w+}", "1", url).isprintable()
    for code in (*carrier.countries, *(code for one in carrier.patterns for code in one.countries)):
        assert re.fullmatch("[A-Z]{2}", code)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UPS", "ups"), ("dhl express", "dhl-express"), ("DHL Paket", "dhl"), ("deutsche-post", "dhl"),
        ("Česká pošta", "czech-post"), ("spain-correos-es", "correos"), ("hermes", "evri"), ("Evri", "evri"),
        ("la_poste_colissimo", "la-poste"), ("", ""), ("Bike couriers", ""), ("\x00", ""),
    ],
)  # fmt: skip
def test_a_carrier_is_found_by_the_words_for_it(name, code):
    assert code_of(name) == code


@pytest.mark.parametrize(("carrier", "pattern"), VARIED)
@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=5, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_every_right_number_has_its_carrier_among_the_candidates(carrier, pattern, data):
    number = data.draw(numbers(pattern))
    found = detect(number, own=())
    assert carrier.code in [one.code for one in found.candidates]
    at_home = detect(number.lower(), country="ES", preferred=carrier.code, own=())
    others = [one.code for one in at_home.candidates if one.is_sure]
    assert at_home.carrier_code == carrier.code or others  # the shop's word is outranked by proof alone


@pytest.mark.parametrize(
    ("carrier", "country"),
    [
        (carrier, country)
        for carrier in TABLE
        for one in carrier.patterns
        if one.check is checks.s10
        for country in re.findall("[A-Z]{2}(?=[|)])", one.expression.pattern)
    ],
    ids=lambda value: value if isinstance(value, str) else value.code,
)
def test_an_item_of_the_post_is_its_countrys(carrier, country):
    number = f"RB123456785{country}"
    assert detect(number, country="ES", own=()).carrier_code == carrier.code
    assert detect(number.replace("85", "86"), country="ES", own=()).carrier_code == ""


def test_every_country_has_one_post():
    found = {land: detect(f"RB123456785{land}", own=()).candidates for land in countries._known()}
    assert {land for land, candidates in found.items() if len(candidates) > 1} == set()
    uninhabited_and_disputed = {"BV", "GS", "HM", "XK"}
    assert {land for land, candidates in found.items() if not candidates} == uninhabited_and_disputed


@pytest.mark.parametrize(("carrier", "pattern"), CHECKED)
@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=5, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_a_wrong_check_digit_never_fits(carrier, pattern, data):
    number = data.draw(numbers(pattern))
    place = place_of_check(pattern)
    letters = string.digits if number[place].isdigit() else string.ascii_uppercase
    fitting = [one for one in letters if pattern.read(replaced(number, place, one))]
    # The American post's numbers of 20 digits were computed in two ways.
    assert len(fitting) == (2 if pattern.check is checks.usps_20 else 1)


@hypothesis.given(
    st.one_of(st.text(), st.text(string.ascii_uppercase + string.digits, max_size=40)),
    st.sampled_from(["", "ES", "DE", "QQ", "x"]),
    st.text(max_size=8),
)
@hypothesis.settings(max_examples=500, deadline=None)
def test_junk_never_raises(text, country, postal_code):
    found = detect(text, country=country, postal_code=postal_code, preferred=postal_code, own=())
    assert (found.carrier_code == "") == (found.carrier_name == "")
    if found.carrier_code:
        assert found.candidates[0].code == found.carrier_code
    ranks = [one.rank for one in found.candidates]
    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("junk", ["0" * 10_000, "A" * 10_000, "A0" * 5_000, "1Z" * 5_000, "3S" + "0" * 9_998])
def test_ten_thousand_characters_take_a_few_milliseconds_of_all_patterns_together(junk):
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        assert not any(one.values[1].expression.fullmatch(junk) for one in PATTERNS)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.01
    assert detect(junk, own=()).candidates == ()
