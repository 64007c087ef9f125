"""Blocks: by number, by id, in ranges."""

from __future__ import annotations

import re

from sandbox.tron.blocks import LocalBlock
from sandbox.tron.json_forms import Json, block_form
from sandbox.tron.json_input import Body, Kind
from sandbox.tron.methods.call import Call

_MOST_BLOCKS = 100
_HASH = re.compile(r"[0-9a-fA-F]{64}\Z")
_NUMBER = re.compile(r"-?\d+\Z")


def getnowblock(call: Call) -> Json:
    """The last block. `visible` counts only in the query."""
    return block_form(call.head, visible=call.visible_in_query)


def getblockbynum(call: Call) -> Json:
    """A block by its number; without one, block 0."""
    body = call.read({"num": Kind.INTEGER})
    return _block_or_nothing(call.block(body.integer("num")), body)


def getblockbyid(call: Call) -> Json:
    """A block by its id."""
    body = call.read({"value": Kind.HEX})
    block = call.chain.block_with_id(body.hex("value"))
    return _block_or_nothing(block and call.block(block.number), body)


def getblock(call: Call) -> Json:
    """A block by number or id, the last one without either; its header only, unless `detail`."""
    body = call.read({"id_or_num": Kind.TEXT, "detail": Kind.FLAG})
    wanted = str(body.values.get("id_or_num", ""))
    if not wanted:
        block: LocalBlock | None = call.head
    elif _NUMBER.match(wanted):
        block = call.block(int(wanted))
    elif _HASH.match(wanted):
        found = call.chain.block_with_id(wanted.lower())
        block = found and call.block(found.number)
    else:
        return {"Error": "id must be legal block hash."}
    if block is None:
        return {}
    return block_form(block, visible=body.visible, detail=bool(body.values.get("detail", False)))


def getblockbylimitnext(call: Call) -> Json:
    """Blocks of a range, end exclusive, at most 100; those past the head are missing."""
    body = call.read({"startNum": Kind.INTEGER, "endNum": Kind.INTEGER})
    start, end = body.integer("startNum"), body.integer("endNum")
    if start < 0 or not 0 < end - start <= _MOST_BLOCKS:
        return {}
    found = [block for block in map(call.block, range(start, end)) if block is not None]
    return {"block": [block_form(block, visible=body.visible) for block in found]}


def getblockbylatestnum(call: Call) -> Json:
    """The last so many blocks, at most 99, oldest first."""
    body = call.read({"num": Kind.INTEGER})
    count = body.integer("num")
    if not 0 < count < _MOST_BLOCKS:
        return {}
    head = call.head.number
    found = [call.block(number) for number in range(max(0, head - count + 1), head + 1)]
    return {"block": [block_form(block, visible=body.visible) for block in found if block]}


def _block_or_nothing(block: LocalBlock | None, body: Body) -> Json:
    return {} if block is None else block_form(block, visible=body.visible)
