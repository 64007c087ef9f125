"""Russian: the log."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.log import LogTexts
from bot.texts.office.ru.alerts import RussianAlerts
from bot.texts.office.ru.risk import RussianRisk
from bot.texts.office.ru.settings import RussianSettings
from bot.texts.ru_words import RussianWords


class RussianLog(RussianWords, LogTexts):
    """Who did what."""

    newest_button = "« Новые"
    older_button = "Старее ›"
    by_person_button = "По человеку"
    by_subject_button = "По предмету"
    everything_button = "Весь журнал"
    same_person_button = "Всё этого человека"
    same_subject_button = "Всё об этом"

    _acts: ClassVar = {
        "retry order": "снова искать энергию",
        "deliver by another pool": "доставить из другого пула",
        "refund order": "вернуть деньги за заказ",
        "credit order": "зачислить деньги за заказ",
        "extend order": "подарить время",
        "end order": "закончить аренду",
        "assign payment": "отдать платёж заказу",
        "deliver for payment": "доставить энергию за платёж",
        "flash payment": "энергия плательщику",
        "credit payment": "зачислить платёж",
        "credit payment to another": "зачислить платёж другому",
        "refund payment": "вернуть платёж",
        "keep payment": "записать платёж как свои деньги",
        "approve refund": "разрешить возврат",
        "pool_enable": "продавать из пула",
        "pool_drain": "не продавать из пула",
        "pool_disable": "отключить пул",
        "pool_terms": "изменить условия пула",
        "pool_add": "добавить пул",
        "price_change": "изменить цену",
        "price_remove": "снять срок с продажи",
        "adjust": "изменить баланс",
        "ban": "заблокировать",
        "unban": "разблокировать",
        "note": "написать заметку",
        "limit": "задать личный предел",
        "make_key": "создать ключ для программы",
        "revoke_key": "отозвать ключ программы",
        "broadcast": "начать рассылку",
        "cancel_broadcast": "отменить рассылку",
        "begin_maintenance": "остановить новые заказы",
        "end_maintenance": "снова принимать заказы",
        "word_maintenance": "изменить текст для клиентов",
        "blacklist": "внести в чёрный список",
        "unlist": "убрать из чёрного списка",
        "allow_order": "разрешить заказ",
        "refuse_order": "отклонить заказ",
        "change_setting": "изменить настройку",
        "reset_setting": "вернуть настройку к значению из файла",
        "acknowledge_alert": "взять тревогу на себя",
        "pause_broadcast": "приостановить рассылку",
        "go_on_broadcast": "продолжить рассылку",
        "exported": "выгрузить данные",
        "refused": "получил отказ",
    }
    _roles: ClassVar = {
        "owner": "владелец",
        "operator": "оператор",
        "support": "поддержка",
        "viewer": "наблюдатель",
        "stranger": "посторонний",
    }
    _subjects: ClassVar = {
        "order": "Заказ",
        "payment": "Платёж",
        "refund": "Возврат",
        "pool": "Пул",
        "price": "Цена",
        "user": "Клиент",
        "address": "Адрес",
        "transaction": "Транзакция",
        "setting": "Настройка",
        "broadcast": "Рассылка",
        "alert": "Тревога",
        "maintenance": "Обслуживание",
    }
    _settings: ClassVar = RussianSettings.names
    _alert_titles: ClassVar = RussianAlerts.titles
    _fields: ClassVar = {
        "status": "Состояние",
        "state": "Состояние",
        "sun": "Сумма",
        "user": "Клиент",
        "order": "Заказ",
        "compensation": "Деньги",
        "pool": "Пул",
        "hours": "Подарено часов",
        "expires_at": "Конец",
        "ended_at": "Закончено",
        "percent": "Возвращено, %",
        "risk": "Причины",
        "risk_decision": "Решение",
        "listed": "В чёрном списке",
        "closed": "Новые заказы остановлены",
        "since": "С какого времени",
        "by": "Кем",
        "messages": "Клиенты читают",
        "people": "Людей",
        "language": "Язык",
        "activity": "Кому",
        "remaining": "Не написано",
        "balance_sun": "Баланс",
        "banned": "Заблокирован",
        "note": "Заметка",
        "day": "Заказов в день",
        "open": "Неоплаченных заказов",
        "approved": "Разрешён",
        "waits_for": "Ждёт",
        "sent_sun": "Отправляется",
        "to": "Кому",
        "address": "Адрес",
        "permission_id": "Разрешение",
        "key_address": "Ключ",
        "reserve_sun": "Резерв",
        "cap_sun": "Предел делегирования",
        "hourly_delegations": "Делегирований в час",
        "priority": "Приоритет",
        "cost_sun": "Себестоимость",
        "price.hours": "Часов",
        "price.sun": "За единицу энергии",
        "price.minimum": "Минимум",
        "price.steps": "Ступени",
        "price.start": "С",
        "price": "Цена",
        "from": "С",
        "rows": "Строк",
        "key": "Ключ",
        "name": "Название",
        "scopes": "Может",
        "networks": "Только с адресов",
    }
    _values: ClassVar = {
        **{str(reason): told for reason, told in RussianRisk.reasons.items()},
        "yes": "да",
        "no": "нет",
        "allowed": "разрешён",
        "refused": "отклонён",
        "refund": "возвращаются",
        "credit": "на балансе",
        "hold": "ждут решения",
        "enabled": "продаётся",
        "draining": "не продаётся",
        "disabled": "отключён",
        "draft": "черновик",
        "sending": "отправляется",
        "paused": "приостановлена",
        "done": "готово",
        "over_cap": "выше предела",
        "no_wallet": "нет кошелька",
        "daily_cap": "дневной предел",
        "wallet_empty": "деньги в кошельке",
        "expired": "истёк",
        "all": "все",
        "lately": "были за 30 дней",
        "paid": "оплачен",
        "never_paid": "никогда не платили",
        "zh": "китайский",
        "en": "английский",
        "ru": "русский",
        "pending": "не оплачен",
        "processing": "доставляется",
        "completed": "завершён",
        "failed": "не выполнен",
        "cancelled": "отменён",
        "seen": "виден, не подтверждён",
        "orphaned": "исчез из сети",
        "matched": "отдан заказу",
        "flash": "станет энергией",
        "delivered": "энергия доставлена",
        "credited": "зачислен",
        "held": "ждёт решения",
        "refunding": "возвращается",
        "refunded": "возвращён",
        "dust": "слишком мал",
        "own": "деньги магазина",
        "lost": "потерян",
        "read": "смотреть",
        "order": "заказывать",
        "spend": "платить с баланса",
        "webhooks": "вебхуки",
    }
    _books: ClassVar = {
        "orders": "Заказы",
        "payments": "Платежи",
        "ledger": "Проводки",
    }
    _spans: ClassVar = {
        "day": "день",
        "week": "неделя",
        "month": "месяц",
    }
    _languages: ClassVar = {
        "zh": "китайский",
        "en": "английский",
        "ru": "русский",
    }

    _log = "Журнал, сначала новое"
    _nothing_yet = "Здесь пока ничего нет."
    _program = "программа"
    _button = "Кнопка"
    _whose = "Чьи записи? Выберите сотрудника или напишите любой Telegram ID или @имя."
    _about_what = "О чём? Напишите, что у вас есть: заказ 1001, адрес, настройку."
    _which_subject = "Подходит несколько записей. О чём именно?"
    _why = "Причина: "
    _changed = "Было → стало"

    def _of_person(self, who: str) -> str:
        return f"Только записи: {who}."

    def _about(self, subject: str) -> str:
        return f"Только о том, что здесь: {subject}"

    def _export(self, book: str, span: str, day: str) -> str:
        return f"{book}, {span} от {day}"

    def _nobody_did(self, words: str) -> str:
        return f"О «{words}» в журнале ничего нет. Напишите другое или вернитесь."

    def _nobody_is(self, words: str) -> str:
        return f"Магазин не знает «{words}». Напишите id или @имя или вернитесь."

    def _more_changes(self, left_out: int) -> str:
        return f"… и ещё {left_out}"
