"""A whole shop for tests: the real services on a real database and the local TRON node.

Blocks come when a test makes them, so that nothing has to be waited for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from aiohttp import web

from chain.abi import address_parameter, call_data, transfer_parameter
from chain.addresses import Address, address_from_bytes
from chain.contract_types import contract_type_named
from chain.contracts import (
    Contract,
    DelegateResource,
    Permission,
    PermissionKey,
    PermissionType,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
)
from chain.keys import SigningKey
from chain.node import NodeClient
from chain.transactions import decode, encode, encode_signed
from composition import Services, build_services, node_client, prepare
from db.database import Database
from sandbox.tron.chain import LocalChain
from sandbox.tron.faults import NodeFaults
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.http_routes import node_app, solidity_app
from sandbox.tron.payout import Payout
from sandbox.tron.token import ADD_TO_BLACKLIST, REMOVE_FROM_BLACKLIST, Token
from services.acts import Act
from services.order_views import OrderView
from services.staff import Actor, Role
from settings import Settings, load

TRX = 1_000_000
WALLET_TRX = 200
USER = 7_000_001
OTHER_USER = 7_000_002
ADMIN = 7_000_009
VIEWER = 7_000_010
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TRANSFER_SELECTOR = bytes.fromhex("a9059cbb")


def key(name: str) -> SigningKey:
    """A key that belongs to a name, in tests only."""
    return SigningKey.from_hex(key_hex(name))


def key_hex(name: str) -> str:
    return sha256(f"test key of {name}".encode()).hexdigest()


def address(name: str) -> Address:
    return key(name).address


USDT = Address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
PAYOUT = address_from_bytes(b"\x41" + b"\x77" * 20)


def delegate_only(hot: Address) -> Permission:
    """An active permission that can delegate and undelegate, and nothing else."""
    operations = bytearray(32)
    for name in ("DelegateResourceContract", "UnDelegateResourceContract"):
        kind = contract_type_named(name)
        assert kind is not None
        operations[kind.number // 8] |= 1 << (kind.number % 8)
    return Permission(
        type=PermissionType.ACTIVE,
        id=2,
        name="delegate",
        threshold=1,
        parent_id=0,
        operations=bytes(operations),
        keys=(PermissionKey(hot, 1),),
    )


def usdt(**what: Any) -> Token:
    """USDT, unless `what` says that something about it is otherwise."""
    return Token(USDT, address("holder"), 10**15, **what)


def new_chain(
    pools: dict[str, int],
    tokens: Sequence[Token] = (),
    *,
    start: datetime = START,
    more: Sequence[GenesisAccount] = (),
) -> LocalChain:
    """A chain with pools (name → staked TRX), a payment address, people, and `more` accounts.

    Of further `tokens` Ann has 500 of the smallest units, and their creator the rest; one at USDT's
    address takes its place.
    """
    others = [token for token in tokens if token.address != USDT]
    contracts = tokens if len(others) < len(tokens) else (usdt(), *tokens)
    staked = tuple(
        GenesisAccount(
            address(name),
            balance=100 * TRX,
            energy_stake=stake * TRX,
            active_permissions=(delegate_only(address("hot")),),
        )
        for name, stake in pools.items()
    )
    people = (
        GenesisAccount(address("payments"), balance=10 * TRX),
        GenesisAccount(address("wallet"), balance=WALLET_TRX * TRX),
        GenesisAccount(
            address("ann"),
            balance=1_000 * TRX,
            # A payment and a USDT transfer in one day take more than the free bandwidth.
            bandwidth_stake=1_000 * TRX,
            tokens={USDT: 500 * TRX, **{token.address: 500 for token in others}},
        ),
        GenesisAccount(address("ben"), balance=1_000 * TRX, tokens={USDT: 500 * TRX}),
        GenesisAccount(address("holder"), balance=TRX, tokens={USDT: 5 * TRX}),
        GenesisAccount(address("poor"), balance=TRX),
    )
    return LocalChain(
        Genesis(
            start_ms=int(start.timestamp() * 1000),
            accounts=(*staked, *people, *more),
            tokens=tuple(contracts),
            payouts=(Payout(PAYOUT, address("holder")),),
        )
    )


@dataclass
class Shop:
    """Services, and the world around them. `block()` is the only thing that moves time."""

    chain: LocalChain
    faults: NodeFaults
    database: Database
    node: NodeClient
    services: Services
    settings: Settings
    node_url: str = ""
    solidity_url: str = ""

    async def block(self, count: int = 1) -> None:
        """Make blocks, and do all that the jobs would do after each."""
        for _ in range(count):
            self.chain.produce_block()
            await self.work()

    async def work(self) -> None:
        """One round of every job, in the order in which a block wakes them."""
        services = self.services
        await services.scanner.scan()
        await services.crediting.credit_solid()
        await services.delegations.confirm_due()
        await services.reclaims.finish_due()
        await services.refund_transfers.finish_due()
        await services.write_ahead.bury_expired()
        await services.orders.expire_due()
        await services.held_payments.decide_unchosen()
        await services.flash.rent_due()
        await services.endings.announce_due()
        await services.reclaims.reclaim_due()
        # After it, so that what is paid for has to be kept by more than luck.
        await services.extensions.apply_due()
        await services.delegations.deliver_due()
        await services.risk.ask_due()
        await services.refund_transfers.send_due()
        await services.adrift.decide_due()
        await services.owner.book_due()
        await services.pool_watch.watch_due()
        await services.alerts.ring_due()

    def advance(self, seconds: float) -> None:
        """Let the chain's clock jump; the next block has the later time."""
        self.chain.advance_time(seconds)

    def send(self, contract: Contract, signer: str, *, permission_id: int = 0) -> str:
        """Broadcast a transaction of somebody; returns its id."""
        fee_limit = 100 * TRX if isinstance(contract, TriggerSmartContract) else 0
        raw = encode(self.chain.build(contract, fee_limit=fee_limit, permission_id=permission_id))
        answer = self.chain.broadcast(encode_signed(raw, [key(signer).sign(raw)]))
        assert answer.accepted, answer.message
        return answer.txid

    def pay(self, order: OrderView, payer: str = "ann", *, sun: int | None = None) -> str:
        amount = order.amount_sun if sun is None else sun
        return self.send(Transfer(address(payer), order.payment_address, amount), payer)

    def send_usdt(self, sender: str, receiver: str, micro: int = TRX) -> str:
        data = TRANSFER_SELECTOR + transfer_parameter(address(receiver), micro)
        return self.send(TriggerSmartContract(address(sender), USDT, data), sender)

    async def freeze(self, name: str, *, frozen: bool = True) -> None:
        """USDT's issuer blacklists somebody, who then cannot send, or lets them send again."""
        self.send(Transfer(address("ben"), address("holder"), 5 * TRX), "ben")
        await self.block()
        function = ADD_TO_BLACKLIST if frozen else REMOVE_FROM_BLACKLIST
        data = call_data(function, address_parameter(address(name)))
        self.send(TriggerSmartContract(address("holder"), USDT, data), "holder")
        await self.block()

    async def order(
        self,
        *,
        user: int = USER,
        recipient: str = "ann",
        transfers: int = 1,
        destination: str | None = None,
    ) -> OrderView:
        """A placed order of the shortest duration."""
        price = (await self.services.quotes.prices())[0]
        quote = await self.services.quotes.quote(
            user,
            recipient=address(recipient),
            transfers=transfers,
            price_id=price.id,
            destination=address(destination) if destination else None,
        )
        return await self.services.orders.place(user, quote.id)

    async def staff(self, act: Act, **arguments: Any) -> Any:
        """What the owner of the shop decides, twice asked."""
        actor, services = Actor(ADMIN, Role.OWNER), self.services
        kind = "payment" if "payment" in arguments else "order"
        proposal = await services.acts.propose(
            actor,
            act,
            subject=f"{kind} {arguments[kind]}",
            arguments=arguments,
            reason="as a test wants it",
        )
        area = services.held_acts if kind == "payment" else services.order_acts
        return await area.carry_out(actor, proposal)

    async def look(self, order: OrderView) -> OrderView:
        view = await self.services.orders.view(order.user_id, order.id)
        assert view is not None
        return view

    async def told(self) -> list[tuple[int, str]]:
        """Everything ever queued for anybody, in order: (chat, kind)."""
        async with self.database.transaction() as tx:
            rows = await tx.connection.fetch("SELECT chat_id, kind FROM outbox ORDER BY id")
        return [(row["chat_id"], row["kind"]) for row in rows]

    async def alerts(self, *, closed: bool | None = None) -> list[tuple[str, str]]:
        """Every alert ever raised, in order: (kind, subject); or only those over, or not."""
        async with self.database.transaction() as tx:
            rows = await tx.connection.fetch(
                "SELECT kind, subject, closed_at IS NOT NULL AS closed FROM alerts ORDER BY id"
            )
        return [(row["kind"], row["subject"]) for row in rows if closed in (None, row["closed"])]

    async def alert_kinds(self, *, closed: bool | None = None) -> list[str]:
        return [kind for kind, _ in await self.alerts(closed=closed)]

    async def balances(self) -> dict[str, int]:
        async with self.database.transaction() as tx:
            return await tx.ledger.balances()

    async def payment_status(self, txid: str) -> tuple[str, str | None]:
        async with self.database.transaction() as tx:
            row = await tx.payments.find(txid, 0)
        assert row is not None, "the payment was never recorded"
        return row.status, row.reason

    async def balance(self, user: int = USER) -> int:
        return (await self.services.balances.look(user)).sun

    def trx_of(self, name: str) -> int:
        """What the chain says somebody has, in sun."""
        account = self.chain.account(address(name))
        return account.balance if account else 0

    def delegated_sun(self, pool: str, recipient: str) -> int:
        """What the chain says the pool has lent to the recipient for energy."""
        record = self.chain.view.delegation(address(pool), address(recipient), locked=False)
        return 0 if record is None else record.energy

    def delegations(self) -> list[DelegateResource | UnDelegateResource]:
        """Every delegation and undelegation in any block, oldest first."""
        found: list[DelegateResource | UnDelegateResource] = []
        for number in range(1, self.chain.head.number + 1):
            block = self.chain.block(number)
            assert block is not None
            for entry in block.entries:
                contract = decode(entry.raw_bytes).contract
                if isinstance(contract, DelegateResource | UnDelegateResource):
                    found.append(contract)
        return found


@asynccontextmanager
async def serve(application: web.Application) -> AsyncIterator[str]:
    """The application on a free port of this machine; its URL."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def shop_settings(
    node_url: str,
    solidity_url: str,
    pools: dict[str, int],
    *,
    refunds: dict[str, object] | None = None,
    energy: dict[str, object] | None = None,
    limits: dict[str, object] | None = None,
    extensions: dict[str, object] | None = None,
    risk: dict[str, object] | None = None,
    prices: list[dict[str, object]] | None = None,
    **overrides: object,
) -> Settings:
    """`overrides` are of payment; refunds come from a wallet unless `refunds` say otherwise."""
    return load(
        **({} if prices is None else {"prices": prices}),
        energy=energy or {},
        limits=limits or {},
        extensions=extensions or {},
        risk=risk or {},
        refunds={"key": key_hex("wallet")} if refunds is None else refunds,
        telegram={"token": "42:test", "admins": [ADMIN], "viewers": [VIEWER]},
        tron={
            "nodes": [{"url": node_url, "solidity_url": solidity_url}],
            "requests_per_second": 1000,
            "usdt_contract": USDT,
        },
        payment={"address": address("payments"), **overrides},
        pools=[
            {"address": address(name), "permission_id": 2, "key": key_hex("hot")} for name in pools
        ],
    )


@asynccontextmanager
async def open_shop(
    dsn: str,
    *,
    pools: dict[str, int] | None = None,
    tokens: Sequence[Token] = (),
    start: datetime = START,
    more: Sequence[GenesisAccount] = (),
    **overrides: Any,
) -> AsyncIterator[Shop]:
    """A shop on an empty database, its scanner at the head; `overrides` as for its settings."""
    pools = {"pool": 50_000} if pools is None else pools
    chain = new_chain(pools, tokens, start=start, more=more)
    faults = NodeFaults()
    async with AsyncExitStack() as stack:
        stack.callback(chain.close)
        node_url = await stack.enter_async_context(serve(node_app(chain, faults)))
        solidity_url = await stack.enter_async_context(serve(solidity_app(chain, faults)))
        settings = shop_settings(node_url, solidity_url, pools, **overrides)
        database = await stack.enter_async_context(Database(dsn, connections=4))
        node = await stack.enter_async_context(node_client(settings))
        services = build_services(settings, database, node)
        await prepare(settings, database, services)
        for user in (USER, OTHER_USER, ADMIN):
            await services.customers.greet(
                user, language_code="en", first_name=str(user), username=None
            )
        shop = Shop(chain, faults, database, node, services, settings, node_url, solidity_url)
        await shop.work()
        yield shop
