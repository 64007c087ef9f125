"""Русский."""

from __future__ import annotations

from typing import assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import (
    NO_BREAK_SPACE,
    clock,
    exact_trx,
    saved_by_use,
    saved_percent,
)
from bot.texts.notation import lines
from bot.texts.ru_money import RussianMoney
from bot.texts.ru_operator import RussianOperator
from bot.texts.ru_time import RussianTime
from bot.texts.ru_words import TRANSFER
from chain.addresses import Address, AddressFault
from services.energy import DestinationFacts, RecipientFacts, TransferNeed
from services.inventory import Outlook
from services.order_ends import Compensation
from services.order_views import OrderView, Origin
from services.quotes import Quote, QuoteFault, TypicalPrice
from services.tokens import USDT

_SECOND_ACCUSATIVE = ("секунду", "секунды", "секунд")
_CHARACTER = ("символ", "символа", "символов")


class Russian(RussianMoney, RussianTime, RussianOperator):
    """Русские тексты."""

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
        ("available", "Сколько энергии свободно"),
        ("balance", "Мой баланс"),
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
    other_trc20_button = "Другой токен"
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
        return self._count(transfers, TRANSFER)

    def shortfall_button(self, own_energy: int) -> str:
        return f"Учесть мои {self.number(own_energy)}"

    def whole_button(self) -> str:
        return "Не учитывать мою энергию"

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

    def available(self, outlook: Outlook, transfers: int) -> Text:
        if not transfers:
            head, then = (
                "Сейчас вся энергия сдана.",
                "Она возвращается сама: когда кончаются аренды и восстанавливается расход.",
            )
        else:
            head = f"Свободно: {self.number(outlook.now)} энергии"
            then = f"В одном заказе можно взять до: {self._count(transfers, TRANSFER)}."
        return lines(
            Bold(head),
            then,
            "Если больше никто не возьмёт:",
            *(f"через {hours} ч: {self.number(energy)}" for hours, energy in outlook.later.items()),
        )

    def help(self, flash_address: Address | None = None) -> Text:
        return lines(
            Bold("Как это работает"),
            "",
            "Перевод USDT в сети TRON требует энергии. Если её нет, кошелёк сжигает TRX. "
            "Арендовать энергию здесь дешевле.",
            "",
            "1. Укажите кошелёк, с которого пойдут USDT.",
            "2. Оплатите точную сумму в TRX с любого своего кошелька или с баланса.",
            "3. Через несколько секунд энергия придёт. Отправьте USDT до конца аренды.",
            "",
            *self._flash(flash_address),
            Text(
                Bold("Деньги не пропадают."),
                " Переплата идёт на баланс. Если денег мало или они не подошли ни к одному заказу, "
                "я спрошу, что с ними сделать. Баланс и вывод: /balance",
            ),
            "",
            Text(
                Bold("Пожалуйста, не платите с биржи."),
                " Биржа меняет сумму и платит с задержкой: я не узнаю, что это вы. Так уже вышло? "
                "Точная сумма засчитается и так; любая другая записана, оператор её найдёт.",
            ),
            "",
            Text(
                "Я ",
                Bold("никогда"),
                " не спрашиваю приватные ключи и сид-фразы. Кто спрашивает, тот мошенник.",
            ),
            "",
            "/rent  арендовать энергию",
            "/orders  мои заказы",
            "/balance  баланс, возвраты, мои адреса",
            "/language  Language · 语言",
            "/cancel  вернуться в меню",
        )

    def _flash(self, address: Address | None) -> list[Text | str]:
        if address is None:
            return []
        return [
            Bold("Ещё короче"),
            "Без заказа отправьте TRX с кошелька, которому нужна энергия, на",
            self.address(address),
            self._rest_of_flash(),
            "",
        ]

    @staticmethod
    def _rest_of_flash() -> str:
        return (
            "Они станут энергией для этого кошелька, на сколько переводов хватит. Остаток попадёт "
            "на баланс, когда вы подтвердите адрес: /balance"
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
            case QuoteFault.SENDER_FROZEN:
                what, then = (
                    "Эмитент токена заморозил этот кошелёк: отправить с него ничего нельзя.",
                    "Энергия ему не поможет. Выберите другой кошелёк.",
                )
            case _:
                return self.quote_refused(fault)
        return lines(Bold(what), self.address(address), then)

    def ask_destination(self, facts: RecipientFacts) -> Text:
        symbol = facts.token.symbol
        holds = f"свободной энергии {self.number(facts.energy_free)}."
        if facts.token_units is not None:
            holds = f"{self.tokens(facts.token_units, facts.token)}, {holds}"
        return lines(
            "Энергия придёт на",
            self.address(facts.address),
            f"Сейчас там {holds}",
            f"{symbol} на этом кошельке пока нет. Арендуйте, когда они придут, чтобы время аренды "
            "не прошло зря."
            if facts.token_units == 0
            else None,
            None
            if facts.bandwidth_transfers
            else "Бесплатная полоса (bandwidth) на сегодня кончилась, поэтому перевод всё же "
            f"сожжёт около 0.35{NO_BREAK_SPACE}TRX.",
            "",
            Bold(f"Кто получит {symbol}?"),
            f"Если у получателя нет {symbol}, энергии нужно вдвое больше. Выберите или пришлите "
            "адрес получателя, и я посчитаю точно. После адреса можно указать сумму: T… 250",
        )

    def ask_token(self) -> Text:
        return lines(
            Bold("Какой токен вы отправите?"),
            "Пришлите адрес его контракта TRC-20. Он указан на странице токена в обозревателе "
            "блоков.",
        )

    def not_trc20(self, address: Address) -> Text:
        return lines(
            Bold("По этому адресу нет токена TRC-20."),
            self.address(address),
            "Пришлите адрес контракта токена, а не кошелька.",
        )

    def amount_unclear(self, symbol: str) -> Text:
        return lines(
            Bold("Не могу прочитать сумму."),
            f"Пришлите только адрес или адрес и одну сумму в {symbol} после него: T… 250",
        )

    def destination_is_sender(self, symbol: str = USDT) -> Text:
        return lines(
            Bold("Это сам кошелёк отправителя."),
            f"Пришлите адрес, который получит {symbol}, или выберите ответ выше.",
        )

    def ask_transfers(
        self, limit: int, symbol: str = USDT, need: TransferNeed | None = None
    ) -> Text:
        about = self._receiver(need.destination, symbol) if need else []
        return lines(
            *about,
            "" if about else None,
            Bold(f"Сколько переводов {symbol} вы сделаете?"),
            f"Выберите или напишите число от 1 до {self.number(limit)}, "
            f"или сколько готовы потратить: 20{NO_BREAK_SPACE}TRX",
        )

    def _receiver(self, facts: DestinationFacts | None, symbol: str) -> list[str]:
        """Чем необычен получатель."""
        if facts is None:
            return []
        found = []
        if not facts.activated:
            found.append("Адрес получателя ещё не активирован. Переводу это не мешает.")
        if facts.is_contract:
            found.append(f"Получатель — смарт-контракт. Убедитесь, что он принимает {symbol}.")
        if not facts.holds_token:
            found.append(f"У получателя ещё нет {symbol}: на первый перевод нужно больше энергии.")
        return found

    def transfers_refused(self, limit: int) -> Text:
        return Text(
            f"Напишите, пожалуйста, целое число от 1 до {self.number(limit)} "
            f"или сумму, например 20{NO_BREAK_SPACE}TRX."
        )

    def ask_duration(self) -> Text:
        return lines(
            Bold("На какой срок?"),
            "Энергия, которую вы за это время не потратите, вернётся к нам.",
        )

    def quote(self, quote: Quote, budget_sun: int | None = None) -> Text:
        symbol = quote.token.symbol
        saving = saved_percent(quote.price_sun, quote.burn_sun)
        burning = self.about_trx(quote.burn_sun)
        return lines(
            Text(
                Bold(self.price(quote.price_sun)),
                f" за {self._count(quote.transfers, TRANSFER)}, {self._for(quote.price.duration)}",
            ),
            self._of_budget(quote, budget_sun),
            f"Это {self.price(quote.price_per_transfer_sun)} за перевод."
            if quote.transfers > 1
            else None,
            f"Свободной энергии мало: цены пока выше на {quote.surge_percent}%."
            if quote.surge_percent
            else None,
            f"Без энергии сгорело бы около {burning}: ваша экономия {saving}%."
            if saving
            else f"⚠️ Это невыгодно: без аренды сгорит около {burning}. "
            "На меньший срок может быть дешевле.",
            f"Не хватает полосы (bandwidth): за неё всё же сгорит около "
            f"{self.about_trx(quote.bandwidth_sun)}."
            if quote.bandwidth_sun
            else None,
            "",
            "Энергия придёт на",
            self.address(quote.recipient),
            Text(f"{symbol} уйдут на\n", self.address(quote.destination))
            if quote.destination
            else None,
            *self._receiver(quote.destination_facts, symbol),
            f"⚠️ На кошельке отправителя ещё нет {symbol}." if quote.token_missing else None,
            "",
            f"Энергия: {self.number(quote.energy)}{self._made_of(quote)}",
            "Это оценка: испытать такой перевод в сети пока нельзя."
            if quote.estimated
            else "Измерено в сети.",
            f"Ваша энергия: {self.number(quote.own_energy)}, "
            + ("учтена" if quote.energy_own else "не учтена")
            if quote.own_energy
            else None,
            f"Сейчас свободно: {self.number(quote.available_energy)}",
            Text("⏳ Цена истекает: ", self.expiry(quote.holds_until)),
        )

    def _of_budget(self, quote: Quote, budget_sun: int | None) -> str | None:
        if budget_sun is None or quote.budget_buys is None:
            return None
        budget = self.about_trx(budget_sun)
        if quote.budget_buys > quote.transfers:
            return f"На {budget} можно больше, но сейчас в одном заказе больше не получится."
        return f"Это всё, что можно купить на {budget}."

    def _made_of(self, quote: Quote) -> str:
        """Из чего сложилась энергия, если не из одного перевода."""
        first, following = self.number(quote.energy_per_transfer), self.number(quote.energy_next)
        further = quote.transfers - 1
        if not further:
            parts = first
        elif quote.energy_next == quote.energy_per_transfer:
            parts = f"{self.number(quote.transfers)} × {first}"
        else:
            parts = f"первый {first}, затем {self.number(further)} × {following}"
        if quote.energy_own:
            return f" ({parts}, минус ваши {self.number(quote.energy_own)})"
        return f" ({parts})" if further else ""

    def needs_nothing(self, recipient: Address, transfers: int, symbol: str = USDT) -> Text:
        return lines(
            Bold("Хорошая новость: арендовать ничего не нужно."),
            self.address(recipient),
            f"Энергии на этом кошельке уже хватит на {self._count(transfers, TRANSFER)}. "
            f"Отправляйте {symbol}: TRX за энергию не сгорят.",
        )

    def budget_too_small(self, budget_sun: int, price_sun: int) -> Text:
        return lines(
            Bold(f"{self.about_trx(budget_sun)} не хватит на перевод."),
            f"Один стоит {self.price(price_sun)}.",
        )

    def not_enough_energy(self, available: int, transfers_possible: int) -> Text:
        if transfers_possible:
            then = f"Этого хватит на {self._count(transfers_possible, TRANSFER)}."
        else:
            then = "Энергия всё время возвращается: загляните через несколько минут."
        return lines(
            Bold(f"Сейчас у меня только {self.number(available)} энергии."),
            then,
            "С вас ничего не списано.",
        )

    def quote_refused(self, fault: QuoteFault, limit: int = 0) -> Text:
        match fault:
            case QuoteFault.ORDER_TOO_LARGE | QuoteFault.RECEIVER_LIMIT | QuoteFault.DAILY_LIMIT:
                return self._over_limit(fault, limit)
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
            case QuoteFault.SENDER_FROZEN:
                what, then = (
                    "Эмитент токена заморозил кошелёк отправителя.",
                    "Отправить с него ничего нельзя, и энергия ему не поможет.",
                )
            case QuoteFault.DESTINATION_FROZEN:
                what, then = (
                    "Эмитент токена заморозил адрес получателя.",
                    "Всё отправленное туда пропадёт. Попросите у получателя другой адрес.",
                )
            case QuoteFault.BALANCE_TOO_SMALL:
                what, then = (
                    "На кошельке отправителя меньше, чем вы хотите отправить.",
                    "С вас ничего не списано. Пополните его или укажите меньшую сумму.",
                )
            case QuoteFault.TRANSFER_REVERTS:
                what, then = (
                    "Контракт токена отклоняет этот перевод.",
                    "Энергия не поможет, поэтому я её не продаю. Выберите другого получателя.",
                )
            case QuoteFault.NOT_TRC20:
                what, then = ("Это не токен TRC-20.", "Выберите другой.")
            case QuoteFault.NO_POOLS | QuoteFault.NOT_ENOUGH_ENERGY:
                what, then = (
                    "Сейчас свободной энергии нет.",
                    "С вас ничего не списано. Загляните через несколько минут.",
                )
            case _:
                what, then = ("Так заказать не получится.", "Выберите ещё раз.")
        return lines(Bold(what), then)

    def _over_limit(self, fault: QuoteFault, limit: int) -> Text:
        match fault:
            case QuoteFault.ORDER_TOO_LARGE:
                what, then = (
                    f"В одном заказе может быть не больше {self.number(limit)} энергии.",
                    "С вас ничего не списано. Выберите меньше переводов.",
                )
            case QuoteFault.RECEIVER_LIMIT:
                what, then = (
                    f"Лимит аренды для этого кошелька за час исчерпан: {limit}.",
                    "С вас ничего не списано. Через час после первой аренды можно снова.",
                )
            case _:
                what, then = (
                    f"Ваш лимит заказов за сутки исчерпан: {limit}.",
                    "С вас ничего не списано. Через сутки после первого заказа можно снова.",
                )
        return lines(Bold(what), then)

    def draft_gone(self) -> Text:
        return Text("Эта форма устарела. Начнём сначала: это полминуты.")

    # The card of an order

    def awaiting(self, order: OrderView) -> Text:
        return lines(
            Bold("Отправьте ровно"),
            Text(self.exact(order.due_sun), " TRX"),
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

    def underpaid(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🪙 {exact_trx(order.received_sun)} TRX пришли и в безопасности."),
            "Заказ стоит больше. Отправьте недостающее, ровно",
            Text(self.exact(order.due_sun), " TRX"),
            "на адрес",
            self.address(order.payment_address),
            Text("⏳ Истекает: ", self.expiry(order.pay_until)),
            "",
            "Если остаток не придёт, я спрошу вас: оставить деньги на балансе или вернуть."
            if order.origin is Origin.EXTENSION
            else "Если остаток не придёт, я спрошу вас: доставить энергию на то, что пришло, "
            "оставить деньги на балансе или вернуть.",
            "",
            Text(f"За {self._goods(order)} для ", self.address_link(order.recipient), "."),
            "",
            self._footer(order),
        )

    def seen(self, order: OrderView) -> Text:
        return lines(
            Bold("👀 Платёж виден, ждём подтверждения…"),
            "Больше ничего делать не нужно. Это займёт несколько секунд.",
            "",
            f"{self._goods_first(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def paid(self, order: OrderView) -> Text:
        return lines(
            Bold(self._paid(order)),
            "Это займёт несколько секунд. Я напишу, когда будет готово."
            if order.origin is Origin.EXTENSION
            else "Это займёт несколько секунд. Я напишу, когда она придёт.",
            self._left(order),
            "",
            f"{self._goods_first(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def delivered(self, order: OrderView) -> Text:
        if order.origin is Origin.EXTENSION:
            return lines(
                self.extension_done(order),
                self.extension_end(order),
                self._left(order),
                "",
                self.address(order.recipient),
                "",
                self._footer(order),
            )
        return lines(
            Bold(f"✅ Доставлено {self.number(order.energy)} энергии"),
            self._took(order),
            self._credited(order),
            "",
            Text("На ", self.address(order.recipient)),
            Text("до ", self.until(order.expires_at, order.now)) if order.expires_at else None,
            self.extended_by(order),
            self.came_back(order)
            or f"Хватит на {self._count(order.transfers, TRANSFER)} {order.symbol}. "
            "Можно отправлять.",
            "",
            self._footer(order),
        )

    def ended(self, order: OrderView) -> Text:
        return lines(
            self.extension_over(order)
            if order.origin is Origin.EXTENSION
            else Bold("🏁 Аренда закончилась"),
            self._use(order),
            self.extended_by(order),
            self.came_back(order),
            "",
            f"{self._goods_first(order)} на",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def expired(self, order: OrderView) -> Text:
        return lines(
            Bold("⌛ Время на оплату вышло. Больше не платите."),
            f"До {self._deadline(order)} остаток не пришёл. Что пришло раньше, в безопасности: я "
            "спрошу отдельным сообщением, что с этим сделать."
            if order.came_in_part
            else f"До {self._deadline(order)} платёж не пришёл. С вас ничего не списано.",
            "",
            "Уже заплатили? Деньги в безопасности: что пришло вовремя, ещё засчитается, а про "
            "остальное я спрошу вас.",
            "",
            f"{self._goods_first(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def cancelled(self, order: OrderView) -> Text:
        return lines(
            Bold("🚫 Заказ отменён, больше не платите."),
            "Что пришло за него раньше, в безопасности: я спрошу отдельным сообщением, что с этим "
            "сделать."
            if order.came_in_part
            else "С вас ничего не списано.",
            "",
            "Уже заплатили? Деньги в безопасности: я спрошу вас, что с ними сделать.",
            "",
            f"{self._goods_first(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def failed(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Ваши деньги в безопасности."),
            f"{self.not_extended(order)} {self._compensation(order)}"
            if order.origin is Origin.EXTENSION
            else f"Энергию доставить не удалось{self._why(order)}. {self._compensation(order)}",
            "",
            f"{self._goods_first(order)} для",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def _paid(self, order: OrderView) -> str:
        transfers = self._count(order.transfers, TRANSFER)
        match order.origin:
            case Origin.EXTENSION:
                return self.extension_paid(order)
            case Origin.FLASH:
                sent = exact_trx(order.received_sun + order.credited_sun)
                return f"⚡ Вы прислали {sent} TRX: энергия на {transfers} в пути."
            case Origin.LESS:
                return f"⚡ Энергия на {transfers} в пути: на неё хватило того, что пришло."
            case Origin.ASKED if order.balance_sun:
                return "⚡ Оплачено с баланса. Энергия в пути."
            case Origin.ASKED:
                return "⚡ Оплачено. Энергия в пути."

    def _left(self, order: OrderView) -> str | None:
        if not order.credited_sun:
            return None
        left = "Остаток" if order.origin in (Origin.FLASH, Origin.LESS) else "Переплата"
        return f"{left} {exact_trx(order.credited_sun)} TRX теперь на вашем балансе."

    def _credited(self, order: OrderView) -> str | None:
        """Сколько пришло и сколько осталось, если это не то, что просили."""
        left = self._left(order)
        if order.origin is not Origin.FLASH:
            return left
        sent = f"Вы прислали {exact_trx(order.received_sun + order.credited_sun)} TRX."
        return f"{sent} {left}" if left else sent

    def _why(self, order: OrderView) -> str:
        match order.failure:
            case "no_energy":
                return ": вовремя не нашлось столько свободной энергии"
            case "not_read_back":
                return ": сеть не показала её на вашем адресе"
            case _:
                return ""

    def _compensation(self, order: OrderView) -> str:
        """Что стало с деньгами."""
        if order.failure == "payment_lost":
            return "Сеть отменила блок с вашим платежом: эти TRX снова в вашем кошельке." + (
                " Оплаченное с баланса снова на балансе." if order.balance_sun else ""
            )
        match order.compensation:
            case Compensation.REFUND:
                return (
                    "Платёж целиком возвращается на адрес, с которого пришёл. Я напишу, когда он "
                    "дойдёт."
                )
            case Compensation.CREDIT:
                return (
                    "Всё, что вы заплатили, на вашем балансе: закажите снова или выведите: /balance"
                )
            case Compensation.HOLD | None:
                return (
                    "Платёж записан, оператор уже знает и примет решение. Вам ничего делать не "
                    "нужно."
                )

    def _took(self, order: OrderView) -> str | None:
        if order.delivery_seconds is None or order.origin is Origin.LESS:
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
            paid_sun=order.paid_for_rental_sun,
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
        if order.origin is Origin.EXTENSION:
            return lines(
                self.extension_done(order),
                self.extension_end(order),
                self._left(order),
                self._proofs(order),
            )
        return lines(
            Text(
                Bold(f"✅ {self.number(order.energy)} энергии"),
                " уже на ",
                self.address_link(order.recipient),
                *([" до ", self.until(order.expires_at, order.now)] if order.expires_at else []),
                ".",
            ),
            Bold(f"Можно отправлять {order.symbol}."),
            self._took(order),
            self._credited(order),
            self._proofs(order),
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
            self.came_back(order),
        )

    def expired_news(self, order: OrderView) -> Text:
        if order.came_in_part:
            return lines(
                Bold("🛟 Что вы заплатили, в безопасности."),
                f"Остаток за заказ №{order.number} вовремя не пришёл, и заказ закрыт. "
                "В следующем сообщении я спрошу, что сделать с деньгами.",
            )
        return lines(
            Bold(f"⌛ Заказ №{order.number} закрыт: время на оплату вышло."),
            "Больше не платите по нему. Новый заказ — два нажатия.",
        )

    def failed_news(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Ваши деньги в безопасности."),
            f"{self.not_extended(order)} {self._compensation(order)}"
            if order.origin is Origin.EXTENSION
            else f"Энергию по заказу №{order.number} доставить не удалось{self._why(order)}. "
            f"{self._compensation(order)}",
        )

    def underpaid_news(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🪙 {exact_trx(order.received_sun)} TRX пришли и в безопасности."),
            f"За заказ №{order.number} не хватает ровно {exact_trx(order.due_sun)} TRX. "
            "Куда их отправить, написано на карточке:",
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
        return Text("Остановлено. Ничего не изменилось.")

    def looks_like_transaction(self) -> Text:
        return lines(
            "Похоже на хеш транзакции. Присылать его не нужно: я сам нахожу платежи, они видны "
            "на карточке заказа в /orders. Что не пошло на заказ, лежит в /balance.",
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
