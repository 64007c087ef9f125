"""``python -m bench [NAME…]``: run the benches, or those named, and print what they found."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bench import allocation, api, calls, catch_up, delivery, matching, messages
from bench.figures import Figure, table
from bench.machine import machine
from bench.shop import Databases, server_folder
from embedded import EmbeddedPostgres

BENCHES: Mapping[str, Callable[[Databases], Awaitable[list[Figure]]]] = {
    "catch-up": catch_up.bench,
    "calls": calls.bench,
    "matching": matching.bench,
    "allocation": allocation.bench,
    "thousand": delivery.bench_many,
    "one": delivery.bench_single,
    "messages": messages.bench,
    "api": api.bench,
}


async def run(names: Sequence[str]) -> None:
    """Run the benches one after the other, and print one table."""
    with server_folder() as folder:
        async with EmbeddedPostgres(folder / "postgres") as postgres:
            databases = Databases(postgres)
            print(machine(await databases.version()), flush=True)
            figures: list[Figure] = []
            for name in names:
                print(f"… {name}", flush=True)
                figures += await BENCHES[name](databases)
    print()
    print(table(figures))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    names = parser.parse_args().names or list(BENCHES)
    if unknown := set(names) - set(BENCHES):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}")
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(run(names))


if __name__ == "__main__":
    main()
