"""The page and the PDF of a return slip."""

import base64
import hashlib

from django.http import HttpRequest, HttpResponse

from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.returns.slip import contents as slip
from saleor_support_plugin.returns.slip import pdf as slip_pdf
from saleor_support_plugin.shop.current import get_shop

GONE = "This link does not work any more. Ask the shop if you still have goods to send back.\n"

# On paper black on white; on a screen as wide as the paper.
STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#111827;font:1rem/1.5 system-ui,"DejaVu Sans",sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem}
header{display:flex;justify-content:space-between;gap:1.5rem;align-items:flex-start}
header p{margin:0}
.shop{font-weight:700;font-size:1.125rem}
h1{margin:.5rem 0;font-size:2.5rem;line-height:1.15;overflow-wrap:anywhere}
h1 span{display:block;font-size:1.25rem;font-weight:400}
h2{margin:1.5rem 0 .25rem;font-size:1rem}
main>p{margin:.75rem 0 0}
main>h2+p,address{margin:0;font-style:normal}
.code{flex:none;width:10rem}
.qr{display:block;width:100%;height:auto}
table{width:100%;border-collapse:collapse;margin-top:.25rem}
th{font-size:.8125rem;text-align:start;border-bottom:2px solid #111827}
th,td{padding:.4rem .75rem .4rem 0;vertical-align:top}
td{border-bottom:1px solid #9ca3af;overflow-wrap:anywhere}
.pieces{font-weight:700}
small{color:#4b5563;font-size:.875rem}
tr{break-inside:avoid}
a{color:#1d4ed8}
@media (max-width:30rem){header{flex-direction:column-reverse;gap:.5rem}}
@page{margin:16mm}
@media print{main{padding:0;max-width:none}.screen{display:none}}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'"
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def page(request: HttpRequest, token: str) -> HttpResponse:
    """GET the slip as a page to print; 404 when the link does not work (any more)."""
    found = _find(request, token)
    if isinstance(found, HttpResponse):
        return found
    address = f"{request.path.rstrip('/')}/pdf"
    body = slip.html(found, style=STYLE, pdf_url=address)
    return HttpResponse(
        body, headers={"Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"}
    )


def pdf(request: HttpRequest, token: str) -> HttpResponse:
    """GET the slip as a PDF; 404 as :func:`page`."""
    found = _find(request, token)
    if isinstance(found, HttpResponse):
        return found
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": f'inline; filename="{found.number}.pdf"',
        "Content-Security-Policy": PDF_POLICY,
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(slip_pdf.pdf(found), headers=headers)


def _find(request: HttpRequest, token: str) -> slip.Slip | HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    try:
        return slip.open(token, now=get_shop().now())
    except NotThere:
        return HttpResponse(GONE, status=404, content_type="text/plain; charset=utf-8")
