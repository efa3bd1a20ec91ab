# title: a CSV file through each engine
# needs: [pandas, pyarrow]
# stdout: "c 2000\npython 2000\npyarrow 2000\n"
import pandas as pd

frames = {engine: pd.read_csv('/input/sales.csv', engine=engine) for engine in ('c', 'python', 'pyarrow')}
for engine, frame in frames.items():
    print(engine, len(frame))
assert frames['c'].units.tolist() == frames['pyarrow'].units.tolist()
