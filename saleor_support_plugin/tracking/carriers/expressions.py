"""How the shop's own carriers describe their numbers: a small part of regular expressions, that is quick.

Allowed are letters and digits, ``\\d``, sets like ``[A-Z0-9]``, groups of alternatives like ``(AB|CD)``, and
counts: ``{8}``, ``{8,10}``, ``?``, ``+`` and ``*``. Each count and each alternative multiplies the ways in
which a number may be read; an expression with too many of them is refused, so that no number, however odd,
takes long (a search that goes back tries each way once at most).
"""

import dataclasses
import functools
import re

from saleor_support_plugin.tracking.carriers.numbers import LIMIT

LENGTH = 200  # characters of an expression
WAYS = 1000  # in which a number may be read
DEPTH = 8  # groups inside groups

_COUNT = re.compile(r"\{([0-9]{1,6})(?:(,)([0-9]{0,6}))?\}")
_SET = re.compile(r"\[(?:[0-9A-Za-z](?:-[0-9A-Za-z])?|\\d)+\]")
_FILLING = " -./_"


@functools.lru_cache(maxsize=512)
def compiled(text: str) -> re.Pattern[str]:
    """The expression of a whole number, normalised; capitals or not.

    Raises:
        ValueError: with a sentence that says what is wrong, and what to write instead.
    """
    if len(text) > LENGTH:
        raise ValueError(f"Use at most {LENGTH} characters.")
    inner = text.removeprefix("^").removesuffix("$")
    if not inner:
        raise ValueError("The expression is empty; leave it out if numbers are not to be recognised.")
    reader = _Reader(inner)
    least, ways = reader.alternatives(0)
    if reader.place < len(inner):
        raise ValueError('There is a ")" without its "(".')
    if least == 0:
        raise ValueError("This would fit an empty number; ask for one character at least.")
    if least > LIMIT:
        raise ValueError(f"This asks for {least} characters; numbers have at most {LIMIT}.")
    if ways > WAYS:
        raise ValueError("This can be read in too many ways; give exact counts, like {8} or {8,10}.")
    try:
        return re.compile(inner, re.ASCII | re.IGNORECASE)
    except re.error as error:  # a range that runs backwards, like [9-0]
        raise ValueError(f"This is no regular expression: {error}.") from None


@dataclasses.dataclass
class _Reader:
    """Reads an expression; each method answers (fewest characters, ways to read a number)."""

    text: str
    place: int = 0

    def alternatives(self, depth: int) -> tuple[int, int]:
        if depth > DEPTH:
            raise ValueError(f"Put at most {DEPTH} groups inside each other.")
        least, ways = self._sequence(depth)
        while self._take("|"):
            other, more = self._sequence(depth)
            least, ways = min(least, other), ways + more
        return least, ways

    def _sequence(self, depth: int) -> tuple[int, int]:
        least, ways = 0, 1
        while self.place < len(self.text) and self.text[self.place] not in "|)":
            size, choices = self._atom(depth)
            first, last = self._count()
            least += size * first
            ways = min(ways * _sum_of_powers(choices, first, last), WAYS + 1)
        return least, ways

    def _atom(self, depth: int) -> tuple[int, int]:
        if self._take("(?:") or self._take("("):
            found = self.alternatives(depth + 1)
            if not self._take(")"):
                raise ValueError('There is a "(" without its ")".')
            return found
        if found_set := _SET.match(self.text, self.place):
            self.place = found_set.end()
        elif not self._take("\\d"):
            character = self.text[self.place]
            if not (character.isascii() and character.isalnum()):
                raise ValueError(_unknown(character))
            self.place += 1
        return 1, 1

    def _count(self) -> tuple[int, int]:
        """How often what was just read may stand."""
        first, last = 1, 1
        if self._take("?"):
            first = 0
        elif self._take("+"):
            last = LIMIT
        elif self._take("*"):
            first, last = 0, LIMIT
        elif found := _COUNT.match(self.text, self.place):
            self.place = found.end()
            first = int(found[1])
            last = first if not found[2] else int(found[3]) if found[3] else LIMIT
        if last < first or last > LIMIT:
            raise ValueError(f"Counts go up, and to {LIMIT} at most.")
        if self.text[self.place : self.place + 1] and self.text[self.place] in "?+*{":
            raise ValueError("Give one count only after each part.")
        return first, last

    def _take(self, word: str) -> bool:
        if not self.text.startswith(word, self.place):
            return False
        self.place += len(word)
        return True


def _sum_of_powers(base: int, first: int, last: int) -> int:
    """The ways in which what has ``base`` ways is read from ``first`` to ``last`` times."""
    total = 0
    for power in range(first, last + 1):
        total += base**power
        if total > WAYS:
            break
    return total


def _unknown(character: str) -> str:
    if character in _FILLING:
        return "Numbers are compared without blanks, dashes, dots and slashes; leave them out."
    return (
        f'"{character}" can\'t be used here; use letters, digits, \\d, [A-Z0-9], (AB|CD), {{8}}, ?, + and *.'
    )
