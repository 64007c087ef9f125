"""What Telegram answers when it refuses, and what a person cannot do in a chat."""

from __future__ import annotations

_PREFIXES = {
    400: "Bad Request",
    403: "Forbidden",
    409: "Conflict",
    500: "Internal Server Error",
}


class BotApiError(Exception):
    """A refused Bot API call: HTTP status `code`, Telegram's `description`."""

    def __init__(
        self,
        code: int,
        description: str,
        *,
        retry_after: int | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id

    def as_json(self) -> dict[str, object]:
        answer: dict[str, object] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        parameters = {
            "retry_after": self.retry_after,
            "migrate_to_chat_id": self.migrate_to_chat_id,
        }
        if given := {name: value for name, value in parameters.items() if value is not None}:
            answer["parameters"] = given
        return answer


def refusal(code: int, reason: str) -> BotApiError:
    """An error in Telegram's wording: prefix of the status, then the reason.

    The reason's first letter is lowered unless it is a constant such as BUTTON_DATA_INVALID.
    """
    constant = len(reason) > 1 and (reason[1] == "_" or "A" <= reason[1] <= "Z")
    text = reason if constant else reason[:1].lower() + reason[1:]
    return BotApiError(code, f"{_PREFIXES[code]}: {text}")


def bad_request(reason: str) -> BotApiError:
    return refusal(400, reason)


def too_many_requests(retry_after: int) -> BotApiError:
    """429 with the number of seconds to wait."""
    return BotApiError(
        429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after
    )


def blocked_by_user() -> BotApiError:
    return refusal(403, "bot was blocked by the user")


class UserCannot(Exception):
    """Something a person asked for that no Telegram client would let them do."""
