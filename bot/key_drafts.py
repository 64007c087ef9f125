"""API keys that are being made: what their customers have chosen so far.

Kept in Redis for a day, under a short id that the buttons carry. No secret is in it: that is drawn
when the key is made, and a draft makes one key.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.api_keys import KeyTerms

if TYPE_CHECKING:
    from redis.asyncio import Redis

_SECONDS_KEPT = 24 * 60 * 60


def _new_id() -> str:
    return secrets.token_urlsafe(6)


@dataclass(frozen=True, slots=True)
class KeyDraft:
    terms: KeyTerms
    id: str = field(default_factory=_new_id)


class KeyDrafts:
    """The drafts of all customers."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, user_id: int, draft: KeyDraft) -> None:
        values = json.dumps(draft.terms.as_json())
        await self._redis.set(_key(user_id, draft.id), values, ex=_SECONDS_KEPT)

    async def find(self, user_id: int, draft_id: str) -> KeyDraft | None:
        """The customer's draft, or None if it is gone or another person's."""
        return _draft(draft_id, await self._redis.get(_key(user_id, draft_id)))

    async def take(self, user_id: int, draft_id: str) -> KeyDraft | None:
        """The same, and nobody finds it again."""
        return _draft(draft_id, await self._redis.getdel(_key(user_id, draft_id)))


def _draft(draft_id: str, stored: bytes | str | None) -> KeyDraft | None:
    if stored is None:
        return None
    try:
        return KeyDraft(KeyTerms.from_json(json.loads(stored)), draft_id)
    except (KeyError, TypeError, ValueError):  # written by another version of the program
        return None


def _key(user_id: int, draft_id: str) -> str:
    return f"energy-flash:key-draft:{user_id}:{draft_id}"
