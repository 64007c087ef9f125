"""Russian: alerts, and what groups hear of deliveries."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.alerts import AlertTexts
from bot.texts.ru_words import RussianWords
from services.alerts import AlertKind


class RussianAlerts(RussianWords, AlertTexts):
    """What is wrong, who looks after it, and that it is over."""

    acknowledge_button = "Я займусь"
    acknowledged_toast = (
        "Теперь этим занимаетесь вы. Пока всё не закончится, напоминать больше не будем."
    )
    nothing_to_acknowledge = "Этим уже занимаются, или всё закончилось."

    def acknowledge_number_button(self, alert_id: int) -> str:
        return f"Я займусь: №{alert_id}"

    def _nobody_looks(self, lasted: str) -> str:
        return f"Уже {lasted}, и никто этим не занимается"

    def _looked_after(self, who: str, since: str) -> str:
        return f"👌 Занимается {who}, с {since}"

    def _over_after(self, lasted: str) -> str:
        return f"✅ Закончилось, длилось {lasted}"

    _somebody = "Пользователь"
    _alerts = "🔔 Тревоги"
    _none_open = "✅ Всё в порядке"
    _closed_lately = "Закончились за последние 3 дня"

    def _seen(self, times: int) -> str:
        return f"замечено раз: {self.number(times)}"

    def _more(self, count: int) -> str:
        return f"… и ещё {self.number(count)}"

    def _seconds(self, seconds: int) -> str:
        return f"{seconds} с"

    def _delivered_in(self, energy: str, duration: str, took: str) -> str:
        return f"⚡ {energy} энергии · {duration} · доставлено за {took}"

    _transactions: ClassVar = {
        "dead": "не успела попасть в блок",
        "rejected": "отклонена сетью",
        "unknown": "не найдена",
    }
    titles: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: "Сеть TRON не читается",
        AlertKind.SCANNER_BEHIND: "Магазин отстал от сети",
        AlertKind.DELEGATION_FAILED: "Делегирование не удалось",
        AlertKind.ORDER_FAILED: "Заказ не доставлен",
        AlertKind.POOL_OUT: "Пул не работает",
        AlertKind.LOW_ENERGY: "Мало свободной энергии",
        AlertKind.RECLAIMS_REFUSED: "Пул не может вернуть свой стейк",
        AlertKind.PAYMENT_HELD: "Платёж ждёт решения",
        AlertKind.PAYMENT_ADRIFT: "Платёж исчез из сети",
        AlertKind.PAYMENT_LOST: "Платёж потерян",
        AlertKind.REFUND_WAITS: "Возврат ждёт",
        AlertKind.BOOKS_DIFFER: "Учёт расходится с сетью",
        AlertKind.UNKNOWN_TRANSACTION: "Кто-то другой пользуется ключом магазина",
        AlertKind.CPU_BUSY: "Процессор занят",
        AlertKind.MEMORY_FULL: "Память кончается",
        AlertKind.TELEGRAM_CONFLICT: "Этого бота запустила ещё одна программа",
        AlertKind.MESSAGES_REFUSED: "Чаты не принимают сообщения бота",
        AlertKind.GROUP_MOVED: "У группы новый ID",
        AlertKind.DATABASE_DOWN: "База данных была недоступна",
        AlertKind.REDIS_DOWN: "Redis недоступен",
    }
    _causes: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: (
            "🚨 Сеть TRON не читается",
            "Ни один узел TRON не ответил как следует, раз подряд: {failures}. {error}",
            "Пока узел не ответит, платежи не видны, а оплаченные заказы ждут. Ничего не теряется.",
            "Проверьте узлы в настройках и сеть: energy-flash check",
        ),
        AlertKind.SCANNER_BEHIND: (
            "⚠️ Магазин отстал от сети",
            "Не прочитано блоков: {blocks}; последний блок не меняется уже {seconds} с.",
            "Клиенты поздно видят свои платежи и поздно получают энергию.",
            (
                "Узел мог остановиться или работать слишком медленно: поставьте первым "
                "другой в tron.nodes."
            ),
        ),
        AlertKind.DELEGATION_FAILED: (
            "⚠️ Делегирование для заказа №{order} не удалось",
            "Транзакция {state}. {answer}",
            (
                "Клиент ждёт: пока у заказа есть время, попытка повторяется сама, и из "
                "другого пула тоже."
            ),
            "Пул {pool}: работает ли он, видно в /alerts",
        ),
        AlertKind.ORDER_FAILED: (
            "🛟 Заказ не доставлен",
            "Клиенту сообщили.",
        ),
        AlertKind.LOW_ENERGY: (
            "⚠️ Мало свободной энергии: {free}",
            (
                "Это меньше, чем {least}. Если больше ничего не продать, через 1 час будет "
                "{in_1}, через 6 часов {in_6}, через 24 часа {in_24}."
            ),
            "Клиентам может быть нечего купить.",
            "Увеличьте стейк или добавьте пул: energy-flash pools add",
        ),
        AlertKind.PAYMENT_HELD: (
            "💰 Платёж ждёт решения",
            "Отправитель ждёт. Решите: /held",
        ),
        AlertKind.PAYMENT_ADRIFT: (
            "⚠️ Подтверждённый платёж исчез из сети",
            (
                "За него больше ничего не отправляется, пока он не вернётся или не станет "
                "ясно, что не вернётся."
            ),
        ),
        AlertKind.PAYMENT_LOST: (
            "🚨 Платёж исчез из сети навсегда",
            "То, что за него не доставлено, отменено.",
        ),
        AlertKind.REFUND_WAITS: (
            "↩️ Возврат ждёт",
            "Клиент ждёт денег: /refunds",
        ),
        AlertKind.CPU_BUSY: (
            "⚠️ Процессор занят: {percent} %",
            "Уже не меньше {minutes} мин; считается всё, что работает на этой машине.",
            "Ответы и доставка замедляются.",
            "Посмотрите, что ещё там работает, или возьмите машину побольше.",
        ),
        AlertKind.MEMORY_FULL: (
            "⚠️ Память кончается: {percent} %",
            "Уже не меньше {minutes} мин; считается всё, что работает на этой машине.",
            "Когда она кончится, магазин будет остановлен. Он ничего не потеряет, но будет закрыт.",
            "Посмотрите, что ещё там работает, или возьмите машину побольше.",
        ),
        AlertKind.TELEGRAM_CONFLICT: (
            "🚨 Этого бота запустила ещё одна программа",
            "Telegram говорит, что сообщения бота забирает кто-то ещё (409).",
            "Клиенты получают ответы через раз, и часть из них даёт другая программа.",
            (
                "Остановите её. Если вы о такой не знаете, токен у кого-то чужого: "
                "получите новый у @BotFather."
            ),
        ),
        AlertKind.MESSAGES_REFUSED: (
            "⚠️ Чаты не принимают сообщения бота",
            "За десять минут вернулось {refused} из {of} (403).",
            "Клиенты не узнают о своих заказах; сами заказы выполняются.",
            (
                "Если это не сами люди заблокировали бота: не ограничил ли его Telegram? "
                "Смотрите @BotFather и @SpamBot."
            ),
        ),
        AlertKind.GROUP_MOVED: (
            "⚠️ Telegram дал группе новый ID: {new}",
            "Она стала супергруппой. В настройках остался старый ID, {old}.",
            "Магазин пишет по новому, но после каждого запуска узнаёт его заново.",
            "Поставьте {new} вместо {old}: telegram.alerts_chat или telegram.orders_chat.",
        ),
        AlertKind.DATABASE_DOWN: (
            "🚨 База данных была недоступна {seconds} с",
            (
                "Всё это время ничего не продавалось и никому не отвечали. Ничего не "
                "потеряно: то, что пришло, сделано теперь."
            ),
            "Если это повторится, проверьте её сервер и диск.",
        ),
        AlertKind.REDIS_DOWN: (
            "🚨 Redis недоступен",
            "Он не отвечает: {error}",
            "Клиенты не получают ответов; оплаченные заказы доставляются всё равно.",
            "Запустите его сервер снова; встроенный запускается сам.",
        ),
    }
