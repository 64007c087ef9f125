"""Answers, and requests that are read exactly."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from typing_extensions import override

from api import exact_json
from api.examples import FACTS, shown
from api.problems import STATUS, Code, Problem
from api.words import LANGUAGES, language_of

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
DOCS = "/api/energy-flash/docs"


def told(model: BaseModel, *, status: int = 200) -> Response:
    """The model as an answer, its amounts exact."""
    body = exact_json.write(model.model_dump(mode="python", by_alias=True))
    return Response(body, status_code=status, media_type=JSON)


def problem_answer(request: Request, problem: Problem) -> Response:
    """The problem as an answer, in the language that the request prefers."""
    language = language_of(request.headers.get("accept-language"))
    words = LANGUAGES[language]
    sentence = words.sentence(problem.code, problem.facts)
    body: dict[str, Any] = {
        "success": False,
        "error": sentence,
        "code": problem.code.value,
        "type": f"{DOCS}#{problem.code.value}",
        "title": words.titles[problem.code],
        "status": problem.status,
        "detail": sentence,
        "instance": getattr(request.state, "request_id", None),
    }
    if problem.facts:
        body["facts"] = problem.facts
    if problem.errors:
        body["errors"] = [
            {
                "field": error.field,
                "code": error.code,
                "message": words.field_sentences.get(error.code, error.message),
            }
            for error in problem.errors
        ]
    return Response(
        exact_json.write(body),
        status_code=problem.status,
        media_type=PROBLEM_JSON,
        headers={**problem.headers, "Content-Language": language},
    )


class _ExactRequest(Request):
    """A request whose JSON is read without floats."""

    @override
    async def json(self) -> Any:
        if not hasattr(self, "_exact"):
            try:
                self._exact = exact_json.read(await self.body())
            except exact_json.InvalidJson as error:
                raise NotJson(error.why) from error
        return self._exact


class NotJson(Exception):
    """The body of a request is not JSON; `why` says where it stops being."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ExactRoute(APIRoute):
    """A route whose numbers arrive as they were written."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_exactly(request: Request) -> Response:
            return await handle(_ExactRequest(request.scope, request.receive))

        return handle_exactly


def problems(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the answers other than success."""
    by_status: dict[int, list[Code]] = {}
    for code in codes:
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        status: {
            "description": "; ".join(LANGUAGES["en"].titles[code] for code in found),
            "content": {
                PROBLEM_JSON: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {code.value: {"value": problem_example(code)} for code in found},
                }
            },
        }
        for status, found in sorted(by_status.items())
    }


def answers(
    example: Mapping[str, Any] | None,
    *codes: Code,
    what: str = "Done.",
    status: int = 200,
    more: Mapping[int | str, dict[str, Any]] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of all answers: of success, with its `example`, `more` of it, and problems.

    None stands for an answer without a body.

    Any request may be invalid, take too long, or find the shop's database away.
    """
    content = {} if example is None else {"content": {JSON: {"example": shown(example)}}}
    return {
        status: {"description": what, **content},
        **(more or {}),
        **problems(
            *dict.fromkeys(
                (
                    *codes,
                    Code.INVALID_REQUEST,
                    Code.DATABASE_UNAVAILABLE,
                    Code.TIMED_OUT,
                    Code.INTERNAL,
                )
            )
        ),
    }


def problem_example(code: Code) -> Mapping[str, Any]:
    words = LANGUAGES["en"]
    facts = FACTS.get(code)
    sentence = words.sentence(code, facts) if facts else words.sentences[code]
    return {
        "success": False,
        "error": sentence,
        "code": code.value,
        "type": f"{DOCS}#{code.value}",
        "title": words.titles[code],
        "status": STATUS[code],
        "detail": sentence,
        "instance": "9f2c4e7a1b3d5f608172",
        **({"facts": facts} if facts else {}),
    }
