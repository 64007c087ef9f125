"""The command line: quick to answer, plain about what is wrong."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

import app
import cli
from db.schema import OtherSchema
from embedded import FolderInUse
from services.jobs import ProcessRole
from services.scanner import WrongChain
from settings import Settings, SettingsError

ROOT = Path(cli.__file__).parent


def energy_flash(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=ROOT,
        env=os.environ | (environment or {}),
    )


def test_help_answers_before_anything_heavy_is_imported() -> None:
    code = (
        "import sys, cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    imported = set(done.stderr.split())
    assert "cli" in imported
    assert not imported & {"app", "asyncio", "bot", "embedded", "logging", "pydantic", "settings"}
    assert all(
        name in done.stdout
        for name in (
            *("sandbox", "run", "check", "audit", "keys", "orphans", "pools", "api-keys"),
            "--version",
        )
    )


@pytest.mark.parametrize(
    "command", ["sandbox", "run", "check", "audit", "keys", "orphans", "pools", "api-keys"]
)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == cli.OK
    said = capsys.readouterr().out
    assert f"usage: energy-flash {command}" in said
    assert len(said.splitlines()) > 6


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--version"])
    assert left.value.code == cli.OK
    name, version = capsys.readouterr().out.split()
    assert name == "energy-flash"
    assert version[0].isdigit()


def test_without_a_command_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == cli.USAGE
    assert "energy-flash sandbox" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["sell"],
        ["sandbox", "--port", "65536"],
        ["sandbox", "--port", "-1"],
        ["sandbox", "--block-seconds", "-1"],
        ["sandbox", "--block-seconds", "nan"],
        ["run", "--port", "1"],
        ["audit", "--since", "0"],
        ["audit", "--since", "-5"],
        ["audit", "--since", "5", "--full"],
        ["orphans", "--reclaim", "T", "--reclaim-all"],
        ["pools"],
        ["pools", "sell"],
        ["pools", "add"],
        ["pools", "add", "T1", "--permission", "1"],
        ["pools", "set", "T1", "--reserve-trx", "0.0000001"],
    ],
)
def test_wrong_usage_is_answered_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == cli.USAGE
    assert "error:" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("action", ["list", "add", "set", "enable", "drain", "disable"])
def test_each_action_on_pools_explains_itself(
    action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["pools", action, "--help"])
    assert left.value.code == cli.OK
    said = capsys.readouterr().out
    assert f"usage: energy-flash pools {action}" in said
    assert "--data-dir" in said


@pytest.mark.parametrize(
    ("typed", "sun"),
    [("0", 0), ("1", 1_000_000), ("0.1", 100_000), ("12.000001", 12_000_001), ("5.", 5_000_000)],
)
def test_amounts_of_trx_are_read_exactly(
    typed: str, sun: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def pools(settings: Settings, wanted: Namespace) -> int:
        await asyncio.sleep(0)
        asked.append(wanted.reserve_sun)
        return cli.OK

    monkeypatch.setattr(app, "pools", pools)
    monkeypatch.setattr(cli, "_log_to_stderr", lambda level: None)
    assert cli.main(["pools", "set", "T1", "--reserve-trx", typed]) == cli.OK
    assert asked == [sun]


@pytest.mark.parametrize("command", ["run", "check", "audit", "orphans"])
def test_wrong_settings_are_named_without_a_traceback(command: str, tmp_path: Path) -> None:
    config = tmp_path / "shop.toml"
    config.write_text("[tron]\npoll_seconds = 9\n[payment]\nminute = 1\n", encoding="utf-8")
    done = energy_flash(command, "--config", str(config))
    assert done.returncode == cli.USAGE
    assert done.stderr.splitlines() == [
        f"energy-flash: tron.poll_seconds = 9 should be a number above 0 and at most 3 ({config})",
        f"energy-flash: payment.minute is not a setting; did you mean payment.minutes? ({config})",
    ]


@pytest.mark.parametrize("command", ["run", "audit", "orphans"])
def test_a_shop_without_a_token_is_told_where_to_put_it(command: str) -> None:
    done = energy_flash(command, environment={"ENERGY_FLASH_CONFIG": str(ROOT / "config.toml")})
    assert done.returncode == cli.USAGE
    assert done.stderr.startswith("energy-flash: telegram.token is not set")
    assert "Traceback" not in done.stderr


def test_a_config_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = energy_flash("check", "--config", str(tmp_path / "none.toml"))
    assert done.returncode == cli.USAGE
    assert done.stderr.count("\n") == 1
    assert str(tmp_path / "none.toml") in done.stderr


def test_the_sandbox_is_started_with_what_was_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from sandbox import world
    from sandbox.options import SandboxOptions

    chosen: list[SandboxOptions] = []

    async def main(options: SandboxOptions) -> None:
        await asyncio.sleep(0)
        chosen.append(options)

    monkeypatch.setattr(world, "main", main)
    monkeypatch.setattr(cli, "_log_to_stderr", lambda level: None)
    here = str(tmp_path)
    assert cli.main(["sandbox", "--data-dir", here]) == cli.OK
    arguments = ["--port", "0", "--api-port", "3005", "--no-browser"]
    arguments += ["--block-seconds", "0.5", "--without-app"]
    assert cli.main(["sandbox", "--data-dir", here, *arguments]) == cli.OK
    assert chosen == [
        SandboxOptions(data_dir=tmp_path),
        SandboxOptions(
            data_dir=tmp_path,
            port=0,
            api_port=3005,
            open_browser=False,
            block_seconds=0.5,
            with_app=False,
        ),
    ]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (FolderInUse(Path("/shop"), 7), cli.FAILURE),
        (ConnectionRefusedError(111, "Connection refused"), cli.FAILURE),
        (WrongChain("this database belongs to another chain"), cli.FAILURE),
        (OtherSchema("this database has other tables"), cli.FAILURE),
        (SettingsError(["pools is not set"]), cli.USAGE),
    ],
)
def test_trouble_with_the_surroundings_is_told_in_a_line(
    trouble: Exception,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def run(settings: Settings, roles: frozenset[str], *, alive_file: Path | None) -> None:
        raise trouble

    monkeypatch.setattr(app, "run", run)
    monkeypatch.setattr(cli, "_log_to_stderr", lambda level: None)
    assert cli.main(["run"]) == code
    assert capsys.readouterr().err == f"energy-flash: {trouble}\n"


def test_the_audit_is_made_as_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from services.audit import Scope

    asked: list[tuple[Scope, bool]] = []

    async def audit(settings: Settings, scope: Scope, *, as_json: bool) -> int:
        await asyncio.sleep(0)
        asked.append((scope, as_json))
        return len(asked) - 1

    monkeypatch.setattr(app, "audit", audit)
    monkeypatch.setattr(cli, "_log_to_stderr", lambda level: None)
    assert cli.main(["audit"]) == cli.OK
    assert cli.main(["audit", "--since", "7", "--json", "--read-only"]) == cli.FAILURE
    (plain, plain_json), (special, special_json) = asked
    assert (plain.since, plain.full, plain.read_only, plain_json) == (None, False, False, False)
    assert (special.since, special.full, special.read_only, special_json) == (7, False, True, True)
    assert plain.blocks
    assert special.blocks


def test_a_mistake_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(settings: Settings, roles: frozenset[str], *, alive_file: Path | None) -> None:
        raise AssertionError("never")

    monkeypatch.setattr(app, "run", run)
    monkeypatch.setattr(cli, "_log_to_stderr", lambda level: None)
    with pytest.raises(AssertionError, match="never"):
        cli.main(["run"])


def test_the_command_line_knows_the_roles_there_are() -> None:
    assert set(cli.ROLES) == {str(role) for role in ProcessRole}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ([], set(cli.ROLES)),
        (["--role", "all"], set(cli.ROLES)),
        (["--role", "scanner"], {"scanner"}),
        (["--role", "bot,worker,bot"], {"bot", "worker"}),
    ],
)
def test_a_process_gets_its_roles(
    said: list[str], meant: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[frozenset[str]] = []

    async def run(settings: Settings, roles: frozenset[str], *, alive_file: Path | None) -> None:
        assert alive_file is None
        asked.append(roles)
        await asyncio.sleep(0)

    monkeypatch.setattr(app, "run", run)
    monkeypatch.setattr(cli, "_log_to_stderr", lambda level: None)
    assert cli.main(["run", *said]) == cli.OK
    assert asked == [meant]


@pytest.mark.parametrize("role", ["cook", "", "bot,", "all,bot"])
def test_what_is_no_role_is_refused(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--role", role])
    assert ended.value.code == cli.USAGE
    assert "is no role: scanner, worker, bot, api, all" in capsys.readouterr().err


def test_processes_apart_need_servers_that_they_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_log_to_stderr", lambda level: None)
    monkeypatch.setenv("ENERGY_FLASH_API__ENABLED", "false")
    assert cli.main(["run", "--role", "api", "--data-dir", str(tmp_path)]) == cli.USAGE
    said = capsys.readouterr().err.splitlines()
    for setting in ("database.url", "redis.url"):
        assert any(line.startswith(f"energy-flash: --role api: {setting} is") for line in said)
    assert f"energy-flash: {app.NO_API}" in said
    assert not list(tmp_path.iterdir()), "nothing was started"
