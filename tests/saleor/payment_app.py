"""A payment app that answers Saleor's webhooks."""

import http.server
import json
import threading
import uuid
from typing import Any


class PaymentApp:
    """A payment app on a real port: says yes, or only that it is working on it."""

    def __init__(self) -> None:
        app = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = {"pspReference": uuid.uuid4().hex}
                if app.settles == "success":
                    answer |= {"result": "REFUND_SUCCESS", "amount": given["action"]["value"]}
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        self.settles = "success"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"
