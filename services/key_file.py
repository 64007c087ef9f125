"""The file that keys are kept in: what stands in it, and how it is read and replaced.

One JSON file. Names and addresses are readable; each key is encrypted (`services.key_store`). It
is replaced whole, so that it is always either the old one or the new one, and read only if nobody
else on the machine may read it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from chain.addresses import Address, InvalidAddress, parse_address

FORMAT = "energy-flash keys"
VERSION = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
"""What a key may be called. Shorter than a private key, which so is never taken for a name."""

SALT_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_LARGEST_FILE = 1 << 20
_LONGEST_CIPHERTEXT = 256
# A file may ask for neither so little that guessing is cheap, nor for more memory than 1 GiB.
_LEAST_N, _MOST_N = 1 << 14, 1 << 20
_R, _MOST_P = 8, 4
_LOCK_SECONDS = 5.0

Stamp: TypeAlias = tuple[int, int, int, int]
"""What changes whenever a file does."""


class KeyStoreError(Exception):
    """The key store cannot be used as asked; the message says how to mend it."""


class NoKeyStore(KeyStoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no key store at {path}. `energy-flash keys add NAME` makes one;"
            " the setting keys.file says where."
        )


class KeyStoreExists(KeyStoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is a key store at {path} already; it is not replaced. Open that one, or name"
            " another place (keys.file)."
        )


class KeyStoreDamaged(KeyStoreError):
    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(
            f"The key store {path} is damaged: {fault}. Put back a copy of it, or move it away"
            " and add its keys again."
        )


class KeyStoreUnsafe(KeyStoreError):
    def __init__(self, path: Path, fault: str, remedy: str) -> None:
        super().__init__(f"The key store {path} {fault}, so it is not used. {remedy}")


class KeyStoreBusy(KeyStoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Another program is changing the key store {path}. Try again when it has ended."
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What deriving the file's key takes (scrypt): 128 · n · r bytes of memory, p times."""

    n: int
    r: int
    p: int


USUAL_COST = Cost(n=1 << 17, r=_R, p=1)
"""128 MiB, a quarter of a second on a machine of today."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What AES-256-GCM made of a secret."""

    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What anybody may know of a key."""

    name: str
    address: Address
    added_at: datetime


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A key as it is kept."""

    entry: KeyEntry
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class KeyFile:
    """All that stands in the file. Only the right passphrase opens `verifier`."""

    cost: Cost
    salt: bytes
    verifier: Sealed
    keys: tuple[SealedKey, ...] = ()

    def entries(self) -> tuple[KeyEntry, ...]:
        return tuple(key.entry for key in self.keys)


# ── text ──────────────────────────────────────────────────────────────────────────────────────


def render(file: KeyFile) -> bytes:
    """The file's bytes."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "kdf": {
            "name": "scrypt",
            "salt": file.salt.hex(),
            "n": file.cost.n,
            "r": file.cost.r,
            "p": file.cost.p,
        },
        "verifier": _sealed_json(file.verifier),
        "keys": [
            {
                "name": key.entry.name,
                "address": key.entry.address,
                "added_at": key.entry.added_at.astimezone(UTC).isoformat(),
                **_sealed_json(key.sealed),
            }
            for key in file.keys
        ],
    }
    return (json.dumps({**document, "checksum": _checksum(document)}, indent=2) + "\n").encode()


def parse(path: Path, data: bytes) -> KeyFile:
    """Read the bytes of the file at `path`.

    Raises:
        KeyStoreDamaged: they are not what `render` writes.
    """
    try:
        document = json.loads(data)
        true_checksum = _checksum(document)
    except (ValueError, RecursionError):
        raise KeyStoreDamaged(path, "it is no JSON") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise KeyStoreDamaged(path, "it holds something else")
    if document.get("version") != VERSION:
        raise KeyStoreDamaged(
            path,
            f"it is of version {json.dumps(document.get('version'))[:20]},"
            f" and this program knows version {VERSION}",
        )
    if document.pop("checksum", None) != true_checksum:
        raise KeyStoreDamaged(path, "something in it was changed or cut off")
    try:
        return _file(document)
    except _Odd as oddity:
        raise KeyStoreDamaged(path, str(oddity)) from None


class _Odd(Exception):
    """Something that no program of ours writes."""


def _file(document: Mapping[str, Any]) -> KeyFile:
    _, _, kdf, verifier, keys = _fields(
        document, {"format": str, "version": int, "kdf": dict, "verifier": dict, "keys": list}
    )
    name, salt, n, r, p = _fields(kdf, {"name": str, "salt": str, "n": int, "r": int, "p": int})
    power_of_two = n > 0 and n & (n - 1) == 0
    if not (
        name == "scrypt"
        and power_of_two
        and _LEAST_N <= n <= _MOST_N
        and r == _R
        and 1 <= p <= _MOST_P
    ):
        raise _Odd("its key derivation has parameters that no version has used")
    file = KeyFile(
        Cost(n, r, p),
        _bytes(salt, exactly=SALT_BYTES),
        _sealed(*_fields(verifier, {"nonce": str, "ciphertext": str})),
        tuple(_key(key) for key in keys),
    )
    for kind in ("name", "address"):
        if len({getattr(entry, kind) for entry in file.entries()}) != len(file.keys):
            raise _Odd(f"two of its keys have the same {kind}")
    return file


def _key(document: object) -> SealedKey:
    name, address, added_at, nonce, ciphertext = _fields(
        document, dict.fromkeys(("name", "address", "added_at", "nonce", "ciphertext"), str)
    )
    if not NAME.fullmatch(name):
        raise _Odd("one of its keys has an impossible name")
    try:
        entry = KeyEntry(name, parse_address(address), datetime.fromisoformat(added_at))
    except (InvalidAddress, ValueError):
        raise _Odd(f"the address or the time of the key {name} is none") from None
    if entry.address != address or entry.added_at.tzinfo is None:
        raise _Odd(f"the address or the time of the key {name} is none")
    return SealedKey(entry, _sealed(nonce, ciphertext))


def _fields(document: object, kinds: Mapping[str, type]) -> list[Any]:
    if not isinstance(document, dict) or set(document) != set(kinds):
        raise _Odd("something in it is missing or was added")
    for name, kind in kinds.items():
        if type(document[name]) is not kind:
            raise _Odd(f"{name} is not what it should be")
    return [document[name] for name in kinds]


def _sealed(nonce: str, ciphertext: str) -> Sealed:
    return Sealed(_bytes(nonce, exactly=NONCE_BYTES), _bytes(ciphertext))


def _bytes(text: str, *, exactly: int | None = None) -> bytes:
    found = bytes.fromhex(text) if re.fullmatch("([0-9a-f]{2})*", text) else b""
    if exactly is not None and len(found) != exactly:
        raise _Odd("a salt or a nonce has the wrong length")
    if exactly is None and not TAG_BYTES <= len(found) <= _LONGEST_CIPHERTEXT:
        raise _Odd("something encrypted has the wrong length")
    return found


def _sealed_json(sealed: Sealed) -> dict[str, str]:
    return {"nonce": sealed.nonce.hex(), "ciphertext": sealed.ciphertext.hex()}


def _checksum(document: object) -> str:
    """Tells a damaged file from a wrong passphrase. It proves nothing against a forger."""
    if isinstance(document, dict):
        document = {name: value for name, value in document.items() if name != "checksum"}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


# ── the file itself ───────────────────────────────────────────────────────────────────────────


def read(path: Path) -> tuple[KeyFile, Stamp]:
    """The file, and its stamp.

    Raises:
        NoKeyStore, KeyStoreDamaged
        KeyStoreUnsafe: others may read or write it.
        OSError: it cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise NoKeyStore(path) from None
    with os.fdopen(descriptor, "rb") as opened:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeyStoreUnsafe(path, "is no plain file", "Let keys.file name one.")
        if status.st_mode & 0o077:
            raise KeyStoreUnsafe(
                path,
                f"may be read or written by others (mode {stat.S_IMODE(status.st_mode):o})",
                f"Run: chmod 600 {path}; and if others use this machine, take new keys.",
            )
        data = opened.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise KeyStoreDamaged(path, "it is far too large")
    return parse(path, data), stamp_of(status)


def stamp(path: Path) -> Stamp | None:
    """The stamp of the file as it is now, None if it cannot be looked at."""
    try:
        return stamp_of(path.stat())
    except OSError:
        return None


def stamp_of(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def create(path: Path, file: KeyFile) -> None:
    """Write a file that is not there yet, and the folders above it.

    Raises:
        KeyStoreExists: it is there.
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path, file) as fresh:
        try:
            os.link(fresh, path)
        except FileExistsError:
            raise KeyStoreExists(path) from None
        _sync_folder(path.parent)


def replace(path: Path, file: KeyFile) -> None:
    """Put a new file in the place of the old one, at once or not at all. Hold `locked`."""
    # Through links, which are so kept; and its owner keeps it, also when root changes it.
    place = path.resolve(strict=True)
    with _beside(place, file, owned_as=place.stat()) as fresh:
        fresh.rename(place)
        _sync_folder(place.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile.

    Raises:
        NoKeyStore: it is not there.
        KeyStoreBusy: somebody else has been changing it for seconds.
    """
    patience = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            raise NoKeyStore(path) from None
        try:
            # Who waited may hold the lock of a file that was replaced meanwhile.
            if _lock(descriptor) and stamp_of(os.fstat(descriptor))[0] == (stamp(path) or (0,))[0]:
                yield
                return
        finally:
            os.close(descriptor)
        if time.monotonic() > patience:
            raise KeyStoreBusy(path)
        time.sleep(0.02)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


@contextmanager
def _beside(path: Path, file: KeyFile, *, owned_as: os.stat_result | None = None) -> Iterator[Path]:
    """The file, whole and on the disk, under a name of its own, which is gone afterwards."""
    descriptor, name = tempfile.mkstemp(".new", f".{path.name}.", path.parent)  # mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            if owned_as is not None and os.geteuid() == 0:
                os.fchown(descriptor, owned_as.st_uid, owned_as.st_gid)
            opened.write(render(file))
            opened.flush()
            os.fsync(descriptor)
        yield fresh
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
