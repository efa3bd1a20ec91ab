# title: structured arrays, einsum, broadcasting, dates and masked values
# needs: [numpy]
# stdout: "[b'bob' b'ann'] 38.0 2 2024-02-29\n"
import numpy as np

people = np.array([(b'ann', 41), (b'bob', 7)], dtype=[('name', 'S8'), ('age', 'i4')])
trace = np.einsum('ij,ji->', np.arange(4.0).reshape(2, 2) * 2, np.arange(4.0).reshape(2, 2) + 1)
masked = np.ma.masked_less([1, 5, 9], 4)
print(np.sort(people, order='age')['name'], trace, masked.count(), np.datetime64('2024-02-28') + 1)
