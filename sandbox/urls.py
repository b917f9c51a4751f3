"""Where the sandbox answers: the API, its playground, and the pages of the demo."""

from django.urls import path

from sandbox import pages, webhooks

urlpatterns = [
    path("", pages.home, name="home"),
    path("graphql/", pages.graphql, name="graphql"),
    path("guest/", pages.guest, name="guest"),
    path("mails/", pages.mails, name="mails"),
    path("mails/<int:number>/", pages.mail, name="mail"),
    path("mails/<int:number>/html/", pages.mail_html, name="mail-html"),
    path("mails/<int:number>/raw/", pages.mail_raw, name="mail-raw"),
    path("gallery/", pages.gallery, name="gallery"),
    path("gallery/<slug:language>/<slug:kind>/", pages.gallery_mail, name="gallery-mail"),
    path("gallery/<slug:language>/<slug:kind>/html/", pages.gallery_html, name="gallery-html"),
    path("static/<path:path>", pages.static, name="static"),
    path("plugins/channel/<slug:channel>/saleor.support/<path:path>", webhooks.plugin, name="plugin"),
]
