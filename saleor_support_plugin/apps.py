"""Start-up: our fields into the home's schema, our periodic jobs into its schedule."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


class SupportConfig(AppConfig):
    """The Django app; Saleor adds it to INSTALLED_APPS by our entry point."""

    name = "saleor_support_plugin"
    label = "saleor_support_plugin"
    verbose_name = "Customer support"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Extend the schema before the home builds it, and register the sweeps with beat."""
        from saleor_support_plugin import tasks
        from saleor_support_plugin.graphql.schema import fields
        from saleor_support_plugin.shop.current import home

        import_string(home() + ".schema.extend")(fields())
        schedule = getattr(settings, "CELERY_BEAT_SCHEDULE", None)
        if schedule is None:
            schedule = settings.CELERY_BEAT_SCHEDULE = {}
        for name, entry in tasks.schedule().items():
            schedule.setdefault(name, entry)
