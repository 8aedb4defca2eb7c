"""A small real service on this machine, broken in one of four ways, for `incidentctl start` to find and mend.

    python -m demo [deploy|database|provider|cache]

In a terminal one break (else `deploy`) is walked by whoever sits there.  Without one all four, or the one that is
named, are walked by their answers files, in which nearly every answer is what the evidence proposes; the exit status is
0 where each was found, mended and seen to be mended.  What is started ends with it, and listens on the loopback alone.
Exit status 4: something is not installed.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from demo.walks import Walk, walk_by_file
from demo.world import BREAKS, ROOT, World, world
from tools.servers import Missing

STORES: Final = ROOT / ".incidentctl"


def main(words: Sequence[str]) -> int:
    """Run the demonstration, and return its exit status."""
    unknown = [word for word in words if word not in BREAKS]
    if unknown or len(words) > 1:
        print(f"There is no break `{' '.join(words)}`: it is one of {', '.join(BREAKS)}.", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    by_hand = sys.stdin.isatty() and sys.stdout.isatty()
    try:
        print("Starting a shop: PostgreSQL, Redis, Prometheus, two payment providers ...", flush=True)
        with world() as shop:
            shop.wait_until_well()
            return _by_hand(shop, *words) if by_hand else _by_file(shop, words or BREAKS)
    except Missing as error:
        print(f"The demonstration needs what is not here.\n{error}", file=sys.stderr)
        return 4
    except (TimeoutError, RuntimeError) as error:
        print(f"The demonstration did not go as it should; try again.\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing runs any more.", file=sys.stderr)
        return 130


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave by the same way as always, once, so that everything is ended."""
    for again in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(again, signal.SIG_IGN)
    sys.exit(128 + number)


def _by_hand(shop: World, name: str = "deploy") -> int:
    broken = BREAKS[name]
    print("It sells about twenty times a second, and a moment ago something broke it.")
    print(f"You are on call, and are told:\n    {broken.seen}.")
    print("Answer what you are asked (Enter takes what is proposed), and choose to run")
    print("what is offered.\n", flush=True)
    broken.make(shop)
    shop.wait_for_alert()
    walk = Walk(shop, _store("demo"))
    status = walk.start(broken.seen)
    numbers = shop.numbers()
    print(f"\nThe shop: {numbers}. {'It is well again.' if numbers.are_normal else 'It is still broken.'}")
    print("Everything is stopped now; what happened is kept, and can be read with:")
    print(f"{walk.command('timeline')}")
    return 0 if status in (0, 130) else status


def _by_file(shop: World, names: Iterable[str]) -> int:
    wrong = []
    for name in names:
        print(f"\n=== {name}: {BREAKS[name].seen}\n", flush=True)
        complaints = walk_by_file(shop, name, _store(f"demo-{name}"))
        found = f"found at {BREAKS[name].question}, mended by {BREAKS[name].step}"
        print(f"\n=== {name}: {'; '.join(complaints) or found}. The shop: {shop.mend()}.", flush=True)
        wrong += complaints
    return 1 if wrong else 0


def _store(name: str) -> Path:
    """A new store for each walk: nobody's real history is touched."""
    STORES.mkdir(mode=0o700, exist_ok=True)
    for old in STORES.glob(f"{name}.db*"):
        old.unlink()
    return STORES / f"{name}.db"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
