"""A local TRON node: TRON's rules, real signatures, java-tron's HTTP interface, no network."""
