"""The network: its parameters and prices, and the node itself."""

from __future__ import annotations

from sandbox.tron.blocks import LocalBlock
from sandbox.tron.json_forms import Json, without_empty
from sandbox.tron.methods.call import Call

_MAINTENANCE_MS = 21_600_000


def getchainparameters(call: Call) -> Json:
    """The network's parameters."""
    return {"chainParameter": call.chain.parameters.listed()}


def getenergyprices(call: Call) -> Json:
    """The history of the energy price: one entry."""
    return {"prices": f"0:{call.chain.parameters.energy_fee}"}


def getbandwidthprices(call: Call) -> Json:
    """The history of the bandwidth price: one entry."""
    return {"prices": f"0:{call.chain.parameters.transaction_fee}"}


def getnextmaintenancetime(call: Call) -> Json:
    """When votes would be counted next."""
    return {"num": (call.head.time_ms // _MAINTENANCE_MS + 1) * _MAINTENANCE_MS}


def getburntrx(call: Call) -> Json:
    """What fees have taken out of circulation."""
    return without_empty({"burnTrxAmount": call.chain.burnt_sun})


def getnodeinfo(call: Call) -> Json:
    """Head and solid block, and a node without peers."""

    def named(block: LocalBlock) -> str:
        return f"Num:{block.number},ID:{block.id}"

    return {
        "activeConnectCount": 0,
        "beginSyncNum": max(0, call.head.number - 1),
        "block": named(call.head),
        "cheatWitnessInfoMap": {},
        "configNodeInfo": {
            "activeNodeSize": 0,
            "allowAdaptiveEnergy": 0,
            "allowCreationOfContracts": 1,
            "backupListenPort": 0,
            "backupMemberSize": 0,
            "backupPriority": 0,
            "codeVersion": "4.8.0",
            "dbVersion": 2,
            "discoverEnable": False,
            "listenPort": 0,
            "maxConnectCount": 0,
            "maxTimeRatio": 5.0,
            "minParticipationRate": 0,
            "minTimeRatio": 0.0,
            "p2pVersion": "0",
            "passiveNodeSize": 0,
            "sameIpMaxConnectCount": 0,
            "sendNodeSize": 0,
            "supportConstant": True,
            "versionNum": "18631",
        },
        "currentConnectCount": 0,
        "machineInfo": {},
        "passiveConnectCount": 0,
        "peerList": [],
        "solidityBlock": named(call.chain.solid),
        "totalFlow": 0,
    }
