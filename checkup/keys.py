"""The key store: whether it opens, holds what is named, and holds nothing without need."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chain.addresses import Address
from checkup.findings import Finding, fail, ok, warn
from configured_keys import (
    WHERE_TO_SET_IT,
    KeyOwner,
    ask,
    at_a_terminal,
    configured_passphrase,
    key_address,
    named_keys,
)
from db.pools import PoolRow
from services.key_file import KeyEntry, KeyStoreError, NoKeyStore
from services.key_store import KeyStore, Passphrase, entries_of
from settings import Settings, SettingsError

_WHAT = "keys.file"


def known_passphrase(settings: Settings) -> tuple[Passphrase | None, list[Finding]]:
    """The passphrase, if there is a key store; asks for it at a terminal."""
    try:
        passphrase = configured_passphrase(settings)
    except SettingsError as error:
        return None, [fail("keys.passphrase_file", line) for line in error.lines]
    if passphrase is None and settings.key_file.exists() and at_a_terminal():
        passphrase = ask(f"Passphrase of the key store {settings.key_file}: ")
    return passphrase, []


def look_at_keys(
    settings: Settings, passphrase: Passphrase | None, pools: Sequence[PoolRow]
) -> tuple[list[Finding], Collection[Address] | None]:
    """Findings, and the addresses of all keys that can be used; None if that cannot be told.

    Opening a store and every key in it takes a good part of a second.
    """
    configured = _configured(settings)
    pool_keys = {Address(pool.key_address) for pool in pools if pool.state != "disabled"}
    named = named_keys(settings)
    path = settings.key_file
    try:
        entries = entries_of(path)
    except NoKeyStore as error:
        if named:
            return [fail(_WHAT, f"{_who(named)}: {error}")], configured
        return [ok(_WHAT, "there is none, and no setting names a key of one")], configured
    except (KeyStoreError, OSError) as error:
        return [fail(_WHAT, str(error))], None
    names = {entry.name for entry in entries}
    findings = [
        fail(
            f"{where}.key_name",
            f"the key store has no key {name}",
            f"Add it: energy-flash keys add {name}",
        )
        for where, name in named.items()
        if name not in names
    ]
    used = pool_keys | {entry.address for entry in entries if entry.name in named.values()}
    if idle := [entry.name for entry in entries if entry.address not in used]:
        findings.append(
            warn(
                _WHAT,
                f"nothing uses {_listed(idle)}",
                "A key that nobody needs can only be stolen: energy-flash keys remove NAME."
                " If it is for a pool, register that: energy-flash pools add ADDRESS.",
            )
        )
    needed = any(entry.address in used for entry in entries)
    opened, usable = _opened(settings, passphrase, entries, needed=needed)
    return [*opened, *findings], None if usable is None else {*configured, *usable}


def _opened(
    settings: Settings, passphrase: Passphrase | None, entries: Sequence[KeyEntry], *, needed: bool
) -> tuple[list[Finding], Collection[Address] | None]:
    path = settings.key_file
    if passphrase is None:
        says = f"{path} has {len(entries)} keys, and its passphrase is not known"
        mend = WHERE_TO_SET_IT[0].upper() + WHERE_TO_SET_IT[1:] + "."
        return [fail(_WHAT, says, mend) if needed else warn(_WHAT, says, mend)], None
    try:
        unusable = KeyStore.open(path, passphrase).verify()
    except (KeyStoreError, OSError) as error:
        return [fail(_WHAT, str(error))], None
    usable = {entry.address for entry in entries} - {entry.address for entry in unusable}
    if unusable:
        return [
            fail(
                _WHAT,
                f"{_listed([entry.name for entry in unusable])} in {path} cannot be used",
                "Remove it and add it again, or put back a copy of the key store.",
            )
        ], usable
    return [ok(_WHAT, f"{path} opens, and so do its {len(entries)} keys")], usable


def _configured(settings: Settings) -> set[Address]:
    """The addresses of keys that stand in the configuration itself."""
    owners: list[KeyOwner] = [*settings.pools, settings.refunds]
    return {key_address(settings, owner) for owner in owners if owner.key is not None}


def _who(named: dict[str, str]) -> str:
    return " and ".join(f"{where} names the key {name}" for where, name in named.items())


def _listed(names: Sequence[str]) -> str:
    return f"the key{'s' if len(names) > 1 else ''} {', '.join(names)}"
