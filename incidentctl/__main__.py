"""`python -m incidentctl` is `incidentctl`."""

from __future__ import annotations

from incidentctl.cli.main import program

if __name__ == "__main__":
    program()
