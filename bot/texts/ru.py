"""Русский."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import NO_BREAK_SPACE, exact_trx
from bot.texts.menu_card import MenuCard
from bot.texts.notation import lines
from bot.texts.office import OfficeTexts
from bot.texts.office import ru as ru_office
from bot.texts.order_card import OrderCard
from bot.texts.quote_card import QuoteCard
from bot.texts.ru_keys import RussianKeys
from bot.texts.ru_money import RussianMoney
from bot.texts.ru_operator import RussianOperator
from bot.texts.ru_time import RussianTime
from bot.texts.ru_words import TRANSFER
from chain.addresses import Address, AddressFault
from services.order_views import OrderView
from services.quotes import QuoteFault
from services.tokens import USDT

_SECOND_ACCUSATIVE = ("секунду", "секунды", "секунд")
_CHARACTER = ("символ", "символа", "символов")


class Russian(
    RussianMoney, RussianTime, RussianKeys, RussianOperator, OrderCard, QuoteCard, MenuCard
):
    """Русские тексты."""

    @cached_property
    def office(self) -> OfficeTexts:
        return ru_office.office(self._explorer_url)

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
        ("api", "Ключи для ваших программ"),
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

    _shop = "Energy Flash"

    def _energy_costs(self, price: Text) -> Text:
        return Text("Энергия на один перевод USDT: ", price, ".")

    def _sending_costs(self, price: Text, burning: str) -> Text:
        return Text("Перевод USDT за ", price, f" вместо {burning}.")

    _pay_here = "Оплатите здесь, и через несколько секунд энергия будет в вашем кошельке."
    _no_new_orders = "Сейчас новых заказов не принимаем."
    _back_before_long = "Идёт обслуживание. Загляните немного позже."
    _the_rest_goes_on = "Ваши заказы выполняются как обычно: /orders"
    _all_is_rented_out = (
        "Сейчас вся энергия сдана.",
        "Она возвращается сама: когда кончаются аренды и восстанавливается расход.",
    )

    def _free_now(self, energy: str) -> str:
        return f"Свободно: {energy} энергии"

    def _one_order_up_to(self, transfers: int) -> str:
        return f"В одном заказе можно взять до: {self._count(transfers, TRANSFER)}."

    _if_nobody_rents_more = "Если больше никто не возьмёт:"

    def _in_hours(self, hours: int, energy: str) -> str:
        return f"через {hours} ч: {energy}"

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
            "/api  ключи для ваших программ",
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

    _energy_will_go_to = "Энергия придёт на"
    _on_it_now = "Сейчас там "

    def _energy_free(self, energy: str) -> str:
        return f"свободной энергии {energy}."

    def _no_tokens_yet(self, symbol: str) -> str:
        return (
            f"{symbol} на этом кошельке пока нет. Арендуйте, когда они придут, чтобы время аренды "
            "не прошло зря."
        )

    _no_bandwidth_today = (
        "Бесплатная полоса (bandwidth) на сегодня кончилась, поэтому перевод всё же сожжёт около "
        f"0.35{NO_BREAK_SPACE}TRX."
    )

    def _who_receives(self, symbol: str) -> str:
        return f"Кто получит {symbol}?"

    def _choose_or_paste(self, symbol: str) -> str:
        return (
            f"Если у получателя нет {symbol}, энергии нужно вдвое больше. Выберите или пришлите "
            "адрес получателя, и я посчитаю точно. После адреса можно указать сумму: T… 250"
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

    def _how_many_transfers(self, symbol: str) -> str:
        return f"Сколько переводов {symbol} вы сделаете?"

    def _number_or_budget(self, limit: str) -> str:
        return (
            f"Выберите или напишите число от 1 до {limit}, "
            f"или сколько готовы потратить: 20{NO_BREAK_SPACE}TRX"
        )

    _receiver_not_active = "Адрес получателя ещё не активирован. Переводу это не мешает."

    def _receiver_is_contract(self, symbol: str) -> str:
        return f"Получатель — смарт-контракт. Убедитесь, что он принимает {symbol}."

    def _receiver_has_none(self, symbol: str) -> str:
        return f"У получателя ещё нет {symbol}: на первый перевод нужно больше энергии."

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

    # The quote

    def _for_transfers(self, transfers: int, duration: timedelta) -> str:
        return f" за {self._count(transfers, TRANSFER)}, {self._for(duration)}"

    def _price_of_each(self, price: str) -> str:
        return f"Это {price} за перевод."

    def _surge(self, percent: int) -> str:
        return f"Свободной энергии мало: цены пока выше на {percent}%."

    def _saves(self, burning: str, percent: int) -> str:
        return f"Без энергии сгорело бы около {burning}: ваша экономия {percent}%."

    def _does_not_pay_off(self, burning: str) -> str:
        return (
            f"⚠️ Это невыгодно: без аренды сгорит около {burning}. "
            "На меньший срок может быть дешевле."
        )

    def _bandwidth_is_short(self, burning: str) -> str:
        return f"Не хватает полосы (bandwidth): за неё всё же сгорит около {burning}."

    def _budget_would_buy_more(self, budget: str) -> str:
        return f"На {budget} можно больше, но сейчас в одном заказе больше не получится."

    def _budget_buys_this(self, budget: str) -> str:
        return f"Это всё, что можно купить на {budget}."

    _energy_goes_to = "Энергия придёт на"

    def _tokens_go_to(self, symbol: str) -> str:
        return f"{symbol} уйдут на"

    def _sender_has_none(self, symbol: str) -> str:
        return f"⚠️ На кошельке отправителя ещё нет {symbol}."

    def _energy_sold(self, energy: str) -> str:
        return f"Энергия: {energy}"

    def _first_then(self, first: str, following: str) -> str:
        return f"первый {first}, затем {following}"

    def _less_own(self, parts: str, own: str) -> str:
        return f"{parts}, минус ваши {own}"

    _estimated = "Это оценка: испытать такой перевод в сети пока нельзя."
    _measured = "Измерено в сети."

    def _own_energy(self, energy: str, *, counted: bool) -> str:
        return f"Ваша энергия: {energy}, {'учтена' if counted else 'не учтена'}"

    def _available_now(self, energy: str) -> str:
        return f"Сейчас свободно: {energy}"

    _price_expires = "⏳ Цена истекает: "

    # Where there is no quote

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
            case QuoteFault.NOT_ENOUGH_ENERGY:
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

    _send_exactly = "Отправьте ровно"
    _to_address = "на адрес"
    _expires = "⏳ Истекает: "

    def _pays_for(self, order: OrderView, place: Text) -> Text:
        return Text(f"За {self._goods(order)} для ", place, ".")

    _not_from_an_exchange = "Не с биржи."
    _from_your_own_wallet = " Платите со своего кошелька ровно эту сумму: так я узнаю, что это вы."

    def _part_has_arrived(self, trx: str) -> str:
        return f"🪙 {trx} TRX пришли и в безопасности."

    _send_the_rest = "Заказ стоит больше. Отправьте недостающее, ровно"
    _if_no_rest_to_extend = (
        "Если остаток не придёт, я спрошу вас: оставить деньги на балансе или вернуть."
    )
    _if_no_rest_to_rent = (
        "Если остаток не придёт, я спрошу вас: доставить энергию на то, что пришло, оставить "
        "деньги на балансе или вернуть."
    )

    _payment_seen = "👀 Платёж виден, ждём подтверждения…"
    _nothing_to_do = "Больше ничего делать не нужно. Это займёт несколько секунд."
    _done_in_seconds = "Это займёт несколько секунд. Я напишу, когда будет готово."
    _delivered_in_seconds = "Это займёт несколько секунд. Я напишу, когда она придёт."

    def _energy_delivered(self, energy: str) -> str:
        return f"✅ Доставлено {energy} энергии"

    _on_address = "На "
    _lasts_until = "до "

    def _enough_for(self, transfers: int, symbol: str) -> str:
        return f"Хватит на {self._count(transfers, TRANSFER)} {symbol}. Можно отправлять."

    _rental_is_over = "🏁 Аренда закончилась"
    _expired_do_not_pay = "⌛ Время на оплату вышло. Больше не платите."

    def _rest_did_not_come(self, deadline: str) -> str:
        return (
            f"До {deadline} остаток не пришёл. Что пришло раньше, в безопасности: я спрошу "
            "отдельным сообщением, что с этим сделать."
        )

    def _nothing_came(self, deadline: str) -> str:
        return f"До {deadline} платёж не пришёл. С вас ничего не списано."

    _paid_before_it_expired = (
        "Уже заплатили? Деньги в безопасности: что пришло вовремя, ещё засчитается, а про "
        "остальное я спрошу вас."
    )
    _cancelled_do_not_pay = "🚫 Заказ отменён, больше не платите."
    _part_is_safe = (
        "Что пришло за него раньше, в безопасности: я спрошу отдельным сообщением, что с этим "
        "сделать."
    )
    _nothing_charged = "С вас ничего не списано."
    _paid_before_it_was_cancelled = (
        "Уже заплатили? Деньги в безопасности: я спрошу вас, что с ними сделать."
    )
    _money_is_safe = "🛟 Ваши деньги в безопасности."

    def _not_delivered(self, why: str) -> str:
        return f"Энергию доставить не удалось{why}."

    def _goods_for(self, order: OrderView) -> str:
        return f"{self._goods_first(order)} для"

    def _goods_on(self, order: OrderView) -> str:
        return f"{self._goods_first(order)} на"

    _from_the_balance = " с баланса"

    # The news

    def _still_missing(self, number: int, trx: str) -> str:
        return (
            f"За заказ №{number} не хватает ровно {trx} TRX. "
            "Куда их отправить, написано на карточке:"
        )

    def _energy_is_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text:
        return Text(Bold(f"✅ {energy} энергии"), " уже на ", place, *until, ".")

    def _can_send(self, symbol: str) -> str:
        return f"Можно отправлять {symbol}."

    def _rental_is_over_on(self, energy: str, place: Text) -> Text:
        return Text(Bold("🏁 Аренда закончилась: "), f"{energy} энергии на ", place, ".")

    _what_came_is_safe = "🛟 Что вы заплатили, в безопасности."

    def _asked_about_it_next(self, number: int) -> str:
        return (
            f"Остаток за заказ №{number} вовремя не пришёл, и заказ закрыт. "
            "В следующем сообщении я спрошу, что сделать с деньгами."
        )

    def _expired_unpaid(self, number: int) -> str:
        return f"⌛ Заказ №{number} закрыт: время на оплату вышло."

    _order_again = "Больше не платите по нему. Новый заказ — два нажатия."

    def _order_not_delivered(self, number: int, why: str) -> str:
        return f"Энергию по заказу №{number} доставить не удалось{why}."

    # What both say

    def _flash_on_its_way(self, trx: str, transfers: int) -> str:
        return f"⚡ Вы прислали {trx} TRX: энергия на {self._count(transfers, TRANSFER)} в пути."

    def _less_on_its_way(self, transfers: int) -> str:
        return (
            f"⚡ Энергия на {self._count(transfers, TRANSFER)} в пути: "
            "на неё хватило того, что пришло."
        )

    _paid_from_balance_on_its_way = "⚡ Оплачено с баланса. Энергия в пути."
    _paid_on_its_way = "⚡ Оплачено. Энергия в пути."
    _person_looks_first = "⚡ Оплачено. Перед отправкой заказ посмотрит сотрудник магазина."
    _will_be_told = "Делать ничего не нужно: я напишу, как только будет решение."

    def _after_payment(self, seconds: int) -> str:
        return f"Через {self._count(seconds, _SECOND_ACCUSATIVE)} после оплаты."

    def _left_over(self, trx: str) -> str:
        return f"Остаток {trx} TRX теперь на вашем балансе."

    def _paid_too_much(self, trx: str) -> str:
        return f"Переплата {trx} TRX теперь на вашем балансе."

    def _you_sent(self, trx: str) -> str:
        return f"Вы прислали {trx} TRX."

    def _you_sent_more(self, trx: str, left: str) -> str:
        return f"Вы прислали {trx} TRX. {left}"

    _not_used = "Энергия не понадобилась."

    def _used(self, used: str, energy: str) -> str:
        return f"Израсходовано {used} из {energy} энергии."

    def _used_and_saved(self, used: str, energy: str, saved: str) -> str:
        return (
            f"Израсходовано {used} из {energy} энергии. "
            f"Вы сэкономили около {saved} по сравнению со сжиганием."
        )

    _no_energy_in_time = ": вовремя не нашлось столько свободной энергии"
    _not_at_the_address = ": сеть не показала её на вашем адресе"
    _not_accepted = ": магазин не принял заказ"
    _payment_undone = "Сеть отменила блок с вашим платежом: эти TRX снова в вашем кошельке."
    _balance_is_back = "Оплаченное с баланса снова на балансе."
    _payment_goes_back = (
        "Платёж целиком возвращается на адрес, с которого пришёл. Я напишу, когда он дойдёт."
    )
    _payment_on_balance = (
        "Всё, что вы заплатили, на вашем балансе: закажите снова или выведите: /balance"
    )
    _operator_decides = (
        "Платёж записан, оператор уже знает и примет решение. Вам ничего делать не нужно."
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
    order_declined = (
        "Этот заказ мы принять не можем. С вас ничего не списано. Если вы этого не ожидали, "
        "напишите магазину."
    )
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
