"""Frozen values as JSON and back. What comes from people is checked: each mistake names its field. Pure."""

import dataclasses
import datetime
import enum
import functools
import re
import types
import typing
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError

Value = TypeVar("Value")
LONGEST = 2000  # characters of one text
MOST = 500  # values of one list
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def dump(value: Any) -> Any:
    """A frozen value as JSON; what is as it is by default is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: dump(found)
            for field in dataclasses.fields(value)
            if (found := getattr(value, field.name)) != _default(field)
        }
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [dump(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, datetime.date) else value


def load(cls: type[Value], raw: Any, path: str = "") -> Value:
    """The frozen value of a class that :func:`dump` made JSON of, or that a person gave as a mapping.

    Raises:
        Errors: all that is wrong, each with its field below ``path`` (camelCase): INVALID for a name or
            word that is not known and for what is no such value, REQUIRED, TOO_LONG, TOO_MANY.
    """
    errors: list[SupportError] = []
    value = _dataclass(cls, raw, path, errors)
    if errors:
        raise Errors(errors)
    return typing.cast(Value, value)


def camel(name: str) -> str:
    """A name as GraphQL writes it."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _dataclass(cls: Any, raw: Any, path: str, errors: list[SupportError]) -> Any:
    if dataclasses.is_dataclass(raw) and isinstance(raw, cls):
        raw = {field.name: getattr(raw, field.name) for field in dataclasses.fields(raw)}
    if not isinstance(raw, Mapping):
        errors.append(_invalid("Give its parts by name.", path))
        return None
    hints = _hints(cls)
    values = {}
    for name, found in raw.items():
        where = _join(path, camel(str(name)))
        if name not in hints:
            errors.append(_invalid(f"There is no {camel(str(name))}; use {_names(hints)}.", where))
        else:
            values[name] = _value(hints[name], found, where, errors)
    missing = [
        field.name for field in dataclasses.fields(cls) if field.name not in values and not _optional(field)
    ]
    for name in missing:
        errors.append(Invalid("This has to be given.", field=_join(path, camel(name)), code=Code.REQUIRED))
    return None if errors else cls(**values)


def _value(hint: Any, raw: Any, path: str, errors: list[SupportError]) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if raw is None:
            return None
        return _value(next(one for one in args if one is not type(None)), raw, path, errors)
    if origin is tuple:
        return _tuple(args[0], raw, path, errors)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, raw, path, errors)
    try:
        return _plain(hint, raw)
    except SupportError as error:
        errors.append(type(error)(error.message, field=path, code=error.code))
    except (ValueError, InvalidOperation, TypeError, OverflowError):
        errors.append(_invalid(f"This is no {_WORDS.get(hint, 'value of this kind')}.", path))
    return None


def _tuple(hint: Any, raw: Any, path: str, errors: list[SupportError]) -> Any:
    if isinstance(raw, str) or not isinstance(raw, Sequence):
        errors.append(_invalid("Give a list.", path))
        return ()
    if len(raw) > MOST:
        errors.append(Invalid(f"Give at most {MOST}.", field=path, code=Code.TOO_MANY))
        return ()
    found = [_value(hint, one, f"{path}.{number}", errors) for number, one in enumerate(raw)]
    return tuple(dict.fromkeys(found))


def _plain(hint: Any, raw: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        raw = raw.value if isinstance(raw, enum.Enum) else raw
        if raw not in [one.value for one in hint]:
            raise Invalid(f"Use one of {', '.join(str(one.value) for one in hint)}.")
        return hint(raw)
    if hint is bool:
        if not isinstance(raw, bool):
            raise TypeError
        return raw
    if hint is int:
        if isinstance(raw, bool) or int(raw) != (float(raw) if isinstance(raw, float) else int(raw)):
            raise TypeError
        return int(raw)
    if hint is Decimal:
        return _decimal(raw)
    if hint is datetime.datetime:
        return raw if isinstance(raw, datetime.datetime) else datetime.datetime.fromisoformat(raw)
    if hint is datetime.date:
        return raw if isinstance(raw, datetime.date) else datetime.date.fromisoformat(raw)
    return _text(raw)


def _decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool):
        raise TypeError
    found = Decimal(str(raw))
    if not found.is_finite() or abs(found) >= Decimal(10) ** 15 or found != found.quantize(Decimal("0.001")):
        raise ValueError
    return found


def _text(raw: Any) -> str:
    if isinstance(raw, enum.Enum):
        raw = raw.value
    if not isinstance(raw, str):
        raise TypeError
    text = _UNSTORABLE.sub("", raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > LONGEST:
        raise Invalid(f"Use at most {LONGEST} characters.", code=Code.TOO_LONG)
    return text


_WORDS = {int: "whole number", Decimal: "amount", bool: "yes or no", str: "text"}
_WORDS |= {datetime.date: "date (YYYY-MM-DD)", datetime.datetime: "date with time (ISO 8601)"}


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _optional(field: "dataclasses.Field[Any]") -> bool:
    return _default(field) is not dataclasses.MISSING


def _names(hints: Mapping[str, Any]) -> str:
    return ", ".join(camel(one) for one in hints)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _invalid(message: str, path: str) -> Invalid:
    return Invalid(message, field=path or None)
