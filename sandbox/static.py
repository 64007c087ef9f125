"""The page's files: plain HTML, CSS and JavaScript, served as they lie in `page/`."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).with_name("page")

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    # Nothing from outside, and nobody around it.
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The files change with the program: ask each time, they are near.
    "Cache-Control": "no-cache",
}


def add_page(app: web.Application) -> None:
    """Serves the page at / and its files beside it."""
    for file in sorted(PAGE.iterdir()):
        if file.suffix in _TYPES:
            app.router.add_get(f"/{file.name}", _serve)
    app.router.add_get("/", _serve)


async def _serve(request: web.Request) -> web.Response:
    # The path is one of those above.
    file = PAGE / (request.path.removeprefix("/") or "index.html")
    return web.Response(
        body=file.read_bytes(), content_type=_TYPES[file.suffix], charset="utf-8", headers=_HEADERS
    )
