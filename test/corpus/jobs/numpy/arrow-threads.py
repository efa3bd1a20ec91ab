# title: Parquet and CSV read with Arrow's own pools of threads
# needs: [pandas, pyarrow]
# repeat: true
# stdout: "4000 8\n"
import threading

import pandas as pd
import pyarrow as pa

pa.set_cpu_count(4)
pa.set_io_thread_count(4)
frames = [pd.read_parquet('/input/sales.parquet'), pd.read_csv('/input/sales.csv', engine='pyarrow')]
totals = []
threads = [threading.Thread(target=lambda: totals.append(pd.concat(frames).units.sum())) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(map(len, frames)), len(totals))
