"""Whatever is sent to the node, it answers as java-tron does: 200 and JSON, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.tron.chain import LocalChain
from sandbox.tron.http_routes import answer_text
from sandbox.tron.methods.call import Call
from sandbox.tron.routes import ROUTES
from tests.sandbox.tron.support import BANK, CUSTOMER, POOL, USDT, open_chain

FIELDS = (
    "Permission_id",
    "actives",
    "address",
    "amount",
    "balance",
    "call_value",
    "contract",
    "contract_address",
    "data",
    "detail",
    "endNum",
    "expiration",
    "extra_data",
    "fee_limit",
    "fromAddress",
    "frozen_balance",
    "function_selector",
    "id_or_num",
    "lock",
    "lock_period",
    "num",
    "operations",
    "owner",
    "owner_address",
    "parameter",
    "raw_data",
    "receiver_address",
    "ref_block_bytes",
    "resource",
    "signature",
    "startNum",
    "timestamp",
    "toAddress",
    "to_address",
    "transaction",
    "type",
    "unfreeze_balance",
    "value",
    "visible",
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from((POOL.address, CUSTOMER.address, BANK.address, USDT, "ENERGY", "", "00", "zz")),
    st.binary(max_size=40).map(bytes.hex),
)
names = st.sampled_from(FIELDS)
nested = st.recursive(
    values,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=5)),
    max_leaves=12,
)
bodies = st.one_of(
    st.dictionaries(names, nested, max_size=8).map(json.dumps),
    st.text(max_size=30),
    nested.map(json.dumps),
)


@pytest.fixture(scope="module")
def still_chain() -> Iterator[LocalChain]:
    chain = open_chain()
    yield chain
    chain.close()


@pytest.mark.parametrize("method", sorted(ROUTES))
@settings(max_examples=60, deadline=None)
@given(body=bodies)
def test_every_request_is_answered(still_chain: LocalChain, method: str, body: str) -> None:
    text = answer_text(ROUTES[method], Call(still_chain, body))
    _is_an_answer(method, text)


@pytest.mark.parametrize("method", sorted(name for name, route in ROUTES.items() if route.by_get))
@settings(max_examples=30, deadline=None)
@given(query=st.dictionaries(names, st.one_of(st.text(max_size=12), values.map(str)), max_size=6))
def test_every_query_is_answered(
    still_chain: LocalChain, method: str, query: dict[str, str]
) -> None:
    text = answer_text(ROUTES[method], Call(still_chain, "", query))
    _is_an_answer(method, text)


def _is_an_answer(method: str, text: str) -> None:
    if method == "validateaddress" and not text:
        return
    answer: Any = json.loads(text)
    assert isinstance(answer, dict | list)
