"""aiogram, with each of its models built when it is first used.

aiogram has some 450 pydantic models and builds a validator for every one while it is imported:
seconds of start-up and a hundred megabytes, for a bot that uses a few dozen. pydantic can put that
off (``defer_build``), but aiogram then asks for each model by ``model_rebuild``, to hand over the
names that its annotations need. Here those names are kept, and handed over later.

Nothing else changes: a model is the same once it is built. If aiogram was imported before, it
stays as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_PACKAGE = "aiogram"
_REBUILD = "model_rebuild"


def import_lazily() -> None:
    """Import aiogram without building its models. Call it before anything else imports aiogram."""
    if _PACKAGE in sys.modules:
        return
    names: dict[str, Any] = {}
    build = BaseModel.__dict__[_REBUILD].__func__

    def keep_names(
        _model: type[BaseModel],
        /,
        *,
        _types_namespace: Mapping[str, Any] | None = None,
        **_: object,
    ) -> None:
        names.update(_types_namespace or {})

    def build_with_names(
        model: type[BaseModel],
        /,
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: Mapping[str, Any] | None = None,
    ) -> bool | None:
        if _types_namespace is None and model.__module__.partition(".")[0] == _PACKAGE:
            _types_namespace = names
        built: bool | None = build(
            model,
            force=force,
            raise_errors=raise_errors,
            # One frame more than before: this function.
            _parent_namespace_depth=_parent_namespace_depth + 1,
            _types_namespace=_types_namespace,
        )
        return built

    BaseModel.model_config["defer_build"] = True
    setattr(BaseModel, _REBUILD, classmethod(keep_names))
    try:
        __import__(_PACKAGE)
    finally:
        del BaseModel.model_config["defer_build"]
        setattr(BaseModel, _REBUILD, classmethod(build_with_names))
