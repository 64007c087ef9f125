"""The conversation on Telegram: routers, cards, texts, and the sender of the outbox."""

from bot.lazy_models import import_lazily

import_lazily()
