"""Which methods the node has, on which node, and by GET or only by POST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.tron.methods import (
    accounts,
    blocks,
    broadcasting,
    building,
    contracts,
    network,
    stakes,
    transactions,
)
from sandbox.tron.methods.call import Call


@dataclass(frozen=True, slots=True)
class Route:
    """A method, whether the solidity node has it, and whether GET works."""

    answer: Callable[[Call], Any]
    on_solidity: bool = False
    by_get: bool = True


_SOLID_TOO: tuple[Callable[[Call], Any], ...] = (
    blocks.getnowblock,
    blocks.getblockbynum,
    blocks.getblockbyid,
    blocks.getblock,
    blocks.getblockbylimitnext,
    blocks.getblockbylatestnum,
    transactions.gettransactionbyid,
    transactions.gettransactioninfobyid,
    transactions.gettransactioninfobyblocknum,
    transactions.gettransactioncountbyblocknum,
    accounts.getaccount,
    stakes.getcandelegatedmaxsize,
    stakes.getdelegatedresourcev2,
    stakes.getdelegatedresourceaccountindexv2,
    stakes.getavailableunfreezecount,
    stakes.getcanwithdrawunfreezeamount,
    network.getenergyprices,
    network.getbandwidthprices,
    network.getburntrx,
    network.getnodeinfo,
    contracts.triggerconstantcontract,
    contracts.estimateenergy,
)
_FULL_ONLY: tuple[Callable[[Call], Any], ...] = (
    accounts.getaccountnet,
    accounts.getaccountresource,
    accounts.validateaddress,
    network.getchainparameters,
    network.getnextmaintenancetime,
    contracts.getcontract,
    broadcasting.getsignweight,
    broadcasting.getapprovedlist,
)
_POST_ONLY: tuple[Callable[[Call], Any], ...] = (
    building.createtransaction,
    building.delegateresource,
    building.undelegateresource,
    building.freezebalancev2,
    building.unfreezebalancev2,
    building.withdrawexpireunfreeze,
    building.cancelallunfreezev2,
    building.accountpermissionupdate,
    building.deploycontract,
    contracts.triggersmartcontract,
    broadcasting.broadcasthex,
    broadcasting.broadcasttransaction,
)

ROUTES: Mapping[str, Route] = {
    **{method.__name__: Route(method, on_solidity=True) for method in _SOLID_TOO},
    **{method.__name__: Route(method) for method in _FULL_ONLY},
    **{method.__name__: Route(method, by_get=False) for method in _POST_ONLY},
}
"""What the node answers, by the last part of the path."""
