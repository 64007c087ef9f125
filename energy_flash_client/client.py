"""The clients. What can be asked stands in `calls.py`; both ask it in their own way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from energy_flash_client import calls
from energy_flash_client.calls import Call
from energy_flash_client.course import Course
from energy_flash_client.exact_json import write

PREFIX = "/api/energy-flash"
VERSION = "1"

P = ParamSpec("P")
T = TypeVar("T")


def _method(make: Callable[P, Call[T]]) -> Callable[Concatenate[EnergyFlash, P], T]:
    @wraps(make)
    def asked(self: EnergyFlash, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.ask(make(*args, **kwargs))

    return asked


def _async_method(
    make: Callable[P, Call[T]],
) -> Callable[Concatenate[AsyncEnergyFlash, P], Awaitable[T]]:
    @wraps(make)
    async def asked(self: AsyncEnergyFlash, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.ask(make(*args, **kwargs))

    return asked


class EnergyFlash:
    """The API of the shop at `url`, asked with `key` (none: only what anybody may ask).

    `retries`: how often a call is sent again while the network or the shop fails. `timeout`:
    seconds for each attempt. `language`: of the sentences of problems, en or zh.
    Use it in a `with` block, or close it. It may be shared by threads.

    Every method raises ApiProblem if the shop refuses, NoAnswer if it cannot be reached, and
    UnexpectedAnswer if something else answers.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        retries: int = 4,
        timeout: float = 30.0,
        language: str = "en",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self._http = httpx.Client(
            base_url=_base(url),
            headers=_headers(key, language),
            timeout=timeout,
            transport=transport,
        )

    def ask(self, call: Call[T]) -> T:
        """Send the call until it has an outcome."""
        course = Course(call, self._retries)
        while True:
            outcome: httpx.Response | httpx.TransportError
            try:
                outcome = self._http.request(**_request(call))
            except httpx.TransportError as error:
                outcome = error
            pause = course.pause(outcome)
            if pause is None:
                return course.end(outcome)
            time.sleep(pause)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    prices = _method(calls.prices)
    availability = _method(calls.availability)
    deliveries = _method(calls.deliveries)
    estimate = _method(calls.estimate)
    calculate = _method(calls.calculate)
    create = _method(calls.create)
    monitor = _method(calls.monitor)
    check_payment = _method(calls.check_payment)
    delegate = _method(calls.delegate)
    status = _method(calls.status)
    find_status = _method(calls.find_status)
    orders = _method(calls.orders)
    order = _method(calls.order)
    cancel = _method(calls.cancel)
    extensions = _method(calls.extensions)
    extend = _method(calls.extend)
    end_offer = _method(calls.end_offer)
    end = _method(calls.end)
    balance = _method(calls.balance)
    register_webhook = _method(calls.register_webhook)
    webhooks = _method(calls.webhooks)
    webhook = _method(calls.webhook)
    change_webhook = _method(calls.change_webhook)
    delete_webhook = _method(calls.delete_webhook)
    rotate_webhook = _method(calls.rotate_webhook)
    test_webhook = _method(calls.test_webhook)
    webhook_deliveries = _method(calls.webhook_deliveries)
    retry_webhook_delivery = _method(calls.retry_webhook_delivery)
    health = _method(calls.health)
    ready = _method(calls.ready)
    metrics = _method(calls.metrics)


class AsyncEnergyFlash:
    """The same for asyncio: every method is awaited. Use it in an `async with` block."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        retries: int = 4,
        timeout: float = 30.0,
        language: str = "en",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self._http = httpx.AsyncClient(
            base_url=_base(url),
            headers=_headers(key, language),
            timeout=timeout,
            transport=transport,
        )

    async def ask(self, call: Call[T]) -> T:
        """Send the call until it has an outcome."""
        course = Course(call, self._retries)
        while True:
            outcome: httpx.Response | httpx.TransportError
            try:
                outcome = await self._http.request(**_request(call))
            except httpx.TransportError as error:
                outcome = error
            pause = course.pause(outcome)
            if pause is None:
                return course.end(outcome)
            await asyncio.sleep(pause)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    prices = _async_method(calls.prices)
    availability = _async_method(calls.availability)
    deliveries = _async_method(calls.deliveries)
    estimate = _async_method(calls.estimate)
    calculate = _async_method(calls.calculate)
    create = _async_method(calls.create)
    monitor = _async_method(calls.monitor)
    check_payment = _async_method(calls.check_payment)
    delegate = _async_method(calls.delegate)
    status = _async_method(calls.status)
    find_status = _async_method(calls.find_status)
    orders = _async_method(calls.orders)
    order = _async_method(calls.order)
    cancel = _async_method(calls.cancel)
    extensions = _async_method(calls.extensions)
    extend = _async_method(calls.extend)
    end_offer = _async_method(calls.end_offer)
    end = _async_method(calls.end)
    balance = _async_method(calls.balance)
    register_webhook = _async_method(calls.register_webhook)
    webhooks = _async_method(calls.webhooks)
    webhook = _async_method(calls.webhook)
    change_webhook = _async_method(calls.change_webhook)
    delete_webhook = _async_method(calls.delete_webhook)
    rotate_webhook = _async_method(calls.rotate_webhook)
    test_webhook = _async_method(calls.test_webhook)
    webhook_deliveries = _async_method(calls.webhook_deliveries)
    retry_webhook_delivery = _async_method(calls.retry_webhook_delivery)
    health = _async_method(calls.health)
    ready = _async_method(calls.ready)
    metrics = _async_method(calls.metrics)


def _base(url: str) -> str:
    """The API's own address, also of a shop that was named without it."""
    found = url.rstrip("/")
    return found if found.endswith(PREFIX) else found + PREFIX


def _headers(key: str | None, language: str) -> dict[str, str]:
    headers = {
        "User-Agent": f"energy-flash-client/{VERSION}",
        "Accept": "application/json",
        "Accept-Language": language,
    }
    return headers if key is None else headers | {"Authorization": f"Bearer {key}"}


def _request(call: Call[Any]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": call.method,
        "url": call.url,
        "params": call.query or None,
        "headers": call.all_headers,
    }
    if call.body is not None:
        request["content"] = write(call.body)
        request["headers"] = call.all_headers | {"Content-Type": "application/json"}
    return request
