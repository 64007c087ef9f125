"""PostgreSQL: the only place with SQL.

`Database` owns the connection pool. Work happens inside `Database.transaction()`,
whose `Transaction` carries one repository per aggregate, all bound to the same
connection, so that whatever belongs together is committed together.
"""
