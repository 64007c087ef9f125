"""Every key that this program may sign with, found by the address that belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chain.addresses import Address
from chain.keys import SigningKey
from services.key_store import KeyStore


@dataclass(frozen=True, slots=True)
class NamedKey:
    """What anybody may know of a key; `name` is its name in the key store."""

    address: Address
    name: str | None


class KeyRing:
    """The keys of the configuration, and those of the key store if it is open."""

    def __init__(self, keys: Iterable[SigningKey] = (), store: KeyStore | None = None) -> None:
        self._keys = {key.address: key for key in keys}
        self._store = store

    def of(self, address: Address) -> SigningKey | None:
        """The key that belongs to an address, None if there is none.

        Also one that was added to the store since; ask again rather than keep it.
        """
        if (key := self._keys.get(address)) is not None or self._store is None:
            return key
        return self._store.key_of(address)

    def named(self) -> tuple[NamedKey, ...]:
        """All keys there are now, those of the store first; nothing of them is opened."""
        stored = [] if self._store is None else self._store.names()
        named = {entry.address: NamedKey(entry.address, entry.name) for entry in stored}
        for address in self._keys:
            named.setdefault(address, NamedKey(address, None))
        return tuple(named.values())
