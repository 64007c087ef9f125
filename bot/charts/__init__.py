"""The pictures of reports, drawn by matplotlib in a process of their own.

matplotlib takes some sixty megabytes and a second to start, for a picture now and then: so a child
is started for each, and nothing of it stays. Without matplotlib (the extra `charts`) there are no
pictures.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

_SECONDS = 15.0
_DRAWING = Path(__file__).with_name("drawing.py")
_OURS = "ENERGY_FLASH_"

log = logging.getLogger(__name__)

# One child at a time: a small machine has the memory for one.
_drawing = asyncio.Lock()


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in a picture, in one language."""

    title: str
    orders: str
    revenue: str
    pools: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: orders and revenue by hour or day, and the profit of each pool.

    `words` are the reader's; `plain_words` are drawn where no font has those. Amounts are in sun;
    `labels` stand below each of `orders` and `revenue_sun`.
    """

    words: Words
    plain_words: Words
    labels: tuple[str, ...]
    orders: tuple[int, ...]
    revenue_sun: tuple[int, ...]
    pools: tuple[tuple[str, int], ...]


def can_draw() -> bool:
    """Whether matplotlib is installed; it is not imported for that."""
    return find_spec("matplotlib") is not None


async def draw(chart: Chart, *, seconds: float = _SECONDS) -> bytes | None:
    """The picture as a PNG; None if there can be none, or not in time."""
    if not can_draw():
        return None
    async with _drawing:
        child = await asyncio.create_subprocess_exec(
            # As a file of its own: as a module of this package it would import aiogram as well.
            *(sys.executable, "-P", str(_DRAWING)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # It needs no secrets, so it gets none.
            env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
        )
        try:
            async with asyncio.timeout(seconds):
                png, said = await child.communicate(json.dumps(asdict(chart)).encode())
        except TimeoutError:
            log.warning("a picture was not drawn within %s s", seconds)
            return None
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
    if child.returncode != 0:
        log.warning("a picture could not be drawn: %s", said.decode(errors="replace")[-500:])
        return None
    return png
