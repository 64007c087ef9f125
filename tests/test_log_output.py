"""The log: for a person or for programs, about what it says it is about, and without secrets."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given

import log_output
from log_output import Form, LogFile, LogOutput, begin, output_of
from services.log_context import about, learned
from settings import load
from tests.services.test_redaction import secrets

ROOT = Path(__file__).parent.parent
TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
TXID = "5f6e4a09c3a5b1e0d9c8b7a6958473625140f3e2d1c0b9a8978685746352413f"
ORDER = UUID("0b6d5a52-8c94-4f3e-9f3a-3d1f5f0f7c11")

log = logging.getLogger("services.somewhere")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whatever a test makes of the process's logging is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks, raised = (sys.excepthook, threading.excepthook), logging.raiseExceptions
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logging.raiseExceptions = raised


def lines_of(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def logged(form: Form, *known: str, stream: io.StringIO | None = None) -> io.StringIO:
    stream = io.StringIO() if stream is None else stream
    begin(LogOutput("DEBUG", form, secrets=known), stream)
    return stream


# ── how lines look ────────────────────────────────────────────────────────────────────────────


def test_a_person_reads_the_moment_how_grave_who_and_what() -> None:
    stream = logged("console")
    log.info("order %s: delivered", 1001)
    [line] = lines_of(stream)
    moment, rest = line[:23], line[23:]
    assert moment[4] == moment[7] == "-"
    assert moment[19] == ","
    assert rest == " INFO    services.somewhere: order 1001: delivered"


def test_a_program_reads_one_object_on_each_line() -> None:
    stream = logged("json")
    log.warning("order %s:\nnot yet 能量", 1001, extra={"tries": 3})
    log.info("next")
    first, second = map(json.loads, lines_of(stream))
    assert first.pop("timestamp").endswith("+00:00")
    assert first == {
        "level": "WARNING",
        "logger": "services.somewhere",
        "event": "order 1001:\nnot yet 能量",
        "tries": 3,
    }
    assert second["event"] == "next"


def test_auto_is_for_a_person_on_a_terminal_only() -> None:
    assert lines_of(_said(logged("auto")))[0].startswith("{")
    assert not lines_of(_said(logged("auto", stream=Terminal())))[0].startswith("{")


def _said(stream: io.StringIO) -> io.StringIO:
    log.info("said")
    return stream


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in _said(logged("console", stream=Terminal())).getvalue()
    assert "\x1b[" not in _said(logged("console")).getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in _said(logged("console", stream=Terminal())).getvalue()


def test_a_message_can_neither_forge_a_line_nor_move_the_cursor() -> None:
    stream = logged("console")
    log.info("named %s", "Ann\n2026-01-01 00:00:00,000 ERROR all is lost\x1b[2J")
    [line] = lines_of(stream)
    assert line.endswith(r"named Ann\n2026-01-01 00:00:00,000 ERROR all is lost\x1b[2J")


def test_chatty_libraries_are_heard_only_when_something_is_wrong() -> None:
    stream = logged("json")
    logging.getLogger("httpx").info("GET https://…")
    logging.getLogger("httpx").warning("oh")
    assert [json.loads(line)["event"] for line in lines_of(stream)] == ["oh"]


def test_a_line_that_cannot_be_made_says_where_it_came_from() -> None:
    stream = logged("json", TOKEN)
    log.info("%d orders", TOKEN)
    log.info("after")
    broken, after = map(json.loads, lines_of(stream))
    assert broken["level"] == "ERROR"
    assert "test_log_output.py" in broken["event"]
    assert "could not be logged" in broken["event"]
    assert after["event"] == "after"


# ── what a line is about ──────────────────────────────────────────────────────────────────────


def test_every_line_beneath_says_what_the_work_is_about() -> None:
    stream = logged("json")
    with about(job="deliver paid orders"):
        with about(order_id=ORDER):
            log.info("begun")
            learned(order=1001)
            logging.getLogger("a.library").info("asked")
        log.info("next")
    log.info("out")
    begun, asked, after, out = map(json.loads, lines_of(stream))
    assert (begun["job"], begun["order_id"], "order" in begun) == (
        "deliver paid orders",
        str(ORDER),
        False,
    )
    assert (asked["order"], asked["order_id"]) == (1001, str(ORDER))
    assert "order_id" not in after
    assert "order" not in after
    assert "job" not in out


def test_a_person_is_not_told_twice() -> None:
    stream = logged("console")
    with about(job="scan", order=1001, order_id=ORDER, payment=TXID):
        log.info("order 1001: paid by %s", TXID)
        log.info("10012 sun")
    said, other = (line.partition("services.somewhere: ")[2] for line in lines_of(stream))
    assert said == f"order 1001: paid by {TXID}"
    assert other == "10012 sun  order=1001 payment=5f6e4a09c3…"


# ── errors ────────────────────────────────────────────────────────────────────────────────────


def fails_with(secret: str) -> None:
    raise ValueError(f"the server said {secret}")


def failed(secret: str) -> None:
    try:
        try:
            fails_with(secret)
        except ValueError as error:
            error.add_note(f"while {secret} was used")
            raise RuntimeError(secret) from error
    except RuntimeError:
        log.exception("could not %s", "do it")


def test_a_person_reads_one_traceback_below_the_line() -> None:
    stream = logged("console")
    failed("no")
    first, *below = lines_of(stream)
    assert first.endswith("ERROR   services.somewhere: could not do it")
    assert below[0] == "Traceback (most recent call last):"
    assert below[-1] == "RuntimeError: no"
    assert sum(line.startswith("Traceback") for line in below) == 2  # it, and its cause


def test_a_program_reads_where_it_failed() -> None:
    stream = logged("json")
    failed("no")
    [line] = map(json.loads, lines_of(stream))
    outer, inner = line["exception"]
    assert (outer["exc_type"], outer["exc_value"]) == ("RuntimeError", "no")
    assert (inner["exc_type"], inner["frames"][-1]["name"]) == ("ValueError", "fails_with")
    assert all("locals" not in frame or not frame["locals"] for frame in inner["frames"])


def test_what_ends_the_program_is_logged_and_not_printed(tmp_path: Path) -> None:
    code = (
        "import threading, log_output\n"
        f"log_output.begin(log_output.LogOutput(form='json', secrets=({TOKEN!r},)))\n"
        f"def fail(): raise RuntimeError('with ' + {TOKEN!r})\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "fail()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    thread, end = map(json.loads, done.stderr.splitlines())
    assert done.returncode == 1
    assert (thread["level"], end["level"]) == ("ERROR", "CRITICAL")
    assert end["exception"][0]["exc_value"] == "with ***"
    assert TOKEN not in done.stderr


# ── secrets ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["console", "json"])
@given(secret=secrets)
def test_no_secret_comes_out_by_any_way(form: Form, secret: tuple[str, str]) -> None:
    hidden, written = secret
    stream = logged(form)
    name = logging.getLogger("quiet")
    name.info(written)
    log.info("said %s and %r", written, {"inner": [written]})
    log.info("said", extra={"more": written, "deep": {"er": (written,)}})
    log.info("stack", stack_info=True, extra={"why": ValueError(written)})
    with about(request=written):
        log.info("asked")
    failed(written)
    log.info("%d", written)
    try:
        fails_with(written)
    except ValueError as error:
        log.warning("refused: %s", error)
        log.warning("refused: %r", error, exc_info=error)
    told = stream.getvalue()
    assert hidden not in told
    assert hidden not in json.dumps(told)
    assert told.count("***") >= 8


def test_a_secret_of_the_settings_is_known_wherever_it_stands() -> None:
    key = "ab" * 32
    settings = load(
        telegram={"token": "42:short-but-known"},
        tron={"nodes": [{"url": "https://node.example", "api_key": "a-key-of-no-known-form"}]},
        refunds={"key": key},
        database={"url": "postgresql://shop:p%40ssw%3Frd-and-more@db/shop"},
        keys={"passphrase": "five words drawn by chance"},
    )
    output = output_of(settings, service=True)
    stream = io.StringIO()
    begin(output, stream)
    hidden = (
        *("42:short-but-known", "a-key-of-no-known-form", key, "five words drawn by chance"),
        *("p@ssw?rd-and-more", "p%40ssw%3Frd-and-more"),
    )
    for secret in hidden:
        log.info("it is %s, or %r", secret, [secret])
    assert [each for each in hidden if each in stream.getvalue()] == []
    assert TXID in _said_of(TXID, stream)


def _said_of(word: str, stream: io.StringIO) -> str:
    log.info("payment %s", word)
    return stream.getvalue()


# ── where it goes ─────────────────────────────────────────────────────────────────────────────


def test_the_file_is_begun_anew_when_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "logs" / "energy-flash.log"
    stream = io.StringIO()
    begin(LogOutput(form="console", file=LogFile(path, megabytes=1, backups=2)), stream)
    for number in range(3_500):
        log.info("%s %s", number, "x" * 1_000)
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "energy-flash.log",
        "energy-flash.log.1",
        "energy-flash.log.2",
    ]
    assert all(each.stat().st_size <= 1024 * 1024 for each in path.parent.iterdir())
    assert len(lines_of(stream)) == 3_500
    assert path.read_text(encoding="utf-8").splitlines()[-1].split()[4:] == ["3499", "x" * 1_000]


def test_the_file_is_for_programs_unless_a_person_is_meant(tmp_path: Path) -> None:
    forms: tuple[tuple[Form, bool], ...] = (("auto", True), ("json", True), ("console", False))
    for form, as_json in forms:
        path = tmp_path / form
        begin(LogOutput(form=form, file=LogFile(path)), Terminal())
        log.info("said")
        assert path.read_text(encoding="utf-8").startswith("{") is as_json


def test_only_the_shop_itself_writes_the_file_and_for_programs(tmp_path: Path) -> None:
    settings = load(log={"file": str(tmp_path / "x.log"), "file_megabytes": 3, "file_backups": 4})
    shop, command = (output_of(settings, service=service) for service in (True, False))
    assert shop.file == LogFile(tmp_path / "x.log", 3, 4)
    assert (shop.form, command.form, command.file) == ("auto", "console", None)
    told = load(log={"format": "json"})
    assert output_of(told, service=False).form == "json"


def test_a_file_that_cannot_be_written_is_told_of_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "cli", "run", "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"PATH": "/bin", "ENERGY_FLASH_LOG__FILE": str(tmp_path / "taken" / "x.log")},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("energy-flash: [Errno")
    assert done.stderr.count("\n") == 1


def test_there_is_nothing_that_prints_what_could_not_be_written() -> None:
    logged("json")
    assert logging.raiseExceptions is False
    assert sys.excepthook is log_output._log_the_end
