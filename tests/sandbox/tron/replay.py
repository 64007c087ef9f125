"""Putting the recorded situations to the local node.

The local chain differs from the recorded one in every hash, because a signature or a reference to a
block is in each of them. So each recorded transaction is read, refers to our block of the same
number, and is signed again with the same keys; recorded hashes, signatures and ids are translated
into ours wherever they occur. Block numbers and times are the recorded ones: the chain is brought
to the same height before each question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chain.addresses import address_hex
from chain.contracts import Contract, Transfer, TriggerSmartContract
from chain.keys import SigningKey, recover
from chain.protobuf import MalformedTransaction
from chain.transaction_json import raw_from_json, raw_to_json
from chain.transactions import Raw, decode, decode_signed, encode, encode_signed, txid
from sandbox.tron.chain import LocalChain
from tests.sandbox.tron.net import KEY_OF, KEYS, TOKEN, TOPICS, address, recorded

NODE_EXPIRATION_MS = 60_000
SLOT_MS = 3_000
_HEX = re.compile(r"(?:[0-9a-f]{2})+\Z")
_WRONG_HASH = bytes.fromhex("0101010101010101")


def _block_numbers() -> dict[str, int]:
    """All recorded block ids, with the number each begins with."""
    found = {
        value
        for topic in TOPICS
        for entry in recorded(topic)
        for name, value in walk(entry["response"])
        if name in {"blockID", "parentHash"}
    }
    numbers = {each: int(each[:16], 16) for each in found}
    return {each: number for each, number in numbers.items() if 0 < number < 1_000}


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """All names with their values, at any depth."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name, each
            yield from walk(each)
    elif isinstance(value, list):
        for each in value:
            yield from walk(each)


@dataclass
class Replay:
    """Our chain, and how recorded hashes translate into ours."""

    chain: LocalChain
    ours: dict[str, str] = field(default_factory=dict)

    def prepare(self, topic: str, position: int, entry: Mapping[str, Any]) -> None:
        """Brings the chain to where it stood when this was asked."""
        before = _BEFORE.get((topic, position))
        if before is not None:
            before(self)
        self._reach(entry)

    def request_text(self, entry: Mapping[str, Any]) -> str | None:
        """The body to send: what was sent then, with our hashes and signatures."""
        request = entry["request"]
        if request is None or isinstance(request, str):
            return request
        if entry["path"] == "/wallet/broadcasthex" and "transaction" in request:
            request = {**request, "transaction": self.signed_again(request["transaction"])}
        elif "raw_data" in request:
            request = self._json_signed_again(request)
        return json.dumps(self.translated(request))

    def translated(self, value: Any) -> Any:
        """A value with all recorded hashes replaced by ours."""
        if isinstance(value, dict):
            return {name: self.translated(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.translated(each) for each in value]
        if not isinstance(value, str):
            return value
        if value in self.ours:
            return self.ours[value]
        if value in _BLOCK_NUMBERS:
            return self._block_id(value)
        for theirs, ours in self.ours.items():
            value = value.replace(theirs, ours)
        for theirs in _BLOCK_NUMBERS:
            value = value.replace(theirs, self._block_id(theirs))
        return value

    def learn_blocks(self, response: Any) -> None:
        """Notes what cannot be equal in recorded blocks: their roots and signatures."""
        if isinstance(response, dict):
            if "block_header" in response:
                header = response["block_header"]
                block = self.chain.block(header["raw_data"].get("number", 0))
                if block is not None:
                    self.ours[header["raw_data"]["txTrieRoot"]] = block.root
                    if "witness_signature" in header:
                        self.ours[header["witness_signature"]] = block.signature.hex()
            if "ref_block_hash" in response:
                block = self.chain.block(int(response["ref_block_bytes"], 16))
                if block is not None:
                    self.ours[response["ref_block_hash"]] = block.id[16:32]
            for each in response.values():
                self.learn_blocks(each)
        elif isinstance(response, list):
            for each in response:
                self.learn_blocks(each)

    def signed_again(self, recorded_hex: str) -> str:
        """A recorded transaction, made valid on our chain, in hex."""
        try:
            theirs, signatures = decode_signed(bytes.fromhex(recorded_hex))
            raw = decode(theirs)
        except (MalformedTransaction, ValueError):
            return recorded_hex
        raw_bytes = encode(self._on_our_chain(raw))
        signed = [self._sign_again(theirs, raw_bytes, each, raw) for each in signatures]
        self._learn(theirs, raw_bytes, raw)
        return encode_signed(raw_bytes, signed).hex()

    def send(self, contract: Contract, key: SigningKey, *, fee_limit: int = 0) -> None:
        """A transaction that was not recorded, but happened in between."""
        raw = self.chain.build(contract, fee_limit=fee_limit)
        raw_bytes = encode(raw)
        answer = self.chain.submit(raw_bytes, [key.sign(raw_bytes)])
        assert answer.accepted, answer

    def _json_signed_again(self, request: Mapping[str, Any]) -> dict[str, Any]:
        visible = bool(request.get("visible"))
        try:
            raw = raw_from_json(request["raw_data"], visible=visible)
        except MalformedTransaction:
            return dict(request)
        theirs = encode(raw)
        ours = self._on_our_chain(raw)
        raw_bytes = encode(ours)
        signatures = [bytes.fromhex(each) for each in request.get("signature", ())]
        signed = [self._sign_again(theirs, raw_bytes, each, raw) for each in signatures]
        self._learn(theirs, raw_bytes, raw)
        form = dict(request)
        # As they were put: a wrong id stays wrong, an unknown type unknown.
        form["raw_data"] = {
            **request["raw_data"],
            "ref_block_hash": raw_to_json(ours, visible=visible)["ref_block_hash"],
        }
        if signed:
            form["signature"] = [each.hex() for each in signed]
        return form

    def _on_our_chain(self, raw: Raw) -> Raw:
        if raw.ref_block_hash == _WRONG_HASH:
            return raw
        low = int.from_bytes(raw.ref_block_bytes, "big")
        block = self.chain.block(low)
        assert block is not None, f"block {low} is not there yet"
        return replace(raw, ref_block_hash=bytes.fromhex(block.id)[8:16])

    def _sign_again(self, theirs: bytes, ours: bytes, signature: bytes, raw: Raw) -> bytes:
        if not any(signature):
            return signature
        whole = signature.ljust(65, b"\0")
        try:
            key = KEY_OF.get(recover(theirs, whole))
        except ValueError:
            key = None
        if key is None:
            # Signed before something was changed, or cut short: the owner's, over other bytes.
            key = KEY_OF[raw.contract.owner]
            fresh = key.sign(ours if len(signature) < len(whole) else ours + b"\0")
        else:
            fresh = key.sign(ours)
        if whole[-1] >= 27:
            fresh = fresh[:-1] + bytes([fresh[-1] + 27])
        fresh = fresh[: len(signature)]
        self.ours[signature.hex()] = fresh.hex()
        return fresh

    def _learn(self, theirs: bytes, ours: bytes, raw: Raw) -> None:
        self.ours[txid(theirs)] = txid(ours)
        self.ours[theirs.hex()] = ours.hex()
        self.ours[raw.ref_block_hash.hex()] = self._on_our_chain(raw).ref_block_hash.hex()

    def _block_id(self, recorded_id: str) -> str:
        block = self.chain.block(_BLOCK_NUMBERS[recorded_id])
        return recorded_id if block is None else block.id

    def _reach(self, entry: Mapping[str, Any]) -> None:
        for name, value in (*walk(self._request_fields(entry)), *walk(entry["response"])):
            if name == "expiration" and isinstance(value, int):
                self._reach_time(value - NODE_EXPIRATION_MS)
            elif name == "blockTimeStamp":
                self._reach_time(value)

    def _request_fields(self, entry: Mapping[str, Any]) -> Any:
        request = entry["request"]
        if not isinstance(request, dict) or entry["path"] != "/wallet/broadcasthex":
            return request
        try:
            raw = decode(decode_signed(bytes.fromhex(request["transaction"]))[0])
        except (MalformedTransaction, ValueError, KeyError):
            return None
        return raw_to_json(raw, visible=True)

    def _reach_time(self, time_ms: int) -> None:
        # Further than a minute away it is an expiration chosen on purpose.
        if time_ms - self.chain.head.time_ms > 20 * SLOT_MS:
            return
        while self.chain.head.time_ms < time_ms:
            self.chain.produce_block()


def comparable(value: Any) -> Any:
    """A response with messages in hex read, and the JSON inside of a string opened."""
    if isinstance(value, dict):
        return {name: _comparable_field(name, each) for name, each in value.items()}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    return value


def _comparable_field(name: str, value: Any) -> Any:
    if name in {"message", "resMessage"} and isinstance(value, str) and _HEX.match(value):
        return {"hex": bytes.fromhex(value).decode()}
    if name == "transaction" and isinstance(value, str):
        return {"text": json.loads(value)}
    return comparable(value)


def _fund(replay: Replay) -> None:
    """Block 158: the funder pays everybody."""
    block = recorded("blocks")[0]["response"]
    for transaction in block["transactions"]:
        form = {**transaction, "visible": False}
        again = replay._json_signed_again(form)
        raw = raw_from_json(again["raw_data"], visible=False)
        answer = replay.chain.submit(
            encode(raw), [bytes.fromhex(each) for each in again["signature"]]
        )
        assert answer.accepted, answer
    replay.chain.produce_block()


def _submit_recorded(form: Mapping[str, Any]) -> Callable[[Replay], None]:
    def submit(replay: Replay) -> None:
        again = replay._json_signed_again({**form, "visible": False})
        raw_bytes = encode(raw_from_json(again["raw_data"], visible=False))
        signatures = [bytes.fromhex(each) for each in again["signature"]]
        assert replay.chain.submit(raw_bytes, signatures).accepted

    return submit


def _before_block_159(replay: Replay) -> None:
    transaction = recorded("blocks")[6]["response"]["transactions"][0]
    _submit_recorded(transaction)(replay)
    replay.chain.produce_block()


def _before_pending(replay: Replay) -> None:
    _submit_recorded(recorded("solidity")[0]["response"])(replay)


def _one_block(replay: Replay) -> None:
    replay.chain.produce_block()


def _hand_out_tokens(replay: Replay) -> None:
    """Block 177: the issuer gives the receiver tokens and TRX."""
    issuer, receiver = KEYS["issuer"], address("recv")
    replay.send(_token_transfer("issuer", "recv", 1_000_000), issuer, fee_limit=100_000_000)
    replay.send(Transfer(issuer.address, receiver, 5_000_000), issuer)


def _use_up_energy(replay: Replay) -> None:
    """Blocks 182 and 183: the receiver sends tokens to two more addresses."""
    for name in ("x1", "x2"):
        replay.send(_token_transfer("recv", name, 1), KEYS["recv"], fee_limit=100_000_000)
    replay.chain.produce_block()


def _use_up_bandwidth(replay: Replay) -> None:
    """Block 197: two transfers take the poor account's free bandwidth."""
    for amount in (1, 2):
        replay.send(Transfer(address("poor"), address("plain"), amount), KEYS["poor"])


def _token_transfer(sender: str, receiver: str, amount: int) -> TriggerSmartContract:
    data = (
        "a9059cbb"
        + address_hex(address(receiver))[2:].rjust(64, "0")
        + amount.to_bytes(32, "big").hex()
    )
    return TriggerSmartContract(address(sender), TOKEN.address, bytes.fromhex(data))


_BLOCK_NUMBERS = _block_numbers()

_BEFORE: dict[tuple[str, int], Callable[[Replay], None]] = {
    ("http", 0): _fund,
    ("blocks", 6): _before_block_159,
    ("solidity", 0): _before_pending,
    ("solidity", 4): _one_block,
    ("token", 14): _hand_out_tokens,
    ("reclaim", 0): _use_up_energy,
    ("broadcast", 30): _use_up_bandwidth,
}
"""What happened between the recorded exchanges and left its traces in them."""
