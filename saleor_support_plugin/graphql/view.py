"""POST /graphql/ for homes that bring no endpoint of their own (Saleor brings its own)."""

import json
import logging
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from graphql.error import GraphQLError, format_error

from saleor_support_plugin.graphql.base import TYPES
from saleor_support_plugin.shop.current import home

logger = logging.getLogger(__name__)

MAX_BODY = 1_000_000
MAX_UPLOAD = 600_000_000  # bytes with files, which Django writes to disk
TOLD = (GraphQLError, TYPES.PermissionDenied)


@csrf_exempt  # credentials come in the Authorization header, never in a cookie
def graphql(request: HttpRequest) -> JsonResponse:
    """Execute one operation: a JSON body with ``query``, ``variables`` and ``operationName``; or a
    multipart request with files (https://github.com/jaydenseric/graphql-multipart-request-spec)."""
    if request.method != "POST":
        return _refuse("Use POST.", 405)
    try:
        multipart = request.content_type == "multipart/form-data"
        if _length(request) > (MAX_UPLOAD if multipart else MAX_BODY):
            return _refuse("The request is too large.", 413)
        body = _operations(request) if multipart else json.loads(request.body)
        query, variables = body["query"], body.get("variables") or {}
        if not isinstance(query, str) or not isinstance(variables, dict):
            raise TypeError("query")
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError, MultiPartParserError):
        return _refuse('Send a JSON object like {"query": "…", "variables": {}}.', 400)
    result = import_string(home() + ".schema.schema")().execute(
        query, variable_values=variables, operation_name=body.get("operationName"), context_value=request
    )
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_told(error, early=result.invalid) for error in result.errors]
    return JsonResponse(answer, status=400 if result.invalid else 200)


def _length(request: HttpRequest) -> int:
    if request.content_type == "multipart/form-data":
        return int(request.META.get("CONTENT_LENGTH") or 0)
    return len(request.body)


def _operations(request: HttpRequest) -> Any:
    """The ``operations`` of a multipart request, with the name of its part where ``map`` puts a file.

    The name, as Saleor does it: resolvers find the file in ``info.context.FILES``.
    """
    operations = json.loads(request.POST["operations"])
    for name, places in json.loads(request.POST["map"]).items():
        for place in places:
            *path, last = (int(one) if one.isdecimal() else one for one in place.split("."))
            target = operations
            for one in path:
                target = target[one]
            target[last] = name
    return operations


def _refuse(message: str, status: int) -> JsonResponse:
    return JsonResponse({"errors": [{"message": message}]}, status=status)


def _told(error: Any, *, early: bool) -> dict[str, Any]:
    cause = error
    while getattr(cause, "original_error", None) is not None:
        cause = cause.original_error
    answer: dict[str, Any] = (
        format_error(error) if isinstance(error, GraphQLError) else {"message": str(error)}
    )
    if early and not isinstance(cause, TOLD):  # nothing ran: graphql-core could not read a variable
        answer["message"] = f"A variable has the wrong type: {cause}"
    elif not isinstance(cause, TOLD):
        logger.error("A query failed unexpectedly", exc_info=cause)
        answer["message"] = "Internal Server Error"
    answer["extensions"] = {"exception": {"code": type(cause).__name__}}
    return answer
