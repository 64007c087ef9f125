"""The key store: private keys, encrypted in one file, opened by one passphrase.

Scrypt makes a key of the passphrase and the file's salt; with it AES-256-GCM encrypts each private
key under a nonce of its own. Name, address and time of an entry are bound to it, so that none can
be renamed or put in another's place. What stands in the file: `services.key_file`; against whom
this helps: docs/keys.md.
"""

from __future__ import annotations

import json
import logging
import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from typing_extensions import override

from chain.addresses import Address, InvalidAddress, parse_address
from chain.keys import SigningKey
from services import key_file
from services.key_file import (
    FORMAT,
    NAME,
    NONCE_BYTES,
    SALT_BYTES,
    USUAL_COST,
    VERSION,
    Cost,
    KeyEntry,
    KeyFile,
    KeyStoreDamaged,
    KeyStoreError,
    Sealed,
    SealedKey,
    Stamp,
)

LEAST_PASSPHRASE = 12
"""Characters. Whoever has the file can try as many passphrases as they can pay for."""
_CIPHER_BYTES = 32

log = logging.getLogger(__name__)


class WrongPassphrase(KeyStoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"This passphrase does not open the key store {path}. It is the one that was chosen"
            " when the store was made, or last with `energy-flash keys rotate`."
        )


class PassphraseTooShort(KeyStoreError):
    def __init__(self) -> None:
        super().__init__(
            f"The passphrase has fewer than {LEAST_PASSPHRASE} characters: choose a longer one,"
            " such as five words drawn by chance."
        )


class NameTaken(KeyStoreError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is a key named {name} already: choose another name, or remove that one first."
        )


class KeyTaken(KeyStoreError):
    def __init__(self, entry: KeyEntry) -> None:
        super().__init__(f"The key of {entry.address} is in the store already, named {entry.name}.")


class NoSuchKey(KeyStoreError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no key named {name} in the store: `energy-flash keys list` says which are,"
            f" `energy-flash keys add {name}` adds it."
        )


class BadName(KeyStoreError):
    """Does not repeat the name: it may be a key, typed in the wrong place."""

    def __init__(self) -> None:
        super().__init__(
            "This is no name for a key: up to 32 letters, digits, dots, dashes and underscores,"
            " the first a letter or a digit. If it was the key itself: it comes later, when asked"
            " for, and your shell has now written it into its history."
        )


class NoPrivateKey(KeyStoreError):
    """Somebody gave something else where a private key belongs. Does not repeat it."""


class Passphrase:
    """What opens a key store. It never shows itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        # The same letters can be typed as different characters.
        self._text = unicodedata.normalize("NFC", text)

    def empty(self) -> bool:
        return not self._text

    def too_short(self) -> bool:
        return len(self._text) < LEAST_PASSPHRASE

    def same_as(self, other: Passphrase) -> bool:
        return self._text == other._text

    def cipher(self, salt: bytes, cost: Cost) -> AESGCM:
        """The cipher of the file with this salt. Takes a good part of a second, and memory."""
        scrypt = Scrypt(salt=salt, length=_CIPHER_BYTES, n=cost.n, r=cost.r, p=cost.p)
        return AESGCM(scrypt.derive(self._text.encode(errors="surrogatepass")))

    @override
    def __repr__(self) -> str:
        return "<a passphrase>"

    @override
    def __reduce__(self) -> NoReturn:
        raise TypeError("a passphrase is not pickled")


class KeyStore:
    """An opened key store. Shows its file, and never a key."""

    __slots__ = ("_cipher", "_file", "_opened", "_path", "_stamp", "_unopened")

    def __init__(self, path: Path, cipher: AESGCM, file: KeyFile, stamp: Stamp | None) -> None:
        self._path = path
        self._cipher = cipher
        self._file = file
        self._stamp = stamp
        self._opened: dict[SealedKey, SigningKey] = {}
        self._unopened: set[SealedKey] = set()

    @classmethod
    def create(cls, path: Path, passphrase: Passphrase, *, cost: Cost = USUAL_COST) -> KeyStore:
        """Make an empty store.

        Raises:
            PassphraseTooShort
            KeyStoreExists: there is one at `path`.
            OSError: it cannot be written.
        """
        cipher, file = _empty(passphrase, cost)
        key_file.create(path, file)
        return cls(path, cipher, file, key_file.stamp(path))

    @classmethod
    def open(cls, path: Path, passphrase: Passphrase) -> KeyStore:
        """Open the store at `path`.

        Raises:
            NoKeyStore, KeyStoreDamaged, KeyStoreUnsafe, WrongPassphrase
            OSError: it cannot be read.
        """
        file, stamp = key_file.read(path)
        store = cls(path, passphrase.cipher(file.salt, file.cost), file, stamp)
        store._recognise(file)
        return store

    @property
    def path(self) -> Path:
        return self._path

    def names(self) -> tuple[KeyEntry, ...]:
        """What is in the store, in the order in which it was added."""
        self._look_again()
        return self._file.entries()

    def add(self, name: str, key: SigningKey) -> KeyEntry:
        """Keep a key under a name.

        Raises:
            BadName, NameTaken
            KeyTaken: it is in the store under another name.
            WrongPassphrase: the store was given another one meanwhile.
            KeyStoreBusy, OSError: it cannot be written.
        """
        entry = KeyEntry(checked_name(name), key.address, datetime.now(UTC))

        def added(file: KeyFile) -> KeyFile:
            for other in file.entries():
                if other.name == name:
                    raise NameTaken(name)
                if other.address == key.address:
                    raise KeyTaken(other)
            return replace(file, keys=(*file.keys, _seal(self._cipher, entry, key)))

        self._change(added)
        return entry

    def generate(self, name: str) -> KeyEntry:
        """Keep a new key, which nobody has seen and nobody will. Raises as `add` does."""
        return self.add(name, SigningKey.generate())

    def remove(self, name: str) -> KeyEntry:
        """Forget a key for good.

        Raises:
            BadName, NoSuchKey
            WrongPassphrase, KeyStoreBusy, OSError: as for `add`.
        """
        removed = self._find(name).entry

        def without(file: KeyFile) -> KeyFile:
            kept = tuple(key for key in file.keys if key.entry.name != name)
            if len(kept) == len(file.keys):
                raise NoSuchKey(name)
            return replace(file, keys=kept)

        self._change(without)
        return removed

    def change_passphrase(self, new: Passphrase, *, cost: Cost = USUAL_COST) -> None:
        """Encrypt every key again, by another passphrase and under another salt.

        Raises:
            PassphraseTooShort
            KeyStoreDamaged: a key does not open; nothing was changed.
            WrongPassphrase, KeyStoreBusy, OSError: as for `add`.
        """
        cipher, empty = _empty(new, cost)

        def sealed_again(file: KeyFile) -> KeyFile:
            return replace(
                empty, keys=tuple(_seal(cipher, key.entry, self._open(key)) for key in file.keys)
            )

        self._change(sealed_again)
        self._cipher = cipher

    def verify(self) -> tuple[KeyEntry, ...]:
        """Open every key as the file has it now; the entries of those that cannot be used.

        Raises:
            NoKeyStore, KeyStoreDamaged, KeyStoreUnsafe, WrongPassphrase, OSError
        """
        file, stamp = key_file.read(self._path)
        self._recognise(file)
        self._take(file, stamp)
        unusable = []
        for key in file.keys:
            try:
                self._open(key)
            except KeyStoreDamaged:
                unusable.append(key.entry)
        return tuple(unusable)

    def key(self, name: str) -> SigningKey:
        """The key with this name.

        Raises:
            BadName, NoSuchKey
            KeyStoreDamaged: it does not open.
        """
        return self._open(self._find(name))

    def key_of(self, address: Address) -> SigningKey | None:
        """The key that belongs to an address, also if it was added a moment ago.

        What cannot be read is logged and is no key: one that is broken keeps no other from its
        work. A store that became unreadable is known as it was.
        """
        self._look_again()
        for key in self._file.keys:
            if key.entry.address == address and key not in self._unopened:
                try:
                    return self._open(key)
                except KeyStoreDamaged as damage:
                    log.error("%s", damage)  # noqa: TRY400
                    self._unopened.add(key)
        return None

    @override
    def __repr__(self) -> str:
        return f"KeyStore({str(self._path)!r}, {len(self._file.keys)} keys)"

    @override
    def __reduce__(self) -> NoReturn:
        raise TypeError("a key store is not pickled")

    def _find(self, name: str) -> SealedKey:
        checked_name(name)
        self._look_again()
        for key in self._file.keys:
            if key.entry.name == name:
                return key
        raise NoSuchKey(name)

    def _open(self, key: SealedKey) -> SigningKey:
        if (known := self._opened.get(key)) is not None:
            return known
        try:
            opened = SigningKey.unsealed(
                self._cipher.decrypt, key.sealed.nonce, key.sealed.ciphertext, _bound_to(key.entry)
            )
        except (InvalidTag, ValueError):
            opened = None
        if opened is None or opened.address != key.entry.address:
            raise KeyStoreDamaged(
                self._path, f"the key {key.entry.name} is not what was stored under that name"
            )
        self._opened[key] = opened
        return opened

    def _change(self, changed: Callable[[KeyFile], KeyFile]) -> None:
        with key_file.locked(self._path):
            file, _ = key_file.read(self._path)
            self._recognise(file)
            fresh = changed(file)
            key_file.replace(self._path, fresh)
            self._take(fresh, key_file.stamp(self._path))

    def _look_again(self) -> None:
        """Read the file again if it changed; if that fails, say so once and keep what is known."""
        stamp = key_file.stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            file, stamp = key_file.read(self._path)
            self._recognise(file)
        except (KeyStoreError, OSError) as trouble:
            log.warning("the keys are used as they were before: %s", trouble)
            self._stamp = stamp
        else:
            self._take(file, stamp)

    def _take(self, file: KeyFile, stamp: Stamp | None) -> None:
        self._file = file
        self._stamp = stamp
        self._opened = {key: self._opened[key] for key in file.keys if key in self._opened}
        self._unopened.clear()

    def _recognise(self, file: KeyFile) -> None:
        """Raises WrongPassphrase if the file is not encrypted by ours."""
        try:
            self._cipher.decrypt(file.verifier.nonce, file.verifier.ciphertext, _VERIFIER)
        except InvalidTag:
            pass
        else:
            return
        raise WrongPassphrase(self._path)


def entries_of(path: Path) -> tuple[KeyEntry, ...]:
    """What anybody who may read the file can know of it, without the passphrase.

    Raises:
        NoKeyStore, KeyStoreDamaged, KeyStoreUnsafe
        OSError: it cannot be read.
    """
    return key_file.read(path)[0].entries()


def checked_name(name: str) -> str:
    """The name, if a key may be called so. Raises BadName."""
    if not NAME.fullmatch(name):
        raise BadName
    return name


def typed_key(text: str) -> SigningKey:
    """The key that somebody typed or pasted: 64 hex digits, `0x` before them or not.

    Raises:
        NoPrivateKey: it is something else, and what; the text is not repeated.
    """
    try:
        return SigningKey.from_hex(text.strip().removeprefix("0x").removeprefix("0X"))
    except ValueError:
        fault = _what_was_typed(text.strip())
        del text
    raise NoPrivateKey(fault)


def _what_was_typed(text: str) -> str:
    words = text.split()
    if not words:
        return "There was nothing: a private key is 64 hexadecimal digits."
    if len(words) >= 12 and all(word.isalpha() for word in words):
        return (
            "This looks like a seed phrase, which opens every account made from it. Never give it"
            " to a program that needs one key: let your wallet show that account's private key"
            " (64 hexadecimal digits), or let `keys add NAME --new` make one."
        )
    if _is_address(text):
        return (
            "This is an address, which everybody may know; the private key that belongs to it is"
            " 64 hexadecimal digits. Your wallet shows it as “export private key”."
        )
    return f"A private key is 64 hexadecimal digits, and not zero; this has {len(text)} characters."


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except InvalidAddress:
        return text.startswith("41") and len(text) == 42
    return True


_VERIFIER = json.dumps([FORMAT, VERSION, "verifier"]).encode()


def _bound_to(entry: KeyEntry) -> bytes:
    added_at = entry.added_at.astimezone(UTC).isoformat()
    return json.dumps([FORMAT, VERSION, "key", entry.name, entry.address, added_at]).encode()


def _empty(passphrase: Passphrase, cost: Cost) -> tuple[AESGCM, KeyFile]:
    if passphrase.too_short():
        raise PassphraseTooShort
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    cipher = passphrase.cipher(salt, cost)
    verifier = Sealed(nonce, cipher.encrypt(nonce, b"", _VERIFIER))
    return cipher, KeyFile(cost, salt, verifier)


def _seal(cipher: AESGCM, entry: KeyEntry, key: SigningKey) -> SealedKey:
    nonce = os.urandom(NONCE_BYTES)
    return SealedKey(entry, Sealed(nonce, key.sealed(cipher.encrypt, nonce, _bound_to(entry))))
