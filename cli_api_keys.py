"""`energy-flash api-keys`: customers' API keys by hand, while the shop runs. The command line
(`cli.py`) says what is wanted; `app.py` opens the database.

A secret is printed once, alone on standard output; everything else about a new key is told beside
it, on standard error.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from db.database import Database
from services.acts import Acts
from services.api_keys import (
    MOST_KEYS,
    MOST_NETWORKS,
    ApiKey,
    ApiKeys,
    KeyFault,
    KeyRefused,
    KeyTerms,
    Network,
    Scope,
    name_of,
    networks_of,
    public_id_in,
)
from services.key_acts import KeyActs


class KeyNotDone(Exception):
    """It was not done; the message says why, and what would help."""


async def run(wanted: Namespace, database: Database) -> int:
    """Do what `energy-flash api-keys …` says; the exit code.

    Raises:
        KeyNotDone: it was not done, and why.
    """
    return await _COMMANDS[wanted.action](wanted, database)


async def _list(wanted: Namespace, database: Database) -> int:
    keys = ApiKeys(database)
    found = await (keys.everybodys() if wanted.user is None else keys.of_user(wanted.user))
    if wanted.json:
        print(json.dumps([_figures(key) for key in found], ensure_ascii=False, indent=2))
        return 0
    if not found:
        print("there is no key: energy-flash api-keys make --user ID --name NAME --scope read")
    for key in found:
        print("\n".join(_said(key)))
    return 0


async def _make(wanted: Namespace, database: Database) -> int:
    try:
        name = name_of(wanted.name)
    except ValueError as error:
        raise KeyNotDone(f"{wanted.name!r} is no name for a key: {error}.") from None
    terms = KeyTerms(
        name,
        frozenset(Scope(scope) for scope in wanted.scopes),
        _networks(wanted.networks),
        timedelta(days=wanted.lasts_days) if wanted.lasts_days else None,
    )
    try:
        made = await KeyActs(database, Acts(database)).make_by_hand(wanted.user, terms)
    except KeyRefused as refusal:
        raise KeyNotDone(_why_not(wanted.user, refusal.fault)) from None
    print(*_said(made.key), sep="\n", file=sys.stderr)
    print("Its secret, which is not shown again:", file=sys.stderr, flush=True)
    print(made.secret)
    return 0


def _networks(words: list[str]) -> tuple[Network, ...]:
    if not words:
        return ()
    try:
        networks = networks_of(" ".join(words))
    except ValueError as error:
        raise KeyNotDone(f"--from: {error} is neither an IP address nor a network.") from None
    if len(networks) > MOST_NETWORKS:
        raise KeyNotDone(f"--from: at most {MOST_NETWORKS} networks.")
    return networks


def _why_not(user_id: int, fault: KeyFault) -> str:
    if fault is KeyFault.NOBODY:
        return f"The bot has never met {user_id}: they have to say /start to it first."
    return f"{user_id} has {MOST_KEYS} keys, which is the most: revoke one first."


async def _revoke(wanted: Namespace, database: Database) -> int:
    public_id = public_id_in(wanted.key)
    # What was typed may be a whole key: it is not said again.
    if public_id is None:
        raise KeyNotDone("That is not how a key begins: ef_key_ and 12 characters.")
    key = await ApiKeys(database).called(public_id)
    if key is None:
        raise KeyNotDone(f"There is no key ef_key_{public_id}_…: energy-flash api-keys list.")
    revoked = await KeyActs(database, Acts(database)).revoke_by_hand(key.id)
    if revoked is None:
        print(f"the key {key.shown} was revoked before")
    else:
        print(f"revoked the key {key.name} ({key.shown}) of user {key.user_id}")
    return 0


_Command = Callable[[Namespace, Database], Awaitable[int]]
_COMMANDS: Mapping[str, _Command] = {"list": _list, "make": _make, "revoke": _revoke}


def _said(key: ApiKey) -> list[str]:
    rows = [
        f"{key.shown} {key.name}",
        f"  user {key.user_id}, may {', '.join(sorted(key.scopes))}, {_standing(key)}",
        f"  made {key.created_at:%Y-%m-%d} by {key.made_by or 'hand'}, "
        + (f"used last {key.used_at:%Y-%m-%d %H:%M} UTC" if key.used_at else "not used yet"),
    ]
    if key.networks:
        rows.append(f"  only from {', '.join(map(str, key.networks))}")
    return rows


def _standing(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"REVOKED {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "without an end"
    ended = not key.lives_at(datetime.now(UTC))
    return f"{'RAN OUT' if ended else 'until'} {key.expires_at:%Y-%m-%d}"


def _figures(key: ApiKey) -> dict[str, Any]:
    return {
        "key": key.shown,
        "name": key.name,
        "user": key.user_id,
        "scopes": sorted(key.scopes),
        "networks": [str(network) for network in key.networks],
        "madeBy": key.made_by,
        "madeAt": key.created_at.isoformat(),
        "usedAt": _time(key.used_at),
        "expiresAt": _time(key.expires_at),
        "revokedAt": _time(key.revoked_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
