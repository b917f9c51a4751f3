"""Where the contents of files lie: never where the shop's public pictures do."""

import functools
import logging
import pathlib
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages

logger = logging.getLogger(__name__)

ALIAS = "support_files"
FOLDER = "support-files"  # beside MEDIA_ROOT, where no setting names another place


def storage() -> Storage:
    """The storage of Django's setting ``STORAGES["support_files"]``; without one the folder
    ``SUPPORT_FILES_ROOT``, which is "support-files" beside ``MEDIA_ROOT`` where it is not set.

    Raises:
        ImproperlyConfigured: there is neither, or the folder lies inside MEDIA_ROOT or STATIC_ROOT.
    """
    try:
        return storages[ALIAS]
    except InvalidStorageError:
        return _folder(*(str(getattr(settings, name, "") or "") for name in _ROOTS))


_ROOTS = ("SUPPORT_FILES_ROOT", "MEDIA_ROOT", "STATIC_ROOT")


@functools.lru_cache(maxsize=4)
def _folder(own: str, media: str, static: str) -> Storage:
    if not own and not media:
        raise ImproperlyConfigured("Set SUPPORT_FILES_ROOT to a folder for files that customers hand in.")
    root = pathlib.Path(own or pathlib.Path(media).resolve().parent / FOLDER).resolve()
    for public in filter(None, (media, static)):
        if root.is_relative_to(pathlib.Path(public).resolve()):
            raise ImproperlyConfigured(f"SUPPORT_FILES_ROOT lies inside {public}, which the web can see.")
    return FileSystemStorage(location=root, file_permissions_mode=0o600, directory_permissions_mode=0o700)


def new_name() -> str:
    """A name that nobody can guess and that says nothing, like "3f/3f9c…"."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name}"


def save(name: str, content: Any) -> str:
    """Write ``content`` (a Django File); returns the name under which it lies.

    Raises:
        Exception: whatever the storage raises.
    """
    return str(storage().save(name, content))


def delete(name: str) -> bool:
    """Delete a content; whether it is gone (it may have been before)."""
    try:
        storage().delete(name)
    except Exception:  # each storage has errors of its own; the purge will try again
        logger.warning("A file could not be deleted from its storage.", exc_info=True)
        return False
    return True
