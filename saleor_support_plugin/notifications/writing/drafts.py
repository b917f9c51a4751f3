"""Own words before they are kept: cleaned, compiled, and tried on sample data."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from saleor_support_plugin import texts
from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError
from saleor_support_plugin.notifications import kinds, samples
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.variables import Kind, Variable
from saleor_support_plugin.notifications.writing import language, mail, rendering, zones
from saleor_support_plugin.notifications.writing.context import context_for, one_line
from saleor_support_plugin.notifications.writing.sandbox import SOURCE_LIMIT, Shape, Type
from saleor_support_plugin.notifications.writing.wording import (
    BLOCKS,
    ONE_LINE,
    Broken,
    Said,
    Words,
    compile_blocks,
    scope,
    tag,
)
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.data import Order

SETTINGS = SupportSettings(
    shop_name="Example shop",
    reply_to="help@shop.example",
    order_url="https://shop.example/orders/{number}",
    return_url="https://shop.example/returns/{number}",
    contact_url="https://shop.example/contact",
)


def known_kind(name: str) -> Kind:
    """The kind with this name.

    Raises:
        Invalid: there is none; the message lists those there are.
    """
    try:
        return kinds.get(name)
    except ValueError as error:
        raise Invalid(str(error), field="kind") from error


def known_language(wanted: str, kind: Kind | None = None) -> str:
    """``wanted`` as overrides store it, like "es-mx"; for mails of this kind, or for those of any.

    Raises:
        Invalid: our mails can't be written in it, so the rest of the mail would be in another.
    """
    found = tag(texts.line(wanted, field="language", maximum=35))
    code = language.choose(found, kind.locale if kind else None).code
    if tag(code).partition("-")[0] != found.partition("-")[0]:
        raise Invalid(
            f"Mails can't be written in {found!r}: there is no translation into it.", field="language"
        )
    return found


def checked(
    kind: Kind, code: str, blocks: Sequence[tuple[str, str]], now: datetime.datetime
) -> dict[str, str]:
    """The blocks as they are kept, cleaned, compiled and tried out.

    Raises:
        Errors: everything that is wrong with them; ``field`` is the block.
    """
    sources, problems = clean(blocks)
    words, more = compiled(kind, sources)
    problems += more
    if problems := problems or try_out(kind, words, code, now):
        raise Errors(problems)
    return sources


def clean(blocks: Sequence[tuple[str, str]]) -> tuple[dict[str, str], list[SupportError]]:
    """The blocks that can be stored, and what is wrong with the others."""
    good: dict[str, str] = {}
    problems: list[SupportError] = []
    if len(blocks) > 4 * len(BLOCKS):
        return good, [Invalid(f"Give each of {', '.join(BLOCKS)} at most once.", field="blocks")]
    for name, text in blocks:
        try:
            if name not in BLOCKS:
                raise Invalid(
                    f"There is no block {name[:40]!r}; there are {', '.join(BLOCKS)}.", field="blocks"
                )
            if name in good:
                raise Invalid("This block is there twice.", field=name)
            good[name] = _above(text) + texts.block(text, field=name, maximum=SOURCE_LIMIT)
        except SupportError as error:
            problems.append(error)
    return good, problems


def _above(text: str) -> str:
    """The empty lines that a text begins with, so that lines are counted as its writer sees them."""
    return "\n" * text.replace("\r\n", "\n")[: len(text) - len(text.lstrip())].count("\n")


def compiled(kind: Kind, blocks: Mapping[str, str]) -> tuple[dict[str, Words], list[SupportError]]:
    """Each block compiled by itself, and what is wrong with the others, with its line."""
    good: dict[str, Words] = {}
    problems: list[SupportError] = []
    for name, source in blocks.items():
        try:
            good[name] = compile_blocks(kind, {name: source})
        except Broken as broken:
            problems.append(problem(broken))
    return good, problems


def problem(broken: Broken) -> SupportError:
    """What is wrong with a block, for a person."""
    return Invalid(str(broken.fault), field=broken.block)


def try_out(kind: Kind, words: Mapping[str, Words], code: str, now: datetime.datetime) -> list[SupportError]:
    """What goes wrong when these words meet sample data: all that can be there, and as little as can be."""
    problems: dict[tuple[str | None, str], SupportError] = {}
    for row in sample_rows(kind, code, now):
        values = context_for(row, kind, SETTINGS, now=now)
        for found in _tried(kind, words, values):
            problems.setdefault((found.field, found.message), found)
    return list(problems.values())


def _tried(kind: Kind, words: Mapping[str, Words], values: dict[str, Any]) -> list[SupportError]:
    said: dict[str, Said] = {}
    problems: list[SupportError] = []
    for one in words.values():
        try:
            said |= one.say(kind, values)
        except Broken as broken:
            problems.append(problem(broken))
    if problems:
        return problems
    for name in ONE_LINE:
        if name in said and len(said[name].text) > mail.SUBJECT_LIMIT:
            message = f"With sample data this is longer than {mail.SUBJECT_LIMIT} characters."
            problems.append(Invalid(message, field=name, code=Code.TOO_LONG))
    ours, theirs = mail.compose(kind, values, {}), mail.compose(kind, values, said)
    for name, address in _keys(kind, values).items():
        if address in ours.text and address not in theirs.text:
            message = f"The mail needs {{{{ {name} }}}}; put it into the text."
            problems.append(Invalid(message, field="blocks"))
    return problems


def _keys(kind: Kind, values: Mapping[str, Any]) -> dict[str, str]:
    """The addresses that are a mail's purpose, by name."""
    names = [name for name, variable in kind.variables.items() if variable is Variable.URL]
    return {name: values[name] for name in [*names, "link"] if values.get(name)}


def sample_rows(kind: Kind, code: str, now: datetime.datetime) -> list[Notification]:
    """Two mails of a kind, not stored: with all that it can have, and with the least."""
    order, rich = samples.sample(kind.name, code, now=now, rich=True)
    _order, plain = samples.sample(kind.name, code, now=now)
    bare = {name: value for name, value in plain.items() if name not in kind.optional}
    return [row(kind, order, rich, code), row(kind, order, bare, code)]


def row(kind: Kind, order: Order, data: Mapping[str, Any], code: str) -> Notification:
    """A mail of the outbox about this order, not stored, that holds no link of the storefront's own."""
    return Notification(
        kind=kind.name,
        subject="preview",
        recipient=order.email,
        channel_id=order.channel_id,
        order_id=order.id,
        order_number=one_line(order.number, 40),
        customer_id=order.customer_id or "",
        customer_name=one_line(order.customer_name, 255),
        language=code,
        time_zone=zones.time_zone_of(order.shipping_address or order.billing_address),
        data=dict(data),
    )


class _Number(int):
    """A number that is shown as its name, for :func:`originals`."""

    name = ""

    def __str__(self) -> str:
        return self.name


def originals(kind: Kind, code: str, now: datetime.datetime) -> dict[str, str]:
    """Our own words of each block with ``{{ names }}`` for values: where to start from.

    They are those of a usual mail that has every date and amount which a mail of this kind can have.
    """
    order, data = samples.sample(kind.name, code, now=now)
    values = context_for(row(kind, order, data, code), kind, SETTINGS, now=now)
    values |= {name: _named(name, shape, values.get(name)) for name, shape in scope(kind, "intro").items()}
    values["subject"] = one_line(rendering.render(kind, "subject.txt", values, html=False), 1000)
    found = {"subject": str(values["subject"])}
    for block in BLOCKS[1:]:
        text = rendering.original(kind, "body.html" if block in ONE_LINE else "body.txt", block, values)
        found[block] = one_line(text or "", SOURCE_LIMIT) if block in ONE_LINE else rendering.tidy(text or "")
    return {block: text.strip() for block, text in found.items()}


def _named(name: str, shape: Shape, value: Any) -> Any:
    if shape.type is not Type.TEXT:
        return value
    if isinstance(value, int):
        number = _Number(value)
        number.name = f"{{{{ {name} }}}}"
        return number
    return f"{{{{ {name} }}}}"
