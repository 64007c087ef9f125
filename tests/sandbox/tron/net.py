"""The private net that the recordings come from, rebuilt: its keys, its genesis, its token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chain.addresses import Address, parse_address
from chain.keys import SigningKey
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.parameters import TRX
from sandbox.tron.token import EnergyCosts, Token

FOLDER = Path(__file__).parent / "recordings"

TOPICS = (
    "http",
    "chain",
    "accounts",
    "blocks",
    "solidity",
    "stake",
    "build",
    "delegation",
    "token",
    "reclaim",
    "permission",
    "broadcast",
)

KEYS = {
    name: SigningKey.from_hex(secret)
    for name, secret in {
        "witness": "924446d43033b69839b548d51b0d9f433b0fb33d5c597f9b44dd337950d773fc",
        "zion": "ca27fd7fa690543f685e00b09b05dee3669e3b14ae707ccdfb005f8409d9363a",
        "blackhole": "4f8a39f3d58daf1049278ea6e9ddfc11dd9d515d17ed97d57c828a5da824ca9e",
        "funder": "0e17b87f90b133cf6e092641b1a96b7b41fc33ad5915dd56adb62a49a337ba26",
        "pool": "f4c4a9947c900709b11cf74b90e8e6662d8575210c488efd7907647e0628eb65",
        "recv": "627941531d138de6f47b67830a130d9b0ec067e48a6a1f471d59cef6aa1e4fd2",
        "recv2": "1ced7f11d11fe49bb6709f4a55662a2c09d655671558d7790da914035e7e885c",
        "plain": "55e1e3e93bdd9fbd9e55e639f2eeeb8bb034e97fb054dce6ab0100dbb1a160a6",
        "poor": "f5b81dca9fef02fde985297ef127d3fafa88e1ca0390b45264feeebd3dc5ebf2",
        "issuer": "bb1f2b8e5944f5832dfce3bed66ff8048b5142adf743ca4848bb63248bfe2d24",
        "hot": "4b5b5c3967e4bcb579a454e5647ac2fb46e3b768b97d79bc3e07de05021b41b8",
        "nobody": "6c0977f1c0e3dad7cce7ae1d5825e8e981539a0f6fcc1dc0271a2299d40b4c46",
        "multi": "8f9e90ee1e44d1c490f638b78bf8ee2f249a6331db6902ce8e94629b06b93980",
        "fresh": "14c232958f2a31501c2574574af50a7a2c577618c7ccca1131cab8deff92ad3d",
        "sender": "9d84f9653dacb749e44dd128edb7d5198e9340a60e2320d7fd9f565f98c3119d",
        "cosigner": "816569f24c12fe9ef82d0bb856ac34f85db2b9901fb42522fa21b854074b3d86",
        "x1": "5b1b51888e241682bad76be4543fd925f04d96148fe2ddc78871f7982ab31fe6",
        "x2": "4efd7b48a0a46acb87c770461abf42db728d9dfd572970147dd2691ec0429810",
    }.items()
}
KEY_OF = {key.address: key for key in KEYS.values()}

TOKEN = Token(
    address=parse_address("TTT4cfbpiaskAW8PAiJYT2ccdLaSbx5T9C"),
    creator=KEYS["issuer"].address,
    total_supply=1_000_000_000 * TRX,
    contract_name="Token",
    energy=EnergyCosts(
        transfer_to_holder=12_752,
        transfer_to_new_holder=27_752,
        transfer_refused=655,
        balance_of=473,
        decimals=255,
        other=187,
    ),
)

FIRST_HEAD_MS = 1_795_435_101_000
"""The time of block 157, the last one before the recorded transactions."""


def address(name: str) -> Address:
    """The address of one of the net's keys."""
    return KEYS[name].address


def genesis() -> Genesis:
    """The net as it was at block 157. Nearly all stake was Zion's, some an unnamed account's."""
    return Genesis(
        start_ms=FIRST_HEAD_MS,
        start_blocks=157,
        solid_after=0,
        other_energy_stake=1_999_980,
        other_bandwidth_stake=200_000,
        operations=bytes.fromhex("7fff1fc0033ef30f" + "00" * 24),
        witnesses=(KEYS["witness"],),
        tokens=(TOKEN,),
        accounts=(
            GenesisAccount(
                address("zion"),
                balance=11_000_000_000 * TRX,
                energy_stake=18_000_000_000 * TRX,
                bandwidth_stake=20_000_000_000 * TRX,
            ),
            GenesisAccount(address("funder"), balance=50_000_000_000 * TRX),
            GenesisAccount(address("blackhole"), balance=-(2**63)),
        ),
    )


def recorded(topic: str) -> list[dict[str, Any]]:
    """A topic's exchanges, in their order."""
    entries: list[dict[str, Any]] = json.loads((FOLDER / f"{topic}.json").read_text())
    return entries
