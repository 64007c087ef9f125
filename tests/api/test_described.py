"""The API's description: whatever it shows is so."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from redis.asyncio import Redis

from api import exact_json
from api.application import ApiServices, ApiTerms, application
from api.examples import FACTS
from api.problems import Code
from api.words import LANGUAGES


class _Nobody:
    """Stands for a service where nothing is asked of it."""

    def __getattr__(self, name: str) -> Any:
        return self


@pytest.fixture(scope="module")
def app() -> FastAPI:
    services = SimpleNamespace(**{name: _Nobody() for name in ApiServices.__dataclass_fields__})
    return application(cast("ApiServices", services), ApiTerms(), Redis())


def routes(app: FastAPI) -> Iterator[APIRoute]:
    for entry in app.routes:
        for route in getattr(getattr(entry, "original_router", None), "routes", [entry]):
            if isinstance(route, APIRoute):
                yield route


def operations(app: FastAPI) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def as_sent(example: Any) -> Any:
    return exact_json.read(exact_json.write(example))


def test_every_success_has_an_example_of_its_shape(app: FastAPI) -> None:
    shown = 0
    for route in routes(app):
        if route.response_model is None:
            continue
        shape: TypeAdapter[Any] = TypeAdapter(route.response_model)
        for status, described in route.responses.items():
            if int(status) >= 300 or "content" not in described:
                continue
            example = as_sent(described["content"]["application/json"]["example"])
            read = shape.validate_python(example)
            # Neither more nor less than the shape tells.
            assert as_sent(shape.dump_python(read, by_alias=True)).keys() == example.keys()
            told = as_sent(shape.dump_python(read, by_alias=True, mode="python"))
            assert same_names(told, example), route.path
            shown += 1
    assert shown > 15


def same_names(told: Any, example: Any) -> bool:
    if isinstance(told, dict):
        return told.keys() == example.keys() and all(
            same_names(told[name], example[name]) for name in told
        )
    if isinstance(told, list):
        return len(told) == len(example) and all(map(same_names, told, example))
    return True


def test_every_body_has_an_example_that_would_be_taken(app: FastAPI) -> None:
    bodies = 0
    for route in routes(app):
        if route.body_field is None:
            continue
        asked = route.body_field.field_info.annotation
        assert asked is not None
        examples = asked.model_config["json_schema_extra"]["examples"]
        assert examples, route.path
        for example in examples:
            asked.model_validate(as_sent(example))
        bodies += 1
    assert bodies >= 6


def test_every_operation_and_parameter_says_what_it_is(app: FastAPI) -> None:
    for name, operation in operations(app):
        assert operation.get("description"), name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (name, parameter["name"])
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            for content in answer.get("content", {}).values():
                assert "example" in content or content.get("examples"), (name, status)
        # FastAPI's own words for a value that is wrong are not ours.
        assert "HTTPValidationError" not in str(operation), name


def test_every_property_that_is_asked_says_what_it_is(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Asked"):
            for key, value in schema["properties"].items():
                described = "description" in value or any(
                    "description" in each for each in value.get("anyOf", [])
                )
                assert described, (name, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_facts_of_an_example_are_all_that_its_sentence_needs(language: str) -> None:
    words = LANGUAGES[language]
    for code in Code:
        sentence = words.sentence(code, FACTS.get(code, {}))
        assert "{" not in sentence, code
