"""Signature, legal footer and banner in the languages that the channel's options don't speak.

They are kept as own words are, under a kind of their own: plain text, without names and tags. A mail takes
those of its language, in the order in which own words are looked for; what they leave out stays as the
options say it.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from saleor_support_plugin import texts
from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError
from saleor_support_plugin.notifications.writing.wording import BRAND
from saleor_support_plugin.settings import BY_NAME, reading

KIND = BRAND
# Block, named like the option it stands for → how its text is read.
BLOCKS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {"signature": reading.lines(10), "legal_footer": reading.lines(10), "banner_text": reading.text(200)}
)


def checked(blocks: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The blocks as they are kept.

    Raises:
        Errors: everything that is wrong with the blocks; ``field`` is the block.
    """
    good: dict[str, str] = {}
    problems: list[SupportError] = []
    for name, text in blocks[: 4 * len(BLOCKS)]:
        try:
            if name not in BLOCKS:
                message = f"There is no block {name[:40]!r}; there are {', '.join(BLOCKS)}."
                raise Invalid(message, field="blocks")
            if name in good:
                raise Invalid("This block is there twice.", field=name)
            good[name] = _read(name, text)
        except SupportError as error:
            problems.append(error)
    if problems:
        raise Errors(problems)
    return good


def _read(name: str, text: str) -> str:
    text = texts.block(text, field=name, maximum=3000)
    if "{{" in text or "{%" in text:
        raise Invalid("Write plain text: names and tags are not possible here.", field=name)
    try:
        BLOCKS[name](text)
    except ValueError as error:
        raise Invalid(f"{BY_NAME[name].label}: {error}", field=name, code=Code.INVALID) from error
    return text


def branded(values: dict[str, Any], blocks: Mapping[str, str]) -> dict[str, Any]:
    """What ``context_for`` gave, with these blocks (of ``Wording.brand``) in place of the options'. The
    banner's text only where there is a banner."""
    if not blocks:
        return values
    read = {name: BLOCKS[name](text) for name, text in blocks.items() if name in BLOCKS}
    brand = dict(values["brand"])
    for name, part in (("signature", "signature"), ("legal_footer", "legal")):
        if name in read:
            brand[part] = list(read[name])
    values = {**values, "brand": brand}
    if values["banner"] is not None and "banner_text" in read:
        values["banner"] = {**values["banner"], "text": read["banner_text"]}
    return values
