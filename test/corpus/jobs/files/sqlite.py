# title: SQLite in memory, in a file, with a write-ahead log, and read-only input
# stdout: "c0 1425.0\n3 wal\n"
# check: |
#   import sqlite3
#   assert sqlite3.connect('log.db').execute('select count(*) from t').fetchone() == (500,)
# impossible:
#   strict: sqlite3 is not preloaded, and without listing directories nothing else is found
import sqlite3

shop = sqlite3.connect('file:/input/shop.db?mode=ro', uri=True)
query = 'select customer, sum(total) from orders group by customer order by customer'
print(*shop.execute(query).fetchone())
memory = sqlite3.connect(':memory:')
memory.execute('create table t (x)')
memory.executemany('insert into t values (?)', [(1,), (2,), (3,)])
log = sqlite3.connect('/output/log.db')
mode = log.execute('pragma journal_mode = wal').fetchone()[0]
log.execute('create table t (x integer)')
with log:
    log.executemany('insert into t values (?)', ((i,) for i in range(500)))
print(memory.execute('select count(*) from t').fetchone()[0], mode)
log.execute('pragma wal_checkpoint(truncate)')
log.close()
