"""The whole sandbox at a glance: what GET /sandbox/v1/state answers."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chain.addresses import Address
from sandbox.beginning import POOLS
from sandbox.inhabitants import (
    CIRCLES,
    CONTACT_ROLES,
    PEOPLE,
    AccountRole,
    Circle,
    Inhabitants,
    Person,
    Resident,
)
from sandbox.mishaps import Mishaps
from sandbox.pool_owner import PoolOwner
from sandbox.program import Program
from sandbox.servers import Servers
from sandbox.telegram import LocalTelegram
from sandbox.token_owner import TokenOwner
from sandbox.tron.blocks import LocalBlock
from sandbox.tron.chain import LocalChain
from sandbox.tron.parameters import SLOT_MS
from sandbox.tron.production import Production
from sandbox.wallet import Wallet


class ChainClock:
    """The sandbox's *now*: the chain's time, passing between blocks as far as a block's time.

    With blocks on demand it stands still between them.
    """

    def __init__(self, chain: LocalChain, block_seconds: float) -> None:
        self._chain = chain
        self._block_seconds = block_seconds
        self._since = time.monotonic()
        self._forget = chain.subscribe(self._on_block)

    def _on_block(self, _: LocalBlock) -> None:
        self._since = time.monotonic()

    def now_ms(self) -> int:
        """Unix milliseconds."""
        if not self._block_seconds:
            return self._chain.time_ms
        share = min(1.0, (time.monotonic() - self._since) / self._block_seconds)
        return self._chain.time_ms + int(share * SLOT_MS)

    def now(self) -> float:
        """Unix seconds: the clock of the local Telegram."""
        return self.now_ms() / 1000


class Overview:
    """Puts the state together from all parts.

    Set `program` and `servers` before the first question.
    """

    program: Program
    servers: Servers

    def __init__(
        self,
        *,
        chain: LocalChain,
        clock: ChainClock,
        production: Production,
        telegram: LocalTelegram,
        inhabitants: Inhabitants,
        owners: Sequence[PoolOwner],
        token_owners: Sequence[TokenOwner],
        wallet: Wallet,
        mishaps: Mishaps,
        usdt: Address,
        urls: Mapping[str, str],
    ) -> None:
        self._chain = chain
        self._clock = clock
        self._production = production
        self._owners = owners
        self._token_owners = token_owners
        self._telegram = telegram
        self._inhabitants = inhabitants
        self._wallet = wallet
        self._mishaps = mishaps
        self._usdt = usdt
        self._urls = urls

    def state(self) -> dict[str, Any]:
        bot = self._telegram.bot
        residents = self._inhabitants.residents
        return {
            "world_id": self._inhabitants.world_id,
            **self._urls,
            "bot": {
                "id": bot.id,
                "token": bot.token,
                "username": bot.username,
                "first_name": bot.first_name,
            },
            "users": [self._user_json(person) for person in PEOPLE],
            "groups": [self._group_json(circle) for circle in CIRCLES],
            "accounts": [self._account_json(resident) for resident in residents],
            "payment_address": self._inhabitants.the(AccountRole.PAYMENT).address,
            "usdt_contract": self._usdt,
            "payout_contract": self._chain.payouts[0].address,
            "contacts": [
                {"name": resident.name, "address": resident.address, "kind": resident.role}
                for resident in residents
                if resident.role in CONTACT_ROLES
            ],
            "chain": self.chain_json(),
            "app": self.program.as_json() | {"environment": self.program.environment},
            "servers": self.servers.as_json(),
            "pools": [
                {**owner.as_json(), "poor": POOLS[owner.name].is_poor} for owner in self._owners
            ],
            "tokens": [owner.as_json() for owner in self._token_owners],
            "faults": self._mishaps.waiting(),
        }

    def chain_json(self) -> dict[str, Any]:
        """Time and height. `time` is that of the newest block, `now_ms` passes between blocks."""
        chain = self._chain
        return {
            "time": datetime.fromtimestamp(chain.time_ms / 1000, UTC).isoformat(),
            "time_ms": chain.time_ms,
            "now_ms": self._clock.now_ms(),
            "height": chain.head.number,
            "solid_height": chain.solid.number,
            "block_seconds": self._production.block_seconds,
            "paused": self._production.paused,
            "solid_stalled": chain.solid_is_held,
            "energy_per_trx": round(chain.energy_per_trx, 6),
        }

    def _user_json(self, person: Person) -> dict[str, Any]:
        telegram = self._telegram
        return {
            "id": person.id,
            "first_name": person.first_name,
            "language_code": person.language_code,
            "role": person.role,
            "letter": person.letter,
            "started": telegram.has_started(person.id),
            "blocked": telegram.has_blocked(person.id),
            "commands": telegram.commands_shown(person.id),
            "bot_description": telegram.profile.text("description", person.language_code)
            or telegram.profile.text("description", None),
        }

    def _group_json(self, circle: Circle) -> dict[str, Any]:
        (group,) = (
            group for group in self._telegram.groups if circle.id in (group.id, group.migrated_from)
        )
        return {
            "id": group.id,
            "title": group.title,
            "purpose": circle.purpose,
            "type": group.type,
            "members": list(group.members),
            "has_bot": group.has_bot,
            "migrated_from": group.migrated_from,
        }

    def _account_json(self, resident: Resident) -> dict[str, Any]:
        return {
            "name": resident.name,
            "role": resident.role,
            "user_id": resident.person.id if resident.person else None,
            "private_key": resident.private_key,
            **self._wallet.account_json(resident.address),
        }
