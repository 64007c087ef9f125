"""How much of a rental was used? A pure reckoning of what its receiver has spent.

The chain keeps one figure for each account: what it has spent, wherever the energy came from. So
what older rentals of the receiver can have given, as long as their stake is there, counts as spent
first. Energy of the receiver's own is not told apart.
"""

from __future__ import annotations


def used_of(spent: int, *, older: int, energy: int) -> int:
    """What of a rental's `energy` was used, of all that its receiver has `spent`.

    `older` is what older rentals were found to have given, or all of their energy where that is not
    known.
    """
    return min(max(0, spent - older), energy)


def part_of(used: int, *, part: int, energy: int) -> int:
    """The share of a delegation of `part` in what was used of all `energy` of its rental."""
    return min(-(-used * part // energy), part)
