"""Every pool, configured or registered: its key, its permission, its stake, its means."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chain.accounts import Account
from chain.addresses import Address
from chain.blocks import BlockRef
from chain.errors import ChainError
from chain.node import NodeClient
from chain.receipts import ChainParameters
from checkup.database import Records
from checkup.findings import Finding, fail, ok, warn
from checkup.money import NO_NODE
from configured_keys import key_address
from db.pools import PoolReadingRow
from services.allocation import SMALLEST_DELEGATION_SUN
from services.granting import beyond_delegation, grant_lines
from services.permissions import PermissionFault, grant_of
from services.pool_readings import look_at, paid_by_bandwidth, paid_by_burning
from services.pools import PoolState, Trouble
from settings import Settings, SettingsError

_SUN = 1_000_000
# A delegation and the way back; and so many that nobody has to look every day.
_LEAST_TRANSACTIONS = 2
_GOOD_TRANSACTIONS = 20

_FAULTS = {
    PermissionFault.MISSING: "has no permission {id}",
    PermissionFault.NOT_ALONE: "permission {id} does not let {key} sign alone",
    PermissionFault.LACKS_OPERATIONS: (
        "permission {id} does not allow both DelegateResource (57) and UnDelegateResource (58)"
    ),
}


@dataclass(frozen=True, slots=True)
class Charges:
    """What the network charges, as of a block."""

    head: BlockRef
    parameters: ChainParameters


@dataclass(frozen=True, slots=True)
class PoolToLookAt:
    """A pool as the shop will sell from it after the next start."""

    address: Address
    permission_id: int
    key_address: Address
    reserve_sun: int
    state: str
    trouble: str | None


def pools_of(settings: Settings, records: Records) -> tuple[list[PoolToLookAt], list[Finding]]:
    """Every pool, by address, and what is wrong with those that nothing more can be said of."""
    known = {pool.address: pool for pool in records.pools}
    pools: dict[str, PoolToLookAt] = {
        pool.address: PoolToLookAt(
            Address(pool.address),
            pool.permission_id,
            Address(pool.key_address),
            pool.reserve_sun,
            pool.state,
            pool.trouble,
        )
        for pool in records.pools
    }
    findings: list[Finding] = []
    for number, pool in enumerate(settings.pools):
        try:
            key = key_address(settings, pool)
        except SettingsError as error:
            pools.pop(pool.address, None)
            findings.append(fail(f"pools.{number} {pool.address}", error.lines[0]))
            continue
        before = known.get(pool.address)
        pools[pool.address] = PoolToLookAt(
            pool.address,
            pool.permission_id,
            key,
            pool.reserve_sun,
            before.state if before is not None else PoolState.ENABLED,
            before.trouble if before is not None else None,
        )
    return [pools[address] for address in sorted(pools)], findings


def none_sells(pools: Sequence[PoolToLookAt]) -> list[Finding]:
    """Whether there is anything to sell from, whatever each pool has."""
    if not pools:
        return [
            fail(
                "pools",
                "none",
                "Register an account with staked TRX (energy-flash pools add ADDRESS), or name it"
                " under [[pools]].",
            )
        ]
    if all(pool.state != PoolState.ENABLED for pool in pools):
        says = "every one is draining or disabled, so nothing is sold"
        return [fail("pools", says, "Sell from one again: energy-flash pools enable ADDRESS")]
    return []


async def look_at_pool(
    pool: PoolToLookAt,
    node: NodeClient,
    *,
    keys: Collection[Address] | None,
    charges: Charges | None,
) -> list[Finding]:
    """What is to be said of one pool; `keys` are those that can be used, None: nobody knows.

    Without `charges` no node answers.
    """
    what = f"pool {pool.address}"
    if pool.state == PoolState.DISABLED:
        return [ok(what, "disabled: not sold from, and not looked after")]
    findings = []
    if keys is not None and pool.key_address not in keys:
        findings.append(
            fail(
                what,
                f"the key of {pool.key_address}, which signs for it, is not here",
                "Add that key (energy-flash keys add NAME), or name another.",
            )
        )
    if charges is None:
        return [*findings, warn(what, NO_NODE)]
    try:
        look = await look_at(
            node,
            pool.address,
            head=charges.head,
            bandwidth_fee_sun=charges.parameters.bandwidth_fee_sun,
        )
    except ChainError as error:
        return [*findings, fail(what, str(error))]
    if look.account is None or look.reading is None:
        return [*findings, fail(what, "not activated", "Is the address right?")]
    if look.account.is_contract:
        return [*findings, fail(what, "is a contract, which can grant no permission")]
    findings.append(_permission(what, pool, look.account, charges))
    if pool.state == PoolState.ENABLED:
        findings.append(_stake(what, pool, look.reading))
    # Also for the way back of what it has lent.
    findings.append(_means(what, look.reading))
    if pool.trouble == Trouble.FAILING:
        findings.append(
            fail(
                what,
                "the network refused its last delegations; it is tried again every minute",
                "The log says what the network answered.",
            )
        )
    if pool.state == PoolState.DRAINING:
        findings.append(
            warn(what, "draining: not sold from", f"energy-flash pools enable {pool.address}")
        )
    return findings


def _permission(what: str, pool: PoolToLookAt, account: Account, charges: Charges) -> Finding:
    key = pool.key_address
    fault = grant_of(account, pool.permission_id, key).fault
    if fault is not None:
        says = _FAULTS[fault].format(id=pool.permission_id, key=key)
        known = [
            permission.id
            for permission in account.active_permissions
            if grant_of(account, permission.id, key).fault is None
        ]
        if known:
            return fail(
                what, says, f"The key can delegate by permission {known[0]}: set its permission_id."
            )
        fee_sun = charges.parameters.permission_update_fee_sun
        return fail(what, says, "\n".join(grant_lines(account, key, fee_sun=fee_sun)))
    if beyond := beyond_delegation(account, key):
        return warn(
            what,
            f"permission {pool.permission_id} can delegate, but whoever steals the key could also"
            f" {'; '.join(beyond)}",
            "Take a new key (energy-flash keys add NAME --new) that may only delegate:"
            " docs/pools.md says how its owner grants that.",
        )
    return ok(what, f"permission {pool.permission_id} can delegate, and nothing else")


def _stake(what: str, pool: PoolToLookAt, reading: PoolReadingRow) -> Finding:
    whole = reading.stake_sun + reading.lent_sun
    lendable = max(0, reading.delegatable_sun - pool.reserve_sun)
    says = (
        f"{_trx(lendable)} of stake can be delegated now, of {_trx(whole)};"
        f" {_trx(reading.lent_sun)} is lent, {_trx(pool.reserve_sun)} kept"
    )
    if reading.energy_used:
        says += f", {reading.energy_used:,} energy recovers until {reading.recovers_at:%H:%M} UTC"
    if whole - pool.reserve_sun < SMALLEST_DELEGATION_SUN:
        if whole >= SMALLEST_DELEGATION_SUN:
            return fail(
                what, says, "The reserve is all it has: lower reserve_sun, or stake more TRX."
            )
        return fail(what, says, "Stake TRX for energy.")
    if lendable < SMALLEST_DELEGATION_SUN:
        return warn(what, says, "It is sold out for now; stake more TRX if that is often so.")
    return ok(what, says)


def _means(what: str, reading: PoolReadingRow) -> Finding:
    """Whether it can pay for transactions, which the account does, not the key."""
    by_bandwidth, by_burning = paid_by_bandwidth(reading), paid_by_burning(reading)
    says = (
        f"can pay for {by_bandwidth + by_burning:,} transactions: {by_bandwidth:,} by bandwidth"
        f" ({reading.staked_bandwidth:,} staked, {reading.free_bandwidth:,} free), {by_burning:,}"
        f" by burning its {_trx(reading.balance_sun)}"
    )
    mend = "Send it TRX, or stake TRX for bandwidth."
    if by_bandwidth + by_burning < _LEAST_TRANSACTIONS:
        return fail(what, says, mend)
    if by_bandwidth + by_burning < _GOOD_TRANSACTIONS:
        return warn(what, says, mend)
    return ok(what, says)


def _trx(sun: int) -> str:
    return f"{sun // _SUN:,} TRX"
