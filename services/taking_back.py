"""How much lent stake may be taken back from a receiver who has newer rentals? Pure decisions.

On TRON used energy goes back with the stake (java-tron, UnDelegateResourceActuator): of a receiver
with the stake F, of which U energy is used, taking x back takes min(U·x/F, what x yields) of the
use with it. What the receiver can still spend falls from L - U to about (1 - x/F)(L - U): the end
of an old rental that was used up would halve what a newer one, not used yet, still has, whichever
pools they come from.

So stake is left where it is while taking it would leave a receiver less than is owed. Owed is the
energy of the rentals that go on, but never more than the receiver can spend now (who has spent
everything, but for what recovers in minutes, is owed nothing more) nor than the stake that stays
can yield. A delegation on its way is
owed in full and adds nothing before it is there.

Waiting costs the operator almost nothing: stake whose energy is used cannot be lent again before it
recovers, wherever it is. What is not used, and is much, is taken at once as a part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chain.energy import SUN_PER_TRX, energy_of_stake
from services.allocation import EnergyRate

SLOT = timedelta(seconds=3)
"""The network counts time, and so recovery, in slots."""

# A part has to be at least this share of the whole: each costs its pool bandwidth.
_SMALLEST_PART = 0.5
# Less than this share of the rentals that go on counts as nothing: it recovers with every block.
_AS_GOOD_AS_SPENT = 0.01


@dataclass(frozen=True, slots=True)
class ReceiverEnergy:
    """A receiver's energy now, in the network's own arithmetic.

    `stake_sun` is all that yields energy to it, whoever owns it; `used` has not recovered yet, and
    will have, evenly, in `recovers_in`.
    """

    stake_sun: int
    used: int
    recovers_in: timedelta
    rate: EnergyRate

    @property
    def most(self) -> int:
        """What calls could spend if nothing were used."""
        return self.rate.energy_of(self.stake_sun)

    @property
    def spendable(self) -> int:
        """What calls can spend now without burning TRX."""
        return max(0, self.most - self.used)

    def without(self, sun: int) -> ReceiverEnergy:
        """After `sun` of its stake was taken back. Raises ValueError if it has less."""
        if not 0 <= sun <= self.stake_sun:
            raise ValueError(f"{sun} sun cannot be taken of {self.stake_sun}")
        if sun == 0:
            return self
        share = int(self.used * (sun / self.stake_sun))
        yields = energy_of_stake(sun, self.rate.total_limit, self.rate.total_weight)
        return replace(self, stake_sun=self.stake_sun - sun, used=self.used - min(yields, share))

    def after(self, slots: int) -> ReceiverEnergy:
        """If nothing is used meanwhile. The network's own rounding may differ by one energy."""
        passed = SLOT * slots
        if passed >= self.recovers_in:
            return replace(self, used=0, recovers_in=timedelta(0))
        left = self.recovers_in - passed
        # Upwards: rather a moment too late.
        return replace(self, used=-(-self.used * left // self.recovers_in), recovers_in=left)


@dataclass(frozen=True, slots=True)
class GoingOn:
    """The rentals of a receiver that are not over, of all pools.

    `energy` is of those whose stake is there, `coming` of those on their way. `ends_at` is when the
    last of them ends, in chain time.
    """

    energy: int = 0
    coming: int = 0
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sun` may be taken now; for the rest it is looked again at `again_at`, if there is a rest."""

    sun: int
    again_at: datetime | None


def take_back(
    receiver: ReceiverEnergy, sun: int, going_on: GoingOn, *, now: datetime, leaving_sun: int = 0
) -> Verdict:
    """How much of `sun` may be taken back at the chain's `now`: all, a large part, or nothing.

    `leaving_sun` are undelegations under way, which `receiver` may show already or not: both are
    reckoned with. An `again_at` of `now` means with the next block.
    """
    if not going_on.energy and not going_on.coming:
        return Verdict(sun, None)
    if leaving_sun + sun > receiver.stake_sun:
        return Verdict(0, now)  # it shows already what leaves, or is older than what came
    if _is_harmless(receiver, sun, going_on, leaving_sun):
        return Verdict(sun, None)
    part = _harmless_part(receiver, sun, going_on, leaving_sun)
    if going_on.coming or leaving_sun:
        return Verdict(part, now)
    again_at = now + SLOT * _slots_until_harmless(receiver.without(part), sun - part, going_on)
    if going_on.ends_at is not None:
        again_at = min(again_at, going_on.ends_at)
    return Verdict(part, max(again_at, now))


def _is_harmless(receiver: ReceiverEnergy, sun: int, going_on: GoingOn, leaving_sun: int) -> bool:
    left = receiver.without(leaving_sun).without(sun)
    owed = min(_owed_of_what_is_there(receiver, going_on), left.most)
    return left.spendable >= going_on.coming + owed


def _owed_of_what_is_there(receiver: ReceiverEnergy, going_on: GoingOn) -> int:
    spendable = receiver.spendable
    if spendable < going_on.energy * _AS_GOOD_AS_SPENT:
        return 0
    return min(going_on.energy, spendable)


def _harmless_part(receiver: ReceiverEnergy, sun: int, going_on: GoingOn, leaving_sun: int) -> int:
    """The largest part, in whole TRX, that leaves what is owed; 0 if it is not worth its costs."""
    owed = going_on.coming + _owed_of_what_is_there(receiver, going_on)
    before = receiver.without(leaving_sun)
    least, most = 0, sun // SUN_PER_TRX
    while least < most:
        middle = (least + most + 1) // 2
        if before.without(middle * SUN_PER_TRX).spendable >= owed:
            least = middle
        else:
            most = middle - 1
    part = least * SUN_PER_TRX
    return part if part and part >= sun * _SMALLEST_PART else 0


def _slots_until_harmless(receiver: ReceiverEnergy, sun: int, going_on: GoingOn) -> int:
    """After how many slots of recovery all of `sun` can be taken.

    What is harmful becomes harmless once, and stays so: taking leaves less than there was, and the
    more use recovers the more it leaves.
    """
    least, most = 0, -(-receiver.recovers_in // SLOT)
    while least < most:
        middle = (least + most) // 2
        if _is_harmless(receiver.after(middle), sun, going_on, 0):
            most = middle
        else:
            least = middle + 1
    return least
