"""Check digits, by numbers that the carriers, standards and public collections give as examples."""

import pytest

from saleor_support_plugin.tracking.carriers import checks

RIGHT = [
    (checks.ups, "1Z5R89390357567127"),
    (checks.ups, "1Z879E930346834440"),
    (checks.ups, "1Z410E7W0392751591"),
    (checks.ups_waybill, "K1506235620"),
    (checks.ups_waybill, "K2479825491"),
    (checks.fedex_express, "986578788855"),
    (checks.fedex_express, "477179081230"),
    (checks.gs1, "041441760228964"),  # FedEx Ground
    (checks.gs1, "7035114477138472"),  # Canada Post
    (checks.gs1, "9400111202555842332669"),  # USPS
    (checks.gs1, "340434160184562098"),  # DHL, an SSCC
    (checks.usps_20, "03071790000523483741"),
    (checks.usps_20, "71969010756003077385"),
    (checks.gs1, "340433836442636597"),
    (checks.gs1, "09133131530724"),  # Hermes
    (checks.mod7, "3318810025"),
    (checks.mod7, "8487135506"),
    (checks.identcode, "563102430313"),
    (checks.identcode, "201298452277"),
    (checks.s10, "RB123456785GB"),
    (checks.s10, "RR473124829ES"),  # the example of the standard
    (checks.s10, "XW827106090JB"),  # Chronopost
    (checks.mod37_36, "09980000020033F"),
    (checks.mod37_36, "008182709980000020033350276C"),
    (checks.luhn, "320595463938"),
    (checks.luhn, "287809468872"),
    (checks.ontrac, "C11031500001879"),
    (checks.ontrac, "D10011354453707"),
    (checks.correos, "PQ856C0710027820144566Q"),
    (checks.correos, "PK55Z20727923640108018P"),
    (checks.correos, "PQAZXT9800005660128110S"),
    (checks.correos, "PQ43B404AA015110128001N"),
    (checks.last(12, checks.fedex_express), "1001921334250001000300779017972697"),
    (checks.last(22, checks.gs1), "420787459400111206206406260787"),
    (checks.gls, "000112345678"),
]


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_published_numbers_are_right(check, number):
    assert check(number)


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_every_other_check_digit_is_wrong(check, number):
    place = 10 if check is checks.s10 else len(number) - 1
    others = set("0123456789" if number[place].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {number[place]}
    wrong = [digit for digit in others if check(number[:place] + digit + number[place + 1 :])]
    # The American post's numbers of 20 digits were computed in two ways.
    assert len(wrong) == (1 if check is checks.usps_20 else 0)


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_a_digit_mistyped_in_the_middle_is_found(check, number):
    """Weighted sums find each single error, but for those of FedEx (mod 11 mod 10), and for 7 instead of 0,
    8 instead of 1 and so on where sevens are counted."""
    place = next(place for place in range(len(number) - 4, 0, -1) if number[place].isdigit())
    others = [digit for digit in "0123456789" if digit != number[place]]
    found = [digit for digit in others if not check(number[:place] + digit + number[place + 1 :])]
    assert len(found) >= 7
