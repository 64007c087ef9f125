"""The control API: everything the page does, and scripts may do, under /sandbox/v1.

Documented in docs/sandbox.md. Every answer is JSON; a refused request answers
`{"error": {"code", "message"}}`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web

from chain.addresses import InvalidAddress
from sandbox.answers import Refusal, answer, error, listed, sentence
from sandbox.events import Events
from sandbox.explorer import Explorer
from sandbox.feeds import ChatFeed
from sandbox.inhabitants import Inhabitants, Resident
from sandbox.overview import Overview
from sandbox.requests import Fields, read_fields
from sandbox.telegram import CallbackSent, LocalTelegram, Membership, UserCannot
from sandbox.tron.chain import LocalChain
from sandbox.tron.token import Token
from sandbox.wallet import CannotSend, Order, Wallet

log = logging.getLogger(__name__)

PREFIX = "/sandbox/v1"

_LONGEST_WAIT_SECONDS = 60.0
_LARGEST_BODY = 12 * 1024 * 1024
_STATE_DELAY_SECONDS = 0.05

_SUPERGROUP_STEP = 1_005_000_000_000
"""Between the ids of a group before and after it is upgraded; Telegram chooses as it likes."""
_MEMBERSHIPS = {
    "add_bot": Membership.MEMBER,
    "remove_bot": Membership.KICKED,
    "promote_bot": Membership.ADMINISTRATOR,
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """The API over one world. Call `start` inside the event loop, `close` before it ends."""

    def __init__(
        self,
        *,
        chain: LocalChain,
        telegram: LocalTelegram,
        inhabitants: Inhabitants,
        explorer: Explorer,
        wallet: Wallet,
        overview: Overview,
        file_url: Callable[[str], str],
    ) -> None:
        self._chain = chain
        self._telegram = telegram
        self._inhabitants = inhabitants
        self._explorer = explorer
        self._wallet = wallet
        self._overview = overview
        self._events = Events()
        self.feed = ChatFeed(telegram, self._events, file_url)
        self._state_due: asyncio.TimerHandle | None = None
        self._new_blocks: list[int] = []
        self._block_came = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()
        self._forget: list[Callable[[], None]] = []

    def app(self, further: Iterable[web.AbstractRouteDef] = ()) -> web.Application:
        """The routes, with `further` ones, to be mounted at PREFIX."""
        app = web.Application(middlewares=[_complaints], client_max_size=_LARGEST_BODY)
        app.add_routes(
            [
                web.get("/state", self._state),
                web.get("/events", self._events.serve),
                web.get("/chats/{user_id}/messages", self._messages),
                web.post("/chats/{user_id}/messages", self._write),
                web.post("/chats/{user_id}/photos", self._send_photo),
                web.post("/chats/{user_id}/edits", self._edit),
                web.post("/chats/{user_id}/deletions", self._delete),
                web.post("/chats/{user_id}/clicks", self._click),
                web.post("/chats/{user_id}/block", self._block_bot),
                web.post("/groups/{group_id}", self._change_group),
                web.post("/transfers", self._transfer),
                web.post("/estimates", self._estimate),
                web.get("/accounts/{address}/transfers", self._transfers_of),
                web.get("/transactions/{txid}", self._transaction),
                web.get("/blocks", self._blocks),
                web.get("/blocks/{number}", self._one_block),
                *further,
                web.route("*", "/{anything:.*}", _unknown),
            ]
        )
        return app

    def start(self) -> None:
        """Begins to follow the chain and the chats."""
        self._forget = [self._chain.subscribe(self._on_block), self.feed.follow(self.state_changed)]

    def close(self) -> None:
        """Ends every stream and waiting request."""
        for forget in self._forget:
            forget()
        self._forget = []
        if self._state_due is not None:
            self._state_due.cancel()
        self._events.close()
        self.feed.close()

    # ── telling the page ─────────────────────────────────────────────────────────────────────

    def state_changed(self) -> None:
        """Sends the new state a moment later, once for changes that come together."""
        if self._state_due is None:
            loop = asyncio.get_running_loop()
            self._state_due = loop.call_later(_STATE_DELAY_SECONDS, self._tell_state)

    def _on_block(self, block: Any) -> None:
        self._new_blocks.append(block.number)
        self._block_came.set()
        self._block_came = asyncio.Event()
        self.state_changed()

    def _tell_state(self) -> None:
        self._state_due = None
        numbers = sorted(set(self._new_blocks))[-100:]
        self._new_blocks.clear()
        if numbers:
            blocks = [self._explorer.block(number) for number in numbers]
            self._events.tell("blocks", {"blocks": [block for block in blocks if block]})
        self._events.tell("state", self._overview.state())

    # ── state ────────────────────────────────────────────────────────────────────────────────

    async def _state(self, _: web.Request) -> web.Response:
        return answer(self._overview.state())

    # ── chats ────────────────────────────────────────────────────────────────────────────────

    def _user_id(self, request: web.Request) -> int:
        given = request.match_info["user_id"]
        known = {user.id for user in self._telegram.users}
        if given.isdecimal() and int(given) in known:
            return int(given)
        raise Refusal(
            404, "unknown_user", f"There is no user {given} here, only {listed(sorted(known))}."
        )

    def _chat_id(self, request: web.Request) -> int:
        """A person's chat with the bot, or a group."""
        group = self._group_id(request.match_info["user_id"])
        return self._user_id(request) if group is None else group

    def _group_id(self, given: str) -> int | None:
        known = {str(group.id): group.id for group in self._telegram.groups}
        return known.get(given)

    def _whose(self, request: web.Request, fields: Fields) -> tuple[int, int | None]:
        """Who acts, and in which group, None in their own chat."""
        group = self._group_id(request.match_info["user_id"])
        if group is None:
            return self._user_id(request), None
        return fields.integer("user_id"), group

    async def _messages(self, request: web.Request) -> web.Response:
        chat_id = self._chat_id(request)
        query = Fields(dict(request.query), from_query=True)
        after = query.integer("after", default=0, least=0)
        wait = query.number("wait", default=0, least=0, most=_LONGEST_WAIT_SECONDS)
        return answer(await self.feed.changes(chat_id, after, wait))

    async def _write(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        user_id, group = self._whose(request, fields)
        reply_to = fields.optional_integer("reply_to")
        change = self._telegram.send_text(
            user_id, fields.text("text"), group=group, reply_to=reply_to
        )
        return answer(self.feed.message_json(change), 201)

    async def _send_photo(self, request: web.Request) -> web.Response:
        user_id = self._user_id(request)
        fields = await read_fields(request)
        try:
            content = base64.b64decode(fields.text("photo"), validate=True)
        except (binascii.Error, ValueError):
            raise Refusal(400, "bad_photo", "`photo` must be a picture in base64.") from None
        caption = fields.text("caption", default="")
        change = self._telegram.send_photo(user_id, content, caption)
        return answer(self.feed.message_json(change), 201)

    async def _edit(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        user_id, group = self._whose(request, fields)
        change = self._telegram.edit_message(
            user_id, fields.integer("message_id"), fields.text("text"), group=group
        )
        return answer(self.feed.message_json(change))

    async def _delete(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        user_id, group = self._whose(request, fields)
        change = self._telegram.delete_message(user_id, fields.integer("message_id"), group=group)
        return answer(self.feed.message_json(change))

    async def _click(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        user_id, group = self._whose(request, fields)
        chat_id = user_id if group is None else group
        wait = fields.number("wait_seconds", default=0, least=0, most=_LONGEST_WAIT_SECONDS)
        message_id = fields.optional_integer("message_id")
        message_id, button = self.feed.find_button(chat_id, message_id, fields.text("button"))
        click = self._telegram.click(user_id, message_id, button, group=group)
        shown: dict[str, Any] = click.as_json()
        if isinstance(click, CallbackSent):
            shown["answer"] = await self.feed.answer_to(chat_id, click.query_id, wait)
        return answer(shown)

    async def _block_bot(self, request: web.Request) -> web.Response:
        user_id = self._user_id(request)
        blocked = (await read_fields(request)).flag("blocked")
        if blocked:
            self._telegram.block(user_id)
        else:
            self._telegram.unblock(user_id)
        self.state_changed()
        return answer({"blocked": blocked})

    async def _change_group(self, request: web.Request) -> web.Response:
        given = request.match_info["group_id"]
        group = self._group_id(given)
        if group is None:
            known = listed(each.id for each in self._telegram.groups)
            raise Refusal(404, "unknown_group", f"There is no group {given} here, only {known}.")
        fields = await read_fields(request)
        user_id = fields.integer("user_id")
        action = fields.choice("action", ("add_bot", "remove_bot", "promote_bot", "upgrade"))
        if action == "upgrade":
            group = self._telegram.upgrade_group(user_id, group, group - _SUPERGROUP_STEP).id
        else:
            self._telegram.set_membership(user_id, group, _MEMBERSHIPS[action])
        self.state_changed()
        return answer({"id": group})

    # ── wallets ──────────────────────────────────────────────────────────────────────────────

    async def _transfer(self, request: web.Request) -> web.Response:
        order = self._order(await read_fields(request))
        txid = self._wallet.send(order)
        self.state_changed()
        return answer({"txid": txid}, 201)

    async def _estimate(self, request: web.Request) -> web.Response:
        return answer(self._wallet.estimate(self._order(await read_fields(request))))

    def _order(self, fields: Fields) -> Order:
        sender = self._resident(fields.text("from"))
        said = [name for name in ("sun", "usdt", "units") if fields.has(name)]
        if len(said) != 1 or fields.has("token") != fields.has("units"):
            raise Refusal(
                400,
                "bad_amount",
                "Say either `sun` (1 TRX is 1000000) or `usdt` (1 USDT is 1000000), as an integer, "
                "or `units` of a `token`, as an integer or its digits in a text.",
            )
        (name,) = said
        try:
            receiver = self._inhabitants.address(fields.text("to"))
        except InvalidAddress as fault:
            raise Refusal(400, "bad_address", f"`to` is no TRON address: {fault}") from fault
        through_contract = fields.has("through_contract") and fields.flag("through_contract")
        if through_contract and name != "sun":
            raise Refusal(400, "bad_field", "`through_contract` goes with `sun` only.")
        return Order(
            sender,
            receiver,
            fields.large_integer(name) if name == "units" else fields.integer(name),
            token=self._token(fields, name),
            through_contract=through_contract,
        )

    def _token(self, fields: Fields, amount: str) -> Token | None:
        if amount == "sun":
            return None
        tokens = {token.symbol: token for token in self._chain.tokens}
        return tokens["USDT" if amount == "usdt" else fields.choice("token", tokens)]

    def _resident(self, wanted: str) -> Resident:
        resident = self._inhabitants.named(wanted)
        if resident is None:
            names = listed(each.name for each in self._inhabitants.residents)
            raise Refusal(
                400,
                "unknown_account",
                f"`from` must be an account of the sandbox, by address or name ({names}), "
                f"and not {wanted!r}.",
            )
        return resident

    async def _transfers_of(self, request: web.Request) -> web.Response:
        query = Fields(dict(request.query), from_query=True)
        limit = query.integer("limit", default=20, least=1, most=200)
        wanted = request.match_info["address"]
        named = self._inhabitants.named(wanted)
        address = wanted if named is None else named.address
        return answer({"transfers": self._explorer.transfers(address, limit)})

    # ── chain ────────────────────────────────────────────────────────────────────────────────

    async def _transaction(self, request: web.Request) -> web.Response:
        txid = request.match_info["txid"]
        query = Fields(dict(request.query), from_query=True)
        wait = query.number("wait", default=0, least=0, most=_LONGEST_WAIT_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while self._explorer.transaction(txid) is None:
                    await self._block_came.wait()
        found = self._explorer.transaction(txid)
        if found is None:
            waits = self._chain.waiting_with_id(txid) is not None
            why = "waits for a block" if waits else "is unknown"
            raise Refusal(404, "not_in_a_block", f"Transaction {txid} {why}.")
        return answer(found)

    async def _blocks(self, request: web.Request) -> web.Response:
        query = Fields(dict(request.query), from_query=True)
        blocks = self._explorer.blocks(
            before=query.optional_integer("before"),
            limit=query.integer("limit", default=50, least=1, most=500),
        )
        return answer({"blocks": blocks})

    async def _one_block(self, request: web.Request) -> web.Response:
        given = request.match_info["number"]
        block = self._explorer.block(int(given)) if given.isdecimal() else None
        if block is None:
            raise Refusal(404, "unknown_block", f"There is no block {given} yet.")
        return answer(block)


async def _unknown(request: web.Request) -> web.Response:
    raise Refusal(
        404, "unknown_path", f"There is no {request.method} {request.path}; see docs/sandbox.md."
    )


@web.middleware
async def _complaints(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return error(refusal.status, refusal.code, str(refusal))
    except UserCannot as refusal:
        return error(409, "telegram_refuses", sentence(refusal))
    except CannotSend as refusal:
        return error(409, refusal.code.lower(), str(refusal))
    except web.HTTPRequestEntityTooLarge:
        return error(413, "too_large", f"A body has at most {_LARGEST_BODY} bytes.")
