"""Saleor's own settings, as a shop has them; only a mail server that hangs is given up sooner."""

import os

from saleor.settings import *  # noqa: F403

EMAIL_TIMEOUT = float(os.environ.get("FAULTS_EMAIL_TIMEOUT", "30"))
