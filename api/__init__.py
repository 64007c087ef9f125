"""The HTTP API: the same business as the bot's, for programs.

No rule about money stands here: a route reads what is asked, calls a service, and says what came
of it.
"""
