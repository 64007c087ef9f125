"""`energy-flash api-keys`, as a program of its own, on a shop that is open meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import cli
from services.api_keys import KeyFault, KeyRefused, Scope, holds_key
from tests.support.shop import OTHER_USER, USER, Shop, open_shop

ROOT = Path(cli.__file__).parent


@dataclass
class Till:
    """A shop that is open, and the command line beside it."""

    shop: Shop
    environment: dict[str, str]

    async def keys(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "cli", "api-keys", *arguments],
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
            cwd=ROOT,
            env=self.environment,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done


@pytest.fixture
async def till(database: str, tmp_path: Path) -> AsyncIterator[Till]:
    kept = {name: value for name, value in os.environ.items() if "ENERGY_FLASH" not in name}
    ours = {"ENERGY_FLASH_DATA_DIR": str(tmp_path), "ENERGY_FLASH_DATABASE__URL": database}
    async with open_shop(database) as shop:
        yield Till(shop, kept | ours)


def test_the_command_line_knows_every_scope() -> None:
    assert set(cli.SCOPES) == set(Scope)


async def test_a_key_is_made_listed_and_revoked_while_the_shop_runs(till: Till) -> None:
    keys = till.shop.services.api_keys
    made = await till.keys(
        *("make", "--user", str(USER), "--name", "web shop", "--scope", "read", "--scope", "spend"),
        *("--lasts-days", "0", "--from", "198.51.100.0/24", "2001:db8::1"),
    )
    assert made.returncode == cli.OK, made.stderr
    secret = made.stdout.removesuffix("\n")
    assert not holds_key(made.stderr)
    key = await keys.recognise(secret, "198.51.100.7")
    assert key.shown in made.stderr
    assert (key.name, key.expires_at, key.made_by) == ("web shop", None, None)
    assert key.scopes == {Scope.READ, Scope.SPEND}
    with pytest.raises(KeyRefused):
        await keys.recognise(secret, "198.51.101.7")

    (listed,) = json.loads((await till.keys("list", "--json")).stdout)
    assert (listed["key"], listed["user"]) == (key.shown, USER)
    assert listed["networks"] == ["198.51.100.0/24", "2001:db8::1/128"]
    assert json.loads((await till.keys("list", "--json", "--user", str(OTHER_USER))).stdout) == []

    revoked = await till.keys("revoke", key.shown)
    assert (revoked.returncode, "web shop" in revoked.stdout) == (cli.OK, True)
    with pytest.raises(KeyRefused) as refusal:
        await keys.recognise(secret, "198.51.100.7")
    assert refusal.value.fault is KeyFault.REVOKED
    said = await till.keys("list")
    assert f"{key.shown} web shop" in said.stdout
    assert "REVOKED" in said.stdout
    assert not holds_key(said.stdout)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("make", "--user", "987654321", "--name", "x", "--scope", "read"), 1, "/start"),
        (("make", "--user", str(USER), "--name", " ", "--scope", "read"), 1, "no name"),
        (
            *(("make", "--user", str(USER), "--name", "x", "--scope", "read", "--from", "1.2.3"),),
            *(1, "1.2.3 is neither an IP address nor a network"),
        ),
        (("make", "--user", str(USER), "--name", "x"), 2, "--scope"),
        (("revoke", "ef_key_0123456789Ab_…"), 1, "There is no key ef_key_0123456789Ab_…"),
        (("revoke", f"sf_key_{'x' * 56}"), 1, "That is not how a key begins"),
    ],
    ids=lambda value: " ".join(value[:1]) if isinstance(value, tuple) else None,
)
async def test_what_is_not_done_is_said_in_a_line(
    till: Till, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = await till.keys(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""
    assert await till.shop.services.api_keys.everybodys() == ()
