"""The command line: `energy-flash`.

Imports nothing heavy before it knows what is wanted, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from log_output import LogOutput
    from services.orphans import Orphan
    from settings import Settings

OK = 0
FAILURE = 1
USAGE = 2
INTERRUPTED = 130

ROLES = ("scanner", "worker", "bot", "api")
"""What processes are for, as `services.jobs.ProcessRole` has it."""

DESCRIPTION = """\
Energy Flash sells TRON energy through a Telegram bot: a customer pays a few TRX, receives energy
within seconds, and sends USDT without burning TRX.

New here? Start with the sandbox: it needs no account, no key and no network."""

EXAMPLES = """\
examples:
  energy-flash sandbox                  try everything in the browser, on this machine
  energy-flash check                    is my shop configured, reachable and funded?
  energy-flash run --config shop.toml   open the shop
  energy-flash audit                    are the books true?
  energy-flash keys add hot --new       a new key for a pool, kept encrypted
  energy-flash orphans                  is stake lent that no rental accounts for?
  energy-flash pools add T…             sell an account's staked TRX, while the shop runs
  energy-flash api-keys list            which programs of customers have keys?

Exit codes: 0 all is well, 1 something failed, 2 wrong usage or configuration."""

SANDBOX = """\
Opens a page with a chat, a wallet and a block explorer. Behind it the real program runs against a
local TRON node, a local Telegram Bot API, PostgreSQL and Redis, all started here and listening on
this machine only. What happens in it is kept until the next start. Ctrl-C ends it."""

RUN = """\
Runs the bot for real customers, on the Telegram bot, the TRON nodes and the pools of config.toml.
SIGTERM or Ctrl-C finishes what is under way and ends it; killed instead, it loses nothing.

With --role it is one of several processes that share one PostgreSQL and one Redis: a scanner reads
the chain, credits payments and does what must happen once; workers deliver, take back and refund;
a bot talks to Telegram. Of scanners and of bots one is at work and the others stand by; of workers
all are. See docs/deployment.md."""

CHECK = """\
Says of each thing that the shop needs whether it is configured, reachable, permitted and funded:
every TRON node by itself, this machine's clock, the database, Redis, Telegram, prices, the payment
address, the refund wallet, the keys and every pool; and how to mend what is not. Changes nothing,
and works with and without a running shop. Ends with 0 if nothing is amiss, with 1 if something
is."""

AUDIT = """\
Proves from the chain and the database that the books are true, and names every difference with its
transaction: the ledger in itself, the payments in every block, the balances of our addresses, the
rentals, and whatever was signed with our keys. Works while the shop runs. What it finds is
explained in docs/audit.md. Ends with 0 if everything is true, with 1 if not."""

KEYS = """\
Keeps private keys in one encrypted file, the key store (the setting keys.file), under one
passphrase. It comes from ENERGY_FLASH_KEYS__PASSPHRASE, from the file that keys.passphrase_file
names, or from you. No command ever prints a key. Names and addresses are no secret: list asks for
no passphrase. How keys are kept, and what a thief of what can do, is in docs/keys.md."""

KEYS_ADD = """\
Adds a key under a name, and makes the key store if there is none. The key is asked for and not
shown while it is typed; without a terminal it is read from standard input. 64 hexadecimal digits,
0x before them or not. With --new a key is made here that nobody ever sees."""

KEYS_LIST = """\
Says which keys are in the store: name, address, day, and which settings name it. Asks for no
passphrase."""

KEYS_ROTATE = """\
Encrypts every key again under another passphrase. The old file is replaced at once or not at all.
Copies of it still open with the old passphrase: if that leaked, take new keys too."""

KEYS_VERIFY = """\
Opens every key, and compares it with the address it is kept for. Ends with 1 if one cannot be used,
or if a pool or the refund wallet names one that is not there."""

KEYS_REMOVE = """\
Forgets a key for good, after its name was typed again. Refuses while a pool or the refund wallet of
the configuration names it."""

ORPHANS = """\
Lists the stake that the pools lend and that no rental in the database accounts for: after a lost or
restored database, or because the owner of a pool lent it by hand. Nothing is taken back but what is
named. Works while the shop runs; asking twice is safe. Ends with 1 if not all of it came back."""

POOLS = """\
The accounts whose staked TRX is sold, by hand and while the shop runs: what is changed here is in
force at once. How to add one step by step, and what its states and troubles mean, is in
docs/pools.md. Amounts are in TRX, with up to 6 digits after the point."""

POOLS_LIST = """\
Says of each pool its state and what is wrong with it, its stake, what of it is lent, what can be
lent now and what recovers, its means to pay for transactions, its permission and its terms. The
figures come from the chain if a node answers, else from the shop's last look."""

POOLS_ADD = """\
Registers an account with staked TRX as a pool, after it was looked at on the chain: one of its
permissions has to let a key of the key store (energy-flash keys) make DelegateResource and
UnDelegateResource. If none does, the one transaction is shown by which its owner grants that. If
the key could do more, you are told what a thief of it could do, and asked."""

POOLS_SET = """\
Changes the terms of a pool. What is not given stays as it is."""

POOLS_STATES = {
    "enable": """\
Sells from a pool again.""",
    "drain": """\
Sells no more from a pool. Rentals that run go on, and are taken back when they end.""",
    "disable": """\
Sells no more from a pool and looks after it no more: no alarms. Rentals that run go on, and are
taken back when they end.""",
}

API_KEYS = """\
What lets customers' programs in to the HTTP API, by hand and while the shop runs; customers do the
same with /api in the bot, and the staff from a person's card. What is done here stands in the log,
and the customer is told."""

API_KEYS_LIST = """\
Says of each key whose it is, what it may do, from where and until when, and when it was used last.
Secrets are not kept, so none is shown."""

API_KEYS_MAKE = """\
Makes a key for somebody whom the bot has met. Its secret is the only line on standard output, and
is not shown again: send it where it is needed, such as into a file that only you can read."""

API_KEYS_REVOKE = """\
From now on the key opens nothing. That cannot be undone; orders that it placed go on."""

SCOPES = ("read", "order", "spend", "webhooks")
"""As `services.api_keys.Scope` has them, without importing anything for --help."""
SCOPE_HELP = (
    "what it may do, once for each: read (look), order, spend (pay from the balance), webhooks"
)

CONFIG_HELP = "the configuration (default: ./config.toml, else the one that came with the program)"
DATA_DIR_HELP = "where the embedded servers keep their data (default: the setting data_dir)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    if wanted.command is None:
        parser.print_help()
        return USAGE
    command: Callable[[argparse.Namespace], int] = wanted.command
    try:
        return command(wanted)
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="energy-flash",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    sandbox = _command(commands, "sandbox", "try everything on this machine", SANDBOX, _sandbox)
    sandbox.add_argument(
        "--port", type=_port, help="of the page, on 127.0.0.1; 0 takes a free one (default: 8730)"
    )
    sandbox.add_argument(
        "--api-port",
        type=_port,
        metavar="PORT",
        help="of the HTTP API, on 127.0.0.1; 0 takes a free one (default: 3001 if that is free)",
    )
    sandbox.add_argument(
        "--data-dir",
        type=Path,
        metavar="FOLDER",
        help="where it keeps its state (default: sandbox in the user's data folder)",
    )
    sandbox.add_argument(
        "--no-browser", action="store_true", help="print the page's address, do not open it"
    )
    sandbox.add_argument(
        "--block-seconds",
        type=_seconds,
        metavar="SECONDS",
        help="time between two blocks; 0 makes one only when asked to (default: 3, as on TRON)",
    )
    sandbox.add_argument(
        "--without-app",
        action="store_true",
        help="leave the application to be started by hand; prints how",
    )

    run = _command(commands, "run", "run the shop", RUN, _run)
    run.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
    run.add_argument("--data-dir", type=Path, metavar="FOLDER", help=DATA_DIR_HELP)
    run.add_argument(
        "--role",
        type=_roles,
        default=_roles("all"),
        metavar="ROLE",
        help=f"what this process does: {', '.join(ROLES)}, several by comma, or all (default: all)",
    )
    run.add_argument(
        "--alive-file",
        type=Path,
        metavar="FILE",
        help="touched every few seconds while the process works, for those who watch over it",
    )

    check = _command(commands, "check", "is the shop ready to open?", CHECK, _check)
    check.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
    check.add_argument("--data-dir", type=Path, metavar="FOLDER", help=DATA_DIR_HELP)
    check.add_argument("--json", action="store_true", help="the findings as JSON, for programs")

    audit = _command(commands, "audit", "are the books true?", AUDIT, _audit)
    audit.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
    audit.add_argument("--data-dir", type=Path, metavar="FOLDER", help=DATA_DIR_HELP)
    blocks = audit.add_mutually_exclusive_group()
    blocks.add_argument(
        "--since",
        type=_block,
        metavar="BLOCK",
        help="read again from this block on (default: after the last one that was found right)",
    )
    blocks.add_argument(
        "--full", action="store_true", help="read again from the first block of the shop on"
    )
    audit.add_argument("--json", action="store_true", help="the report as JSON, for programs")
    audit.add_argument(
        "--read-only",
        action="store_true",
        help="write nothing: neither what was found right, nor payments by contracts",
    )
    _add_keys(commands)

    orphans = _command(commands, "orphans", "stake lent for no rental", ORPHANS, _orphans)
    orphans.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
    orphans.add_argument("--data-dir", type=Path, metavar="FOLDER", help=DATA_DIR_HELP)
    which = orphans.add_mutually_exclusive_group()
    which.add_argument("--reclaim", metavar="RECEIVER", help="take back what it has of the pools")
    which.add_argument("--reclaim-all", action="store_true", help="take back all that is listed")
    orphans.add_argument("--pool", metavar="POOL", help="with --reclaim: of this pool only")
    orphans.add_argument("--yes", action="store_true", help="do not ask before taking back")
    orphans.add_argument("--json", action="store_true", help="the list as JSON, for programs")
    _add_pools(commands)
    _add_api_keys(commands)
    return parser


def _add_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    keys = commands.add_parser(
        "keys",
        help="keep private keys, encrypted",
        description=KEYS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = keys.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    add = _command(actions, "add", "add a key, or make a new one", KEYS_ADD, _keys)
    add.add_argument("name", metavar="NAME", help="what to call it, such as hot")
    source = add.add_mutually_exclusive_group()
    source.add_argument("--new", action="store_true", help="make a new key that nobody sees")
    source.add_argument(
        "--from-file", type=Path, metavar="FILE", help="read the key from a file; -: from a pipe"
    )
    _command(actions, "list", "which keys are there?", KEYS_LIST, _keys)
    rotate = _command(actions, "rotate", "change the passphrase", KEYS_ROTATE, _keys)
    rotate.add_argument(
        "--new-passphrase-file",
        type=Path,
        metavar="FILE",
        help="whose first line is the new passphrase; -: from a pipe (default: asked for)",
    )
    _command(actions, "verify", "can all keys be used?", KEYS_VERIFY, _keys)
    remove = _command(actions, "remove", "forget a key", KEYS_REMOVE, _keys)
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    remove.add_argument("--force", action="store_true", help="also if a setting names it")
    for action in actions.choices.values():
        action.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
        action.add_argument("--data-dir", type=Path, metavar="FOLDER", help=DATA_DIR_HELP)


def _add_pools(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    pools = commands.add_parser(
        "pools",
        help="sell the stake of accounts, or no more",
        description=POOLS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = pools.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listing = _command(actions, "list", "which pools are there, and are they well?", POOLS_LIST)
    listing.add_argument("--json", action="store_true", help="for programs; amounts in sun")
    add = _command(actions, "add", "sell from an account", POOLS_ADD)
    add.add_argument("address", metavar="ADDRESS", help="of the account that staked TRX")
    add.add_argument(
        "--permission",
        type=_permission,
        metavar="ID",
        help="the account's permission to sign by (default: the most limited that is enough)",
    )
    add.add_argument(
        "--key", metavar="NAME", help="in the key store (default: one that a permission names)"
    )
    _add_terms(add)
    add.add_argument("--yes", action="store_true", help="do not ask whether to sell from it")
    add.add_argument(
        "--accept-more",
        action="store_true",
        help="do not ask either if a thief of the key could do more than delegate",
    )
    change = _command(actions, "set", "change the terms of a pool", POOLS_SET)
    change.add_argument("address", metavar="ADDRESS")
    _add_terms(change)
    for state, description in POOLS_STATES.items():
        summary = description.partition(".")[0]
        _command(actions, state, summary[0].lower() + summary[1:], description).add_argument(
            "address", metavar="ADDRESS"
        )
    for action in actions.choices.values():
        action.set_defaults(command=_pools)
        action.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
        action.add_argument("--data-dir", type=Path, metavar="FOLDER", help=DATA_DIR_HELP)


def _add_api_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    keys = commands.add_parser(
        "api-keys",
        help="let customers' programs in, or shut them out",
        description=API_KEYS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = keys.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listing = _command(actions, "list", "which keys are there?", API_KEYS_LIST)
    listing.add_argument("--user", type=_user, metavar="ID", help="only of this one")
    listing.add_argument("--json", action="store_true", help="for programs")
    make = _command(actions, "make", "make a key", API_KEYS_MAKE)
    make.add_argument(
        "--user", type=_user, metavar="ID", required=True, help="Telegram's id of whom it is for"
    )
    make.add_argument("--name", required=True, help="what to call it, such as web-shop")
    make.add_argument(
        "--scope", action="append", choices=SCOPES, required=True, dest="scopes", help=SCOPE_HELP
    )
    make.add_argument(
        "--lasts-days",
        type=_days,
        metavar="N",
        default=365,
        help="how long it works; 0: without an end (default: 365)",
    )
    make.add_argument(
        "--from",
        action="extend",
        nargs="+",
        default=[],
        metavar="NETWORK",
        dest="networks",
        help="IP addresses or networks that it works from (default: from anywhere)",
    )
    revoke = _command(actions, "revoke", "let a key open nothing any more", API_KEYS_REVOKE)
    revoke.add_argument("key", metavar="KEY", help="its beginning: ef_key_ and 12 characters")
    for action in actions.choices.values():
        action.set_defaults(command=_api_keys)
        action.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
        action.add_argument("--data-dir", type=Path, metavar="FOLDER", help=DATA_DIR_HELP)


def _add_terms(parser: argparse.ArgumentParser) -> None:
    terms: tuple[tuple[str, str, Callable[[str], int], str, str], ...] = (
        ("--reserve-trx", "reserve_sun", _trx, "TRX", "stake that is never lent"),
        ("--cap-trx", "cap_sun", _cap, "TRX", "the most stake in one delegation; 0: no bound"),
        ("--priority", "priority", _priority, "N", "-100 to 100; higher is taken first"),
        (
            "--hourly",
            "hourly_delegations",
            _hourly,
            "N",
            "the most delegations in an hour; 0: as limits.pool_hour says",
        ),
        (
            "--cost-sun",
            "cost_sun",
            _sun,
            "SUN",
            "what 1,000 energy of it for a day cost you: of equals the cheaper is taken",
        ),
    )
    for option, name, kind, metavar, text in terms:
        parser.add_argument(option, dest=name, type=kind, metavar=metavar, help=text)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    description: str,
    command: Callable[[argparse.Namespace], int] | None = None,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"energy-flash {version('energy-flash')}")
        parser.exit()


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: a number from 0 to 65535 is expected")


def _block(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is not the number of a block")


def _trx(text: str) -> int:
    """Sun, of an amount in TRX: exactly, so by its digits."""
    whole, _, rest = text.partition(".")
    digits = whole + rest
    if whole and digits.isascii() and digits.isdecimal() and len(whole) <= 11 and len(rest) <= 6:
        return int(whole) * 1_000_000 + int(rest.ljust(6, "0"))
    raise argparse.ArgumentTypeError(
        f"{text} is no amount of TRX: digits, and at most 6 of them after a point"
    )


def _cap(text: str) -> int:
    sun = _trx(text)
    if 0 < sun < 1_000_000:
        raise argparse.ArgumentTypeError(
            f"{text} is too little: 1 TRX is the least that can be delegated; 0 is no bound"
        )
    return sun


def _between(text: str, least: int, most: int) -> int:
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and least <= int(text) <= most:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} to {most}")


def _priority(text: str) -> int:
    return _between(text, -100, 100)


def _hourly(text: str) -> int:
    return _between(text, 0, 100_000)


def _user(text: str) -> int:
    return _between(text, 1, 2**63 - 1)


def _days(text: str) -> int:
    return _between(text, 0, 36_500)


def _sun(text: str) -> int:
    return _between(text, 0, 10**15)


def _permission(text: str) -> int:
    number = _between(text, 0, 9)
    if number == 1:
        raise argparse.ArgumentTypeError("1 is the witness's permission, which signs blocks only")
    return number


def _roles(text: str) -> tuple[str, ...]:
    if text == "all":
        return ROLES
    named = tuple(dict.fromkeys(text.split(",")))
    if unknown := [name for name in named if name not in ROLES]:
        known = ", ".join((*ROLES, "all"))
        raise argparse.ArgumentTypeError(f"{unknown[0] or 'nothing'} is no role: {known}")
    return named


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if 0 <= seconds <= 3600:
        return seconds
    raise argparse.ArgumentTypeError(f"{text} is not a number of seconds from 0 to 3600")


# ── the commands ──────────────────────────────────────────────────────────────────────────────


def _sandbox(wanted: argparse.Namespace) -> int:
    import asyncio

    from log_output import LogOutput
    from sandbox import world
    from sandbox.options import BLOCK_SECONDS, DEFAULT_PORT, SandboxOptions
    from settings import default_data_dir

    options = SandboxOptions(
        data_dir=wanted.data_dir or default_data_dir() / "sandbox",
        port=DEFAULT_PORT if wanted.port is None else wanted.port,
        api_port=wanted.api_port,
        open_browser=not wanted.no_browser,
        block_seconds=BLOCK_SECONDS if wanted.block_seconds is None else wanted.block_seconds,
        with_app=not wanted.without_app,
    )
    _log_to_stderr(LogOutput())
    return _reported(lambda: asyncio.run(world.main(options)))


def _run(wanted: argparse.Namespace) -> int:
    def run(settings: Settings) -> Coroutine[Any, Any, None]:
        import app
        from services.jobs import ProcessRole

        roles = frozenset(map(ProcessRole, wanted.role))
        return app.run(settings, roles, alive_file=wanted.alive_file)

    return _with_settings(wanted, run, service=True)


def _check(wanted: argparse.Namespace) -> int:
    def check(settings: Settings) -> Coroutine[Any, Any, int]:
        import app

        return app.check(settings, as_json=wanted.json)

    return _with_settings(wanted, check)


def _audit(wanted: argparse.Namespace) -> int:
    def audit(settings: Settings) -> Coroutine[Any, Any, int]:
        import app
        from services.audit import scope_of

        scope = scope_of(since=wanted.since, full=wanted.full, read_only=wanted.read_only)
        return app.audit(settings, scope, as_json=wanted.json)

    return _with_settings(wanted, audit)


def _keys(wanted: argparse.Namespace) -> int:
    def keys(settings: Settings) -> int:
        import cli_keys

        return cli_keys.run(wanted, settings)

    return _with_settings_at_hand(wanted, keys)


def _orphans(wanted: argparse.Namespace) -> int:
    def chosen(found: Sequence[Orphan]) -> Sequence[Orphan]:
        named = [
            orphan
            for orphan in found
            if (wanted.reclaim_all or orphan.receiver == wanted.reclaim)
            and wanted.pool in (None, orphan.pool)
        ]
        if not (wanted.reclaim or wanted.reclaim_all):
            return []
        if not named:
            print("Nothing of that is listed.", file=sys.stderr)
        elif not wanted.yes and not _agreed(f"Take back {len(named)} of these?"):
            return []
        return named

    def orphans(settings: Settings) -> Coroutine[Any, Any, int]:
        import app

        return app.orphans(settings, chosen, as_json=wanted.json)

    return _with_settings(wanted, orphans)


def _agreed(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _pools(wanted: argparse.Namespace) -> int:
    def pools(settings: Settings) -> Coroutine[Any, Any, int]:
        import app

        return app.pools(settings, wanted)

    return _with_settings(wanted, pools)


def _api_keys(wanted: argparse.Namespace) -> int:
    def api_keys(settings: Settings) -> Coroutine[Any, Any, int]:
        import app

        return app.api_keys(settings, wanted)

    return _with_settings(wanted, api_keys)


def _with_settings(
    wanted: argparse.Namespace,
    act: Callable[[Settings], Coroutine[Any, Any, int | None]],
    *,
    service: bool = False,
) -> int:
    import asyncio

    return _with_settings_at_hand(
        wanted, lambda settings: asyncio.run(act(settings)), service=service
    )


def _with_settings_at_hand(
    wanted: argparse.Namespace, act: Callable[[Settings], int | None], *, service: bool = False
) -> int:
    from log_output import output_of
    from settings import CONFIG_VARIABLE, SettingsError, load

    if wanted.config is not None:
        os.environ[CONFIG_VARIABLE] = str(wanted.config)
    data_dir = getattr(wanted, "data_dir", None)
    try:
        settings = load(**({} if data_dir is None else {"data_dir": data_dir}))

        def logged() -> int | None:
            _log_to_stderr(output_of(settings, service=service))
            return act(settings)

        return _reported(logged)
    except SettingsError as error:
        return _complain(error.lines, USAGE)


def _reported(act: Callable[[], int | None]) -> int:
    """Run `act`; what went wrong with the surroundings is said in a line, not in a traceback."""
    try:
        return act() or OK
    except Exception as error:
        if not isinstance(error, _troubles()):
            raise
        return _complain([str(error)], FAILURE)


def _troubles() -> tuple[type[Exception], ...]:
    from cli_api_keys import KeyNotDone
    from cli_pools import PoolRefused
    from db.database import DatabaseUnavailable
    from db.schema import OtherSchema
    from embedded import EmbeddedError
    from services.key_file import KeyStoreError
    from services.scanner import WrongChain

    return (
        *(EmbeddedError, DatabaseUnavailable, OtherSchema, OSError),
        *(WrongChain, KeyStoreError, PoolRefused, KeyNotDone),
    )


def _complain(lines: Sequence[str], code: int) -> int:
    for line in lines:
        print(f"energy-flash: {line}", file=sys.stderr)
    return code


def _log_to_stderr(output: LogOutput) -> None:
    import log_output

    log_output.begin(output)


if __name__ == "__main__":
    sys.exit(main())
