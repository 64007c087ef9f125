"""The description of the API is true: it is asked for what it says, and for what it does not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.limits import RateTerms
from api.problems import Code
from tests.api.conftest import Api, open_api
from tests.support.shop import open_shop

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CHECKS = ",".join(  # noqa: FLY002 - one check a line
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
        "unsupported_method",
        "ignored_auth",
    )
)


@pytest.mark.timeout(240)
async def test_no_request_that_can_be_thought_of_makes_the_api_stumble(
    database: str, redis_url: str, tmp_path: Path
) -> None:
    # The fuzzer's own stateful phase finds its way to orders; ours walk it in other tests.
    plenty = RateTerms(per_key=10**6, per_address=10**6)
    async with open_shop(database) as shop, open_api(shop, redis_url, rates=plenty) as api:
        secret = await api.secret()
        fuzzing = await asyncio.create_subprocess_exec(
            *(SCHEMATHESIS, "run", f"{api.url}/api/energy-flash/openapi.json"),
            *("--header", f"Authorization: Bearer {secret}"),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "8", "--seed", "1", "--continue-on-failure", "--no-color"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await fuzzing.communicate()
    assert fuzzing.returncode == 0, told.decode()


async def described(api: Api) -> dict[str, Any]:
    stranger = await api.client("")
    found: dict[str, Any] = (await stranger.get("/openapi.json")).json()
    return found


async def test_every_route_tells_what_it_is_for_and_what_it_answers(api: Api) -> None:
    description = await described(api)
    assert description["openapi"].startswith("3.1")
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation.get("description"), where
            assert operation.get("tags"), where
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description"), (where, parameter["name"])
            # Who asks for a key says so.
            if operation.get("security"):
                assert "401" in operation["responses"], where
    problem = description["components"]["schemas"]["Problem"]
    assert set(problem["properties"]["code"]["enum"]) == set(Code)


def refs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from refs(each)
    elif isinstance(value, list):
        for each in value:
            yield from refs(each)


async def test_the_description_names_nothing_that_is_not_in_it(api: Api) -> None:
    description = await described(api)
    schemas = description["components"]["schemas"]
    missing = {ref for ref in refs(description) if ref.rpartition("/")[2] not in schemas}
    assert not missing


async def test_the_page_of_the_description_needs_no_other_server(api: Api) -> None:
    stranger = await api.client("")
    page = await stranger.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for part in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/api/energy-flash/docs/parts/{part}" in page.text
        assert (await stranger.get(f"/docs/parts/{part}")).status_code == 200
