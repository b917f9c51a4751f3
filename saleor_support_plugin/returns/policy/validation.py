"""Whether a rule, or the channel's options, make sense. Pure."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from saleor_support_plugin.actors import ActorKind
from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError
from saleor_support_plugin.returns.axes import ReturnKind
from saleor_support_plugin.returns.policy import codec, matching
from saleor_support_plugin.returns.policy.options import ReturnSettings, RiskLimits
from saleor_support_plugin.returns.policy.rules import Conditions, RuleOutcome

COUNTRY = re.compile(r"[A-Z]{2}")
CURRENCY = re.compile(r"[A-Z]{3}")
CODE = re.compile(r"[a-z0-9_]{1,40}")
MOST_FEES = 10
MOST_ADDRESSES = 50  # each is at most 2,000 characters, and all are read with the options
MOST_NAMED = 500  # values in all lists of a rule's conditions: each question of a customer reads them all
LONGEST_NAME = 255  # characters of each


def conditions(raw: Any, path: str = "conditions") -> Conditions:
    """A rule's conditions as a person gave them (a mapping by snake_case names, or the value itself).

    Raises:
        Errors: all that is wrong, see :func:`codec.load`; OUT_OF_RANGE for numbers and dates.
    """
    found = codec.load(Conditions, raw, path)
    errors = [
        *_bounded(found, path),
        *_countries(found.countries, f"{path}.countries"),
        *_words(found.kinds, [one.value for one in ReturnKind], f"{path}.kinds"),
        *_words(found.actors, [one.value for one in ActorKind], f"{path}.actors"),
        *_between(found.price_from, 0, None, f"{path}.priceFrom"),
        *_between(found.price_below, 0, None, f"{path}.priceBelow"),
        *_between(found.returns_from, 0, 10_000, f"{path}.returnsFrom"),
        *_ordered(found.price_from, found.price_below, f"{path}.priceBelow"),
        *_ordered(found.ordered_from, found.ordered_until, f"{path}.orderedUntil", same=True),
        *_ordered(found.asked_from, found.asked_until, f"{path}.askedUntil", same=True),
    ]
    if found.price_from is not None or found.price_below is not None:
        errors += _currency(found.currency, f"{path}.currency", needed=True)
    for name in ("customer_tags", "order_tags", "product_tags", "postcodes"):
        if "" in (one.partition("=")[0].strip() for one in getattr(found, name)):
            errors.append(Invalid("None of them can be empty.", field=f"{path}.{codec.camel(name)}"))
    if "" in found.reasons + found.warehouses:
        errors.append(Invalid("None of them can be empty.", field=path))
    _raise(errors)
    return found


def outcome(raw: Any, about: Conditions, path: str = "outcome") -> RuleOutcome:
    """A rule's outcome as a person gave it; ``about``: the rule's conditions.

    Raises:
        Errors: as :func:`conditions`.
    """
    found = codec.load(RuleOutcome, raw, path)
    errors: list[SupportError] = [
        *_between(found.days, 0, 3650, f"{path}.days"),
        *_between(found.transit_days, 0, 60, f"{path}.transitDays"),
        *_between(found.send_days, 1, 365, f"{path}.sendDays"),
        *_between(found.credit_bonus, 0, 100, f"{path}.creditBonus"),
        *_between(found.keep_below, 0, None, f"{path}.keepBelow"),
        *_between(found.auto_limit, 0, None, f"{path}.autoLimit"),
        *_short(found.destination, 255, f"{path}.destination"),
    ]
    if ReturnKind.WITHDRAWAL in found.kinds:
        message = "The law gives withdrawals, no rule does: leave it out, see the channel's options."
        errors.append(Invalid(message, field=f"{path}.kinds"))
    needed = found.keep_below is not None or found.auto_limit is not None
    errors += _currency(found.currency, f"{path}.currency", needed=needed)
    if found.exemption is not None and not _only_goods(about):
        message = "The law exempts goods: name products, types, categories, collections or tags only."
        errors.append(Invalid(message, field=f"{path}.exemption"))
    errors += _fees(found, path)
    _raise(errors)
    return found


def options(raw: Any, path: str = "") -> ReturnSettings:
    """A channel's options as a person gave them.

    Raises:
        Errors: as :func:`conditions`.
    """
    found = codec.load(ReturnSettings, raw, path)
    errors: list[SupportError] = [
        *_between(found.send_days, 1, 365, "sendDays"),
        *_between(found.remind_days, 0, 365, "remindDays"),
        *_between(found.transit_days, 0, 60, "transitDays"),
        *_between(found.confirm_hours, 1, 24 * 14, "confirmHours"),
        *_between(found.withdrawal_hours, 1, 24 * 14, "withdrawalHours"),
        *_between(found.withdrawal_delivery, 0, None, "withdrawalDelivery"),
        *_between(found.answer_days, 1, 365, "answerDays"),
        *_between(found.lost_after_days, 3, 365, "lostAfterDays"),
        *_between(found.guarantee_years, 2, 30, "guaranteeYears"),
        *_short(found.destination, 255, "destination"),
        *_short(found.label_maker, 40, "labelMaker"),
        *_addresses(found),
        *_countries(found.withdrawal_countries, "withdrawalCountries"),
        *_countries(found.guarantee_countries, "guaranteeCountries"),
        *_risk(found.risk),
    ]
    if found.remind_days >= found.send_days:
        message = "Remind before the goods have to be sent: use fewer days than sendDays."
        errors.append(Invalid(message, field="remindDays", code=Code.OUT_OF_RANGE))
    _raise(errors)
    return found


def _bounded(found: Conditions, path: str) -> Iterable[SupportError]:
    lists = {name: value for name, value in vars(found).items() if isinstance(value, tuple)}
    if sum(map(len, lists.values())) > MOST_NAMED:
        message = f"Name at most {MOST_NAMED} in all lists together, or write two rules."
        yield Invalid(message, field=path, code=Code.TOO_MANY)
    for name, values in lists.items():
        if any(len(one) > LONGEST_NAME for one in values):
            message = f"Use at most {LONGEST_NAME} characters for each."
            yield Invalid(message, field=f"{path}.{codec.camel(name)}", code=Code.TOO_LONG)


def _risk(found: RiskLimits) -> Iterable[SupportError]:
    for name in ("returns", "accounts", "claims", "empty", "rate_orders", "points"):
        yield from _between(getattr(found, name), 1, 100_000, f"risk.{codec.camel(name)}")
    yield from _between(found.rate, 1, 100, "risk.rate")
    yield from _between(found.worth, 0, None, "risk.worth")


def _addresses(found: ReturnSettings) -> Iterable[SupportError]:
    if len(found.addresses) > MOST_ADDRESSES:
        message = f"Use at most {MOST_ADDRESSES} addresses."
        yield Invalid(message, field="addresses", code=Code.TOO_MANY)
    names = [one.warehouse for one in found.addresses]
    if len(set(names)) < len(names):
        yield Invalid("Give each warehouse one address.", field="addresses", code=Code.CONFLICT)
    for number, one in enumerate(found.addresses):
        here = f"addresses.{number}"
        if not one.warehouse:
            yield Invalid("Name the warehouse.", field=f"{here}.warehouse", code=Code.REQUIRED)
        yield from _short(one.warehouse, 255, f"{here}.warehouse")
        if not one.address:
            message = "Say where the goods go, or leave the warehouse out."
            yield Invalid(message, field=f"{here}.address", code=Code.REQUIRED)


def _fees(found: RuleOutcome, path: str) -> Iterable[SupportError]:
    if len(found.fees) > MOST_FEES:
        yield Invalid(f"Use at most {MOST_FEES} fees.", field=f"{path}.fees", code=Code.TOO_MANY)
    codes = [one.code for one in found.fees]
    if len(set(codes)) < len(codes):
        yield Invalid("Give each fee a code of its own.", field=f"{path}.fees", code=Code.CONFLICT)
    for number, fee in enumerate(found.fees):
        here = f"{path}.fees.{number}"
        if not CODE.fullmatch(fee.code):
            message = "Use 1 to 40 small letters, digits and underscores."
            yield Invalid(message, field=f"{here}.code")
        if not fee.label:
            yield Invalid("Say what it is for.", field=f"{here}.label", code=Code.REQUIRED)
        yield from _short(fee.label, 100, f"{here}.label")
        if any(not CODE.fullmatch(one) for one in fee.free_reasons):
            yield Invalid("Use codes of reasons.", field=f"{here}.freeReasons")
        yield from _between(fee.percent, 0, 100, f"{here}.percent")
        yield from _between(fee.amount, 0, None, f"{here}.amount")
        yield from _currency(fee.currency, f"{here}.currency", needed=bool(fee.amount))
        if not fee.percent and not fee.amount:
            yield Invalid("Give a percentage or an amount.", field=f"{here}.percent", code=Code.REQUIRED)


def _only_goods(about: Conditions) -> bool:
    bare = Conditions(
        product_tags=about.product_tags,
        product_ids=about.product_ids,
        category_ids=about.category_ids,
        collection_ids=about.collection_ids,
        product_type_ids=about.product_type_ids,
    )
    return about == bare and matching.names_goods(about)


def _countries(found: Sequence[str], path: str) -> Iterable[SupportError]:
    if any(not COUNTRY.fullmatch(one) for one in found):
        yield Invalid("Use ISO 3166-1 codes in capitals, like ES.", field=path)


def _currency(found: str, path: str, *, needed: bool) -> Iterable[SupportError]:
    if needed and not found:
        yield Invalid("Say in which currency.", field=path, code=Code.REQUIRED)
    elif found and not CURRENCY.fullmatch(found):
        yield Invalid("Use an ISO 4217 code in capitals, like EUR.", field=path)


def _words(found: Sequence[str], known: Sequence[str], path: str) -> Iterable[SupportError]:
    if set(found) - set(known):
        yield Invalid(f"Use {', '.join(known)}.", field=path)


def _between(
    found: int | Decimal | None, lowest: int, highest: int | None, path: str
) -> Iterable[SupportError]:
    if found is None or (found >= lowest and (highest is None or found <= highest)):
        return
    limits = f"at least {lowest}" if highest is None else f"{lowest} to {highest}"
    yield Invalid(f"Use {limits}.", field=path, code=Code.OUT_OF_RANGE)


def _ordered(first: Any, last: Any, path: str, *, same: bool = False) -> Iterable[SupportError]:
    if first is None or last is None or first < last or (same and first == last):
        return
    yield Invalid("This has to be later (or more) than where it begins.", field=path, code=Code.OUT_OF_RANGE)


def _short(text: str, maximum: int, path: str) -> Iterable[SupportError]:
    if len(text) > maximum:
        yield Invalid(f"Use at most {maximum} characters.", field=path, code=Code.TOO_LONG)
    if "\n" in text:
        yield Invalid("Use one line without line breaks.", field=path)


def _raise(errors: list[SupportError]) -> None:
    if errors:
        raise Errors(errors)
