"""Which carrier brought the goods that come back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum

from saleor_support_plugin.returns.models import ReturnLine
from saleor_support_plugin.tracking.models import Direction, Parcel
from saleor_support_plugin.tracking.status import Status

MOST_LINES = 20_000  # of orders that several carriers brought, whose parcels are looked into


def counts(lines: QuerySet[ReturnLine]) -> list[tuple[str, int, int]]:
    """By carrier, those with most pieces first: its code ("": unknown), pieces and returns of these lines
    (with their ``counted`` pieces), in three queries at most.

    Where several carriers brought an order, a line is the first's whose parcel held it, by SKU, else by
    name; what no parcel shows, and older lines than the newest 20,000 of such orders, is the first parcel's.
    """
    left = (
        Parcel.objects.filter(direction=Direction.OUTBOUND, shipped_at__isnull=False)
        .exclude(status=Status.CANCELLED)
        .order_by("pk")
    )
    own = left.filter(order_id=OuterRef("parent__order_id"))
    lines = lines.annotate(
        first=Subquery(own.values("carrier_code")[:1]),
        lowest=Subquery(own.order_by("carrier_code").values("carrier_code")[:1]),
        highest=Subquery(own.order_by("-carrier_code").values("carrier_code")[:1]),
    )
    pieces: Counter[str] = Counter()
    returns: Counter[str] = Counter()
    one_carrier = lines.filter(Q(lowest__isnull=True) | Q(lowest=F("highest"))).values("lowest").order_by()
    for one in one_carrier.annotate(all=Sum("counted"), number=Count("parent_id", distinct=True)):
        pieces[one["lowest"] or ""] += one["all"]
        returns[one["lowest"] or ""] += one["number"]
    several = lines.filter(lowest__lt=F("highest")).order_by("-pk")
    orders = several.values("parent__order_id")[:MOST_LINES]
    columns = ("parent_id", "parent__order_id", "sku", "product_name", "variant_name", "counted", "first")
    pairs = set()
    parcels: dict[str, list[tuple[str, Sequence[Mapping[str, Any]]]]] | None = None
    for number, line in enumerate(several.values(*columns).iterator()):
        if parcels is None:
            parcels = {}
            for order_id, code, items in left.filter(order_id__in=orders).values_list(
                "order_id", "carrier_code", "items"
            ):
                parcels.setdefault(order_id, []).append((code, items))
        found = parcels.get(line["parent__order_id"], []) if number < MOST_LINES else []
        code = next((one for one, items in found if _held(line, items)), line["first"])
        pieces[code] += line["counted"]
        pairs.add((code, line["parent_id"]))
    returns.update(code for code, _return_id in pairs)
    return sorted(((code, pieces[code], returns[code]) for code in pieces), key=lambda one: (-one[1], one[0]))


def _held(line: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> bool:
    names = (line["product_name"], line["variant_name"])
    return any(
        line["sku"] == item["sku"]
        if line["sku"] and item.get("sku")
        else names == (item.get("name") or "", item.get("variant") or "")
        for item in items
    )
