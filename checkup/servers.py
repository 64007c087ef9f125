"""The disk, Redis and Telegram."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import httpx

from checkup.findings import Finding, fail, ok, warn
from settings import Settings

_TIMEOUT_SECONDS = 10.0
_GIB = 1024**3
# PostgreSQL stops at once when it cannot write, in the middle of business.
_LEAST_FREE = _GIB // 2
_GOOD_FREE = 2 * _GIB


async def data_dir(settings: Settings) -> list[Finding]:
    """Room for the embedded servers, which is also where the key store is by default."""
    return await asyncio.to_thread(_data_dir, settings.data_dir)


def _data_dir(folder: Path) -> list[Finding]:
    what = "data_dir"
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return [
            fail(
                what,
                f"{there} is no folder that this user may write to",
                "Set data_dir to a folder of the user that runs the shop.",
            )
        ]
    free = shutil.disk_usage(there).free
    says = f"{folder} has {free / _GIB:,.1f} GiB free"
    if free < _LEAST_FREE:
        return [fail(what, says, "Make room: the database stops when the disk is full.")]
    if free < _GOOD_FREE:
        return [warn(what, says, "Make room soon: the database stops when the disk is full.")]
    return [ok(what, says)]


async def redis(settings: Settings) -> list[Finding]:
    what = "redis.url"
    if settings.redis.url is None:
        return [ok(what, f"embedded, in {settings.data_dir}")]
    problem = await _redis_problem(settings.redis.url.get_secret_value())
    if problem is None:
        return [ok(what, "answers")]
    return [fail(what, problem, "Start that Redis, or leave redis.url empty for the embedded one.")]


async def _redis_problem(url: str) -> str | None:
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(
        url, socket_connect_timeout=_TIMEOUT_SECONDS, socket_timeout=_TIMEOUT_SECONDS
    )
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return str(error)
    finally:
        await client.aclose()
    return None


async def telegram(settings: Settings) -> list[Finding]:
    found = [await _token(settings)]
    admins = settings.telegram.admins
    if admins:
        found.append(
            ok(
                "telegram.admins",
                f"{', '.join(map(str, admins))}; each has to have started the bot once, or it"
                " cannot write to them",
            )
        )
    else:
        found.append(
            warn(
                "telegram.admins",
                "none: nobody is told of payments that need a decision, nor of pools in trouble",
                "Add your own Telegram id.",
            )
        )
    if found[0].well:
        chats = {
            "telegram.alerts_chat": settings.telegram.alerts_chat,
            "telegram.orders_chat": settings.telegram.orders_chat,
        }
        for what, chat_id in chats.items():
            if chat_id is not None:
                found.append(await _chat(settings, what, chat_id))
    return found


async def _chat(settings: Settings, what: str, chat_id: int) -> Finding:
    """Whether the bot can write to a group or channel, found without writing to it."""
    try:
        chat = await _asked(settings, "getChat", chat_id=chat_id)
        # Who may look at a group may not always write there; "typing" shows that, and passes by.
        action = await _asked(settings, "sendChatAction", chat_id=chat_id, action="typing")
        refused = next((answer for answer in (chat, action) if not answer.get("ok")), None)
        if refused is None:
            return ok(what, f"{chat_id} is {chat['result'].get('title', 'a chat')!r}")
        says = f"{chat_id}: {refused.get('description')}"
        moved = (refused.get("parameters") or {}).get("migrate_to_chat_id")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError, KeyError) as error:
        # The error's text may contain the URL, and so the token.
        return warn(what, f"{chat_id} could not be asked for ({type(error).__name__})")
    if moved is not None:
        return warn(what, says, f"Set it to {moved}.")
    return fail(
        what,
        says,
        "Add the bot to that group, or make it an administrator of that channel.\n"
        "The id of a supergroup or channel begins with -100.",
    )


async def _asked(settings: Settings, method: str, **parameters: str | int) -> dict[str, Any]:
    """The Bot API's answer."""
    token = settings.telegram.token
    assert token is not None, "it was asked about"
    url = f"{settings.telegram.api_url}/bot{token.get_secret_value()}/{method}"
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
        answer: dict[str, Any] = (await client.post(url, json=parameters)).json()
    return answer


async def _token(settings: Settings) -> Finding:
    what = "telegram.token"
    token = settings.telegram.token
    if token is None:
        return fail(what, "not set", "Get one from @BotFather.")
    try:
        answer = await _asked(settings, "getMe")
        if not answer.get("ok"):
            return fail(what, str(answer.get("description")), "Copy the token from @BotFather.")
        return ok(what, f"@{answer['result']['username']}")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        # The error's text may contain the URL, and so the token.
        return fail(
            what,
            f"{settings.telegram.api_url} does not answer ({type(error).__name__})",
            "Is telegram.api_url right, and this machine online?",
        )
    except (AttributeError, KeyError, TypeError):
        return fail(
            what,
            f"{settings.telegram.api_url} is no Bot API",
            "Set telegram.api_url to https://api.telegram.org, or to a Bot API server of yours.",
        )
