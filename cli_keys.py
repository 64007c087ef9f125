"""`energy-flash keys`: the key store by hand. The command line (`cli.py`) says what is wanted.

No command prints a key, and none takes one from its arguments, which every program on the machine
can read and which the shell writes down.
"""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from chain.keys import SigningKey
from configured_keys import (
    WHERE_TO_SET_IT,
    ask,
    at_a_terminal,
    configured_passphrase,
    named_keys,
    passphrase_in,
    users_of,
)
from services.key_file import KeyEntry, KeyStoreError
from services.key_store import (
    KeyStore,
    NameTaken,
    NoSuchKey,
    Passphrase,
    PassphraseTooShort,
    checked_name,
    entries_of,
    typed_key,
)
from settings import Settings, SettingsError

_STDIN = Path("-")


class Declined(KeyStoreError):
    """The person thought better of it, or could not be asked; the message says so."""


def run(wanted: Namespace, settings: Settings) -> int:
    """Do what `energy-flash keys …` says; the exit code.

    Raises:
        KeyStoreError: it was not done, and why.
        SettingsError: something it needs is not configured.
        OSError: a file cannot be read or written.
    """
    return _COMMANDS[wanted.action](wanted, settings)


def _add(wanted: Namespace, settings: Settings) -> int:
    name, path = checked_name(wanted.name), settings.key_file
    exists = path.exists()
    # What can be known to fail is not asked for first.
    if exists and any(entry.name == name for entry in entries_of(path)):
        raise NameTaken(name)
    passphrase = _passphrase(settings, new=not exists)
    store = KeyStore.open(path, passphrase) if exists else None
    key = SigningKey.generate() if wanted.new else _import(wanted.from_file)
    if store is None:
        store = KeyStore.create(path, passphrase)
        print(f"made the key store {path}")
    entry = store.add(name, key)
    print(f"{'made' if wanted.new else 'added'} the key {name}, whose address is {entry.address}")
    if wanted.new:
        print(
            "Nobody has seen it, and it is nowhere else: keep a copy of the key store, and grant\n"
            "this address a permission limited to DelegateResource and UnDelegateResource"
            " (docs/keys.md)."
        )
    return 0


def _list(_: Namespace, settings: Settings) -> int:
    entries = entries_of(settings.key_file)
    if not entries:
        print(f"the key store {settings.key_file} is empty")
    for entry in entries:
        users = ", ".join(users_of(settings, entry.name))
        print(_row(entry, users and f"for {users}"))
    return 0


def _rotate(wanted: Namespace, settings: Settings) -> int:
    path = settings.key_file
    entries_of(path)
    store = KeyStore.open(path, _passphrase(settings))
    if wanted.new_passphrase_file is not None:
        new = _given(wanted.new_passphrase_file, "--new-passphrase-file")
        if new.too_short():
            raise PassphraseTooShort
    else:
        new = _chosen("New passphrase: ")
    store.change_passphrase(new)
    print(f"{len(store.names())} keys in {path} have the new passphrase")
    print(
        "Copies of the file still open with the old one. Give the new one to whatever starts the\n"
        "shop, and start it again."
    )
    return 0


def _verify(_: Namespace, settings: Settings) -> int:
    path = settings.key_file
    entries_of(path)
    store = KeyStore.open(path, _passphrase(settings))
    unusable = set(store.verify())
    for entry in store.names():
        print(_row(entry, "CANNOT BE USED" if entry in unusable else "opens"))
    if unusable:
        print("Remove what cannot be used and add it again, or put back a copy of the key store.")
    names = {entry.name for entry in store.names()}
    missing = {where: name for where, name in named_keys(settings).items() if name not in names}
    for where, name in missing.items():
        print(f"{where} names the key {name}, which is not in the store")
    return 1 if unusable or missing else 0


def _remove(wanted: Namespace, settings: Settings) -> int:
    name, path = checked_name(wanted.name), settings.key_file
    entry = next((each for each in entries_of(path) if each.name == name), None)
    if entry is None:
        raise NoSuchKey(name)
    if (users := users_of(settings, name)) and not wanted.force:
        raise Declined(
            f"The key {name} is named by {' and '.join(users)}, which could sign no more. Change"
            " that first, or say --force."
        )
    store = KeyStore.open(path, _passphrase(settings))
    if not wanted.yes:
        _confirm(f"Forget the key {name} of {entry.address} for good? Type its name: ", name)
    store.remove(name)
    print(f"removed the key {name} of {entry.address}; copies of the file still hold it")
    return 0


_COMMANDS: Mapping[str, Callable[[Namespace, Settings], int]] = {
    "add": _add,
    "list": _list,
    "rotate": _rotate,
    "verify": _verify,
    "remove": _remove,
}


def _row(entry: KeyEntry, note: str) -> str:
    return f"{entry.name:<16} {entry.address} {entry.added_at:%Y-%m-%d} {note}".rstrip()


# ── what is asked of a person ─────────────────────────────────────────────────────────────────


def _passphrase(settings: Settings, *, new: bool = False) -> Passphrase:
    if (configured := configured_passphrase(settings)) is not None:
        if new and configured.too_short():
            raise PassphraseTooShort
        return configured
    if not at_a_terminal():
        raise SettingsError([f"the passphrase of the key store is not known: {WHERE_TO_SET_IT}"])
    if new:
        return _chosen(f"Passphrase for the new key store {settings.key_file}: ")
    return ask(f"Passphrase of the key store {settings.key_file}: ")


def _chosen(question: str) -> Passphrase:
    """A passphrase that is typed twice."""
    if not at_a_terminal():
        raise Declined("A new passphrase needs a terminal, or --new-passphrase-file.")
    passphrase = ask(question)
    if passphrase.too_short():
        raise PassphraseTooShort
    if not passphrase.same_as(ask("The same again: ")):
        raise Declined("The two differ; nothing was changed.")
    return passphrase


def _given(file: Path, what: str) -> Passphrase:
    return (
        Passphrase(sys.stdin.readline().rstrip("\r\n"))
        if file == _STDIN
        else passphrase_in(file, what)
    )


def _import(file: Path | None) -> SigningKey:
    """The key from a file, from a person who is not shown what they type, or from a pipe."""
    if file is not None and file != _STDIN:
        return typed_key(file.read_text(encoding="utf-8", errors="replace"))
    if file is None and at_a_terminal():
        try:
            return typed_key(getpass.getpass("Private key (64 hexadecimal digits, not shown): "))
        except EOFError:
            raise KeyboardInterrupt from None
    return typed_key(sys.stdin.read())


def _confirm(question: str, expected: str) -> None:
    print(question, end="", flush=True)
    if sys.stdin.readline().strip() != expected:
        raise Declined("Nothing was removed.")
