"""Where tests kill the program: one list, all of it used, and nothing armed in a shop."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from services import fail_points
from services.fail_points import FAIL_POINTS, VARIABLE
from settings import load
from tests.support.servers import ROOT

REACHING = """
from services.fail_points import reach
for name in ("open", "blocks committed", "open", "open"):
    print(name, flush=True)
    reach(name)
"""


def modules() -> list[Path]:
    folders = [path for name in ("bot", "services") for path in (ROOT / name).rglob("*.py")]
    top = (ROOT / "app.py", ROOT / "composition.py")
    return [*top, *(path for path in folders if path.name != "fail_points.py")]


def strings_in(nodes: Iterable[ast.AST]) -> Counter[str]:
    return Counter(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_every_fail_point_of_the_code_is_listed_and_every_listed_one_stands_in_one_place() -> None:
    nodes = [
        node
        for module in modules()
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    ]
    reached = strings_in(
        node.args[0]
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "reach"
    )
    # Three are chosen by the kind of a transaction, and one is called when everything closes.
    chosen = set(FAIL_POINTS) - set(reached)
    assert chosen == {"delegation accepted", "reclaim accepted", "refund accepted", "jobs stopped"}
    assert {name: strings_in(nodes)[name] for name in chosen} == dict.fromkeys(chosen, 1)
    assert reached == dict.fromkeys(set(FAIL_POINTS) - chosen, 1)


def run(armed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", REACHING],
        cwd=ROOT,
        env=os.environ | {VARIABLE: armed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_armed_program_kills_itself_where_it_was_told_to() -> None:
    killed = run("open:2")
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.split("\n")[:-1] == ["open", "blocks committed", "open"]
    assert killed.stderr == "killed at the fail point: open\n"
    assert run("closing").returncode == 0
    assert run("").returncode == 0


def test_a_mistyped_fail_point_is_refused() -> None:
    refused = run("opened")
    assert refused.returncode == 1
    assert "'opened' names no fail point" in refused.stderr


def test_the_settings_pass_over_an_armed_fail_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "open")
    load()


def test_nothing_is_armed_here() -> None:
    assert fail_points._armed is None
    fail_points.reach("open")
