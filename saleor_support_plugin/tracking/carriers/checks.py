"""Check digits: each function says whether a number (normalised, of the right shape) bears a right one.

Weights are counted as the carriers publish them; where a standard defines them, it is named.
"""

from collections.abc import Callable, Sequence

Check = Callable[[str], bool]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(text: str) -> list[int]:
    """The decimal digits of a text, other characters left out."""
    return [int(character) for character in text if character.isdigit()]


def mod10(number: str, odd: int, even: int, plus: int = 0) -> bool:
    """The last digit completes the weighted sum of the others, and ``plus``, to tens.

    The digit next to the check digit is the first; odd ones weigh ``odd``, even ones ``even``. With 3 and 1
    it is the check digit of GS1 (SSCC, USPS, FedEx Ground).
    """
    *body, check = digits(number)
    total = plus + sum(
        digit * (odd if place % 2 == 0 else even) for place, digit in enumerate(reversed(body))
    )
    return (10 - total % 10) % 10 == check


def gs1(number: str) -> bool:
    """GS1's check digit: weights 3 and 1 from the right."""
    return mod10(number, 3, 1)


def luhn(number: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1, annex B)."""
    *body, check = digits(number)
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return (10 - total % 10) % 10 == check


def mod7(number: str) -> bool:
    """The last digit is the rest of the others, read as one number, divided by seven."""
    return int(number[:-1]) % 7 == int(number[-1])


def ups(number: str) -> bool:
    """The check digit of 1Z numbers: letters count as (place in ASCII - 63) mod 10, every second doubled."""
    if not number[-1].isdigit():
        return False
    values = [
        int(character) if character.isdigit() else (ord(character) - 63) % 10 for character in number[2:-1]
    ]
    total = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values))
    return (10 - total % 10) % 10 == int(number[-1])


def ups_waybill(number: str) -> bool:
    """The check digit of UPS's waybills, a letter and ten digits: weights 1 and 2 from the right."""
    return mod10(number, 1, 2)


def weighted(number: str, weights: Sequence[int]) -> bool:
    """FedEx: the last digit is the weighted sum of the others mod 11 mod 10."""
    *body, check = digits(number)
    return sum(digit * weight for digit, weight in zip(body, weights, strict=True)) % 11 % 10 == check


def fedex_express(number: str) -> bool:
    """The check digit of FedEx's numbers of 12 digits."""
    return weighted(number, (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1))


def has_letters(number: str) -> bool:
    """No check digit at all, but at least one letter."""
    return not number.isdigit()


def last(size: int, check: Check) -> Check:
    """A check of the last ``size`` characters alone, for barcodes that hold more than the number."""
    return lambda number: check(number[-size:])


def usps_20(number: str) -> bool:
    """The check digit of the American post's numbers of 20 digits; those without the "91" that belongs
    before them may have been computed with it."""
    return gs1(number) or gs1("91" + number)


def ontrac(number: str) -> bool:
    """OnTrac: C and D count as the digits 4 and 5; weights 2 and 1 from the right."""
    return mod10({"C": "4", "D": "5"}[number[0]] + number[1:], 2, 1)


def identcode(number: str) -> bool:
    """The check digit of the German post's Identcode: weights 4 and 9 from the right."""
    return mod10(number, 4, 9)


def correos(number: str) -> bool:
    """The control character of Correos's codes of 23 characters: the sum of the others' places in ASCII,
    mod 23, in the order of letters that Spanish identity cards use."""
    return "TRWAGMYFPDXBNJZSQVHLCKE"[sum(map(ord, number[:-1])) % 23] == number[-1]


def gls(number: str) -> bool:
    """The check digit of GLS's parcel numbers: as GS1's, with one added."""
    return mod10(number, 3, 1, plus=1)


def s10(number: str) -> bool:
    """The check digit of postal items (UPU standard S10, like AA000000005XX)."""
    *body, check = digits(number)
    rest = 11 - sum(digit * weight for digit, weight in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == check


def mod37_36(number: str) -> bool:
    """The check character of ISO/IEC 7064 MOD 37,36, which DPD appends to its labels."""
    carry = 36
    for character in number[:-1]:
        carry = (carry + _ALPHABET.index(character)) % 36 or 36
        carry = carry * 2 % 37
    return (carry + _ALPHABET.index(number[-1])) % 36 == 1
