"""The application as a process of the sandbox's own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sandbox.program import CannotDo, Program, ProgramState


def program(folder: Path, code: str) -> Program:
    command = (sys.executable, "-c", code)
    return Program({"WORD": "now"}, folder / "app.log", lambda: None, command=command)


async def test_last_words_are_those_of_the_last_start(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("words of yesterday\n")
    app = program(tmp_path, "import os, sys; sys.exit('refused: ' + os.environ['WORD'])")
    await app.start()
    assert not await app.is_up()
    assert app.state is ProgramState.CRASHED
    assert app.as_json()["exit_code"] == 1
    assert app.last_words() == "refused: now"
    assert "yesterday" in (tmp_path / "app.log").read_text()


async def test_last_words_are_none_before_the_first_start(tmp_path: Path) -> None:
    app = program(tmp_path, "")
    assert app.last_words() == ""
    with pytest.raises(CannotDo):
        await app.stop()
