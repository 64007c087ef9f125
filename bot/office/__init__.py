"""The office: what the people who run the shop do from Telegram."""
