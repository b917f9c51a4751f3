"""The reasons that a shop begins with: two lists, wishes and faults, in groups; English and Spanish."""

from typing import NamedTuple

from saleor_support_plugin.returns.models import Fault, ReasonList


class Default(NamedTuple):
    """One reason as it begins; a group has ``parent`` "" and is named by other reasons."""

    code: str
    label: str
    spanish: str
    parent: str = ""
    list: str = ReasonList.WISH
    fault: str = Fault.NOBODY
    needs_note: bool = False
    needs_evidence: bool = False
    is_free: bool = False


_FAULT = ReasonList.FAULT

# What these reasons, and all of this group, are about never came to the customer, who can't send it back.
ABSENT_GROUP = "missing"
ABSENT = frozenset({"missing_part", "never_arrived"})

DEFAULTS = (
    Default("size", "The size doesn't fit", "La talla no es la adecuada"),
    Default("too_small", "Too small", "Demasiado pequeño", "size"),
    Default("too_large", "Too large", "Demasiado grande", "size"),
    Default("taste", "I don't like it", "No me gusta"),
    Default(
        "colour",
        "The colour is different from what I expected",
        "El color no es como lo esperaba",
        "taste",
    ),
    Default("style", "I don't like the style", "No me gusta el estilo", "taste"),
    Default("not_needed", "I don't need it any more", "Ya no lo necesito"),
    Default("changed_mind", "I changed my mind", "He cambiado de opinión", "not_needed"),
    Default("ordered_by_mistake", "Ordered by mistake", "Lo pedí por error", "not_needed"),
    Default("better_price", "Found at a better price", "Lo he encontrado más barato", "not_needed"),
    Default("arrived_late", "Arrived too late", "Llegó demasiado tarde", "not_needed", fault=Fault.CARRIER),
    Default("other", "Another reason", "Otro motivo", needs_note=True),
    Default("broken", "It is damaged or doesn't work", "Está dañado o no funciona", list=_FAULT),
    Default(
        "damaged",
        "Damaged on the way",
        "Dañado durante el transporte",
        "broken",
        _FAULT,
        Fault.CARRIER,
        needs_evidence=True,
        is_free=True,
    ),
    Default(
        "defective",
        "Defective",
        "Defectuoso",
        "broken",
        _FAULT,
        Fault.MERCHANT,
        needs_evidence=True,
        is_free=True,
    ),
    Default("wrong", "It is not what I ordered", "No es lo que pedí", list=_FAULT),
    Default(
        "wrong_item",
        "Wrong item",
        "Artículo equivocado",
        "wrong",
        _FAULT,
        Fault.MERCHANT,
        needs_evidence=True,
        is_free=True,
    ),
    Default(
        "not_as_described",
        "Not as described",
        "No se corresponde con la descripción",
        "wrong",
        _FAULT,
        Fault.MERCHANT,
        is_free=True,
    ),
    Default("missing", "Something is missing", "Falta algo", list=_FAULT),
    Default(
        "missing_part",
        "An item or a part is missing",
        "Falta un artículo o una pieza",
        "missing",
        _FAULT,
        Fault.MERCHANT,
        is_free=True,
    ),
    Default(
        "never_arrived",
        "It never arrived",
        "No ha llegado nunca",
        "missing",
        _FAULT,
        Fault.CARRIER,
        is_free=True,
    ),
)
