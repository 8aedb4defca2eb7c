"""What whoever runs the shop types: `shopctl rollback`, `shopctl warm`, `shopctl provider NAME`.

It reads SHOP_URL, SHOP_CODE, SHOP_DB_URL and SHOP_REDIS_URL.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

import psycopg
import redis

AN_HOUR: Final = 3600


def git(folder: Path, *words: str, at: str = "") -> str:
    """Run git in `folder`, as nobody in particular; `at` is when a commit happened, in git's words."""
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "Sam"), ("EMAIL", "sam@example.com"), ("DATE", at)) if value}  # fmt: skip
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_EDITOR": "true"}
    # A hook that started us would have git work on its own repository.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env={**ours, **quiet, **identity}, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def tell_shop(path: str, body: str = "") -> str:
    """POST to the shop, and return what it answers."""
    return post(f"{os.environ['SHOP_URL']}{path}", body)


def post(url: str, body: str = "") -> str:
    """POST to one of our own servers, by http, and return what it answers.  Raises OSError."""
    with urlopen(Request(url, data=body.encode(), method="POST"), timeout=10) as answer:  # noqa: S310
        return str(answer.read().decode().strip())


def rollback() -> None:
    """Take back the last deploy.  That is a deploy, too."""
    code = Path(os.environ["SHOP_CODE"])
    taken_back = git(code, "log", "-1", "--format=%s")
    git(code, "revert", "--no-edit", "HEAD")
    tell_shop("/reload")
    print(f"taken back: {taken_back}")


def warm() -> None:
    """Put every price into the cache."""
    with psycopg.connect(os.environ["SHOP_DB_URL"]) as database:
        prices = database.execute("SELECT id, price FROM items").fetchall()
    with redis.Redis.from_url(os.environ["SHOP_REDIS_URL"]) as cache:
        for item, price in prices:
            cache.set(f"price:{item}", price, ex=AN_HOUR)
    print(f"warmed {len(prices)} keys")


def main(words: list[str]) -> int:
    match words:
        case ["rollback"]:
            rollback()
        case ["warm"]:
            warm()
        case ["provider", name]:
            print(tell_shop("/provider", name))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
