"""Settings of the sandbox: a small shop on SQLite with the support app, and nothing else."""

import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SANDBOX_DATA", ROOT / ".cache" / "sandbox"))
DATA.mkdir(parents=True, exist_ok=True)

SECRET_KEY = os.environ.get("SANDBOX_SECRET_KEY", "sandbox-only-not-for-a-real-shop")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
ROOT_URLCONF = "sandbox.urls"
WSGI_APPLICATION = "sandbox.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["sandbox", "saleor_support_plugin"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
MIGRATION_MODULES = {"sandbox": None}  # made by syncdb: the sandbox's tables are thrown away

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "shop.sqlite3",
        "OPTIONS": {
            "timeout": 20,  # seconds that a writer waits for another one (busy_timeout)
            "transaction_mode": "IMMEDIATE",  # take the write lock at once: no deadlock by upgrading
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000",
        },
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
STATIC_URL = "/static/"
MEDIA_ROOT = DATA / "media"

EMAIL_BACKEND = os.environ.get("SANDBOX_EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
MAILS = Path(os.environ.get("SANDBOX_MAILS", ROOT / "demo-mails"))  # where sandbox.mails.Backend writes
DEFAULT_FROM_EMAIL = "Sandbox shop <shop@sandbox.example>"

SUPPORT_SHOP = "sandbox.home"
SUPPORT_QUEUE = "sandbox.worker.queue"
PUBLIC_URL = os.environ.get("SANDBOX_URL", "http://127.0.0.1:8000")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"graphql.execution": {"level": "CRITICAL"}},  # the view logs what was not meant to happen
}
