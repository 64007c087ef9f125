"""The keys that the configuration names: given in it, or kept in the key store.

The passphrase comes from `keys.passphrase` (rather ENERGY_FLASH_KEYS__PASSPHRASE), from the file
`keys.passphrase_file`, or from whoever sits at the terminal.
"""

from __future__ import annotations

import getpass
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from chain.addresses import Address
from chain.keys import SigningKey
from services.key_file import KeyStoreError
from services.key_ring import KeyRing
from services.key_store import KeyStore, NoSuchKey, Passphrase, entries_of
from settings import PoolSettings, RefundSettings, Settings, SettingsError

KeyOwner: TypeAlias = PoolSettings | RefundSettings
"""A part of the configuration that has a `key` or a `key_name`."""

WHERE_TO_SET_IT = (
    "set ENERGY_FLASH_KEYS__PASSPHRASE, or let keys.passphrase_file name a file that holds it"
)

log = logging.getLogger(__name__)


def open_keys(settings: Settings) -> KeyRing:
    """Every configured key. Deriving the store's takes a good part of a second.

    A store that no setting names a key of is opened too, if that is possible: pools may be added
    while the program runs.

    Raises:
        SettingsError: the store is needed and cannot be opened, or lacks a key that is named.
    """
    owners = dict(_owners(settings))
    store = _store(settings, list(named_keys(settings)))
    lines = []
    keys = []
    for where, owner in owners.items():
        try:
            if owner.key is not None:
                keys.append(SigningKey.from_hex(owner.key.get_secret_value()))
            elif owner.key_name is not None and store is not None:
                store.key(owner.key_name)
        except KeyStoreError as error:
            lines.append(f"{where}.key_name: {error}")
    if lines:
        raise SettingsError(lines)
    return KeyRing(keys, store)


def key_address(settings: Settings, owner: KeyOwner) -> Address:
    """The address of the key that `owner` names. Needs no passphrase.

    Raises:
        SettingsError: the key store lacks it or cannot be read.
    """
    if owner.key is not None:
        return SigningKey.from_hex(owner.key.get_secret_value()).address
    name = owner.key_name or ""
    try:
        for entry in entries_of(settings.key_file):
            if entry.name == name:
                return entry.address
        raise NoSuchKey(name)
    except (KeyStoreError, OSError) as error:
        raise SettingsError([str(error)]) from None


def signing_key(settings: Settings, owner: KeyOwner, keys: KeyRing) -> SigningKey:
    """The key that `owner` names, out of `keys`.

    Raises:
        SettingsError: it is not there.
    """
    key = keys.of(key_address(settings, owner))
    if key is None:
        raise SettingsError([f"the key {owner.key_name} cannot be used: see the log"])
    return key


def named_keys(settings: Settings) -> dict[str, str]:
    """The names of keys in the store that the configuration uses, by the setting that does."""
    return {where: owner.key_name for where, owner in _owners(settings) if owner.key_name}


def users_of(settings: Settings, name: str) -> list[str]:
    """Which settings name this key of the store."""
    return [where for where, named in named_keys(settings).items() if named == name]


def configured_passphrase(settings: Settings) -> Passphrase | None:
    """The passphrase that the configuration gives, None if it gives none.

    Raises:
        SettingsError: its file cannot be read, or is empty.
    """
    if settings.keys.passphrase is not None:
        return Passphrase(settings.keys.passphrase.get_secret_value())
    if settings.keys.passphrase_file is not None:
        return passphrase_in(settings.keys.passphrase_file, "keys.passphrase_file")
    return None


def passphrase_in(file: Path, what: str) -> Passphrase:
    """The first line of a file; `what` names the file in an error. Raises SettingsError."""
    try:
        with file.open(encoding="utf-8", errors="surrogateescape") as opened:
            passphrase = Passphrase(opened.readline().rstrip("\r\n"))
    except OSError as error:
        raise SettingsError([f"{what} = {file} cannot be read: {error.strerror}"]) from None
    if passphrase.empty():
        raise SettingsError([f"{what} = {file} has an empty first line"])
    return passphrase


def at_a_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> Passphrase:
    """Ask for a passphrase, which is not shown while it is typed.

    Ctrl-C ends it at once, also where an event loop would rather hear of it.
    """
    if threading.current_thread() is not threading.main_thread():
        return Passphrase(getpass.getpass(question))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return Passphrase(getpass.getpass(question))
    except EOFError:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, before)


def _owners(settings: Settings) -> Iterator[tuple[str, KeyOwner]]:
    """What may name a key, by the setting it is."""
    for number, pool in enumerate(settings.pools):
        yield f"pools.{number}", pool
    yield "refunds", settings.refunds


def _store(settings: Settings, needed_by: list[str]) -> KeyStore | None:
    path = settings.key_file
    if not needed_by and not path.exists():
        return None
    passphrase = configured_passphrase(settings)
    if passphrase is None and at_a_terminal():
        passphrase = ask(f"Passphrase of the key store {path}: ")
    if not needed_by and (passphrase is None or passphrase.empty()):
        log.warning("the key store %s is not opened: %s", path, WHERE_TO_SET_IT)
        return None
    try:
        if passphrase is None:
            entries_of(path)  # says first if there is no store at all
            who = " and ".join(needed_by)
            raise SettingsError(
                [f"the passphrase of the key store is not known ({who}): {WHERE_TO_SET_IT}"]
            )
        return KeyStore.open(path, passphrase)
    except (KeyStoreError, OSError) as error:
        raise SettingsError([str(error)]) from None
