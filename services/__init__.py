"""The business: quotes, orders, payments, delegations, reclaims, pools, the ledger.

Nothing here knows Telegram. What a service wants to say goes into the outbox, in the
same transaction as the change that it tells of.
"""
