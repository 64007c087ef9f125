"""Settings that may be changed while the shop runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from aiogram.utils.formatting import Text

from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import (
    ChangeSetting,
    LookAtSetting,
    ResetSetting,
    Room,
    SwitchSetting,
)
from bot.screen import Card
from bot.texts.office import OfficeTexts
from bot.turn import Turn
from services.acts import Act, ActFault, Proposal
from services.live_settings import Kind, LiveSettings, Setting, WrongValue
from services.staff import Actor

_VALUE = "settings.value"
_SUN_PER_TRX = 1_000_000
_WHOLE = re.compile(r"\d{1,3}(?:[ ,'_]\d{3})+|\d+")
_TRX = re.compile(r"(\d{1,3}(?:[ ,'_]\d{3})+|\d+)(?:\.(\d{1,6}))?")
_UNIT = re.compile(r"\s*(?:trx|%|min|minutes?)$", re.IGNORECASE)
_LONGEST = 40


class SettingsArea(Area):
    """/settings."""

    name = "settings"
    acts = frozenset({Act.CHANGE_SETTING, Act.RESET_SETTING})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        confirming: Confirming,
        live_settings: LiveSettings,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts.office
        self._actor = actor
        self._asking = asking
        self._confirming = confirming
        self._settings = live_settings

    async def look(self) -> None:
        await self._turn.show(room(self._texts, await self._settings.look()))

    async def setting(self, key: str) -> None:
        setting = await self._found(key)
        if setting is not None:
            await self._turn.show(one(self._texts, setting))

    async def ask(self, key: str) -> None:
        """Ask for another value."""
        setting = await self._found(key)
        if setting is not None and setting.kind is not Kind.SWITCH:
            question = self._texts.settings.ask_value(setting)
            await self._asking.ask(_VALUE, cards.asked(self._texts.common, question), key=key)

    async def switch(self, key: str, *, on: bool) -> None:
        setting = await self._found(key)
        if setting is not None and setting.kind is Kind.SWITCH:
            await self._change(setting, on)

    async def reset(self, key: str) -> None:
        """Back to what the file says."""
        setting = await self._found(key)
        if setting is None:
            return
        await self._confirming.begin(
            Act.RESET_SETTING,
            subject=f"setting {key}",
            about=self._texts.settings.will_change(setting, setting.from_file),
            key=key,
            before=setting.value,
        )

    async def answered(self, question: Question, words: str) -> None:
        setting = await self._found(question.about["key"])
        if setting is None:
            return
        value = read_value(words, setting.kind)
        try:
            # What is no number at all is told the same: from where to where it may be.
            self._settings.check(setting.key, -(2**64) if value is None else value)
        except WrongValue as wrong:
            await self._turn.toast(
                self._texts.settings.wrong_value(setting, wrong.least, wrong.most)
            )
            return
        assert value is not None, "what is no number was refused"
        await self._change(setting, value)

    async def _change(self, setting: Setting, value: int | bool) -> None:
        if value == setting.value:
            await self._turn.toast(self._texts.settings.is_so_already)
            return
        await self._confirming.begin(
            Act.CHANGE_SETTING,
            subject=f"setting {setting.key}",
            about=self._texts.settings.will_change(setting, value),
            key=setting.key,
            value=value,
            before=setting.value,
        )

    async def meaning(self, proposal: Proposal) -> Text | None:
        setting = await self._settings.setting(proposal.arguments["key"])
        if setting is None or setting.value != proposal.arguments["before"]:
            return None
        value = proposal.arguments.get("value", setting.from_file)
        return self._texts.settings.will_change(setting, value)

    async def carry_out(self, proposal: Proposal) -> Card:
        if proposal.act is Act.CHANGE_SETTING:
            setting = await self._settings.change(self._actor, proposal.nonce)
        else:
            setting = await self._settings.reset(self._actor, proposal.nonce)
        return one(self._texts, setting)

    async def _found(self, key: str) -> Setting | None:
        setting = await self._settings.setting(key)
        if setting is None:
            words = self._texts.common.act_refused(ActFault.GONE)
            await self._turn.toast(words, alert=True)
        return setting


def read_value(words: str, kind: Kind) -> int | None:
    """The one number in an answer, TRX as sun; None if it is none, or unclear."""
    words = unicodedata.normalize("NFKC", words).strip()[:_LONGEST]
    words = _UNIT.sub("", words)
    if kind is Kind.SUN:
        found = _TRX.fullmatch(words)
        if found is None:
            return None
        whole, fraction = _digits(found[1]), found[2] or "0"
        return int(Decimal(f"{whole}.{fraction}") * _SUN_PER_TRX)
    return int(_digits(words)) if _WHOLE.fullmatch(words) else None


def _digits(words: str) -> str:
    return re.sub(r"\D", "", words)


def room(texts: OfficeTexts, settings: Sequence[Setting]) -> Card:
    doors = [
        button(texts.settings.name(each.key), LookAtSetting(key=each.key).pack())
        for each in settings
    ]
    rows = [doors[start : start + 2] for start in range(0, len(doors), 2)]
    return Card(texts.settings.room(settings), keyboard(*rows, [cards.back(texts.common)]))


def one(texts: OfficeTexts, setting: Setting) -> Card:
    """One setting, and what can be done with it."""
    own = texts.settings
    if setting.kind is Kind.SWITCH:
        label = own.switch_off_button if setting.value else own.switch_on_button
        change = button(label, SwitchSetting(key=setting.key, on=not setting.value).pack())
    else:
        change = button(own.change_button, ChangeSetting(key=setting.key).pack())
    back = [button(own.reset_button, ResetSetting(key=setting.key).pack())]
    return Card(
        own.one(setting),
        keyboard(
            [change],
            back if setting.changed else [],
            [cards.back(texts.common, Room.SETTINGS)],
        ),
    )
