"""What can be chosen when the sandbox is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8730
DEFAULT_API_PORT = 3001
"""The application's own: what is written for a shop's API fits the sandbox's too."""
BLOCK_SECONDS = 3.0
"""TRON's own pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    data_dir: Path
    """Where its database, chain and chats are kept between two starts."""
    port: int = DEFAULT_PORT
    """Of the page and the control API, on 127.0.0.1; 0 takes a free one."""
    api_port: int | None = None
    """Of the application's HTTP API; 0 takes a free one. None: the usual one where it is free, else
    another, and any if `port` is 0."""
    open_browser: bool = True
    block_seconds: float = BLOCK_SECONDS
    """Seconds between two blocks; 0 makes a block only when one is asked for."""
    with_app: bool = True
    """Start the application too; without, it is started by hand."""
