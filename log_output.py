"""Where the log goes, and how its lines look: for a person, or one JSON object each.

Everything is logged through the standard library; structlog makes the lines. Each says what the
work was about (`services.log_context`), and none holds a secret (`services.redaction`), whoever
logged it: libraries too, and what ends the program.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TextIO
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr
from structlog.processors import ExceptionRenderer, format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

from services.log_context import subject
from services.redaction import Redaction

if TYPE_CHECKING:
    from settings import Settings

Form = Literal["auto", "console", "json"]

# They tell of every single request or job, and httpx of addresses that can hold keys.
_CHATTY = ("httpx", "httpcore", "apscheduler", "aiohttp.access")
_MOST_FRAMES = 50
_OUR_OWN = frozenset({"timestamp", "level"})
# What would move the cursor of a terminal, or begin a line that looks like another's.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_ID = re.compile("[0-9a-f]{64}")
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_COLOURS = {
    "DEBUG": _DIM,
    "WARNING": "\x1b[33m",
    "ERROR": "\x1b[31m",
    "CRITICAL": "\x1b[1;31m",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that is begun anew when it is full; `backups` older ones are kept."""

    path: Path
    megabytes: int = 20
    backups: int = 10


@dataclass(frozen=True, slots=True)
class LogOutput:
    """What is logged, how and where to. `secrets` are left out wherever they stand."""

    level: str = "INFO"
    form: Form = "console"
    file: LogFile | None = None
    secrets: tuple[str, ...] = ()


def output_of(settings: Settings, *, service: bool) -> LogOutput:
    """What the settings want: for the shop itself (a `service`), or for a command beside it.

    A command is waited for by a person, wherever its output goes; and the file is the shop's, for
    two programs cannot take turns at beginning it anew.
    """
    wanted = settings.log
    form = wanted.format
    if form == "auto" and not service:
        form = "console"
    file = None
    if service and wanted.file is not None:
        file = LogFile(wanted.file, wanted.file_megabytes, wanted.file_backups)
    return LogOutput(wanted.level, form, file, tuple(_secrets_in(settings)))


def begin(output: LogOutput, stream: TextIO | None = None) -> None:
    """Log to `stream` (stderr), and to the file if there is one, from now on.

    What ends the program by a mistake is logged too, instead of printed.

    Raises OSError if the file cannot be written.
    """
    stream = sys.stderr if stream is None else stream
    redaction = Redaction(output.secrets)
    terminal = stream.isatty()
    handlers: list[logging.Handler] = [logging.StreamHandler(stream)]
    as_json = output.form == "json" or (output.form == "auto" and not terminal)
    handlers[0].setFormatter(_lines(redaction, as_json=as_json, coloured=terminal))
    if output.file is not None:
        output.file.path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                output.file.path,
                maxBytes=output.file.megabytes * 1024 * 1024,
                backupCount=output.file.backups,
                encoding="utf-8",
                errors="backslashreplace",
            )
        )
        handlers[1].setFormatter(
            _lines(redaction, as_json=output.form != "console", coloured=False)
        )
    logging.basicConfig(level=output.level, handlers=handlers, force=True)
    # It would print what could not be written, with secrets and all.
    logging.raiseExceptions = False
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.getLogger().level, logging.WARNING))
    sys.excepthook = _log_the_end
    threading.excepthook = _log_the_end_of_thread


def _lines(redaction: Redaction, *, as_json: bool, coloured: bool) -> logging.Formatter:
    def redact(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        for name, value in line.items():
            if name not in _OUR_OWN:
                line[name] = redaction.value(value, name)
        return line

    made: list[Processor] = [_named, ExtraAdder()]
    if as_json:
        # Never the variables of a frame: they hold what no message would.
        structured = ExceptionDictTransformer(show_locals=False, max_frames=_MOST_FRAMES)
        made += [ExceptionRenderer(structured), _without_record, redact, _as_json]
    else:
        made += [format_exc_info, _without_record, redact, _Console(coloured=coloured)]
    return _Formatter(made)


class _Formatter(ProcessorFormatter):
    """Makes the lines of every logger; one that cannot be made says where it came from."""

    def __init__(self, processors: Sequence[Processor]) -> None:
        super().__init__(processors=processors)

    @override
    def format(self, record: logging.LogRecord) -> str:
        try:
            return super().format(record)
        except Exception as error:  # noqa: BLE001 (no line may end what was to be logged)
            broken = logging.LogRecord(
                *(record.name, logging.ERROR, record.pathname, record.lineno),
                *("%s:%d could not be logged: %s", (record.pathname, record.lineno, error), None),
            )
            return super().format(broken)


# ── what a line holds ─────────────────────────────────────────────────────────────────────────


def _named(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """When, how grave, by whom, and about what; the message comes first of what is left."""
    record: logging.LogRecord = line["_record"]
    named: EventDict = {
        "timestamp": datetime.fromtimestamp(record.created, UTC),
        "level": record.levelname,
        "logger": record.name,
        **line,
    }
    for name, value in subject().items():
        named.setdefault(name, value)
    return named


def _without_record(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    del line["_record"], line["_from_structlog"]
    return line


def _as_json(_: WrappedLogger, __: str, line: EventDict) -> str:
    line["timestamp"] = line["timestamp"].isoformat(timespec="milliseconds")
    return json.dumps(line, ensure_ascii=False)


class _Console:
    """A line as a person reads it: what it is about stands behind it, unless the message says it.

    Any traceback follows below.
    """

    def __init__(self, *, coloured: bool) -> None:
        self._coloured = coloured and "NO_COLOR" not in os.environ

    def __call__(self, _: WrappedLogger, __: str, line: EventDict) -> str:
        moment = line.pop("timestamp").astimezone()
        level, logger = line.pop("level"), line.pop("logger")
        message = _CONTROL.sub(_escaped, str(line.pop("event")))
        below = [str(line.pop(name)) for name in ("exception", "stack_info") if name in line]
        head = f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03d}"
        details = " ".join(_details(line, message))
        if self._coloured:
            head = f"{_DIM}{head}{_PLAIN} {_COLOURS.get(level, '')}{level:<7}{_PLAIN}"
            details = f"{_DIM}{details}{_PLAIN}" if details else ""
        else:
            head = f"{head} {level:<7}"
        first = f"{head} {logger}: {message}" + (f"  {details}" if details else "")
        return "\n".join([first, *below])


def _details(line: Mapping[str, Any], message: str) -> Iterator[str]:
    """What the message does not say itself, without what says the same in other words."""
    for name, value in line.items():
        if name == "order_id" and "order" in line:
            continue
        if name == "job" and len(line) > 1:
            continue
        text = _CONTROL.sub(_escaped, str(value))
        if not _says(message, text):
            yield f"{name}={_ID.sub(_shortened, text)}"


def _says(message: str, text: str) -> bool:
    """Whether the text stands in the message, and not only as a part of a longer number."""
    at = message.find(text)
    while at >= 0:
        before, after = message[at - 1 : at] if at else "", message[at + len(text) :][:1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = message.find(text, at + 1)
    return False


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _shortened(found: re.Match[str]) -> str:
    return f"{found[0][:10]}…"


# ── secrets of the configuration, and the end ─────────────────────────────────────────────────


def _secrets_in(value: object) -> Iterator[str]:
    """Every secret in the settings, and the password in one that is the address of a server."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        yield secret
        with suppress(ValueError):
            password = urlsplit(secret).password
            if password:
                yield password
                yield unquote(password)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets_in(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _secrets_in(each)


def _log_the_end(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        log.critical("ended by a mistake of the program", exc_info=(kind, error, traceback))


def _log_the_end_of_thread(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is not None and not issubclass(end.exc_type, SystemExit):
        log.error(
            "a thread was ended by a mistake of the program",
            exc_info=(end.exc_type, end.exc_value, end.exc_traceback),
        )
