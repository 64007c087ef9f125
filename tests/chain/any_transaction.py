"""Any transaction there can be, for tests that must hold for all of them, and a plain one."""

from __future__ import annotations

from hypothesis import strategies as st

from chain.addresses import address_from_bytes
from chain.contracts import (
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    DelegateResource,
    FreezeBalanceV2,
    Permission,
    PermissionKey,
    PermissionType,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from chain.transactions import Raw

addresses = st.binary(min_size=20, max_size=20).map(lambda raw: address_from_bytes(b"\x41" + raw))
int64s = st.integers(-(1 << 63), (1 << 63) - 1)
int32s = st.integers(-(1 << 31), (1 << 31) - 1)
resources = st.sampled_from(Resource)
permissions = st.builds(
    Permission,
    type=st.sampled_from(PermissionType),
    id=int32s,
    name=st.text(max_size=32),
    threshold=int64s,
    parent_id=int32s,
    operations=st.binary(max_size=32),
    keys=st.lists(st.builds(PermissionKey, addresses, int64s), max_size=3).map(tuple),
)
contracts = st.one_of(
    st.builds(Transfer, addresses, addresses, int64s),
    st.builds(
        TriggerSmartContract, addresses, addresses, st.binary(max_size=100), int64s, int64s, int64s
    ),
    st.builds(DelegateResource, addresses, addresses, int64s, resources, st.booleans(), int64s),
    st.builds(UnDelegateResource, addresses, addresses, int64s, resources),
    st.builds(FreezeBalanceV2, addresses, int64s, resources),
    st.builds(UnfreezeBalanceV2, addresses, int64s, resources),
    st.builds(WithdrawExpireUnfreeze, addresses),
    st.builds(CancelAllUnfreezeV2, addresses),
    st.builds(
        AccountPermissionUpdate,
        addresses,
        st.none() | permissions,
        st.none() | permissions,
        st.lists(permissions, max_size=3).map(tuple),
    ),
)
raws = st.builds(
    Raw,
    contract=contracts,
    ref_block_bytes=st.binary(max_size=2),
    ref_block_hash=st.binary(max_size=8),
    expiration_ms=int64s,
    timestamp_ms=int64s,
    memo=st.binary(max_size=50),
    fee_limit=int64s,
    permission_id=int32s,
)
OWNER = address_from_bytes(b"\x41" + b"\x01" * 20)
OTHER = address_from_bytes(b"\x41" + b"\x02" * 20)
TRANSFER = Raw(Transfer(OWNER, OTHER, 5), b"\x00\x01", b"\x02" * 8, 1_000, 2_000)
