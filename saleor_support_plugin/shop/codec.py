"""Results of acts as JSON and back, without pickles and without knowing who stores them."""

import dataclasses
from decimal import Decimal
from typing import Any

from saleor_support_plugin.shop import data

RESULTS = {cls.__name__: cls for cls in (data.GoodsReturned, data.RefundGranted, data.Done)}


def dump(result: Any) -> dict[str, Any]:
    """A result of ``shop.data`` as a JSON object that names its class."""
    values = dataclasses.asdict(result)
    return {"type": type(result).__name__, **{name: _plain(value) for name, value in values.items()}}


def load(stored: dict[str, Any]) -> Any:
    """The result that :func:`dump` stored."""
    cls = RESULTS[stored["type"]]
    return cls(**{name: _rich(value) for name, value in stored.items() if name != "type"})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: str(part) if isinstance(part, Decimal) else part for name, part in value.items()}
    return value


def _rich(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"amount", "currency"}:
        return data.Money(Decimal(value["amount"]), value["currency"])
    return value
