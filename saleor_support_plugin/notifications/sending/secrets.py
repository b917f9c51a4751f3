"""Keep a channel's keys and passwords out of what is stored, shown and logged."""

import re
import urllib.parse

from saleor_support_plugin.settings import SupportSettings

# Of a provider's options those that are keys; the others (a region, a domain) may be told.
_KEY = re.compile(r"key|token|secret|password")
SHORTEST = 4  # characters; less is no secret, and would hide every other word


def without_secrets(text: str, settings: SupportSettings) -> str:
    """``text``, say a mail server's or provider's answer, with "***" for every key of the channel in it."""
    found = {value for name, value in settings.mail_provider_options.items() if _KEY.search(name)}
    found.add(settings.webhook_secret)
    for url in (settings.email_url, settings.mail_provider_options.get("api_url", "")):
        password = _password(url)
        found |= {password, urllib.parse.unquote(password)}
    for secret in sorted(found, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, "***")
    return text


def _password(url: str) -> str:
    try:
        return urllib.parse.urlsplit(url).password or ""
    except ValueError:
        return ""
