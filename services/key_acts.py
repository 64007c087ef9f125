"""API keys that the shop makes or revokes for a customer: logged, and told to the customer.

Whoever makes one sees its secret once, and hands it on.
"""

from __future__ import annotations

from uuid import UUID

from db.database import Database, Transaction, again_after_conflict
from services.acts import Act, ActFault, ActRefused, Acts
from services.api_keys import ApiKey, KeyTerms, NewApiKey, add_key, revoke_key
from services.notices import NoticeKind, tell_customer
from services.people import subject_of
from services.staff import Actor
from services.trail import note


class KeyActs:
    """Makes and revokes customers' keys, at the word of the staff or by hand.

    By hand is at the command line: the log then names nobody.
    """

    def __init__(self, database: Database, acts: Acts) -> None:
        self._database = database
        self._acts = acts

    @again_after_conflict
    async def make(self, actor: Actor, nonce: str) -> NewApiKey:
        """The key that was proposed.

        Raises:
            ActRefused: the proposal is gone, or not this person's.
            KeyRefused: TOO_MANY, NOBODY; nothing was made.
        """
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            user_id = int(proposal.arguments["user"])
            terms = KeyTerms.from_json(proposal.arguments["terms"])
            made = await add_key(tx, user_id, terms, made_by=actor.id)
            await _tell_of_making(tx, actor, made.key, reason=proposal.reason)
        return made

    @again_after_conflict
    async def make_by_hand(self, user_id: int, terms: KeyTerms) -> NewApiKey:
        """Raises KeyRefused (TOO_MANY, NOBODY), or ValueError as `add_key`."""
        async with self._database.transaction() as tx:
            made = await add_key(tx, user_id, terms, made_by=None)
            await _tell_of_making(tx, None, made.key)
        return made

    @again_after_conflict
    async def revoke(self, actor: Actor, nonce: str) -> ApiKey:
        """The key that was proposed opens nothing from now on. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            key = await revoke_key(tx, UUID(proposal.arguments["key"]))
            if key is None:
                raise ActRefused(ActFault.GONE)
            await _tell_of_revoking(tx, actor, key, reason=proposal.reason)
        return key

    @again_after_conflict
    async def revoke_by_hand(self, key_id: UUID) -> ApiKey | None:
        """None if there is no such key, or it was revoked before."""
        async with self._database.transaction() as tx:
            key = await revoke_key(tx, key_id)
            if key is not None:
                await _tell_of_revoking(tx, None, key)
        return key


async def _tell_of_making(
    tx: Transaction, actor: Actor | None, key: ApiKey, *, reason: str = ""
) -> None:
    await note(
        tx,
        actor,
        Act.MAKE_KEY,
        subject=subject_of(key.user_id),
        reason=reason,
        after={
            "key": key.shown,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "networks": [str(network) for network in key.networks],
            "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
        },
    )
    await _tell(tx, NoticeKind.API_KEY_MADE, key)


async def _tell_of_revoking(
    tx: Transaction, actor: Actor | None, key: ApiKey, *, reason: str = ""
) -> None:
    await note(
        tx,
        actor,
        Act.REVOKE_KEY,
        subject=subject_of(key.user_id),
        reason=reason,
        before={"key": key.shown, "name": key.name},
        after={},
    )
    await _tell(tx, NoticeKind.API_KEY_REVOKED, key)


async def _tell(tx: Transaction, kind: NoticeKind, key: ApiKey) -> None:
    await tell_customer(
        tx,
        kind,
        user_id=key.user_id,
        occasion=key.public_id,
        payload={
            "id": str(key.id),
            "name": key.name,
            "shown": key.shown,
            "scopes": sorted(key.scopes),
        },
    )
