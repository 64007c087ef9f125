"""Русский."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import (
    NO_BREAK_SPACE,
    clock,
    days_hours_minutes,
    exact_trx,
    russian_plural,
    saved_by_use,
    saved_percent,
)
from bot.texts.notation import Notation, lines
from chain.addresses import Address, AddressFault
from services.customers import Language
from services.energy import RecipientFacts
from services.held import HeldMoney, HeldPayment
from services.orders import OrderView
from services.quotes import Quote, QuoteFault, TypicalPrice

_MONTHS = (
    "янв.",
    "февр.",
    "марта",
    "апр.",
    "мая",
    "июня",
    "июля",
    "авг.",
    "сент.",
    "окт.",
    "нояб.",
    "дек.",
)
_TRANSFER_BANDWIDTH = 345

_TRANSFER = ("перевод", "перевода", "переводов")
_DAY = ("день", "дня", "дней")
_HOUR = ("час", "часа", "часов")
_MINUTE = ("минута", "минуты", "минут")
_MINUTE_ACCUSATIVE = ("минуту", "минуты", "минут")
_SECOND_ACCUSATIVE = ("секунду", "секунды", "секунд")
_CHARACTER = ("символ", "символа", "символов")
_MESSAGE = ("сообщение", "сообщения", "сообщений")

_HELD_REASONS = {
    "no_order": "такой суммы не ждёт ни один заказ",
    "late": "срок оплаты уже прошёл",
    "cancelled": "заказ отменили раньше",
    "paid_twice": "заказ уже оплачен",
    "own_transfer": "перевод с нашего же кошелька",
    "order_closed": "заказ закрыт",
    "undeliverable": "заказ не удалось выполнить",
}
_FAILURES = {
    "no_energy": "ни в одном пуле вовремя не нашлось энергии",
    "not_read_back": "энергия отправлена, но у получателя её нет",
}


class Russian(Notation):
    """Русские тексты."""

    language = Language.RU
    language_name = "Русский"
    thousands: ClassVar[str] = NO_BREAK_SPACE

    def _count(self, count: int, forms: tuple[str, str, str]) -> str:
        return f"{self.number(count)}{NO_BREAK_SPACE}{russian_plural(count, *forms)}"

    def duration(self, length: timedelta) -> str:
        return self._length(length, _MINUTE)

    def _for(self, length: timedelta) -> str:
        """«на 1 минуту», «на 3 часа»."""
        return f"на {self._length(length, _MINUTE_ACCUSATIVE)}"

    def _length(self, length: timedelta, minute: tuple[str, str, str]) -> str:
        days, hours, minutes = days_hours_minutes(length)
        units = ((days, _DAY), (hours, _HOUR), (minutes, minute))
        return " ".join(self._count(count, forms) for count, forms in units if count)

    def day(self, moment: datetime) -> str:
        return f"{moment.day}{NO_BREAK_SPACE}{_MONTHS[moment.month - 1]}"

    # What Telegram shows around the chat

    description = (
        "⚡ Аренда энергии TRON: отправляйте USDT, не сжигая TRX.\n\n"
        "Заплатите немного TRX, и через несколько секунд энергия будет в вашем кошельке. "
        "Я никогда не спрашиваю ключи и сид-фразы."
    )
    short_description = "Энергия TRON за секунды: переводите USDT дешевле."
    commands = (
        ("rent", "Арендовать энергию"),
        ("orders", "Мои заказы"),
        ("language", "Язык · Language · 语言"),
        ("help", "Как это работает"),
        ("cancel", "Прервать и вернуться в меню"),
    )

    # Buttons

    rent_button = "⚡ Арендовать энергию"
    orders_button = "Заказы"
    language_button = "Язык"
    help_button = "Помощь"
    menu_button = "Меню"
    back_button = "‹ Назад"
    retry_button = "Повторить"
    other_wallet_button = "Другой кошелёк"
    use_address_button = "Да, это он"
    holder_button = "USDT у него уже есть"
    newcomer_button = "USDT ещё нет или не знаю"
    copy_address_button = "Скопировать адрес"
    refresh_button = "🔄 Обновить"
    cancel_order_button = "Отменить заказ"
    rent_again_button = "⚡ Ещё раз"
    open_bot_button = "Открыть личный чат"

    def confirm_button(self, price_sun: int) -> str:
        return f"Заказать за {self.price(price_sun)}"

    def copy_amount_button(self, amount_sun: int) -> str:
        return f"Скопировать {exact_trx(amount_sun)}"

    def transfers_button(self, transfers: int) -> str:
        return self._count(transfers, _TRANSFER)

    # Around a sale

    def menu(self, typical: TypicalPrice | None) -> Text:
        offer = None
        if typical is not None:
            price = Bold(self.price(typical.price_sun))
            offer = Text("Энергия на один перевод USDT: ", price, ".")
            if typical.burn_sun > typical.price_sun:
                burning = self.about_trx(typical.burn_sun)
                offer = Text("Перевод USDT за ", price, f" вместо {burning}.")
        return lines(
            Text("⚡ ", Bold("Energy Flash")),
            offer,
            "Оплатите здесь, и через несколько секунд энергия будет в вашем кошельке.",
        )

    def help(self) -> Text:
        return lines(
            Bold("Как это работает"),
            "",
            "Перевод USDT в сети TRON требует энергии. Если её нет, кошелёк сжигает TRX. "
            "Арендовать энергию здесь дешевле.",
            "",
            "1. Укажите кошелёк, с которого пойдут USDT.",
            "2. Оплатите точную сумму в TRX с любого своего кошелька.",
            "3. Через несколько секунд энергия придёт. Отправьте USDT до конца аренды.",
            "",
            Text(
                Bold("Пожалуйста, не платите с биржи."),
                " Биржа меняет сумму и платит с задержкой: я могу не узнать ваш платёж.",
            ),
            "",
            "Деньги не пропадают: платёж, который не подошёл ни к одному заказу, записан, "
            "и с ним разберётся оператор.",
            "",
            Text(
                "Я ",
                Bold("никогда"),
                " не спрашиваю приватные ключи и сид-фразы. Кто спрашивает, тот мошенник.",
            ),
            "",
            "/rent  арендовать энергию",
            "/orders  мои заказы",
            "/language  Language · 语言",
            "/cancel  вернуться в меню",
        )

    def choose_language(self) -> Text:
        return Text("На каком языке вам удобнее?")

    # From address to quote

    def ask_sender(self, *, has_saved: bool) -> Text:
        return lines(
            Bold("С какого кошелька пойдут USDT?"),
            "Пришлите его адрес TRON: энергия придёт туда.",
            "Или выберите один из прежних." if has_saved else None,
        )

    def address_refused(self, fault: AddressFault, found_length: int) -> Text:
        match fault:
            case AddressFault.EMPTY:
                what, then = (
                    "Здесь нет адреса TRON.",
                    "Он начинается с T, в нём 34 символа. Пришлите его, пожалуйста.",
                )
            case AddressFault.LENGTH:
                what, then = (
                    f"В этом адресе {self._count(found_length, _CHARACTER)}, а нужно 34.",
                    "Скопируйте адрес в кошельке и вставьте его целиком.",
                )
            case AddressFault.ALPHABET:
                what, then = (
                    "Здесь есть знак, которого в адресах TRON не бывает: например 0, O, I или l.",
                    "Скопируйте адрес в кошельке, не набирайте его вручную.",
                )
            case AddressFault.CHECKSUM:
                what, then = (
                    "В адресе опечатка: контрольная сумма не сходится.",
                    "Скопируйте адрес в кошельке, не набирайте его вручную.",
                )
            case AddressFault.NOT_TRON:
                what, then = (
                    "Это адрес другой сети.",
                    "Адрес TRON начинается с T. Скопируйте адрес своего кошелька TRON.",
                )
            case _:
                assert_never(fault)
        return lines(Bold(what), then)

    def address_ethereum(self) -> Text:
        return lines(
            Bold("Это адрес Ethereum или BNB Chain (0x…)."),
            "Переключите кошелёк на TRON (TRC20) и скопируйте адрес, который начинается с T.",
        )

    def address_in_hex(self, address: Address) -> Text:
        return lines(
            "Вы прислали адрес в техническом виде. В обычном виде это",
            self.address(address),
            "Это тот кошелёк?",
        )

    def wallet_refused(self, fault: QuoteFault, address: Address) -> Text:
        match fault:
            case QuoteFault.NOT_ACTIVATED:
                what, then = (
                    "Этот кошелёк ещё не активирован в сети TRON и не может получить энергию.",
                    "Отправьте на него немного TRX (хватит 1 TRX) и возвращайтесь.",
                )
            case QuoteFault.IS_CONTRACT:
                what, then = (
                    "Это смарт-контракт, а контракты не могут получать арендованную энергию.",
                    "Пришлите кошелёк, с которого пойдут USDT.",
                )
            case QuoteFault.IS_OURS:
                what, then = (
                    "Это наш собственный адрес.",
                    "Пришлите свой: кошелёк, с которого пойдут USDT.",
                )
            case _:
                return self.quote_refused(fault)
        return lines(Bold(what), self.address(address), then)

    def ask_destination(self, facts: RecipientFacts) -> Text:
        return lines(
            "Энергия придёт на",
            self.address(facts.address),
            f"Сейчас там {self.usdt(facts.token_micro)}, свободной энергии "
            f"{self.number(facts.energy_free)}.",
            None
            if facts.token_micro
            else "USDT на этом кошельке пока нет. Арендуйте, когда они придут, чтобы время аренды "
            "не прошло зря.",
            None
            if facts.bandwidth_free >= _TRANSFER_BANDWIDTH
            else "Бесплатная полоса (bandwidth) на сегодня кончилась, поэтому перевод всё же "
            f"сожжёт около 0.35{NO_BREAK_SPACE}TRX.",
            "",
            Bold("Кто получит USDT?"),
            "Если у получателя нет USDT, энергии нужно вдвое больше. Выберите или пришлите "
            "адрес получателя, и я посчитаю точно.",
        )

    def destination_is_sender(self) -> Text:
        return lines(
            Bold("Это сам кошелёк отправителя."),
            "Пришлите адрес, который получит USDT, или выберите ответ выше.",
        )

    def ask_transfers(self, limit: int) -> Text:
        return lines(
            Bold("Сколько переводов USDT вы сделаете?"),
            f"Выберите или напишите число от 1 до {self.number(limit)}.",
        )

    def transfers_refused(self, limit: int) -> Text:
        return Text(f"Напишите, пожалуйста, целое число от 1 до {self.number(limit)}.")

    def ask_duration(self) -> Text:
        return lines(
            Bold("На какой срок?"),
            "Энергия, которую вы за это время не потратите, вернётся к нам.",
        )

    def quote(self, quote: Quote) -> Text:
        saving = saved_percent(quote.price_sun, quote.burn_sun)
        burning = self.about_trx(quote.burn_sun)
        return lines(
            Text(
                Bold(self.price(quote.price_sun)),
                f" за {self._count(quote.transfers, _TRANSFER)}, {self._for(quote.price.duration)}",
            ),
            f"Это {self.price(quote.price_per_transfer_sun)} за перевод."
            if quote.transfers > 1
            else None,
            f"Без энергии сгорело бы около {burning}: ваша экономия {saving}%."
            if saving
            else f"⚠️ Это невыгодно: без аренды сгорит около {burning}. "
            "На меньший срок может быть дешевле.",
            "",
            "Энергия придёт на",
            self.address(quote.recipient),
            Text("USDT уйдут на\n", self.address(quote.destination)) if quote.destination else None,
            "",
            f"Энергия: {self.number(quote.energy)}"
            + (
                f" ({quote.transfers} × {self.number(quote.energy_per_transfer)})"
                if quote.transfers > 1
                else ""
            )
            + (", измерено в сети" if quote.estimated_from_chain else ""),
            f"Сейчас свободно: {self.number(quote.available_energy)}",
            Text("⏳ Цена истекает: ", self.expiry(quote.holds_until)),
        )

    def needs_nothing(self, quote: Quote) -> Text:
        return lines(
            Bold("Хорошая новость: арендовать ничего не нужно."),
            self.address(quote.recipient),
            f"Энергии на этом кошельке уже хватит на {self._count(quote.transfers, _TRANSFER)}. "
            "Отправляйте USDT: TRX за энергию не сгорят.",
        )

    def not_enough_energy(self, available: int, transfers_possible: int) -> Text:
        if transfers_possible:
            then = f"Этого хватит на {self._count(transfers_possible, _TRANSFER)}."
        else:
            then = "Энергия всё время возвращается: загляните через несколько минут."
        return lines(
            Bold(f"Сейчас у меня только {self.number(available)} энергии."),
            then,
            "С вас ничего не списано.",
        )

    def quote_refused(self, fault: QuoteFault) -> Text:
        match fault:
            case QuoteFault.CHAIN_UNAVAILABLE:
                what, then = (
                    "Сеть TRON сейчас не отвечает.",
                    "С вас ничего не списано. Нажмите кнопку через полминуты.",
                )
            case QuoteFault.TOO_MANY_OPEN_ORDERS:
                what, then = (
                    "У вас несколько неоплаченных заказов.",
                    "Сначала оплатите или отмените один из них.",
                )
            case QuoteFault.PRICE_GONE:
                what, then = ("Цены только что изменились.", "Выберите ещё раз.")
            case QuoteFault.DESTINATION_IS_RECIPIENT:
                return self.destination_is_sender()
            case QuoteFault.NO_POOLS | QuoteFault.NOT_ENOUGH_ENERGY:
                what, then = (
                    "Сейчас свободной энергии нет.",
                    "С вас ничего не списано. Загляните через несколько минут.",
                )
            case _:
                what, then = ("Так заказать не получится.", "Выберите ещё раз.")
        return lines(Bold(what), then)

    def draft_gone(self) -> Text:
        return Text("Эта форма устарела. Начнём сначала: это полминуты.")

    # The card of an order

    def awaiting(self, order: OrderView) -> Text:
        return lines(
            Bold("Отправьте ровно"),
            Text(self.exact(order.amount_sun), " TRX"),
            "на адрес",
            self.address(order.payment_address),
            Text("⏳ Истекает: ", self.expiry(order.pay_until)),
            "",
            Text(f"За {self._goods(order)} для ", self.address_link(order.recipient), "."),
            "",
            Text(
                "⚠️ ",
                Bold("Не с биржи."),
                " Платите со своего кошелька ровно эту сумму: так я узнаю, что это вы.",
            ),
            f"Заказ №{order.number}",
        )

    def seen(self, order: OrderView) -> Text:
        return lines(
            Bold("👀 Платёж виден, ждём подтверждения…"),
            "Больше ничего делать не нужно. Это займёт несколько секунд.",
            "",
            f"{self._goods(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def paid(self, order: OrderView) -> Text:
        return lines(
            Bold("⚡ Оплачено. Энергия в пути."),
            "Это займёт несколько секунд. Я напишу, когда она придёт.",
            "",
            f"{self._goods(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def delivered(self, order: OrderView) -> Text:
        return lines(
            Bold(f"✅ Доставлено {self.number(order.energy)} энергии"),
            self._took(order),
            "",
            Text("На ", self.address(order.recipient)),
            Text("до ", self.until(order.expires_at, order.now)) if order.expires_at else None,
            f"Хватит на {self._count(order.transfers, _TRANSFER)} USDT. Можно отправлять.",
            "",
            self._footer(order),
        )

    def ended(self, order: OrderView) -> Text:
        return lines(
            Bold("🏁 Аренда закончилась"),
            self._use(order),
            "",
            f"{self._goods(order)} на",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def expired(self, order: OrderView) -> Text:
        return lines(
            Bold("⌛ Время на оплату вышло. Больше не платите."),
            f"До {self._deadline(order)} платёж не пришёл. С вас ничего не списано.",
            "",
            "Уже заплатили? Деньги в безопасности: каждый платёж записан, с опоздавшими "
            "разберётся оператор.",
            "",
            f"{self._goods(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def cancelled(self, order: OrderView) -> Text:
        return lines(
            Bold("🚫 Заказ отменён, больше не платите."),
            "С вас ничего не списано.",
            "",
            "Уже заплатили? Деньги в безопасности: каждый платёж записан, оператор разберётся.",
            "",
            f"{self._goods(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def failed(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Ваши деньги в безопасности."),
            "Энергию доставить не удалось. Платёж записан, оператор уже знает: энергию доставят "
            "или деньги вернут. Вам ничего делать не нужно.",
            "",
            f"{self._goods(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def _goods(self, order: OrderView) -> str:
        return (
            f"{self.number(order.energy)} энергии ({self._count(order.transfers, _TRANSFER)}, "
            f"{self.duration(order.duration)})"
        )

    def _footer(self, order: OrderView) -> Text:
        return lines(
            self.proofs(order, "Платёж", "Энергия", "Возврат"),
            f"Заказ №{order.number} · {exact_trx(order.amount_sun)} TRX",
        )

    def _took(self, order: OrderView) -> str | None:
        if order.delivery_seconds is None:
            return None
        return f"Через {self._count(order.delivery_seconds, _SECOND_ACCUSATIVE)} после оплаты."

    def _use(self, order: OrderView) -> str | None:
        energy_used = self.known_use(order)
        if energy_used is None:
            return None
        if energy_used == 0:
            return "Энергия не понадобилась."
        used = f"Израсходовано {self.number(energy_used)} из {self.number(order.energy)} энергии."
        saved = saved_by_use(
            paid_sun=order.amount_sun,
            burn_sun=order.burn_sun,
            energy=order.energy,
            energy_used=energy_used,
        )
        if not saved:
            return used
        return f"{used} Вы сэкономили около {self.about_trx(saved)} по сравнению со сжиганием."

    def _deadline(self, order: OrderView) -> str:
        if order.pay_until.date() == order.now.date():
            return clock(order.pay_until)
        return f"{self.day(order.pay_until)}, {clock(order.pay_until)}"

    # The news

    def delivered_news(self, order: OrderView) -> Text:
        return lines(
            Text(
                Bold(f"✅ {self.number(order.energy)} энергии"),
                " уже на ",
                self.address_link(order.recipient),
                *([" до ", self.until(order.expires_at, order.now)] if order.expires_at else []),
                ".",
            ),
            Bold("Можно отправлять USDT."),
            self._took(order),
            self.proofs(order, "Платёж", "Энергия", "Возврат"),
        )

    def ended_news(self, order: OrderView) -> Text:
        return lines(
            Text(
                Bold("🏁 Аренда закончилась: "),
                f"{self.number(order.energy)} энергии на ",
                self.address_link(order.recipient),
                ".",
            ),
            self._use(order),
        )

    def expired_news(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⌛ Заказ №{order.number} закрыт: время на оплату вышло."),
            "Больше не платите по нему. Новый заказ — два нажатия.",
        )

    def failed_news(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Ваши деньги в безопасности."),
            f"Энергию по заказу №{order.number} доставить не удалось. Оператор уже знает: энергию "
            "доставят или деньги вернут. Вам ничего делать не нужно.",
        )

    # The list of orders

    def orders(self, page: int, pages: int) -> Text:
        return lines(
            Bold("Мои заказы"),
            "Нажмите, чтобы открыть."
            if pages == 1
            else f"Страница {page} из {pages}. Нажмите, чтобы открыть.",
        )

    def no_orders(self) -> Text:
        return lines(Bold("Заказов пока нет."), "Первый займёт полминуты.")

    # Toasts

    up_to_date = "Всё актуально."
    nothing_seen_yet = "Платежа пока нет. Он появится здесь через несколько секунд после отправки."
    payment_is_in = "Ваш платёж уже пришёл, заказ выполняется."
    order_is_closed = "Этот заказ больше не ждёт оплаты."
    order_unknown = "Среди ваших заказов такого нет. Все заказы: /orders"
    button_outdated = "Эта кнопка устарела. Меню: /start"
    quote_lapsed = "Эта цена истекла. Вот новая."
    too_many_open_orders = (
        "У вас несколько неоплаченных заказов. Сначала оплатите или отмените один из них."
    )
    energy_just_sold = "Эту энергию только что арендовали. С вас ничего не списано."
    too_fast = "Очень быстро! Секундочку, пожалуйста."
    language_chosen = "Хорошо, по-русски."

    # Answers to what nobody expected

    def words_only(self) -> Text:
        return lines(
            "Я умею читать только текст.",
            "Пришлите адрес TRON текстом или нажмите кнопку.",
        )

    def not_understood(self) -> Text:
        return lines(
            "Я понимаю кнопки и адреса TRON.",
            "Пришлите адрес кошелька, с которого пойдут USDT, или выберите:",
        )

    def command_unknown(self) -> Text:
        return Text("Такой команды я не знаю. Вот что я умею:")

    def nothing_to_cancel(self) -> Text:
        return Text("Отменять нечего. Неоплаченный заказ отменяется на его карточке: /orders")

    def wizard_cancelled(self) -> Text:
        return Text("Остановлено. Ничего не заказано.")

    def looks_like_transaction(self) -> Text:
        return lines(
            "Похоже на хеш транзакции. Присылать его не нужно: я сам нахожу платежи, они видны "
            "на карточке заказа в /orders.",
            "",
            Text(
                Bold("Это приватный ключ?"),
                " Тогда удалите сообщение и переведите деньги на новый кошелёк. "
                "Никому не показывайте ключ.",
            ),
        )

    def looks_like_secret(self) -> Text:
        return lines(
            Bold("Похоже на сид-фразу. Пожалуйста, сразу удалите сообщение."),
            "Никому её не отправляйте: у кого фраза, у того и кошелёк. Мне нужен только адрес, "
            "он начинается с T. Если фраза настоящая, переведите деньги на новый кошелёк.",
        )

    def private_chats_only(self) -> Text:
        return Text("Я работаю только в личных чатах, чтобы ваши заказы не видел никто другой.")

    def banned(self) -> str:
        return "С этого аккаунта заказывать нельзя. Все прежние платежи записаны."

    def trouble(self, reference: str) -> str:
        return (
            "У меня что-то не сработало. Ваши заказы и деньги в безопасности. "
            f"Нажмите ещё раз через минуту. (Код {reference})"
        )

    # For the operator

    def payment_held(self, payment: HeldPayment) -> Text:
        return lines(
            Bold(f"💰 Платёж отложен: {exact_trx(payment.amount_sun)} TRX"),
            f"Почему: {_HELD_REASONS.get(payment.reason, payment.reason)}."
            + (f" Вероятно, за заказ №{payment.order_number}." if payment.order_number else ""),
            Text("От ", self.address(payment.sender)),
            Text("На ", self.address_link(payment.receiver)),
            Text(
                f"{self.day_and_time(payment.time)} UTC · ",
                self.transaction_link("Транзакция", payment.txid),
            ),
            "Деньги учтены как отложенные, клиентам ничего не сообщалось.",
        )

    def order_failed(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🛟 Заказ №{order.number} не удалось выполнить"),
            f"Почему: {_FAILURES.get(order.failure or '', order.failure or 'неизвестно')}",
            f"{self._goods(order)} для",
            self.address(order.recipient),
            f"Оплачено {exact_trx(order.amount_sun)} TRX, пользователь {order.user_id}. "
            "Клиенту сказано, что деньги в безопасности.",
            self.proofs(order, "Платёж", "Энергия", "Возврат"),
        )

    def admin(self, waiting_notices: int, held: HeldMoney) -> Text:
        return lines(
            Bold("Оператор"),
            "Все сообщения отправлены."
            if waiting_notices == 0
            else f"Ждут отправки: {self._count(waiting_notices, _MESSAGE)}.",
            "Отложенных платежей нет."
            if held.count == 0
            else f"Отложено платежей: {self.number(held.count)}, "
            f"всего {exact_trx(held.total_sun)} TRX. Последние:",
            *(self._held_line(payment) for payment in held.newest),
            "Новые отложенные платежи и невыполненные заказы приходят сюда сами.",
        )

    def _held_line(self, payment: HeldPayment) -> Text:
        meant_for = f" (заказ №{payment.order_number})" if payment.order_number else ""
        return Text(
            f"· {exact_trx(payment.amount_sun)} TRX, {self.day_and_time(payment.time)} UTC: "
            f"{_HELD_REASONS.get(payment.reason, payment.reason)}{meant_for} · ",
            self.transaction_link("Транзакция", payment.txid),
        )
