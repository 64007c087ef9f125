"""aiogram's models, built when they are first used, are the models that aiogram builds itself."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import json, re, sys
if sys.argv[1] == "lazily":
    import bot
import aiogram
from aiogram import methods, types
from pydantic import BaseModel

built = sum(
    getattr(types, name).__pydantic_complete__
    for name in types.__all__
    if isinstance(getattr(types, name), type) and issubclass(getattr(types, name), BaseModel)
)
schemas = {}
for module in (types, methods):
    for name in module.__all__:
        model = getattr(module, name)
        if isinstance(model, type) and issubclass(model, BaseModel) and name != "Response":
            model.model_rebuild()
            schemas[name] = (
                model.__pydantic_complete__,
                sorted(model.model_fields),
                re.sub(" at 0x[0-9a-f]+", "", repr(model.__signature__)),
            )
update = types.Update.model_validate({
    "update_id": 1,
    "callback_query": {
        "id": "1", "chat_instance": "2", "data": "x",
        "from": {"id": 1, "is_bot": False, "first_name": "Ann"},
        "message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}},
    },
})
print(json.dumps({
    "built": built,
    "schemas": schemas,
    "update": update.model_dump(mode="json"),
    "message": type(update.callback_query.message).__name__,
}))
"""


def outcome(how: str) -> dict[str, object]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, check=True, text=True
    )
    found: dict[str, object] = json.loads(run.stdout)
    return found


def test_every_model_of_aiogram_is_the_same_and_few_are_built_at_the_start() -> None:
    lazily, as_usual = outcome("lazily"), outcome("as usual")
    lazily_built, usually_built = lazily.pop("built"), as_usual.pop("built")
    assert isinstance(lazily_built, int)
    assert isinstance(usually_built, int)
    assert lazily_built < usually_built / 10
    assert lazily == as_usual
    assert lazily["message"] == "InaccessibleMessage"
