"""`energy-flash pools`: pools by hand, while the shop runs. The command line (`cli.py`) says what
is wanted; `app.py` opens the database and the nodes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chain.accounts import Account
from chain.addresses import Address, InvalidAddress, parse_address
from chain.errors import ChainError
from chain.node import NodeClient
from configured_keys import key_address
from db.database import Database
from db.pools import PoolReadingRow, PoolRow
from services.granting import beyond_delegation, grant_lines
from services.key_file import KeyEntry, KeyStoreError, NoKeyStore
from services.key_ring import KeyRing
from services.key_store import NoSuchKey, entries_of
from services.permissions import PermissionFault, grant_of
from services.pool_adding import AddFault, Signer, best_signer, unfit_account, unfit_address
from services.pool_readings import PoolLook, look_at, paid_by_bandwidth, paid_by_burning
from services.pools import DeclaredPool, Pools, PoolState, Trouble
from services.scanner import GENESIS_KEY, WrongChain
from settings import Settings, SettingsError

_SUN = 1_000_000
# A list of many pools is worth having before the slowest node has told all of them.
_LOOK_SECONDS = 20.0

TROUBLES: Mapping[Trouble, str] = {
    Trouble.NO_KEY: "the running shop has not got its key",
    Trouble.NOT_ACTIVATED: "the chain knows no such account",
    Trouble.NO_PERMISSION: "its key may not, or not alone, delegate and undelegate",
    Trouble.FAILING: "the network refused its last delegations; it is tried again every minute",
    Trouble.NO_BANDWIDTH: "it has neither the bandwidth nor the TRX for two transactions",
}
_STATES = {
    "enable": PoolState.ENABLED,
    "drain": PoolState.DRAINING,
    "disable": PoolState.DISABLED,
}
_OF_STATES = {
    PoolState.ENABLED: "is sold from",
    PoolState.DRAINING: "is not sold from any more; what runs is taken back when it ends",
    PoolState.DISABLED: (
        "is neither sold from nor looked after; what runs is taken back when it ends"
    ),
}
_TERMS = ("reserve_sun", "cap_sun", "priority", "hourly_delegations", "cost_sun")
# Of these, 0 on the command line says that the pool has no bound of its own.
_NO_BOUND = frozenset({"cap_sun", "hourly_delegations"})


class PoolRefused(Exception):
    """It was not done; the message says why, and what would help."""


async def run(wanted: Namespace, settings: Settings, database: Database, node: NodeClient) -> int:
    """Do what `energy-flash pools …` says; the exit code.

    Raises:
        PoolRefused: it was not done, and why.
        SettingsError, KeyStoreError: a key that it needs cannot be found.
        WrongChain: the nodes are on another chain than the database.
    """
    try:
        return await _COMMANDS[wanted.action](wanted, settings, database, node)
    except ChainError as error:
        raise PoolRefused(f"No TRON node could answer, nothing was changed: {error}") from None


# ── list ──────────────────────────────────────────────────────────────────────────────────────


async def _list(wanted: Namespace, settings: Settings, database: Database, node: NodeClient) -> int:
    async with database.transaction() as tx:
        pools = await tx.pools.all()
        readings = {each.address: each for each in await tx.pools.readings()}
    looks = await _looks(node, pools)
    names = {entry.address: entry.name for entry in _entries_if_any(settings)}
    told = [
        _figures(
            pool,
            looks.get(pool.address),
            readings.get(pool.address),
            names.get(Address(pool.key_address)),
        )
        for pool in pools
    ]
    if wanted.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    if not told:
        print("there is no pool: energy-flash pools add ADDRESS (docs/pools.md)")
    for pool in told:
        print("\n".join(_said(pool)))
    return 0


async def _looks(node: NodeClient, pools: Sequence[PoolRow]) -> dict[str, PoolLook]:
    """What the chain says of the pools now; of those that it says nothing of in time, nothing."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            head = (await node.head()).ref
            fee_sun = (await node.chain_parameters()).bandwidth_fee_sun
    except (ChainError, TimeoutError) as error:
        print(f"no TRON node answers ({error}): figures of the last look", file=sys.stderr)
        return {}
    tasks = {
        pool.address: asyncio.create_task(
            look_at(node, Address(pool.address), head=head, bandwidth_fee_sun=fee_sun)
        )
        for pool in pools
    }
    if tasks:
        _, late = await asyncio.wait(tasks.values(), timeout=_LOOK_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {
        address: task.result()
        for address, task in tasks.items()
        if not task.cancelled() and task.exception() is None
    }


def _figures(
    pool: PoolRow, look: PoolLook | None, kept: PoolReadingRow | None, key_name: str | None
) -> dict[str, Any]:
    """One pool for `--json`; amounts in sun, what nobody knows is null."""
    reading = look.reading if look is not None else kept
    trouble = pool.trouble
    if look is not None and look.account is None:
        trouble = Trouble.NOT_ACTIVATED
    figures: dict[str, Any] = {
        "address": pool.address,
        "state": pool.state,
        "trouble": trouble,
        "trouble_says": TROUBLES[Trouble(trouble)] if trouble else None,
        "permission_id": pool.permission_id,
        "permission_says": _permission_says(pool, look),
        "key_address": pool.key_address,
        "key_name": key_name,
        "reserve_sun": pool.reserve_sun,
        "cap_sun": pool.cap_sun,
        "hourly_delegations": pool.hourly_delegations,
        "priority": pool.priority,
        "cost_sun": pool.cost_sun,
        "fresh": look is not None,
    }
    if reading is None:
        return figures
    lendable = max(0, reading.delegatable_sun - pool.reserve_sun)
    return figures | {
        "stake_sun": reading.stake_sun + reading.lent_sun,
        "lent_sun": reading.lent_sun,
        "can_lend_sun": lendable,
        "energy_recovering": reading.energy_used,
        "recovers_at": reading.recovers_at.isoformat() if reading.energy_used else None,
        "staked_bandwidth": reading.staked_bandwidth,
        "free_bandwidth": reading.free_bandwidth,
        "balance_sun": reading.balance_sun,
        "transactions": paid_by_bandwidth(reading) + paid_by_burning(reading),
        "block": reading.block_number,
    }


def _permission_says(pool: PoolRow, look: PoolLook | None) -> str | None:
    if look is None or look.account is None:
        return None
    key = Address(pool.key_address)
    if (fault := grant_of(look.account, pool.permission_id, key).fault) is not None:
        return _FAULTS[fault]
    if beyond := beyond_delegation(look.account, key):
        return f"a thief of the key could also {'; '.join(beyond)}"
    return "can delegate, and nothing else"


_FAULTS = {
    PermissionFault.MISSING: "is not there",
    PermissionFault.NOT_ALONE: "does not let the key sign alone",
    PermissionFault.LACKS_OPERATIONS: "does not allow both DelegateResource and UnDelegateResource",
}


def _said(pool: Mapping[str, Any]) -> list[str]:
    trouble = pool["trouble_says"]
    key = pool["key_name"] or pool["key_address"]
    cap = f", at most {trx(pool['cap_sun'])} at once" if pool["cap_sun"] is not None else ""
    lines = [f"{pool['address']}  {pool['state']}" + (f", BUT {trouble}" if trouble else "")]
    if "stake_sun" in pool:
        lines += [
            (
                f"    stake {trx(pool['stake_sun'])}, of it lent {trx(pool['lent_sun'])},"
                f" can lend now {trx(pool['can_lend_sun'])}"
            ),
            f"    {pool['energy_recovering']:,} energy recovering"
            + (f" until {pool['recovers_at']}" if pool["recovers_at"] else "")
            + f"; bandwidth {pool['staked_bandwidth']:,} staked, {pool['free_bandwidth']:,} free;"
            f" {trx(pool['balance_sun'])}: {pool['transactions']:,} transactions",
        ]
        if not pool["fresh"]:
            lines.append(f"    as of block {pool['block']:,}")
    else:
        lines.append("    nothing is known of its stake yet")
    hourly = pool["hourly_delegations"]
    return [
        *lines,
        (
            f"    permission {pool['permission_id']} of the key {key}"
            f" {pool['permission_says'] or 'could not be looked at'}"
        ),
        f"    keeps {trx(pool['reserve_sun'])}{cap}, priority {pool['priority']}"
        + (f", at most {hourly} delegations an hour" if hourly else "")
        + f", costs {pool['cost_sun']} sun for 1,000 energy and day",
    ]


# ── add ───────────────────────────────────────────────────────────────────────────────────────


async def _add(wanted: Namespace, settings: Settings, database: Database, node: NodeClient) -> int:
    address = _address(wanted.address)
    await _refuse_others(address, settings, database)
    await _refuse_other_chain(database, node)
    account = await node.account(address)
    if (fault := unfit_account(account)) is not None or account is None:
        raise PoolRefused(_UNFIT[fault or AddFault.NOT_ACTIVATED].format(address))
    keys = _keys_to_choose_from(settings, wanted.key)
    signer = _signer(account, keys, wanted.permission)
    if signer is None or signer.fault is not None:
        fee_sun = (await node.chain_parameters()).permission_update_fee_sun
        return _show_grant(account, keys, signer, wanted, fee_sun=fee_sun)
    print(
        f"{address} has {trx(account.frozen_energy_sun + account.delegated_energy_sun)} staked for"
        f" energy and {trx(account.balance_sun)}.\nPermission {signer.permission.id} lets the key"
        f" {signer.key.name} ({signer.key.address}) delegate for it."
    )
    if not account.frozen_energy_sun + account.delegated_energy_sun:
        print(
            "WARNING: nothing is staked for energy, so there is nothing to sell. Stake TRX for\n"
            "energy; it is sold from then on."
        )
    if beyond := beyond_delegation(account, signer.key.address):
        _warn(account, signer, beyond)
        if not wanted.accept_more:
            _confirm(
                "Type the address of the pool again to take that risk: ",
                address,
                "Nothing was changed. Grant the key a permission that is limited, or say"
                " --accept-more.",
            )
    if not wanted.yes:
        _confirm("Sell from it? Type yes: ", "yes", "Nothing was changed.")
    terms = DeclaredPool(
        address=address,
        permission_id=signer.permission.id,
        key_address=signer.key.address,
    )
    terms = replace(terms, **_changes(wanted))
    async with database.transaction() as tx:
        if not await Pools(KeyRing()).register(tx, terms):
            raise PoolRefused(f"{address} has just been registered by somebody else.")
    print(
        f"registered the pool {address}: a shop that runs with the key store open sells from it\n"
        "at once. energy-flash pools list says whether all is well."
    )
    return 0


async def _refuse_others(address: Address, settings: Settings, database: Database) -> None:
    async with database.transaction() as tx:
        known = await tx.pools.get(address)
    fault = unfit_address(
        address,
        payment_address=settings.payment.address,
        refund_wallet=_refund_wallet(settings),
        known=known is not None,
    )
    if fault is AddFault.KNOWN and known is not None:
        raise PoolRefused(
            f"{address} is registered already, and {known.state}: change it with energy-flash pools"
            " set, enable, drain or disable."
        )
    if fault is not None:
        raise PoolRefused(_UNFIT[fault].format(address))
    if address in {pool.address for pool in settings.pools}:
        raise PoolRefused(
            f"The configuration names {address} under pools: the shop registers it when it starts."
        )


_UNFIT = {
    AddFault.PAYMENT_ADDRESS: (
        "{} is the payment address. Use an account of its own: customers' money must"
        " not lie where energy is lent from."
    ),
    AddFault.REFUND_WALLET: (
        "{} is the refund wallet, whose key can move all that is in it. Use an account of its own."
    ),
    AddFault.NOT_ACTIVATED: "{} is not activated: the chain knows no such account.",
    AddFault.CONTRACT: "{} is a contract, which can grant nobody a permission.",
}


def _refund_wallet(settings: Settings) -> Address | None:
    refunds = settings.refunds
    if refunds.address is not None or (refunds.key is None and refunds.key_name is None):
        return refunds.address
    return key_address(settings, refunds)


async def _refuse_other_chain(database: Database, node: NodeClient) -> None:
    first = await node.blocks(0, 0)
    async with database.transaction() as tx:
        known = await tx.values.get(GENESIS_KEY)
    if known is not None and first and first[0].ref.id != known:
        raise WrongChain(
            f"this database was begun on the chain {known}, the node is on {first[0].ref.id}"
        )


def _keys_to_choose_from(settings: Settings, name: str | None) -> tuple[KeyEntry, ...]:
    """The named key of the store, or all of them but the refund wallet's."""
    try:
        entries = entries_of(settings.key_file)
    except NoKeyStore:
        entries = ()
    if name is not None:
        named = tuple(entry for entry in entries if entry.name == name)
        if not named:
            raise NoSuchKey(name)
        return named
    keys = tuple(entry for entry in entries if entry.name != settings.refunds.key_name)
    if not keys:
        raise PoolRefused(
            f"There is no key for a pool in the key store {settings.key_file}. Make one with"
            " energy-flash keys add hot --new, then do this again."
        )
    return keys


def _entries_if_any(settings: Settings) -> tuple[KeyEntry, ...]:
    try:
        return entries_of(settings.key_file)
    except (KeyStoreError, OSError):
        return ()


@dataclass(frozen=True, slots=True)
class _Signer(Signer):
    """One whose key has a name in the store."""

    key: KeyEntry


def _signer(
    account: Account, keys: Sequence[KeyEntry], permission_id: int | None
) -> _Signer | None:
    found = best_signer(account, [key.address for key in keys], permission_id)
    if found is None:
        return None
    [key, *_] = [key for key in keys if key.address == found.key_address]
    return _Signer(found.key_address, found.permission, found.fault, key)


def _show_grant(
    account: Account,
    keys: Sequence[KeyEntry],
    signer: _Signer | None,
    wanted: Namespace,
    *,
    fee_sun: int,
) -> int:
    """Say how the owner lets a key delegate; the exit code."""
    if signer is None and len(keys) > 1:
        names = ", ".join(key.name for key in keys)
        raise PoolRefused(
            f"No permission of {account.address}"
            + (f" with the id {wanted.permission}" if wanted.permission is not None else "")
            + f" lets one of the keys {names} sign. Say by --key which of them shall, and you are"
            " told how its owner grants that."
        )
    key = keys[0] if signer is None else signer.key
    where = f"permission {wanted.permission}" if wanted.permission is not None else "no permission"
    if signer is not None:
        print(
            f"Permission {signer.permission.id} of {account.address} names the key {key.name}, but"
            " lacks DelegateResource (57) or UnDelegateResource (58).\n"
        )
    elif wanted.permission is not None:
        print(f"By {where} of {account.address} the key {key.name} cannot sign alone.\n")
    else:
        print(f"{account.address} has {where} by which the key {key.name} can sign alone.\n")
    if beyond_delegation(account, key.address):
        print(
            "WARNING: the key has other rights of this account already, which a thief of it could"
            " use.\nBetter take a new key that nobody knows: energy-flash keys add NAME --new\n"
        )
    print("\n".join(grant_lines(account, key.address, fee_sun=fee_sun)))
    print(
        "\nWhen that is in a block, do this again:\n"
        f"  energy-flash pools add {account.address} --key {key.name}"
    )
    return 1


def _warn(account: Account, signer: _Signer, beyond: Sequence[str]) -> None:
    rule = "!" * 78
    print(rule)
    print(f"The key {signer.key.name} can do MORE than delegate. Whoever steals it could:")
    for each in beyond:
        print(f"  - {each}")
    print(
        "A pool needs DelegateResource (57) and UnDelegateResource (58) only. Better make a key of"
        "\nits own (energy-flash keys add NAME --new) and say --key NAME: you are told how to"
        f"\nlet it delegate for {account.address}, and nothing else."
    )
    print(rule)


# ── set, enable, drain, disable ───────────────────────────────────────────────────────────────


async def _set(wanted: Namespace, settings: Settings, database: Database, _: NodeClient) -> int:
    changes = _changes(wanted)
    if not changes:
        raise SettingsError(["pools set: say what to change, such as --reserve-trx 100"])
    address = _address(wanted.address)
    await _change(database, address, changes)
    print(f"changed the pool {address}; it is in force at once")
    _tell_of_configuration(settings, address)
    return 0


async def _state(wanted: Namespace, settings: Settings, database: Database, _: NodeClient) -> int:
    address, state = _address(wanted.address), _STATES[wanted.action]
    await _change(database, address, {"state": state})
    print(f"the pool {address} {_OF_STATES[state]}")
    _tell_of_configuration(settings, address)
    return 0


async def _change(database: Database, address: Address, changes: Mapping[str, Any]) -> None:
    async with database.transaction() as tx:
        if not await Pools(KeyRing()).change(tx, address, changes):
            raise PoolRefused(
                f"There is no pool {address}: energy-flash pools list says which there are."
            )


def _tell_of_configuration(settings: Settings, address: Address) -> None:
    if address in {pool.address for pool in settings.pools}:
        print("The configuration names it too: what is changed there wins at the next start.")


_Command = Callable[[Namespace, Settings, Database, NodeClient], Awaitable[int]]
_COMMANDS: Mapping[str, _Command] = {
    "list": _list,
    "add": _add,
    "set": _set,
    **dict.fromkeys(_STATES, _state),
}


def _changes(wanted: Namespace) -> dict[str, Any]:
    """The terms that the command line gave."""
    return {
        name: None if name in _NO_BOUND and value == 0 else value
        for name in _TERMS
        if (value := getattr(wanted, name)) is not None
    }


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except InvalidAddress as error:
        raise PoolRefused(f"{text} is no TRON address: {error}") from None


def _confirm(question: str, expected: str, declined: str) -> None:
    print(question, end="", flush=True)
    if sys.stdin.readline().strip() != expected:
        raise PoolRefused(declined)


def trx(sun: int) -> str:
    """An amount as a person reads it, exactly."""
    whole, rest = divmod(sun, _SUN)
    return f"{whole:,}" + (f".{rest:06}".rstrip("0") if rest else "") + " TRX"
