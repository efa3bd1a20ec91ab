// What is measured: the code of a job, and how the floors get the interpreter that the sandboxed job finds.

const PANDAS_CODE = `df = pd.DataFrame({"region": ["n", "ne", "co", "se", "s"] * 200, "units": range(1000), "price": [2.5] * 1000})
print(df.groupby("region").sum(numeric_only=True).to_string())
`;

const MODEL_CODE = `from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
x, y = load_iris(return_X_y=True)
print(LogisticRegression(max_iter=200).fit(x, y).score(x, y))
`;

/** The policy's own settings: without them the libraries start threads. */
const THREADS = {
  OPENBLAS_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  ARROW_IO_THREADS: '1',
  JE_ARROW_MALLOC_CONF: 'background_thread:false',
};

export const WORKLOADS = [
  {
    name: 'hello',
    policy: 'python',
    code: 'print("hi")',
    setup: 'print("warm")',
    standalone: 'print("hi")',
    gaps: [0, 5],
    environment: {},
    full: { jobs: 400, commands: 40 },
    quick: { jobs: 60, commands: 5 },
  },
  {
    name: 'pandas group-by',
    policy: 'python-data',
    code: PANDAS_CODE,
    setup: `import pandas as pd, numpy as np\n${PANDAS_CODE}`,
    standalone: `import pandas as pd\n${PANDAS_CODE}`,
    gaps: [0, 25],
    environment: THREADS,
    full: { jobs: 200, commands: 10 },
    quick: { jobs: 30, commands: 2 },
  },
  {
    name: 'scikit-learn, a model trained',
    policy: 'python-ml',
    code: MODEL_CODE,
    setup: MODEL_CODE,
    standalone: MODEL_CODE,
    gaps: [0, 25],
    environment: THREADS,
    full: { jobs: 200, commands: 10 },
    quick: { jobs: 30, commands: 2 },
  },
];
