"""`energy-flash pools`, as a program of its own, on a shop that is open meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import app
import cli
from chain.accounts import Account
from chain.contracts import AccountPermissionUpdate, Permission
from chain.transactions import decode, encode_signed
from embedded import EmbeddedPostgres
from sandbox.telegram import Bot as BotAccount
from sandbox.telegram import LocalTelegram, bot_api_app
from sandbox.tron.genesis import GenesisAccount
from services.granting import as_request, beyond_delegation, grant_lines, grant_to
from services.key_file import Cost
from services.key_store import KeyStore, Passphrase
from services.permissions import DELEGATION_OPERATIONS, operations_of
from services.pools import PoolState
from settings import SettingsError, load
from tests.support.nursery import Ended, Nursery
from tests.support.shop import (
    TRX,
    USDT,
    Shop,
    address,
    delegate_only,
    key,
    open_shop,
    serve,
)

ROOT = Path(cli.__file__).parent
WORDS = "five words drawn by chance"
QUICK = Cost(n=1 << 14, r=8, p=1)
STAKER = GenesisAccount(address("staker"), balance=150 * TRX, energy_stake=50_000 * TRX)
# One whose owner let a key delegate, but not take back.
HALF_OPERATIONS = bytes([0] * 7 + [0x02] + [0] * 24)
HALF = GenesisAccount(
    address("half"),
    balance=300 * TRX,
    energy_stake=1_000 * TRX,
    active_permissions=(
        replace(delegate_only(address("ann")), id=2, name="of ann"),
        replace(delegate_only(address("cold")), id=3, operations=HALF_OPERATIONS),
    ),
)
READY = GenesisAccount(
    address("ready"),
    balance=300 * TRX,
    active_permissions=(delegate_only(address("cold")),),
)


@dataclass
class Till:
    """A shop that is open, and the command line beside it."""

    shop: Shop
    environment: dict[str, str]
    nursery: Nursery

    async def pools(self, *arguments: str, typed: str = "") -> Ended:
        said = await self.nursery.run(["cli", "pools", *arguments], self.environment, typed)
        assert "Traceback" not in said.err, said.err
        return said

    async def listed(self) -> dict[str, dict[str, Any]]:
        said = await self.pools("list", "--json")
        assert said.code == cli.OK, said.err
        return {pool["address"]: pool for pool in json.loads(said.out)}


def environment(folder: Path, **more: object) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "ENERGY_FLASH" not in name}
    ours = {
        "DATA_DIR": str(folder),
        "KEYS__FILE": str(folder / "keys.json"),
        "PAYMENT__ADDRESS": address("payments"),
        "REFUNDS__KEY_NAME": "wallet",
        **more,
    }
    return kept | {f"ENERGY_FLASH_{name}": str(value) for name, value in ours.items()}


def nodes(shop: Shop) -> str:
    return json.dumps([{"url": shop.node_url, "solidity_url": shop.solidity_url}])


def store_of(folder: Path, *names: str) -> KeyStore:
    store = KeyStore.create(folder / "keys.json", Passphrase(WORDS), cost=QUICK)
    for name in names:
        store.add(name, key(name))
    return store


@pytest.fixture
async def till(
    database: str, nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Till]:
    store_of(tmp_path, "wallet", "cold")
    # The running shop has the key store open, as pools may be added to it.
    monkeypatch.setenv("ENERGY_FLASH_KEYS__FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("ENERGY_FLASH_KEYS__PASSPHRASE", WORDS)
    async with open_shop(database, more=(STAKER, HALF, READY)) as shop:
        outside = environment(tmp_path, DATABASE__URL=database, TRON__NODES=nodes(shop))
        yield Till(shop, outside, nursery)


def request_in(text: str) -> dict[str, Any]:
    """The transaction that an owner is shown."""
    lines = text.splitlines()
    first, last = lines.index("{"), lines.index("}")
    request: dict[str, Any] = json.loads("\n".join(lines[first : last + 1]))
    return request


async def sign_by_owner(shop: Shop, request: dict[str, Any], owner: str) -> AccountPermissionUpdate:
    """What a wallet does with it: a node builds it, the owner signs it, a node takes it."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{shop.node_url}/wallet/accountpermissionupdate", json=request) as answer,
    ):
        built = await answer.json()
    raw = bytes.fromhex(built["raw_data_hex"])
    sent = shop.chain.broadcast(encode_signed(raw, [key(owner).sign(raw)]))
    assert sent.accepted, sent.message
    await shop.block()
    contract = decode(raw).contract
    assert isinstance(contract, AccountPermissionUpdate)
    return contract


# ── add ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_grant_is_taken_by_the_chain_and_then_the_running_shop_sells_from_the_pool(
    till: Till,
) -> None:
    shop, staker = till.shop, address("staker")
    before = shop.chain.account(staker)
    assert before is not None
    shown = await till.pools("add", staker, "--yes")
    assert shown.code == cli.FAILURE
    assert "permission 3, named energy" in shown.out
    assert f"energy-flash pools add {staker} --key cold" in shown.out
    assert staker not in await till.listed()

    update = await sign_by_owner(shop, request_in(shown.out), "staker")
    assert update.owner_permission == before.owner_permission
    *kept, new = update.active_permissions
    assert tuple(kept) == before.active_permissions
    assert operations_of(new) == DELEGATION_OPERATIONS
    assert new.keys[0].address == address("cold")

    added = await till.pools("add", staker, "--yes", "--reserve-trx", "100.5", "--priority", "7")
    assert (added.code, added.err) == (cli.OK, "")
    assert "WARNING" not in added.out
    assert "MORE" not in added.out
    assert (await till.pools("disable", address("pool"))).code == cli.OK
    order = await shop.order(recipient="ben")
    shop.pay(order, "ben")
    await shop.block(3)
    assert shop.delegated_sun("staker", "ben") > 0
    assert shop.delegated_sun("pool", "ben") == 0

    pool = (await till.listed())[staker]
    assert pool["state"] == PoolState.ENABLED
    assert pool["trouble"] is None
    assert pool["permission_says"] == "can delegate, and nothing else"
    assert (pool["permission_id"], pool["key_name"]) == (3, "cold")
    assert (pool["reserve_sun"], pool["priority"]) == (100_500_000, 7)
    assert pool["lent_sun"] == shop.delegated_sun("staker", "ben")
    assert pool["stake_sun"] == 50_000 * TRX
    assert pool["can_lend_sun"] == 50_000 * TRX - pool["lent_sun"] - pool["reserve_sun"]


async def test_a_permission_that_cannot_take_back_is_not_enough(till: Till) -> None:
    shown = await till.pools("add", address("half"), "--yes")
    assert shown.code == cli.FAILURE
    assert "Permission 3" in shown.out
    assert "lacks" in shown.out
    update = await sign_by_owner(till.shop, request_in(shown.out), "half")
    assert [permission.name for permission in update.active_permissions] == [
        "of ann",
        "delegate",
        "energy",
    ]
    added = await till.pools("add", address("half"), "--yes")
    assert added.code == cli.OK
    assert (await till.listed())[address("half")]["permission_id"] == 4


async def test_a_chosen_permission_that_is_not_the_keys_is_not_enough(till: Till) -> None:
    shown = await till.pools("add", address("half"), "--permission", "2", "--yes")
    assert shown.code == cli.FAILURE
    assert "By permission 2" in shown.out
    assert request_in(shown.out)["actives"][-1]["keys"] == [
        {"address": address("cold"), "weight": 1}
    ]


async def test_a_key_that_could_do_more_is_asked_about_whatever_else_is_not(
    till: Till, tmp_path: Path
) -> None:
    staker = address("staker")
    KeyStore.open(tmp_path / "keys.json", Passphrase(WORDS)).add("own", key("staker"))
    chosen = ("add", staker, "--key", "own", "--permission", "0", "--yes")
    for typed in ("", "yes\n", f"{address('pool')}\n"):
        refused = await till.pools(*chosen, typed=typed)
        assert refused.code == cli.FAILURE
        assert "MORE than delegate" in refused.out
        assert "take the account over" in refused.out
        assert "--accept-more" in refused.err
    assert staker not in await till.listed()
    assert (await till.pools(*chosen, typed=f"{staker}\n")).code == cli.OK
    listed = await till.listed()
    assert "a thief of the key could also do everything" in listed[staker]["permission_says"]


async def test_accepting_more_is_said_on_its_own(till: Till, tmp_path: Path) -> None:
    KeyStore.open(tmp_path / "keys.json", Passphrase(WORDS)).add("own", key("staker"))
    done = await till.pools(
        *("add", address("staker"), "--key", "own", "--permission", "2"),
        *("--accept-more", "--yes"),
    )
    assert done.code == cli.OK
    assert "MORE than delegate" in done.out


async def test_a_pool_is_not_registered_before_somebody_said_yes(till: Till) -> None:
    ready = address("ready")
    for typed in ("", "no\n"):
        assert (await till.pools("add", ready, typed=typed)).code == cli.FAILURE
    assert ready not in await till.listed()
    said = await till.pools("add", ready, typed="yes\n")
    assert said.code == cli.OK
    assert "nothing is staked for energy" in said.out


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (address("payments"), "is the payment address"),
        (address("wallet"), "is the refund wallet"),
        (address("nobody"), "is not activated"),
        (address("pool"), "is registered already, and enabled"),
        (USDT, "is a contract"),
        ("T123", "is no TRON address"),
    ],
)
async def test_what_can_be_no_pool_is_refused(till: Till, account: str, says: str) -> None:
    before = await till.listed()
    refused = await till.pools("add", account, "--yes", "--accept-more")
    assert refused.code == cli.FAILURE
    assert says in refused.err
    assert refused.err.count("\n") == 1
    assert (await till.listed()).keys() == before.keys()


async def test_a_key_that_is_not_there_is_named(till: Till) -> None:
    refused = await till.pools("add", address("staker"), "--key", "warm")
    assert (refused.code, "warm" in refused.err) == (cli.FAILURE, True)


async def test_several_keys_and_no_permission_ask_for_the_name(till: Till, tmp_path: Path) -> None:
    KeyStore.open(tmp_path / "keys.json", Passphrase(WORDS)).add("second", key("second"))
    refused = await till.pools("add", address("staker"))
    assert refused.code == cli.FAILURE
    assert "cold, second" in refused.err
    # The wallet's key is for refunds, and no pool's unless somebody says so.
    assert "wallet" not in refused.err
    assert "permission 3" in (await till.pools("add", address("staker"), "--key", "second")).out


async def test_no_node_changes_nothing_and_lists_the_last_look(till: Till) -> None:
    away = replace(
        till,
        environment=till.environment
        | {"ENERGY_FLASH_TRON__NODES": '[{"url":"http://127.0.0.1:9"}]'},
    )
    refused = await away.pools("add", address("ready"), "--yes")
    assert (refused.code, "No TRON node" in refused.err) == (cli.FAILURE, True)
    [pool] = (await away.listed()).values()
    assert (pool["fresh"], pool["stake_sun"]) == (False, 50_000 * TRX)
    assert pool["permission_says"] is None


async def test_nodes_of_another_chain_are_refused(till: Till) -> None:
    async with till.shop.database.transaction() as tx:
        await tx.values.put("chain.genesis", "0" * 64)
    refused = await till.pools("add", address("ready"), "--yes")
    assert (refused.code, "was begun on the chain" in refused.err) == (cli.FAILURE, True)
    assert address("ready") not in await till.listed()


# ── list, set, enable, drain, disable ─────────────────────────────────────────────────────────


async def test_terms_and_states_are_in_force_at_once(till: Till) -> None:
    pool, shop = address("pool"), till.shop
    done = await till.pools(
        *("set", pool, "--reserve-trx", "49999.000001", "--cap-trx", "1.5", "--hourly", "3"),
        *("--cost-sun", "12", "--priority", "-4"),
    )
    assert done.code == cli.OK, done.err
    told = (await till.listed())[pool]
    assert told["reserve_sun"] == 49_999_000_001
    assert told["can_lend_sun"] == 999_999
    assert (told["cap_sun"], told["hourly_delegations"]) == (1_500_000, 3)
    assert (told["cost_sun"], told["priority"]) == (12, -4)
    text = (await till.pools("list")).out
    assert "keeps 49,999.000001 TRX, at most 1.5 TRX at once, priority -4" in text
    assert (await till.pools("set", pool, "--cap-trx", "0", "--hourly", "0")).code == cli.OK
    told = (await till.listed())[pool]
    assert (told["cap_sun"], told["hourly_delegations"]) == (None, None)
    for action, state in (
        ("drain", PoolState.DRAINING),
        ("disable", PoolState.DISABLED),
        ("enable", PoolState.ENABLED),
    ):
        assert (await till.pools(action, pool)).code == cli.OK
        await shop.services.pool_watch.watch_due()
        found = shop.services.pools.get(pool)
        assert found is not None
        assert found.state is state


async def test_an_unknown_pool_and_no_change_are_told(till: Till) -> None:
    for action in (["enable"], ["drain"], ["disable"], ["set", "--priority", "1"]):
        refused = await till.pools(action[0], address("ready"), *action[1:])
        assert (refused.code, "There is no pool" in refused.err) == (cli.FAILURE, True)
    nothing = await till.pools("set", address("pool"))
    assert (nothing.code, "--reserve-trx" in nothing.err) == (cli.USAGE, True)


@pytest.mark.parametrize(
    "option",
    [
        ["--reserve-trx", "1.0000001"],
        ["--reserve-trx", "1e3"],
        ["--reserve-trx", "-1"],
        ["--reserve-trx", "1,5"],
        ["--reserve-trx", "."],
        ["--reserve-trx", "٣"],
        ["--cap-trx", "0.5"],
        ["--priority", "101"],
        ["--hourly", "-1"],
        ["--cost-sun", "1.5"],
    ],
)
def test_a_wrong_amount_is_told_in_one_line(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["pools", "set", "T", *option])
    assert left.value.code == cli.USAGE
    assert option[0] in capsys.readouterr().err.splitlines()[-1]


# ── a new shop ────────────────────────────────────────────────────────────────────────────────


async def test_the_first_pool_of_a_shop_that_never_ran(
    database: str, nursery: Nursery, server_folder: Path, tmp_path: Path
) -> None:
    store_of(tmp_path, "wallet", "cold")
    async with open_shop(database, more=(READY,)) as shop:
        new = Till(
            shop,
            environment(tmp_path, TRON__NODES=nodes(shop))
            | {"ENERGY_FLASH_DATA_DIR": str(server_folder)},
            nursery,
        )
        none = await new.pools("list")
        assert (none.code, "has not run" in none.err) == (cli.FAILURE, True)
        added = await new.pools("add", address("ready"), "--yes")
        assert added.code == cli.OK, added.err
        # Joined while another program of ours runs it.
        async with EmbeddedPostgres(server_folder / "postgres", durable=False):
            assert list(await new.listed()) == [address("ready")]


async def test_a_shop_without_any_pool_is_told_of_both_ways(database: str, redis_url: str) -> None:
    async with open_shop(database, pools={}) as shop:
        settings = load(
            telegram={"token": "42:test", "api_url": "http://127.0.0.1:9"},
            tron=shop.settings.tron,
            payment={"address": address("payments")},
            database={"url": database},
            redis={"url": redis_url},
        )
        with pytest.raises(SettingsError, match=r"pools add ADDRESS.*\[\[pools\]\]"):
            await app.run(settings)


async def test_a_shop_opens_with_a_registered_pool_alone(
    database: str, nursery: Nursery, redis_url: str, tmp_path: Path
) -> None:
    store_of(tmp_path, "wallet", "cold")
    telegram = LocalTelegram(BotAccount("42:test"), [])
    try:
        async with (
            open_shop(database, pools={}, more=(READY,)) as shop,
            serve(bot_api_app(telegram)) as bot_api,
        ):
            till = Till(
                shop,
                environment(
                    tmp_path,
                    DATABASE__URL=database,
                    REDIS__URL=redis_url,
                    API__PORT="0",
                    TRON__NODES=nodes(shop),
                    TELEGRAM__TOKEN="42:test",
                    TELEGRAM__API_URL=bot_api,
                    KEYS__PASSPHRASE=WORDS,
                ),
                nursery,
            )
            assert (await till.pools("add", address("ready"), "--yes")).code == cli.OK
            run = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cli", "run"),
                cwd=ROOT,
                env=till.environment,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                assert run.stderr is not None
                said = ""
                while line := (await run.stderr.readline()).decode():
                    said += line
                    if "open for customers" in line:
                        break
                assert "open for customers" in said, said
                # Listed, and looked after, beside the open shop.
                assert (await till.listed())[address("ready")]["trouble"] is None
                run.terminate()
                await run.stderr.read()
                assert await run.wait() == cli.OK
            finally:
                if run.returncode is None:
                    run.kill()
                    await run.wait()
    finally:
        telegram.close()


# ── granting ──────────────────────────────────────────────────────────────────────────────────


async def test_what_a_thief_could_do_counts_every_permission_of_the_key(till: Till) -> None:
    """The program signs by one permission; a thief of its key chooses among all of them."""
    wide = replace(delegate_only(address("cold")), operations=bytes.fromhex("02" + "00" * 31))
    account = await till.shop.node.account(address("ready"))
    assert account is not None
    assert beyond_delegation(account, address("cold")) == ()
    both = replace(account, active_permissions=(*account.active_permissions, replace(wide, id=3)))
    assert beyond_delegation(both, address("cold")) == ("send its TRX away",)


async def test_a_witness_keeps_its_permission(till: Till) -> None:
    account = await till.shop.node.account(address("ready"))
    assert account is not None
    witness = Permission(
        type=account.active_permissions[0].type.WITNESS,
        id=1,
        name="witness",
        threshold=1,
        parent_id=0,
        operations=b"",
        keys=account.active_permissions[0].keys,
    )
    request = as_request(grant_to(replace(account, witness_permission=witness), address("hot")))
    assert request["witness"]["keys"] == [{"address": address("cold"), "weight": 1}]
    assert [permission["id"] for permission in request["actives"]] == [2, 3]


def test_a_full_account_is_told_of() -> None:
    full = GenesisAccount(
        address("full"),
        balance=300 * TRX,
        active_permissions=tuple(
            replace(delegate_only(address("ann")), id=number) for number in range(2, 10)
        ),
    )
    account = Account(
        address=full.address,
        balance_sun=full.balance,
        is_contract=False,
        frozen_energy_sun=0,
        delegated_energy_sun=0,
        acquired_energy_sun=0,
        frozen_bandwidth_sun=0,
        energy_used=0,
        energy_spent=0,
        energy_recovers_in=timedelta(),
        energy_stake_sun=0,
        owner_permission=None,
        active_permissions=full.active_permissions,
    )
    [line] = grant_lines(account, address("cold"), fee_sun=100 * TRX)
    assert "8 active permissions" in line
