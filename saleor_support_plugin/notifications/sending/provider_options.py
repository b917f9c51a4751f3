"""What a channel's mail provider is told, and what is wrong with what the admin gave.

anymail's options are always given one by one, with its own defaults, so that nothing the server has in
``ANYMAIL`` (or another channel's key) is used.
"""

import base64
import binascii
import importlib.util
import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

from saleor_support_plugin.notifications.sending.providers import (
    BASIC_AUTH,
    PROVIDERS,
    UNSUPPORTED,
    Provider,
    of,
)
from saleor_support_plugin.settings import SupportSettings

TIMEOUT = 30  # seconds a provider may take to answer


def backend_options(settings: SupportSettings) -> dict[str, Any]:
    """Everything the provider's backend is told: nothing is left for it to look up in Django's settings.

    Raises:
        ValueError: one of :func:`problems`, as a sentence.
    """
    wrong = [text for option, text in problems_by_option(settings).items() if option != "webhook_secret"]
    provider = of(settings)
    if wrong or provider is None:
        raise ValueError(" ".join(wrong) or "No mail provider is chosen.")
    given = {**provider.optional, **settings.mail_provider_options}
    options = {
        # What a provider can't do (a header, a note) must not keep the mail from being sent.
        "ignore_unsupported_features": True,
        "ignore_recipient_status": False,
        "debug_api_requests": False,  # would print customers' mails
        **provider.fixed,
    }
    if provider.name == "amazon_ses":
        return {**options, **_amazon(given)}
    if provider.name == "mailtrap" and given["api_url"] is None:
        where = "sandbox" if given["sandbox_id"] else "send"
        given["api_url"] = f"https://{where}.api.mailtrap.io/api/"
    return {**options, "timeout": TIMEOUT, **given}


def _amazon(given: Mapping[str, str | None]) -> dict[str, Any]:
    names = ("region_name", "aws_access_key_id", "aws_secret_access_key", "endpoint_url")
    client = {name: given[name] for name in names if given[name]}
    # Not tried again by boto itself: it could not know that the first try was a success.
    client["config"] = {  # type: ignore[assignment]
        "connect_timeout": TIMEOUT, "read_timeout": TIMEOUT, "retries": {"total_max_attempts": 1},
    }  # fmt: skip
    return {
        "session_params": {},
        "client_params": client,
        "configuration_set_name": given["configuration_set_name"],
    }


def problems(settings: SupportSettings) -> list[str]:
    """What is wrong with the channel's mail provider, as sentences for the admin; [] when it can work.

    Looks at the options alone and asks nobody.
    """
    return list(problems_by_option(settings).values())


def problems_by_option(settings: SupportSettings) -> dict[str, str]:
    """:func:`problems`, each under the option that must be changed."""
    if not settings.mail_provider:
        if settings.mail_provider_options:
            return {"mail_provider": "Mail provider: name the provider that these keys are for."}
        return {}
    provider = of(settings)
    if provider is None:
        names = ", ".join(sorted(PROVIDERS))
        known = UNSUPPORTED.get(settings.mail_provider, f"Mail provider: give one of {names}.")
        return {"mail_provider": known}
    found: dict[str, str] = {}
    if _is_missing(provider.sends_with):
        found["mail_provider"] = (
            f"{provider.title} needs the Python package {provider.sends_with}: install it first."
        )
    if wrong := _wrong_options(provider, settings.mail_provider_options):
        found["mail_provider_options"] = f"Mail provider's keys: {wrong}"
    if settings.webhook_secret and (wrong := wrong_secret(provider, settings.webhook_secret)):
        found["webhook_secret"] = f"Secret of the delivery reports: {wrong}"
    return found


def _is_missing(package: str) -> bool:
    return bool(package) and importlib.util.find_spec(package) is None


def _wrong_options(provider: Provider, given: Mapping[str, str]) -> str:
    if missing := [name for name in provider.required if name not in given]:
        return f"{provider.title} needs a line {missing[0]}=…"
    if unknown := sorted(set(given) - {*provider.required, *provider.optional}):
        names = ", ".join((*provider.required, *provider.optional))
        return f"{provider.title} knows no {unknown[0]}; it knows {names}."
    pair = {"aws_access_key_id", "aws_secret_access_key"}
    if len(pair & set(given)) == 1:
        return "give both aws_access_key_id and aws_secret_access_key, or neither."
    for name in ("api_url", "endpoint_url"):
        if name in given and not _is_web_address(given[name]):
            return f"{name} must be a full address that starts with https:// or http://."
    if bad := [name for name, value in given.items() if not value.isascii() or not value.isprintable()]:
        return f"{bad[0]} contains characters that no key has."
    return ""


def _is_web_address(text: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


# A public RSA key as Postal shows it. Whoever took it for a key to sign with would believe everybody.
_PUBLIC_KEY = re.compile(r"-----BEGIN |MI[GI][A-Za-z0-9+/=]{100}")


def wrong_secret(provider: Provider, secret: str) -> str:
    """Why this can't be the secret of the provider's reports, as a sentence; "" when it can."""
    if not provider.reports:
        return f"{provider.title} sends no reports; leave it empty."
    if _is_missing(provider.verifies_with):
        return (
            f"reports of {provider.title} need the Python package {provider.verifies_with}: install it first."
        )
    if not secret.isascii() or not secret.isprintable():
        return "it contains characters that no secret has."
    if provider.name != "postal" and _PUBLIC_KEY.match(secret):
        return "that is a public key, which is no secret; only Postal's reports are checked with one."
    if provider.signs_with == BASIC_AUTH:
        user, colon, password = secret.partition(":")
        if not (user and colon and password):
            return f"{provider.title} signs nothing; give user:password, and the same in the address there."
    if provider.name == "resend":
        try:
            base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (ValueError, binascii.Error):
            return "copy the signing secret that Resend shows, which starts with whsec_."
    return ""
