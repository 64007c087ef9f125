"""`energy-flash keys`, as a person at a terminal and as a script without one."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

import cli
from services.key_store import KeyStore, Passphrase, entries_of
from tests.support.shop import address, key, key_hex

ROOT = Path(cli.__file__).parent
WORDS = "five words drawn by chance"
OTHER_WORDS = "five more words drawn by chance"
SECONDS = 30


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "ENERGY_FLASH" not in name}
    return kept | {"ENERGY_FLASH_DATA_DIR": str(folder)} | more


class Run(Protocol):
    """`energy-flash keys …` as a script runs it: without a terminal."""

    def __call__(
        self,
        folder: Path,
        *arguments: str,
        typed: str = "",
        passphrase: str | None = WORDS,
        **more: str,
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(
        folder: Path,
        *arguments: str,
        typed: str = "",
        passphrase: str | None = WORDS,
        **more: str,
    ) -> subprocess.CompletedProcess[str]:
        if passphrase is not None:
            more["ENERGY_FLASH_KEYS__PASSPHRASE"] = passphrase
        with monkeypatch.context() as patch:
            patch.setattr(os, "environ", environment(folder, **more))
            patch.setattr(sys, "stdin", io.StringIO(typed))
            patch.setattr(cli, "_log_to_stderr", lambda level: None)
            code = cli.main(["keys", *arguments])
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return run


class Terminal:
    """What a person sees and types."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.screen = ""
        self._descriptor = descriptor
        self._read_until = 0

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, then type."""
        self.await_question(question)
        os.write(self._descriptor, text.encode() + b"\n")

    def await_question(self, question: str) -> None:
        self._see(question)

    def end(self) -> int:
        """Wait until the program has ended; its exit code."""
        self._see(None)
        return self.process.wait(SECONDS)

    def _see(self, text: str | None) -> None:
        until = time.monotonic() + SECONDS
        while text is None or text not in self.screen[self._read_until :]:
            ready, _, _ = select.select([self._descriptor], [], [], until - time.monotonic())
            assert ready, f"waited in vain for {text}: {self.screen}"
            try:
                read = os.read(self._descriptor, 4096)
            except OSError:  # the program closed its side
                read = b""
            if not read:
                assert text is None, f"ended without {text}: {self.screen}"
                return
            self.screen += read.decode()
        self._read_until = len(self.screen)


@contextmanager
def at_terminal(folder: Path, *arguments: str, **more: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment(folder, **more),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def opened(folder: Path, words: str = WORDS) -> KeyStore:
    return KeyStore.open(folder / "keys.json", Passphrase(words))


@pytest.fixture
def with_hot(tmp_path: Path) -> Path:
    """A folder whose key store holds one key."""
    KeyStore.create(tmp_path / "keys.json", Passphrase(WORDS)).add("hot", key("hot"))
    return tmp_path


# ── the whole way ─────────────────────────────────────────────────────────────────────────────


def test_a_script_makes_fills_lists_rotates_and_empties_a_store(keys: Run, tmp_path: Path) -> None:
    done = keys(tmp_path, "add", "hot", typed=f"0x{key_hex('hot')}\n")
    assert (done.returncode, done.stderr) == (cli.OK, "")
    assert address("hot") in done.stdout
    file = tmp_path / "typed.txt"
    file.write_text(key_hex("wallet"), encoding="utf-8")
    assert keys(tmp_path, "add", "wallet", "--from-file", str(file)).returncode == cli.OK
    assert keys(tmp_path, "add", "new", "--new").returncode == cli.OK

    listed = keys(tmp_path, "list", passphrase=None)
    assert listed.returncode == cli.OK
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["hot", "wallet", "new"]
    assert address("hot") in listed.stdout

    fresh = tmp_path / "new passphrase"
    fresh.write_text(f"{OTHER_WORDS}\n", encoding="utf-8")
    assert (
        keys(tmp_path, "rotate", "--new-passphrase-file", str(fresh), passphrase=WORDS).returncode
        == cli.OK
    )
    assert keys(tmp_path, "verify").returncode == cli.FAILURE
    verified = keys(tmp_path, "verify", passphrase=OTHER_WORDS)
    assert verified.returncode == cli.OK
    assert verified.stdout.count("opens") == 3

    removed = keys(tmp_path, "remove", "wallet", "--yes", passphrase=OTHER_WORDS)
    assert removed.returncode == cli.OK
    store = opened(tmp_path, OTHER_WORDS)
    assert [entry.name for entry in store.names()] == ["hot", "new"]
    assert store.key("hot").sign(b"x") == key("hot").sign(b"x")


def test_a_person_makes_a_store_and_is_shown_nothing_of_what_they_type(tmp_path: Path) -> None:
    with at_terminal(tmp_path, "keys", "add", "hot") as terminal:
        terminal.answer("Passphrase for the new key store", WORDS)
        terminal.answer("same again", WORDS)
        terminal.answer("Private key", key_hex("hot"))
        assert terminal.end() == cli.OK
        assert address("hot") in terminal.screen
        assert key_hex("hot") not in terminal.screen
        assert WORDS not in terminal.screen
    with at_terminal(tmp_path, "keys", "rotate") as terminal:
        terminal.answer("Passphrase of the key store", WORDS)
        terminal.answer("New passphrase", OTHER_WORDS)
        terminal.answer("same again", OTHER_WORDS)
        assert terminal.end() == cli.OK
        assert OTHER_WORDS not in terminal.screen
    assert opened(tmp_path, OTHER_WORDS).key("hot").address == address("hot")


def test_a_passphrase_typed_differently_makes_nothing(tmp_path: Path) -> None:
    with at_terminal(tmp_path, "keys", "add", "hot", "--new") as terminal:
        terminal.answer("Passphrase for the new", WORDS)
        terminal.answer("same again", OTHER_WORDS)
        assert terminal.end() == cli.FAILURE
        assert "differ" in terminal.screen
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_at_a_question_ends_it_at_once(with_hot: Path) -> None:
    for arguments in (["keys", "verify"], ["keys", "remove", "hot"]):
        with at_terminal(with_hot, *arguments) as terminal:
            terminal.await_question("Passphrase of the key store")
            os.killpg(terminal.process.pid, signal.SIGINT)
            assert terminal.end() == cli.INTERRUPTED
            assert "Traceback" not in terminal.screen


# ── what is refused ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("action", [["verify"], ["add", "x", "--new"], ["remove", "hot", "--yes"]])
def test_a_wrong_passphrase_is_told_in_a_line_and_changes_nothing(
    keys: Run, with_hot: Path, action: list[str]
) -> None:
    before = (with_hot / "keys.json").read_bytes()
    done = keys(with_hot, *action, passphrase="something else entirely")
    assert done.returncode == cli.FAILURE
    assert done.stderr.startswith("energy-flash: This passphrase does not open the key store")
    assert done.stderr.count("\n") == 1
    assert "something else" not in done.stderr
    assert (with_hot / "keys.json").read_bytes() == before


@pytest.mark.parametrize("action", [["add", "x", "--new"], ["verify"], ["rotate"]])
def test_without_a_passphrase_and_a_person_it_says_where_to_set_it(
    keys: Run, with_hot: Path, action: list[str]
) -> None:
    done = keys(with_hot, *action, passphrase=None)
    assert done.returncode == cli.USAGE
    assert "ENERGY_FLASH_KEYS__PASSPHRASE" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_short_passphrase_makes_no_store(keys: Run, tmp_path: Path) -> None:
    done = keys(tmp_path, "add", "hot", "--new", passphrase="eleven char")
    assert done.returncode == cli.FAILURE
    assert "12 characters" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("abandon " * 11 + "about", "seed phrase"),
        (address("hot"), "an address"),
        ("", "nothing"),
        (key_hex("hot")[:-1], "63 characters"),
    ],
)
def test_what_is_no_key_is_refused_and_makes_no_store(
    keys: Run, tmp_path: Path, typed: str, said: str
) -> None:
    done = keys(tmp_path, "add", "hot", typed=typed)
    assert done.returncode == cli.FAILURE
    assert said in done.stderr
    assert done.stdout == ""
    assert not typed or typed not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_key_given_as_a_name_is_not_repeated(keys: Run, with_hot: Path) -> None:
    for action in ("add", "remove"):
        done = keys(with_hot, action, key_hex("ann"))
        assert done.returncode == cli.FAILURE
        assert "history" in done.stderr
        assert key_hex("ann") not in done.stderr + done.stdout


def test_a_name_that_is_taken_is_refused_before_a_key_is_asked_for(with_hot: Path) -> None:
    with at_terminal(with_hot, "keys", "add", "hot") as terminal:
        assert terminal.end() == cli.FAILURE
        assert "key named hot already" in terminal.screen
        assert "Private key" not in terminal.screen


def test_a_store_that_others_may_read_is_not_used(keys: Run, with_hot: Path) -> None:
    (with_hot / "keys.json").chmod(0o644)
    for action in (["list"], ["verify"], ["add", "x", "--new"]):
        done = keys(with_hot, *action)
        assert done.returncode == cli.FAILURE
        assert "chmod 600" in done.stderr


def test_a_store_that_is_not_there_is_named(keys: Run, tmp_path: Path) -> None:
    for action in (["list"], ["verify"], ["rotate"], ["remove", "hot"]):
        done = keys(tmp_path, *action)
        assert done.returncode == cli.FAILURE
        assert str(tmp_path / "keys.json") in done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["add"], ["sell"], ["add", "x", "--new", "--from-file", "y"]]
)
def test_wrong_usage_is_answered_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["keys", *arguments])
    assert left.value.code == cli.USAGE
    assert "error:" in capsys.readouterr().err.splitlines()[-1]


# ── a shop that opens ─────────────────────────────────────────────────────────────────────────

POOLS = f'[{{"address": "{address("pool")}", "key_name": "hot"}}]'
OPEN = {
    "ENERGY_FLASH_TELEGRAM__TOKEN": "42:test",
    "ENERGY_FLASH_PAYMENT__ADDRESS": address("payments"),
    "ENERGY_FLASH_POOLS": POOLS,
}


@pytest.mark.parametrize("command", ["run", "audit"])
@pytest.mark.parametrize("passphrase", [None, "something else entirely"])
def test_a_shop_without_the_right_passphrase_starts_nothing(
    with_hot: Path, command: str, passphrase: str | None
) -> None:
    given = {"ENERGY_FLASH_KEYS__PASSPHRASE": passphrase} if passphrase else {}
    done = subprocess.run(
        [sys.executable, "-m", "cli", command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=ROOT,
        env=environment(with_hot, **OPEN, **given),
    )
    assert done.returncode == cli.USAGE
    assert "key store" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "something else" not in done.stderr
    assert [each.name for each in with_hot.iterdir()] == ["keys.json"]


def test_ctrl_c_instead_of_the_passphrase_ends_a_shop_at_once(with_hot: Path) -> None:
    """The event loop, which is running by then, would have taken the first one for itself."""
    with at_terminal(with_hot, "run", **OPEN) as terminal:
        terminal.await_question("Passphrase of the key store")
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert terminal.end() == cli.INTERRUPTED
        assert "Traceback" not in terminal.screen


# ── what the configuration names ──────────────────────────────────────────────────────────────


def test_a_key_that_a_pool_names_is_not_removed(keys: Run, with_hot: Path) -> None:
    listed = keys(with_hot, "list", ENERGY_FLASH_POOLS=POOLS)
    assert "for pools.0" in listed.stdout
    done = keys(with_hot, "remove", "hot", "--yes", ENERGY_FLASH_POOLS=POOLS)
    assert done.returncode == cli.FAILURE
    assert "pools.0" in done.stderr
    assert len(entries_of(with_hot / "keys.json")) == 1
    done = keys(with_hot, "remove", "hot", "--yes", "--force", ENERGY_FLASH_POOLS=POOLS)
    assert done.returncode == cli.OK
    assert entries_of(with_hot / "keys.json") == ()


def test_removing_asks_for_the_name_again(keys: Run, with_hot: Path) -> None:
    assert keys(with_hot, "remove", "hot", typed="yes\n").returncode == cli.FAILURE
    assert keys(with_hot, "remove", "hot", typed="").returncode == cli.FAILURE
    assert len(entries_of(with_hot / "keys.json")) == 1
    assert keys(with_hot, "remove", "hot", typed="hot\n").returncode == cli.OK
    assert entries_of(with_hot / "keys.json") == ()


def test_verifying_finds_a_name_that_the_store_lacks(keys: Run, with_hot: Path) -> None:
    assert keys(with_hot, "verify", ENERGY_FLASH_POOLS=POOLS).returncode == cli.OK
    done = keys(with_hot, "verify", ENERGY_FLASH_REFUNDS__KEY_NAME="wallet")
    assert done.returncode == cli.FAILURE
    assert "refunds names the key wallet" in done.stdout


def test_the_passphrase_can_be_in_a_file(keys: Run, with_hot: Path, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text(f"{WORDS}\nand a remark\n", encoding="utf-8")
    where = {"ENERGY_FLASH_KEYS__PASSPHRASE_FILE": str(file)}
    assert keys(with_hot, "verify", passphrase=None, **where).returncode == cli.OK
    file.write_text("\n", encoding="utf-8")
    empty = keys(with_hot, "verify", passphrase=None, **where)
    assert (empty.returncode, "empty first line" in empty.stderr) == (cli.USAGE, True)
    file.unlink()
    gone = keys(with_hot, "verify", passphrase=None, **where)
    assert (gone.returncode, "cannot be read" in gone.stderr) == (cli.USAGE, True)
