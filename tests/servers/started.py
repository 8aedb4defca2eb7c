"""Real servers that a test starts by itself, on a free port of the loopback, and ends again."""

from __future__ import annotations

from tools.servers import Started, free_port, started

__all__ = ["Started", "free_port", "started"]
