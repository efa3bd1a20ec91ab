# title: SQLite with functions in Python, full text, a backup and a rollback journal
# stdout: "[('plum pie',)] 4.0\n"
# impossible:
#   strict: sqlite3 is not preloaded, and without listing directories nothing else is found
import sqlite3
import statistics


class Median:
    def __init__(self):
        self.values = []

    def step(self, value):
        self.values.append(value)

    def finalize(self):
        return statistics.median(self.values)


with sqlite3.connect('/tmp/text.db') as connection:
    connection.create_aggregate('median', 1, Median)
    connection.execute('create virtual table pages using fts5(body)')
    connection.executemany('insert into pages values (?)', [('apple tart',), ('plum pie',)])
    found = connection.execute("select body from pages where pages match 'plum'").fetchall()
    median = connection.execute('select median(x) from (select 1 as x union select 4 union select 9)').fetchone()[0]
    print(found, float(median))
copy = sqlite3.connect('/output/copy.db')
connection.backup(copy)
connection.execute('vacuum')
