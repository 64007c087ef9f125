"""The single modules on top of the house import what they may, and the command line stays light.

Between packages the same is enforced by the contracts in pyproject.toml.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {
    "api",
    "app",
    "bench",
    "bot",
    "chain",
    "checkup",
    "cli",
    "cli_api_keys",
    "cli_keys",
    "cli_pools",
    "composition",
    "configured_keys",
    "connections",
    "db",
    "embedded",
    "energy_flash_client",
    "log_output",
    "process",
    "sandbox",
    "services",
    "settings",
}


def imported_by(module: str) -> set[str]:
    """Top-level names that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "top-level modules have no relatives"
            assert node.module
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize(
    ("module", "may"),
    [
        ("settings", {"chain"}),
        ("configured_keys", {"chain", "services", "settings"}),
        (
            "app",
            {
                *("chain", "checkup", "cli_api_keys", "cli_pools", "composition"),
                *("configured_keys", "connections", "db", "process", "services", "settings"),
            },
        ),
        ("process", {"api", "bot", "composition", "db", "services", "settings"}),
        ("composition", {"chain", "configured_keys", "db", "services", "settings"}),
        ("connections", {"db", "embedded", "settings"}),
        ("cli_api_keys", {"db", "services"}),
        ("log_output", {"services", "settings"}),
        ("cli_keys", {"chain", "configured_keys", "services", "settings"}),
        ("cli_pools", {"chain", "configured_keys", "db", "services", "settings"}),
        (
            "cli",
            {
                *("app", "cli_api_keys", "cli_keys", "cli_pools", "db", "embedded", "log_output"),
                *("sandbox", "services", "settings"),
            },
        ),
    ],
)
def test_a_top_level_module_imports_only_what_it_may(module: str, may: set[str]) -> None:
    assert imported_by(module) & OURS <= may


def test_only_bot_and_chain_speak_to_the_outside() -> None:
    for module in OURS & {path.stem for path in ROOT.glob("*.py")}:
        assert not imported_by(module) & {"aiogram", "httpx", "tronpy"}


def test_the_package_and_its_checks_hold_every_part_of_the_house() -> None:
    parts = {path.name for path in ROOT.glob("*.py")}
    parts |= {path.parent.name for path in ROOT.glob("*/__init__.py")}
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packed = set(tools["hatch"]["build"]["targets"]["wheel"]["only-include"])
    assert {part.removesuffix(".py") for part in parts} == OURS
    # Who runs the shop needs no benches.
    assert packed == parts - {"bench"} | {"config.toml", "schema.sql"}
    assert set(tools["mypy"]["files"]) == parts | {"tests"}
    packages = {part for part in parts if not part.endswith(".py")}
    assert set(tools["importlinter"]["root_packages"]) == packages
