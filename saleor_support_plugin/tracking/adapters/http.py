"""How adapters ask: HTTPS to fixed addresses, with time limits, no redirects, answers of bounded size."""

import contextlib
import datetime
import email.utils
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from saleor_support_plugin.tracking.adapters.base import Unavailable, Unreadable

logger = logging.getLogger(__name__)

CONNECT, READ, WHOLE = 5, 20, 60  # seconds: until connected, between two bytes, for the whole answer
LIMIT = 8_000_000  # bytes of one answer
_CHUNK = 1024  # bytes between two looks at clock and length; of packed answers, a megabyte at most


def get(url: str, *, params: Any = None, headers: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """The JSON object that a GET brings. Arguments and errors: see :func:`ask`."""
    return ask("GET", url, params=params, headers=headers, **more)


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Any = None,
    body: Any = None,
    missing: Sequence[int] = (),
    auth: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Ask a source and give its answer, a JSON object.

    Args:
        url: a constant of the adapter; what varies goes into ``params`` or ``body`` (sent as JSON), or is
            quoted.
        missing: HTTP statuses that say that nothing is known: they give {}.
        auth: user and password for HTTP basic authentication.

    Raises:
        Unavailable: no answer in time, or one that says no; it tells when to ask again, if the source did.
        Unreadable: the answer is no JSON object, or a huge one.
    """
    try:
        with requests.request(
            method, url, params=params, json=body, headers={"Accept": "application/json", **headers},
            auth=auth, timeout=(CONNECT, READ), allow_redirects=False, stream=True,
        ) as response:  # fmt: skip
            if response.status_code in missing:
                return {}
            if response.status_code != 200 and response.status_code != 201:
                raise _refusal(response)
            content = _content(response)
    except requests.RequestException as error:  # without its text, which may repeat the address
        raise Unavailable(f"No answer: {type(error).__name__}.") from error
    except UnicodeEncodeError:  # not even its cause, which quotes it
        raise Unavailable("The key has characters that can't be sent.", refused=True) from None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The answer is no JSON.") from error
    if not isinstance(found, dict):
        raise Unreadable("The answer is no JSON object.")
    return found


@contextlib.contextmanager
def adding(title: str, *, is_heard: bool) -> Iterator[None]:
    """Around adding parcels at a source which was asked just before: if it takes none, what it told of
    others (``is_heard``) still counts, and the error goes to the log. Else it is raised.

    Raises:
        Unavailable: it told of no others.
    """
    try:
        yield
    except Unavailable as error:
        if not is_heard:
            raise
        logger.warning("%s added no parcels: %s", title, error)


def _content(response: requests.Response) -> bytes:
    found, begun = bytearray(), time.monotonic()
    for chunk in response.iter_content(_CHUNK):
        found += chunk
        if len(found) > LIMIT:
            raise Unreadable("The answer is too long.")
        if time.monotonic() - begun > WHOLE:
            raise Unavailable("The answer took too long.")
    return bytes(found)


def _refusal(response: requests.Response) -> Unavailable:
    code = response.status_code
    waits = _retry_after(response.headers.get("Retry-After", ""))
    return Unavailable(f"The answer was {code}.", retry_after=waits, refused=code in (401, 402, 403))


def _retry_after(value: str) -> float | None:
    """Seconds to wait, from either form of the header (RFC 9110, 10.2.3); None for anything else."""
    if value.isascii() and value.isdecimal() and len(value) < 9:
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.datetime.now(datetime.UTC)).total_seconds())
