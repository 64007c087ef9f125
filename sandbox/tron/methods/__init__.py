"""The node's methods, by topic: what each reads from its request and answers from the chain.

Named as in java-tron's paths. Which read `visible` from the body, the query or not at all, which
texts they complain with, and which fields they leave out is java-tron's behaviour, recorded.
"""
