"""Saleor's products as rules look at them: one query for any number."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import Now
from saleor.product.models import Category, CollectionProduct, Product, ProductChannelListing, ProductVariant

from saleor_support_plugin.shop import data
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.shop.saleor.ids import global_id, integer_key


def goods(ids: Iterable[str]) -> dict[str, data.Goods]:
    """Products by their own ids, or by those of their variants; those that are not there are left out."""
    given = set(ids)
    products, variants = _keys("Product", given), _keys("ProductVariant", given)
    if not products and not variants:
        return {}
    asked = ProductVariant.objects.filter(pk__in=variants)
    rows = (
        Product.objects.filter(Q(pk__in=products) | Q(pk__in=asked.values("product_id")))
        .select_related("product_type")
        .annotate(
            variant_keys=ArraySubquery(asked.filter(product_id=OuterRef("pk")).order_by("pk").values("pk")),
            category_keys=ArraySubquery(_path().values("pk")),
            collection_keys=ArraySubquery(
                CollectionProduct.objects.filter(product_id=OuterRef("pk"))
                .order_by("pk")
                .values("collection_id")
            ),
            channel_keys=ArraySubquery(_published().values("channel_id")),
        )
    )
    found = {}
    for row in rows:
        one = _goods(row)
        if row.pk in products:
            found[one.id] = one
        for key in row.variant_keys or ():  # None when no variant was asked for
            found[global_id("ProductVariant", key)] = one
    return found


def _path() -> Any:
    """The category of a product and all above it, from below."""
    return Category.objects.filter(
        tree_id=OuterRef("category__tree_id"),
        lft__lte=OuterRef("category__lft"),
        rght__gte=OuterRef("category__rght"),
    ).order_by("-level")


def _published() -> Any:
    """Where customers see a product at this moment, as Saleor decides it."""
    rows = ProductChannelListing.objects.filter(
        Q(published_at__lte=Now()) | Q(published_at__isnull=True),
        product_id=OuterRef("pk"),
        is_published=True,
        channel__is_active=True,
    )
    return rows.order_by("channel_id")


def _goods(row: Any) -> data.Goods:
    return data.Goods(
        id=global_id("Product", row.pk),
        name=row.name,
        type_id=global_id("ProductType", row.product_type_id),
        type=row.product_type.slug,
        category_ids=tuple(global_id("Category", key) for key in row.category_keys),
        collection_ids=frozenset(global_id("Collection", key) for key in row.collection_keys),
        published_in=frozenset(global_id("Channel", key) for key in row.channel_keys),
        metadata=data.frozen(row.metadata),
    )


def _keys(type_name: str, ids: Iterable[str]) -> set[int]:
    keys = set()
    for one in ids:
        try:
            keys.add(integer_key(type_name, one, "product"))
        except NotFound:
            continue
    return keys
