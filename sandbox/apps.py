"""The Django app that holds the sandbox's tables."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """A shop small enough to read in one sitting."""

    name = "sandbox"
    label = "sandbox"
    verbose_name = "Sandbox shop"
