"""The chain's file: what was answered is there after a kill, and a restart changes nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from sandbox.tron.chain import LocalChain
from sandbox.tron.parameters import TRX
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    POOL,
    STRANGER,
    USDT,
    carry_out,
    delegated,
    open_chain,
    paid,
    reclaimed,
    send,
    signed,
    usdt,
)

ROOT = Path(__file__).resolve().parents[3]
FIRST_DEATH, SECOND_DEATH = 40, 91


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "chain.sqlite"
    chain = open_chain(path)
    carry_out(chain, delegated(7_000), POOL)
    carry_out(chain, usdt(5, STRANGER.address), CUSTOMER, fee_limit=50 * TRX)
    carry_out(chain, reclaimed(1_000), POOL)
    waiting = send(chain, paid(7), CUSTOMER)
    chain.advance_time(7)
    before = _everything(chain)
    chain.close()
    chain = open_chain(path)
    assert _everything(chain) == before
    assert chain.time_ms == chain.head.time_ms + 9_000
    assert [each.txid for each in chain.waiting] == [waiting.txid]
    # Blocks, forks and views go on from there.
    assert len(chain.produce_block().entries) == 1
    chain.fork(2)
    assert chain.view_at(chain.solid.number).token_balance(USDT, STRANGER.address) == 0
    assert chain.total_sun() == before["total"]
    chain.close()


def test_what_a_fork_replaced_stays_replaced(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    chain = open_chain(path)
    transaction = signed(chain, paid(7), CUSTOMER)
    chain.broadcast(transaction)
    chain.produce_blocks(2)
    chain.fork(2, transactions="vanish")
    before = _everything(chain)
    chain.close()
    chain = open_chain(path)
    assert _everything(chain) == before
    assert not chain.waiting
    assert chain.broadcast(transaction).accepted
    chain.close()


async def test_nothing_answered_is_lost_by_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    total = _total(tmp_path / "other.sqlite")
    accepted: list[str] = []
    blocks: dict[int, str] = {}
    for lines in (FIRST_DEATH, SECOND_DEATH):
        for word, *rest in await _run_until_killed(path, lines):
            if word == "accepted":
                accepted.append(rest[0])
            else:
                blocks[int(rest[0])] = rest[1]
        chain = open_chain(path)
        for number, block_id in blocks.items():
            block = chain.block(number)
            assert block is not None
            assert block.id == block_id
        for txid in accepted:
            assert (chain.entry(txid) is None) != (chain.waiting_with_id(txid) is None)
        for number in range(1, chain.head.number + 1):
            block, parent = chain.block(number), chain.block(number - 1)
            assert block is not None
            assert parent is not None
            assert block.parent_id == parent.id
        assert chain.total_sun() == total
        chain.close()
    assert len(accepted) == len(set(accepted)) > FIRST_DEATH
    assert len(blocks) > 10


async def _run_until_killed(path: Path, lines: int) -> list[list[str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        Path(__file__).with_name("owner.py"),
        path,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    said = [(await process.stdout.readline()).decode().split() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    rest = (await process.stdout.read()).decode().split("\n")
    await process.wait()
    # A last line may be cut: it was not said.
    return said + [line.split() for line in rest[:-1]]


def _total(path: Path) -> int:
    chain = open_chain(path)
    chain.close()
    return chain.total_sun()


def _everything(chain: LocalChain) -> dict[str, object]:
    return {
        "head": chain.head,
        "solid": chain.solid,
        "time": chain.time_ms,
        "accounts": [chain.account(key.address) for key in (POOL, CUSTOMER, BANK, STRANGER)],
        "tokens": [chain.view.token_balance(USDT, key.address) for key in (CUSTOMER, STRANGER)],
        "pairs": chain.view.receivers(POOL.address),
        "record": chain.view.delegation(POOL.address, CUSTOMER.address, locked=False),
        "past": chain.view_at(chain.solid.number).account(POOL.address),
        "blocks": [chain.block(number) for number in range(chain.head.number + 1)],
        "total": chain.total_sun(),
        "burnt": chain.burnt_sun,
    }
