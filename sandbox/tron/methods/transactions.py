"""Transactions: what they say, and what they did and cost."""

from __future__ import annotations

from sandbox.tron.blocks import Outcome
from sandbox.tron.json_forms import Json, entry_form, info_form, transaction_form
from sandbox.tron.json_input import Kind
from sandbox.tron.methods.call import Call


def gettransactionbyid(call: Call) -> Json:
    """A transaction, waiting ones too (a full node's), which look as if they had succeeded."""
    body = call.read({"value": Kind.HEX})
    wanted = body.hex("value")
    found = call.entry(wanted)
    if found is not None:
        return entry_form(found[1], visible=body.visible)
    waiting = None if call.solid or call.lag else call.chain.waiting_with_id(wanted)
    if waiting is None:
        return {}
    return {
        "ret": [{"contractRet": Outcome.SUCCESS.name}],
        **transaction_form(
            waiting.raw, waiting.raw_bytes, waiting.signatures, visible=body.visible
        ),
    }


def gettransactioninfobyid(call: Call) -> Json:
    """What a transaction did and cost, once it is in a block."""
    body = call.read({"value": Kind.HEX})
    found = call.entry(body.hex("value"))
    return {} if found is None else info_form(*found, visible=body.visible)


def gettransactioninfobyblocknum(call: Call) -> Json | list[Json]:
    """The infos of a block's transactions: a list, empty for blocks that are not there."""
    body = call.read({"num": Kind.INTEGER})
    number = body.integer("num")
    if number <= 0:
        return {}
    block = call.block(number)
    if block is None:
        return []
    return [info_form(block, entry, visible=body.visible) for entry in block.entries]


def gettransactioncountbyblocknum(call: Call) -> Json:
    """How many transactions a block has; -1 for one that is not there."""
    block = call.block(call.read({"num": Kind.INTEGER}).integer("num"))
    return {"count": -1 if block is None else len(block.entries)}
