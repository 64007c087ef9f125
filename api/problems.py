"""What goes wrong, as a program reads it.

RFC 9457 problem details, inside the specification's envelope: `success` false and `error`, a
sentence. `code` is what a program decides by, and stays as it is for ever; the sentence is for
people, in the language they ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Every reason for which a request is not answered with success."""

    # What was sent
    INVALID_JSON = "invalid_json"
    INVALID_REQUEST = "invalid_request"
    UNSUPPORTED_TYPE = "unsupported_type"
    BODY_TOO_LARGE = "body_too_large"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    # Who sent it
    KEY_MISSING = "key_missing"
    KEY_UNKNOWN = "key_unknown"
    KEY_EXPIRED = "key_expired"
    KEY_REVOKED = "key_revoked"
    KEY_NETWORK = "key_network"
    KEY_BANNED = "key_banned"
    SCOPE_MISSING = "scope_missing"
    # How often
    TOO_MANY_REQUESTS = "too_many_requests"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    IN_PROGRESS = "in_progress"
    # Quotes
    RECIPIENT_NOT_ACTIVATED = "recipient_not_activated"
    RECIPIENT_IS_CONTRACT = "recipient_is_contract"
    RECIPIENT_IS_OURS = "recipient_is_ours"
    RECIPIENT_IS_DESTINATION = "recipient_is_destination"
    TOKEN_UNKNOWN = "token_unknown"  # noqa: S105 - a TRC-20 token
    SENDER_FROZEN = "sender_frozen"
    DESTINATION_FROZEN = "destination_frozen"
    TOKEN_BALANCE_TOO_SMALL = "token_balance_too_small"  # noqa: S105
    TRANSFER_WOULD_REVERT = "transfer_would_revert"
    NEEDS_NOTHING = "needs_nothing"
    AMOUNT_TOO_SMALL = "amount_too_small"
    NOT_ENOUGH_ENERGY = "not_enough_energy"
    TOO_MANY_TRANSFERS = "too_many_transfers"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    ORDER_TOO_LARGE = "order_too_large"
    RECEIVER_LIMIT = "receiver_limit"
    DAILY_LIMIT = "daily_limit"
    PRICE_UNKNOWN = "price_unknown"
    # Orders
    ORDER_UNKNOWN = "order_unknown"
    QUOTE_LAPSED = "quote_lapsed"
    ORDER_DECLINED = "order_declined"
    ORDER_NOT_OPEN = "order_not_open"
    PAYMENT_IN_SIGHT = "payment_in_sight"
    BALANCE_TOO_SMALL = "balance_too_small"
    USER_IS_ANOTHER = "user_is_another"
    PAYMENT_ADDRESS_WRONG = "payment_address_wrong"
    CLIENT_ORDER_ID_TAKEN = "client_order_id_taken"
    AMOUNT_NOT_EXACT = "amount_not_exact"
    DELEGATION_MISMATCH = "delegation_mismatch"
    ORDER_UNPAID = "order_unpaid"
    ORDER_CLOSED = "order_closed"
    RENTAL_NOT_RUNNING = "rental_not_running"
    RENTAL_UNSETTLED = "rental_unsettled"
    EXTENSION_OPEN = "extension_open"
    EARLY_END_NOT_OFFERED = "early_end_not_offered"
    PRICE_ABOVE_MAXIMUM = "price_above_maximum"
    # Webhooks
    WEBHOOK_UNKNOWN = "webhook_unknown"
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    WEBHOOK_DISABLED = "webhook_disabled"
    DELIVERY_UNKNOWN = "delivery_unknown"
    # The shop
    MAINTENANCE = "maintenance"
    CHAIN_UNAVAILABLE = "chain_unavailable"
    DATABASE_UNAVAILABLE = "database_unavailable"
    TIMED_OUT = "timed_out"
    INTERNAL = "internal"


STATUS: Mapping[Code, int] = {
    Code.INVALID_JSON: 400,
    Code.INVALID_REQUEST: 422,
    Code.UNSUPPORTED_TYPE: 415,
    Code.BODY_TOO_LARGE: 413,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.KEY_MISSING: 401,
    Code.KEY_UNKNOWN: 401,
    Code.KEY_EXPIRED: 401,
    Code.KEY_REVOKED: 401,
    Code.KEY_NETWORK: 403,
    Code.KEY_BANNED: 403,
    Code.SCOPE_MISSING: 403,
    Code.TOO_MANY_REQUESTS: 429,
    Code.IDEMPOTENCY_MISMATCH: 409,
    Code.IN_PROGRESS: 409,
    Code.RECIPIENT_NOT_ACTIVATED: 422,
    Code.RECIPIENT_IS_CONTRACT: 422,
    Code.RECIPIENT_IS_OURS: 422,
    Code.RECIPIENT_IS_DESTINATION: 422,
    Code.TOKEN_UNKNOWN: 422,
    Code.SENDER_FROZEN: 422,
    Code.DESTINATION_FROZEN: 422,
    Code.TOKEN_BALANCE_TOO_SMALL: 422,
    Code.TRANSFER_WOULD_REVERT: 422,
    Code.NEEDS_NOTHING: 422,
    Code.AMOUNT_TOO_SMALL: 422,
    Code.NOT_ENOUGH_ENERGY: 409,
    Code.TOO_MANY_TRANSFERS: 422,
    Code.TOO_MANY_OPEN_ORDERS: 409,
    Code.ORDER_TOO_LARGE: 422,
    Code.RECEIVER_LIMIT: 409,
    Code.DAILY_LIMIT: 409,
    Code.PRICE_UNKNOWN: 422,
    Code.ORDER_UNKNOWN: 404,
    Code.QUOTE_LAPSED: 409,
    Code.ORDER_DECLINED: 403,
    Code.ORDER_NOT_OPEN: 409,
    Code.PAYMENT_IN_SIGHT: 409,
    Code.BALANCE_TOO_SMALL: 402,
    Code.USER_IS_ANOTHER: 422,
    Code.PAYMENT_ADDRESS_WRONG: 422,
    Code.CLIENT_ORDER_ID_TAKEN: 409,
    Code.AMOUNT_NOT_EXACT: 409,
    Code.DELEGATION_MISMATCH: 409,
    Code.ORDER_UNPAID: 402,
    Code.ORDER_CLOSED: 409,
    Code.RENTAL_NOT_RUNNING: 409,
    Code.RENTAL_UNSETTLED: 409,
    Code.EXTENSION_OPEN: 409,
    Code.EARLY_END_NOT_OFFERED: 409,
    Code.PRICE_ABOVE_MAXIMUM: 409,
    Code.WEBHOOK_UNKNOWN: 404,
    Code.TOO_MANY_WEBHOOKS: 409,
    Code.WEBHOOK_DISABLED: 409,
    Code.DELIVERY_UNKNOWN: 404,
    Code.MAINTENANCE: 503,
    Code.CHAIN_UNAVAILABLE: 503,
    Code.DATABASE_UNAVAILABLE: 503,
    Code.TIMED_OUT: 503,
    Code.INTERNAL: 500,
}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one value: its name as the program wrote it, a code, a sentence."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """A request is answered with this instead.

    `facts` are what a program may want to know of it, and what the sentence is made of.
    """

    def __init__(
        self,
        code: Code,
        *,
        facts: Mapping[str, Any] | None = None,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.facts = dict(facts or {})
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        return STATUS[self.code]
