"""Files for the story: multipart requests as browsers send them for Saleor's own uploads."""

import io
import json
import urllib.request
import uuid
from typing import Any

from PIL import Image, ImageDraw

from sandbox.demo.teller import Teller, Voice


def photo() -> bytes:
    """A drawing of a lamp with a crack, as PNG."""
    picture = Image.new("RGB", (320, 240), "#f4efe6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((90, 40, 230, 180), fill="#fff8dc", outline="#8a7f6a", width=3)
    draw.line((160, 40, 150, 90, 175, 120, 155, 180), fill="#b03a2e", width=4)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def hand_in(
    t: Teller, who: Voice, document: str, name: str, content: bytes, **variables: Any
) -> dict[str, Any]:
    """Send one file as ``$file``, and print what is sent and answered; returns the answer's ``data``."""
    fields = {
        "operations": json.dumps({"query": document, "variables": {**variables, "file": None}}),
        "map": json.dumps({"0": ["variables.file"]}),
    }
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'.encode()
        for field, text in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="0"; filename="{name}"\r\n'
    parts.append(f"{head}Content-Type: image/png\r\n\r\n".encode() + content)
    body = b"".join(parts) + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {who.token}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    request = urllib.request.Request(f"{t.base}/graphql/", body, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    t.requests += 1
    t.show(f"▶ {who.name} sends {name}, {len(content)} bytes, as multipart/form-data", document)
    t.show("◀ answer", json.dumps(found, indent=2))
    return dict(found["data"])
