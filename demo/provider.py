"""A payment provider that the shop depends on, with a status page in the shape of Atlassian Statuspage.

python -m demo.provider PORT NAME

POST /charge                   takes money; 503 while it is broken
GET  /                         the status page
GET  /api/v2/summary.json      the same for programs: <https://confluence.status.atlassian.com/api>
POST /break, POST /mend        what nobody can do to a real one
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Server(ThreadingHTTPServer):
    """The provider on a port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, name: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.name = name
        self.broken = False

    def summary(self) -> dict[str, Any]:
        """What the status page says: honest, and at once, which real ones are not always."""
        status = "major_outage" if self.broken else "operational"
        indicator, words = ("critical", "Major Service Outage") if self.broken else ("none", "All Systems Operational")
        return {
            "page": {"id": "provider", "name": self.name},
            "status": {"indicator": indicator, "description": words},
            "components": [{"id": "charges", "name": "Charges", "status": status, "group": False, "group_id": None}],
            "incidents": [],
            "scheduled_maintenances": [],
        }


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        if self.path == "/api/v2/summary.json":
            self._reply(200, json.dumps(self.server.summary()))
        elif self.path == "/":
            self._reply(200, f"{self.server.name}: {self.server.summary()['status']['description']}\n", "text/plain")
        else:
            self._reply(404, "{}")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        if path in ("/break", "/mend"):
            self.server.broken = path == "/break"
        self._reply(503 if path == "/charge" and self.server.broken else 200, "{}")

    def _reply(self, status: int, text: str, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


if __name__ == "__main__":
    Server(int(sys.argv[1]), sys.argv[2]).serve_forever()
