"""TRON: addresses, transactions, keys, and the client of its nodes. Knows nothing of the shop."""
