"""What was found, and how parts of an examination run beside each other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PART_SECONDS = 45.0
"""How long one part may take."""
_INDENT = "\n      "


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    """The shop works; it could be safer, or will need care soon."""
    FAIL = "FAIL"
    """The shop cannot work as it should."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the shop needs. `mend` says what to do when it is not well."""

    what: str
    grade: Grade
    says: str
    mend: str = ""

    @property
    def well(self) -> bool:
        """Whether the shop can work with it."""
        return self.grade is not Grade.FAIL

    def __str__(self) -> str:
        line = f"{self.grade:<4}  {self.what}: {self.says}"
        if self.grade is Grade.OK or not self.mend:
            return line
        return _INDENT.join([line, *self.mend.splitlines()])

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "grade": self.grade.lower(),
            "says": self.says,
            "mend": self.mend,
        }


def ok(what: str, says: str) -> Finding:
    return Finding(what, Grade.OK, says)


def warn(what: str, says: str, mend: str = "") -> Finding:
    return Finding(what, Grade.WARN, says, mend)


def fail(what: str, says: str, mend: str = "") -> Finding:
    return Finding(what, Grade.FAIL, says, mend)


async def side_by_side(
    parts: Sequence[tuple[str, Coroutine[Any, Any, Sequence[Finding]]]],
    *,
    seconds: float = PART_SECONDS,
) -> list[Finding]:
    """What all parts find, in their order; each is named by what it looks at."""
    found = await asyncio.gather(
        *(asyncio.wait_for(part, seconds) for _, part in parts), return_exceptions=True
    )
    findings: list[Finding] = []
    for (what, _), result in zip(parts, found, strict=True):
        if isinstance(result, TimeoutError):
            findings.append(fail(what, f"no answer in {seconds:g} seconds"))
        elif isinstance(result, Exception):
            # Its text may hold what is secret; its kind does not.
            findings.append(fail(what, f"could not be looked at ({type(result).__name__})"))
        elif isinstance(result, BaseException):
            raise result
        else:
            findings += result
    return findings
