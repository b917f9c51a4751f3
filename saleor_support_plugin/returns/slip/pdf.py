"""The return slip as a PDF, for whoever prints better from a file than from a page.

The fonts come with the plugin: DejaVu Sans for Latin, Greek, Cyrillic and more; what it does not have is
written in the fonts for Chinese, Japanese and Korean that every viewer of PDFs brings.
"""

import functools
import io
import pathlib
import re
from typing import Any
from xml.sax.saxutils import escape

from saleor_support_plugin.returns.slip.contents import Slip

FONTS = pathlib.Path(__file__).parent / "fonts"
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
PADDING = 6  # points, of the frame on each page

# Adobe's fonts for these scripts, which are named and not put in (ISO 32000-1 §9.7.5.2).
_ASIAN = (
    (re.compile(r"[\u3040-\u30ff\u31f0-\u31ff]"), "HeiseiKakuGo-W5"),
    (re.compile(r"[\u3130-\u318f\uac00-\ud7af]"), "HYGothic-Medium"),
    (re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]"), "STSong-Light"),
)
_GREY = "#4b5563"


def pdf(slip: Slip) -> bytes:
    """The slip as a PDF: A4 or letter, over as many pages as the goods need; the same bytes each time."""
    from reportlab.lib.pagesizes import A4, letter  # 0.2 s
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    written = io.BytesIO()
    title = slip.words.catalog.gettext("Return slip")
    document = SimpleDocTemplate(
        written,
        pagesize=letter if slip.is_letter else A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=f"{title} {slip.number}",
        author=slip.shop_name,
        lang=slip.words.code,
        invariant=1,
    )
    document.build(_story(slip, title, document.width - 2 * PADDING))
    return written.getvalue()


def _story(slip: Slip, title: str, width: float) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.platypus import CondPageBreak, Spacer, Table

    say, looks = slip.words.catalog.gettext, _looks()
    order = say("Order #%(number)s") % {"number": slip.order_number}
    left = [
        _text(slip.shop_name, looks["shop"]),
        _text(title, looks["title"]),
        _text(slip.number, looks["number"]),
        _text(order, looks["plain"]),
    ]
    if slip.send_by:
        left.append(
            _text(say("Please send the items by %(send_by)s.") % {"send_by": slip.send_by}, looks["plain"])
        )
    side = 42 * mm
    story: list[Any] = [
        Table([[left, _code(slip.code, side)]], colWidths=[width - side, side], style=_TOP, hAlign="LEFT"),
        Spacer(0, 4 * mm),
        _text(say("Print this page and put it into the parcel with the items."), looks["plain"]),
    ]
    for label, lines in (
        (say("Send the items to"), slip.address),
        (say("How to send the items back"), slip.instructions),
        (say("Where to hand them in"), slip.drop_off),
    ):
        if lines:
            story += [_text(label, looks["label"]), *(_text(one, looks["plain"]) for one in lines)]
    title_of_goods = _text(say("Items to return"), looks["apart"])
    return [*story, CondPageBreak(45 * mm), title_of_goods, _goods(slip, width)]


_TOP = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
]


def _goods(slip: Slip, width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.units import mm
    from reportlab.platypus import Table

    say, looks = slip.words.catalog.gettext, _looks()
    rows = [[_text(say(one), looks["head"]) for one in ("Pieces", "Item", "Article number")]]
    for one in slip.goods:
        name = [_text(one.name, looks["plain"])]
        if one.variant:
            name.append(_text(one.variant, looks["small"]))
        rows.append([_text(str(one.quantity), looks["strong"]), name, _text(one.sku, looks["small"])])
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("LINEBELOW", (0, 0), (-1, 0), 1, HexColor("#111827")),
        ("LINEBELOW", (0, 1), (-1, -1), 0.5, HexColor("#9ca3af")),
    ]
    columns = [20 * mm, width - 65 * mm, 45 * mm]
    return Table(rows, colWidths=columns, style=style, repeatRows=1, splitInRow=1, hAlign="LEFT")


def _code(code: str, side: float) -> Any:
    """The QR code as vectors, with the quiet zone of four modules that scanners need (ISO/IEC 18004 §9.1)."""
    import segno
    from reportlab.graphics.shapes import Drawing, Rect
    from reportlab.lib.colors import black

    rows = list(segno.make_qr(code, error="q").matrix_iter(border=4))
    module = side / len(rows)
    drawing = Drawing(side, side)
    for down, row in enumerate(rows, start=1):
        for across, dark in enumerate(row):
            if dark:
                place = (across * module, side - down * module, module, module)
                drawing.add(Rect(*place, fillColor=black, strokeColor=None, strokeWidth=0))
    return drawing


def _text(text: str, look: Any) -> Any:
    from reportlab.platypus import Paragraph

    shown = "".join(_written(part) for part in re.split(r"([^\x00-\u2fff]+)", text))
    return Paragraph(shown or "\u00a0", look)


def _written(part: str) -> str:
    """A run of text, in another font where it is in a script that ours does not have."""
    for script, font in _ASIAN:
        if script.search(part):
            return f'<font name="{font}">{escape(part)}</font>'
    return escape(part)


@functools.cache
def _looks() -> dict[str, Any]:
    """The styles of paragraphs; the fonts are read on first use."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
    for _script, name in _ASIAN:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    plain = ParagraphStyle("plain", fontName=PLAIN, fontSize=10.5, leading=15, splitLongWords=1)
    label = ParagraphStyle("label", plain, fontName=BOLD, spaceBefore=16, spaceAfter=3, keepWithNext=1)
    return {
        "plain": plain,
        "small": ParagraphStyle("small", plain, fontSize=9, leading=13, textColor=_GREY),
        "strong": ParagraphStyle("strong", plain, fontName=BOLD),
        "head": ParagraphStyle("head", plain, fontName=BOLD, fontSize=9, leading=12),
        "label": label,
        "apart": ParagraphStyle("apart", label, keepWithNext=0),  # a long table would go to the next page
        "shop": ParagraphStyle("shop", plain, fontName=BOLD, fontSize=12, leading=18),
        "title": ParagraphStyle("title", plain, fontSize=15, leading=22, spaceBefore=10),
        "number": ParagraphStyle("number", plain, fontName=BOLD, fontSize=30, leading=38, spaceAfter=4),
    }
