"""What an audit says: each difference between the books and the chain, with its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

_FINGERPRINT = 24


class Check(StrEnum):
    """What is proved."""

    LEDGER = "ledger"
    BLOCKS = "blocks"
    BALANCES = "balances"
    DELEGATIONS = "delegations"
    SIGNATURES = "signatures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it should be.

    `what` says it without figures, so that it stays the same while business goes on; `expected`
    and `found` are in sun where they are numbers. `txid`, `block`, `address` and `receiver` say
    where. `mend` says what to do.
    """

    check: Check
    what: str
    txid: str | None = None
    block: int | None = None
    address: str | None = None
    receiver: str | None = None
    expected: int | str | None = None
    found: int | str | None = None
    mend: str = ""

    @property
    def off_sun(self) -> int:
        """How much more was found than expected; 0 if that cannot be said in sun."""
        if isinstance(self.found, int) and isinstance(self.expected, int):
            return self.found - self.expected
        return 0

    def __str__(self) -> str:
        text = self.what
        for name in ("txid", "block", "address", "receiver"):
            if (value := getattr(self, name)) is not None:
                text += f", {name} {value}"
        if self.expected is not None or self.found is not None:
            text += f": expected {_shown(self.expected)}, found {_shown(self.found)}"
        return text

    def as_json(self) -> dict[str, Any]:
        """What is known of it, by the names of the fields."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one audit.

    `checked` says how much was looked at, by check. `unproved` names what could not be compared
    this time: it is no difference, and no proof either. `mended` are the ids of payments that the
    audit itself found and recorded; `warnings` are not about money.
    """

    checked: Mapping[Check, str]
    differences: tuple[Difference, ...]
    unproved: Mapping[Check, str]
    mended: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def true(self) -> bool:
        """Whether everything was compared, and nothing differs."""
        return not self.differences and not self.unproved

    def of(self, check: Check) -> tuple[Difference, ...]:
        return tuple(each for each in self.differences if each.check is check)

    def lines(self) -> list[str]:
        """For people: each check in a line, or each of its differences with what to do."""
        lines: list[str] = []
        for check in Check:
            differences = self.of(check)
            for each in differences:
                lines.append(f"FAIL  {check}: {each}")
                if each.mend:
                    lines.append(f"      {each.mend}")
            if check in self.unproved:
                lines.append(f"FAIL  {check}: not compared: {self.unproved[check]}")
            elif not differences and check in self.checked:
                lines.append(f"ok    {check}: {self.checked[check]}")
        lines += [f"ok    mended: a payment by a contract is recorded, {txid}"
                  for txid in self.mended]  # fmt: skip
        return lines + [f"note  {warning}" for warning in self.warnings]

    def as_json(self) -> dict[str, Any]:
        """The stable form for programs (docs/audit.md)."""
        return {
            "true": self.true,
            "checked": {str(check): says for check, says in self.checked.items()},
            "unproved": {str(check): says for check, says in self.unproved.items()},
            "differences": [each.as_json() for each in self.differences],
            "mended": list(self.mended),
            "warnings": list(self.warnings),
        }


def unproved(reason: str) -> Report:
    """Nothing could be compared."""
    return Report(checked={}, differences=(), unproved=dict.fromkeys(Check, reason))


def fingerprint(differences: Iterable[Difference]) -> str:
    """The same for the same differences, in whatever order, however much else was sold since."""
    told = sorted(
        f"{each.check}|{each.what}|{each.txid}|{each.block}|{each.address}|{each.receiver}"
        f"|{each.off_sun}"
        for each in differences
    )
    return sha256("\n".join(told).encode()).hexdigest()[:_FINGERPRINT]


def unique(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Each once, in the order in which they were found."""
    return tuple(dict.fromkeys(differences))


def _shown(value: int | str | None) -> str:
    if value is None:
        return "nothing"
    return f"{value} sun" if isinstance(value, int) else value
