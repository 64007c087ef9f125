"""A program that owns a chain and is killed in the middle: prints what it has answered.

``owner.py FILE``: sends transfers and makes blocks until it dies. Each line is ``accepted TXID`` or
``block NUMBER ID``, written only after the chain has said so.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.sandbox.tron.support import BANK, CUSTOMER, open_chain, paid, send


def main() -> None:
    chain = open_chain(Path(sys.argv[1]))
    amount = 0
    while True:
        for _ in range(3):
            amount += 1
            answer = send(chain, paid(amount, CUSTOMER.address, BANK), BANK)
            print("accepted", answer.txid if answer.accepted else answer.message, flush=True)  # noqa: T201
        if amount % 2:
            block = chain.produce_block()
            print("block", block.number, block.id, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
