"""Where the sandbox answers: the API, and the pages of the demo."""

from django.urls import path

from saleor_support_plugin.graphql.view import graphql

urlpatterns = [path("graphql/", graphql)]
