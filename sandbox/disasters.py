"""What can be broken: the control API's calls for chain, pools, tokens, servers and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web

from chain.addresses import Address, InvalidAddress
from chain.contracts import Resource
from sandbox.answers import Refusal, answer, listed, sentence
from sandbox.inhabitants import AccountRole, Inhabitants, PoolName
from sandbox.mishaps import Mishaps
from sandbox.overview import Overview
from sandbox.pool_owner import PoolOwner
from sandbox.program import CannotDo, Program
from sandbox.requests import Fields, read_fields
from sandbox.servers import ServerCannot, Servers
from sandbox.token_owner import TokenOwner
from sandbox.tron.chain import LocalChain
from sandbox.tron.production import Production

_MOST_BLOCKS_AT_ONCE = 2_000
_LONGEST_ADVANCE_SECONDS = 400 * 86_400
_LONGEST_WAIT_SECONDS = 60.0
_LEAST_ENERGY_PER_TRX = 0.01
_MOST_ENERGY_PER_TRX = 1_000.0
_LARGEST_ENERGY_FACTOR = 34_000
_POOL_ACTIONS = (
    "revoke_permission",
    "grant_permission",
    "lend_out",
    "take_back",
    "unstake",
    "restake",
    "drain_trx",
    "top_up_trx",
    "drain_bandwidth",
)
_LENT = {"energy": Resource.ENERGY, "bandwidth": Resource.BANDWIDTH}


class Disasters:
    """Each route is one order to one part of the world, and answers how that part is then.

    `changed` is called when the state is another one and no block will tell.
    """

    def __init__(
        self,
        *,
        chain: LocalChain,
        production: Production,
        inhabitants: Inhabitants,
        owners: Iterable[PoolOwner],
        token_owners: Iterable[TokenOwner],
        servers: Servers,
        program: Program,
        mishaps: Mishaps,
        overview: Overview,
        changed: Callable[[], None],
    ) -> None:
        self._chain = chain
        self._production = production
        self._inhabitants = inhabitants
        self._owners = {owner.name: owner for owner in owners}
        self._token_owners = {owner.token.symbol: owner for owner in token_owners}
        self._servers = servers
        self._program = program
        self._mishaps = mishaps
        self._overview = overview
        self._changed = changed

    def routes(self) -> list[web.RouteDef]:
        """For the control API."""
        return [
            web.post("/blocks", self._make_blocks),
            web.post("/clock", self._move_clock),
            web.post("/forks", self._fork),
            web.post("/chain", self._change_chain),
            web.post("/pool", self._order_pool),
            web.post("/tokens", self._order_token),
            web.post("/servers", self._order_server),
            web.post("/app", self._order_app),
            web.get("/faults", self._faults),
            web.post("/faults", self._plan_fault),
            web.delete("/faults", self._clear_faults),
        ]

    # ── chain ────────────────────────────────────────────────────────────────────────────────

    async def _make_blocks(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        count = fields.integer("count", default=1, least=1, most=_MOST_BLOCKS_AT_ONCE)
        self._chain.produce_blocks(count)
        return answer(self._overview.chain_json())

    async def _move_clock(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        seconds = fields.number("advance_seconds", least=0, most=_LONGEST_ADVANCE_SECONDS)
        if self._chain.waiting:
            # What was sent before the jump belongs before it: it would expire on the way.
            self._chain.produce_block()
        self._chain.advance_time(seconds)
        # Time is what the newest block says: make it true at once.
        self._chain.produce_block()
        return answer(self._overview.chain_json())

    async def _fork(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        depth = fields.integer("depth", least=1)
        fate = fields.choice("transactions", ("wait", "vanish"), default="wait")
        try:
            self._chain.fork(depth, "vanish" if fate == "vanish" else "wait")
        except ValueError as fault:
            raise Refusal(409, "too_deep", sentence(fault)) from fault
        return answer(self._overview.chain_json())

    async def _change_chain(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        paused = fields.optional_flag("paused")
        solid_stalled = fields.optional_flag("solid_stalled")
        energy = None
        if fields.has("energy_per_trx"):
            energy = fields.number(
                "energy_per_trx", least=_LEAST_ENERGY_PER_TRX, most=_MOST_ENERGY_PER_TRX
            )
        if paused is None and solid_stalled is None and energy is None:
            raise Refusal(
                400, "missing_field", "Say `paused`, `solid_stalled` or `energy_per_trx`."
            )
        if paused is not None:
            (self._production.pause if paused else self._production.resume)()
        if solid_stalled is not None:
            (self._chain.hold_solid if solid_stalled else self._chain.release_solid)()
        if energy is not None:
            self._chain.set_energy_per_trx(energy)
        self._changed()
        return answer(self._overview.chain_json())

    # ── pool ─────────────────────────────────────────────────────────────────────────────────

    async def _order_pool(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        owner = self._owners[PoolName(fields.choice("pool", PoolName))]
        txids = self._carried_out(owner, fields.choice("action", _POOL_ACTIONS), fields)
        self._changed()
        return answer({"txid": txids[-1], "txids": txids}, 201)

    def _carried_out(self, owner: PoolOwner, action: str, fields: Fields) -> tuple[str, ...]:
        sun = fields.optional_integer("sun")
        match action:
            case "revoke_permission":
                return (owner.revoke_permission(),)
            case "grant_permission":
                return (owner.grant_permission(),)
            case "lend_out" | "take_back":
                lend_or_take = owner.lend_out if action == "lend_out" else owner.take_back
                resource = _LENT[fields.choice("resource", _LENT, default="energy")]
                return (lend_or_take(self._somebody(fields), sun, resource),)
            case "unstake":
                return (owner.unstake(sun),)
            case "restake":
                return (owner.restake(),)
            case "drain_trx":
                return (owner.drain_trx(self._somebody(fields)),)
            case "top_up_trx":
                return (owner.top_up_trx(sun),)
            case _:
                return owner.drain_bandwidth(self._somebody(fields))

    # ── tokens ───────────────────────────────────────────────────────────────────────────────

    async def _order_token(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        owner = self._token_owners[fields.choice("token", self._token_owners, default="USDT")]
        paused = fields.optional_flag("paused")
        blacklist = None
        if fields.has("blacklist"):
            blacklist = [self._address("blacklist", each) for each in fields.texts("blacklist")]
        factor = fields.optional_integer("energy_factor", most=_LARGEST_ENERGY_FACTOR)
        if paused is None and blacklist is None and factor is None:
            raise Refusal(400, "missing_field", "Say `blacklist`, `paused` or `energy_factor`.")
        txids: tuple[str, ...] = ()
        if blacklist is not None:
            txids += owner.set_blacklist(tuple(dict.fromkeys(blacklist)))
        if paused is not None:
            txids += owner.set_paused(paused=paused)
        if factor is not None:
            self._chain.set_energy_factor(owner.token.address, factor)
        self._changed()
        return answer(owner.as_json() | {"txids": txids}, 201)

    def _somebody(self, fields: Fields) -> Address:
        exchange = self._inhabitants.the(AccountRole.EXCHANGE).address
        return self._address("to", fields.text("to", default=exchange))

    def _address(self, field: str, wanted: str) -> Address:
        try:
            return self._inhabitants.address(wanted)
        except InvalidAddress as fault:
            raise Refusal(400, "bad_address", f"`{field}` is no TRON address: {fault}") from fault

    # ── processes ────────────────────────────────────────────────────────────────────────────

    async def _order_server(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        server = fields.choice("server", self._servers.names)
        servers = self._servers
        actions = {"stop": servers.stop, "start": servers.start, "kill": servers.kill}
        try:
            await actions[fields.choice("action", actions)](server)
        except ServerCannot as fault:
            raise Refusal(409, "wrong_state", str(fault)) from fault
        return answer(servers.as_json()[server])

    async def _order_app(self, request: web.Request) -> web.Response:
        action = (await read_fields(request)).text("action")
        program = self._program
        actions = {"kill": program.kill, "stop": program.stop, "start": program.start}
        if action not in actions:
            raise Refusal(400, "bad_action", f"`action` must be one of {listed(actions)}.")
        try:
            await actions[action]()
        except CannotDo as fault:
            raise Refusal(409, "wrong_state", str(fault)) from fault
        return answer(program.as_json())

    # ── faults ───────────────────────────────────────────────────────────────────────────────

    async def _faults(self, request: web.Request) -> web.Response:
        query = Fields(dict(request.query), from_query=True)
        await self._mishaps.all_met(
            query.number("wait", default=0, least=0, most=_LONGEST_WAIT_SECONDS)
        )
        return answer(self._mishaps.as_json())

    async def _plan_fault(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        if fields.has("clear"):
            return await self._clear_faults(request)
        self._mishaps.plan(fields)
        return answer(self._mishaps.as_json(), 201)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._mishaps.clear()
        return answer(self._mishaps.as_json())
