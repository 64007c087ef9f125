"""Who asks: the key that a request carries, and what it may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.limits import WRONG_KEY_COST, Rate, Rates
from api.problems import Code, Problem
from services.api_keys import ApiKey, ApiKeys, KeyFault, KeyRefused, Scope

_BEARER = HTTPBearer(
    scheme_name="bearer", auto_error=False, description="Authorization: Bearer ef_key_…"
)
_HEADER = APIKeyHeader(
    name="X-API-Key", scheme_name="header", auto_error=False, description="X-API-Key: ef_key_…"
)

_CODES: Mapping[KeyFault, Code] = {
    KeyFault.UNKNOWN: Code.KEY_UNKNOWN,
    KeyFault.REVOKED: Code.KEY_REVOKED,
    KeyFault.EXPIRED: Code.KEY_EXPIRED,
    KeyFault.NETWORK: Code.KEY_NETWORK,
    KeyFault.BANNED: Code.KEY_BANNED,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A program at work for its customer."""

    key: ApiKey

    @property
    def user_id(self) -> int:
        return self.key.user_id

    def may(self, scope: Scope) -> bool:
        return scope in self.key.scopes


def too_many(rate: Rate) -> Problem:
    """Whoever asked too often hears when to ask again."""
    return Problem(
        Code.TOO_MANY_REQUESTS,
        facts={"seconds": rate.reset_seconds},
        headers={"Retry-After": str(rate.reset_seconds)},
    )


class Door:
    """Lets programs in by their keys."""

    def __init__(self, keys: ApiKeys, rates: Rates) -> None:
        self._keys = keys
        self._rates = rates

    def to(self, scope: Scope) -> Callable[..., Awaitable[Caller]]:
        """A dependency: whoever comes with a key of this scope; others hear why not."""

        async def caller(
            request: Request,
            bearer: HTTPAuthorizationCredentials | None = Security(_BEARER),
            header: str | None = Security(_HEADER),
        ) -> Caller:
            secret = bearer.credentials if bearer is not None else header
            if not secret:
                raise Problem(Code.KEY_MISSING, headers={"WWW-Authenticate": "Bearer"})
            address = request.client.host if request.client is not None else None
            try:
                key = await self._keys.recognise(secret, address)
            except KeyRefused as refused:
                if address is not None and refused.fault is KeyFault.UNKNOWN:
                    await self._rates.of_address(address, cost=WRONG_KEY_COST)
                code = _CODES[refused.fault]
                headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
                raise Problem(
                    code, headers=headers if refused.fault is KeyFault.UNKNOWN else None
                ) from None
            request.state.rate = rate = await self._rates.of_key(key.id)
            if not rate.passed:
                raise too_many(rate)
            found = Caller(key)
            if not found.may(scope):
                raise Problem(Code.SCOPE_MISSING, facts={"scope": scope.value})
            return found

        return caller
