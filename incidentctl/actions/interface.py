"""What runs something that changes the world, once a person has said so."""

from __future__ import annotations

from typing import Protocol

from incidentctl.errors import NotAllowed
from incidentctl.walker.orders import Order
from incidentctl.walker.running import Result


class Run(Protocol):
    """Something that runs, in the background."""

    def lines(self, count: int) -> tuple[str, ...]:
        """The last lines of what it has said, harmless and without secrets."""

    def result(self) -> Result | None:
        """How it ended; None while it runs."""

    def stop(self) -> None:
        """Ask it to end, and then make it.  Returns at once; the result says that it was stopped."""

    def wait(self) -> None:
        """Return when it has ended."""


class Hands(Protocol):
    """Starts what was ordered."""

    def start(self, order: Order) -> Run:
        """Begin.  What cannot be started is a run that has failed, and never an error."""


class LaterHands:
    """The real ones, loaded when something is run for the first time and not at start."""

    def start(self, order: Order) -> Run:
        """Begin."""
        from incidentctl.actions.hands import RealHands

        return RealHands().start(order)


class NoHands:
    """Nothing is ever run."""

    def start(self, order: Order) -> Run:
        """Raises NotAllowed."""
        raise NotAllowed(f"nothing is run here ({order.name})", "Run it by hand, and say how it went.")
