"""Where Saleor would ask the plugin's ``webhook()``: mail providers report here, customers unsubscribe."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from saleor_support_plugin.webhooks import router
from sandbox import models
from sandbox.makers import gid


@csrf_exempt  # each address checks a signature or a key of its own
def plugin(request: HttpRequest, channel: str, path: str) -> HttpResponseBase:
    """What is below ``/plugins/channel/<channel>/saleor.support/``."""
    row = models.Channel.objects.filter(slug=channel).first()
    if row is None:
        raise Http404
    return router.handle(request, channel_id=gid(row), path=path)
