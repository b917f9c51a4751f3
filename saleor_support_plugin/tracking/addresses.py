"""Addresses from people: our own checks, before the shop's or the carrier's."""

import dataclasses

from saleor_support_plugin import texts
from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError
from saleor_support_plugin.shop.data import Address

FIELDS = {
    "first_name": ("firstName", 256),
    "last_name": ("lastName", 256),
    "company_name": ("companyName", 256),
    "street_address_1": ("streetAddress1", 256),
    "street_address_2": ("streetAddress2", 256),
    "city": ("city", 256),
    "city_area": ("cityArea", 128),
    "postal_code": ("postalCode", 20),
    "country": ("country", 2),
    "country_area": ("countryArea", 128),
    "phone": ("phone", 30),
}


def clean(address: Address) -> Address:
    """The address without blanks and control characters around and in its fields.

    Raises:
        Errors: fields like ``address.postalCode``: TOO_LONG, INVALID (line breaks, no such country
            code), REQUIRED (no name, no country). What each country demands is the shop's to say.
    """
    errors: list[SupportError] = []
    values: dict[str, str] = {}
    for ours, (name, maximum) in FIELDS.items():
        try:
            values[ours] = _line(getattr(address, ours) or "", f"address.{name}", maximum)
        except SupportError as error:
            errors.append(error)
    if errors:
        raise Errors(errors)
    values["country"] = values["country"].upper()
    errors += _missing(values)
    if errors:
        raise Errors(errors)
    return dataclasses.replace(address, **values)


def _line(value: str, field: str, maximum: int) -> str:
    try:
        return texts.line(value, field=field, maximum=maximum)
    except Invalid as error:
        if error.code is Code.REQUIRED:
            return ""
        raise


def _missing(values: dict[str, str]) -> list[SupportError]:
    errors: list[SupportError] = []
    if not any(values[name] for name in ("first_name", "last_name", "company_name")):
        errors.append(Invalid("Say who receives the parcel.", field="address.firstName", code=Code.REQUIRED))
    country = values["country"]
    if not country:
        errors.append(Invalid("Say which country.", field="address.country", code=Code.REQUIRED))
    elif not (len(country) == 2 and country.isascii() and country.isalpha()):
        errors.append(Invalid("Use a country code of two letters, like ES.", field="address.country"))
    return errors
