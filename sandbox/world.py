"""The sandbox as a whole: servers, chain, Telegram, page and program, built and ended together."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from embedded import EmbeddedPostgres, EmbeddedValkey
from sandbox import explorer as exploring
from sandbox.beginning import USDT_CONTRACT, genesis, grant_hot_keys
from sandbox.control import PREFIX, Control, Handler
from sandbox.disasters import Disasters
from sandbox.environment import environment
from sandbox.explorer import Explorer
from sandbox.gate import gate
from sandbox.inhabitants import (
    BOT_NAME,
    BOT_USERNAME,
    CIRCLES,
    PEOPLE,
    AccountRole,
    Inhabitants,
    load,
    load_or_create,
)
from sandbox.mishaps import Mishaps
from sandbox.options import DEFAULT_API_PORT, SandboxOptions
from sandbox.overview import ChainClock, Overview
from sandbox.pool_owner import PoolOwner
from sandbox.program import Program
from sandbox.servers import Servers
from sandbox.static import add_page
from sandbox.telegram import (
    GROUP_MESSAGES,
    Bot,
    FloodLimit,
    Group,
    LocalTelegram,
    TelegramFaults,
    User,
    bot_api_app,
)
from sandbox.token_owner import TokenOwner
from sandbox.tron.chain import LocalChain
from sandbox.tron.faults import NodeFaults
from sandbox.tron.http_routes import node_app, solidity_app
from sandbox.tron.production import Production, catch_up
from sandbox.wallet import Wallet

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
_TELEGRAM_PATH = "/telegram"
_API_PATH = "/api/energy-flash"
_CLOSE_SECONDS = 2.0
_DELIVERED_DELAY_SECONDS = 0.05


class ProgramFailed(OSError):
    """The application ended before it was up."""


@dataclass(frozen=True, slots=True)
class World:
    """A running sandbox; `api_url` is where the application serves programs."""

    url: str
    api_url: str
    program: Program
    chain: LocalChain
    telegram: LocalTelegram
    control: Control
    inhabitants: Inhabitants


async def main(options: SandboxOptions) -> None:
    """Runs the sandbox until SIGINT or SIGTERM.

    Raises EmbeddedError and OSError for what is wrong with the surroundings.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    running = asyncio.create_task(_run(options, stopping))
    try:
        await running
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _run(options: SandboxOptions, stopping: asyncio.Event) -> None:
    async with open_world(options) as world:
        stop = asyncio.create_task(stopping.wait())
        if options.with_app:
            await world.program.start()
            up = asyncio.create_task(world.program.is_up())
            await asyncio.wait({stop, up}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.done() and not up.result():
                raise ProgramFailed(
                    f"the app ended before it was up (its log is {world.program.log_file}):\n"
                    f"{world.program.last_words()}"
                )
            up.cancel()
        if not stop.done():
            if not options.with_app:
                _say(_how_to_start(world.program))
            _say(f"API {world.api_url} (docs: {world.api_url}/docs; a key: /api in the chat)")
            _say(f"ready {world.url}")
            if options.open_browser:
                await asyncio.to_thread(webbrowser.open, world.url)
        await stop
        log.info("closing")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - for the person or script that started us


def _how_to_start(program: Program) -> str:
    variables = "\n".join(
        f"export {name}={_quoted(value)}" for name, value in program.environment.items()
    )
    return f"Start the app by hand with:\n\n{variables}\nenergy-flash run\n"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


@asynccontextmanager
async def open_world(options: SandboxOptions) -> AsyncIterator[World]:
    """Everything but the application runs inside; `world.program.start` starts that.

    Raises EmbeddedError when a server cannot be started, OSError when a port is taken, and
    OtherWorld when the folder is another version's.
    """
    data_dir = options.data_dir
    # Before anything in the folder is touched.
    load(data_dir)
    async with AsyncExitStack() as stack:
        sockets = _listen(stack, options.port)
        api_url = f"http://{HOST}:{_api_port(stack, options)}{_API_PATH}"
        # PostgreSQL's folder makes the ones above it, open to the user that it runs as.
        postgres, valkey = (
            EmbeddedPostgres(data_dir / "postgres"),
            EmbeddedValkey(data_dir / "valkey"),
        )
        await stack.enter_async_context(postgres)
        await stack.enter_async_context(valkey)

        inhabitants = load_or_create(data_dir)
        chain = stack.enter_context(closing(_open_chain(data_dir, inhabitants, options)))
        clock = ChainClock(chain, options.block_seconds)
        node_faults, telegram_faults = NodeFaults(), TelegramFaults()
        telegram = stack.enter_context(
            closing(_open_telegram(data_dir, inhabitants, clock, telegram_faults))
        )
        payment_address = inhabitants.the(AccountRole.PAYMENT).address
        explorer = stack.enter_context(
            closing(
                Explorer(
                    chain,
                    USDT_CONTRACT,
                    payment_address,
                    data_dir / exploring.FILE_NAME,
                    pools={pool.account.address: pool.name for pool in inhabitants.pools},
                )
            )
        )
        url, node_url, solidity_url = (f"http://{HOST}:{_port(each)}" for each in sockets)
        bot_api_url = url + _TELEGRAM_PATH
        urls = {
            "page_url": url,
            "node_url": node_url,
            "solidity_url": solidity_url,
            "bot_api_url": bot_api_url,
            "api_url": api_url,
        }
        wallet = Wallet(chain, USDT_CONTRACT)
        exchange = inhabitants.the(AccountRole.EXCHANGE)
        owners = [PoolOwner(chain, pool, exchange) for pool in inhabitants.pools]
        token_owners = [TokenOwner(chain, token, exchange) for token in chain.tokens]
        production = Production(chain, options.block_seconds)
        mishaps = Mishaps(node_faults, telegram_faults)
        overview = Overview(
            chain=chain,
            clock=clock,
            production=production,
            telegram=telegram,
            inhabitants=inhabitants,
            owners=owners,
            token_owners=token_owners,
            wallet=wallet,
            mishaps=mishaps,
            usdt=USDT_CONTRACT,
            urls=urls,
        )
        control = Control(
            chain=chain,
            telegram=telegram,
            inhabitants=inhabitants,
            explorer=explorer,
            wallet=wallet,
            overview=overview,
            file_url=lambda path: f"{bot_api_url}/file/bot{telegram.bot.token}/{path}",
        )
        mishaps.changed = control.state_changed
        overview.program = program = Program(
            environment(
                inhabitants, options, urls, postgres_dsn=postgres.dsn, valkey_url=valkey.url
            ),
            data_dir / "app.log",
            control.state_changed,
            absent=not options.with_app,
        )
        overview.servers = servers = Servers(
            {"postgres": postgres, "valkey": valkey}, control.state_changed
        )
        stack.push_async_callback(servers.close)
        disasters = Disasters(
            chain=chain,
            production=production,
            inhabitants=inhabitants,
            owners=owners,
            token_owners=token_owners,
            servers=servers,
            program=program,
            mishaps=mishaps,
            overview=overview,
            changed=control.state_changed,
        )
        control.start()

        bot_api = bot_api_app(telegram, telegram_faults)
        bot_api.middlewares.append(_watching_polls(program, control))
        site = web.Application(middlewares=[gate])
        site.add_subapp(PREFIX, control.app(disasters.routes()))
        site.add_subapp(_TELEGRAM_PATH, bot_api)
        add_page(site)
        node, solidity = node_app(chain, node_faults), solidity_app(chain, node_faults)
        for app in (node, solidity):
            app.middlewares.append(gate)
        for app, listening in zip((site, node, solidity), sockets, strict=True):
            await _serve(stack, app, listening)
        # Streams would otherwise keep the server waiting for them.
        stack.callback(control.close)
        if options.block_seconds:
            await stack.enter_async_context(production.running())
        stack.push_async_callback(program.close)
        yield World(url, api_url, program, chain, telegram, control, inhabitants)


# ── parts ─────────────────────────────────────────────────────────────────────────────────────


def _listen(stack: AsyncExitStack, port: int) -> tuple[socket.socket, ...]:
    """Three ports of loopback: the page's, the node's and the solidity node's.

    The latter two follow the first where they are free. Raises OSError when `port` is taken.
    """
    try:
        first = socket.create_server((HOST, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(
            f"port {port} is taken: perhaps a sandbox is running already at "
            f"http://{HOST}:{port}. Stop it, or choose another port with --port (0 takes any)."
        ) from None
    stack.callback(first.close)
    sockets = [first]
    for distance in (1, 2):
        try:
            other = socket.create_server((HOST, port + distance if port else 0))
        except (OSError, OverflowError):
            other = socket.create_server((HOST, 0))
        stack.callback(other.close)
        sockets.append(other)
    return tuple(sockets)


def _api_port(stack: AsyncExitStack, options: SandboxOptions) -> int:
    """The port of the application's API, which it takes itself. Raises OSError when it is taken."""
    wanted = options.api_port
    if wanted is not None:
        try:
            return _kept(stack, wanted)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise OSError(
                f"port {wanted} is taken, and the HTTP API cannot be served there: choose another "
                "one with --api-port (0 takes any)."
            ) from None
    try:
        return _kept(stack, DEFAULT_API_PORT if options.port else 0)
    except OSError:
        return _kept(stack, 0)


def _kept(stack: AsyncExitStack, port: int) -> int:
    """A port at which nobody listens, kept for the application as far as that can be.

    It is tried out by listening. On Linux a socket that is bound and does not listen then keeps
    others from being given the port, also while the application is down, and is not in its way;
    elsewhere it would be.
    """
    with socket.create_server((HOST, port)) as tried:
        found = _port(tried)
    if sys.platform == "linux":
        keeper = socket.socket()
        stack.callback(keeper.close)
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind((HOST, found))
    return found


def _port(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


async def _serve(stack: AsyncExitStack, app: web.Application, listening: socket.socket) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listening).start()


def _open_chain(data_dir: Path, inhabitants: Inhabitants, options: SandboxOptions) -> LocalChain:
    chain = LocalChain(genesis(inhabitants), data_dir / "chain.sqlite3")
    if options.block_seconds:
        if chain.waiting:
            # The network would have taken these long ago; in the time caught up they expire.
            chain.produce_block()
        catch_up(chain)
    grant_hot_keys(chain, inhabitants)
    return chain


def _open_telegram(
    data_dir: Path, inhabitants: Inhabitants, clock: ChainClock, faults: TelegramFaults
) -> LocalTelegram:
    return LocalTelegram(
        Bot(inhabitants.bot_token, BOT_NAME, BOT_USERNAME),
        [
            User(person.id, person.first_name, language_code=person.language_code)
            for person in PEOPLE
        ],
        groups=[
            Group(circle.id, circle.title, tuple(person.id for person in circle.members))
            for circle in CIRCLES
        ],
        # By this machine's clock: the chain's may stand still, or jump.
        flood=FloodLimit(per_group=GROUP_MESSAGES, clock=time.monotonic),
        data_dir=data_dir,
        clock=clock.now,
        faults=faults,
    )


def _watching_polls(program: Program, control: Control) -> Middleware:
    """A middleware of the Bot API that notices when the bot asks for updates."""

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.match_info.get("method", "").lower() == "getupdates":
            program.polled()
            # What this call confirms is confirmed as soon as it has been read.
            asyncio.get_running_loop().call_later(
                _DELIVERED_DELAY_SECONDS, control.feed.check_delivered
            )
        return await handler(request)

    return watch
