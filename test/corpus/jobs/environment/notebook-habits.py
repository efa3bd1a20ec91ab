# title: what scripts from notebooks do first
# needs: [numpy, pandas, matplotlib]
# check: |
#   import os
#   assert os.path.getsize('first.png') > 5000
# harmless:
#   vfork: pd.show_versions asks `uname -p` in another process, and goes by os.uname() where it cannot
#   clone: the second attempt of the same
import os
import sys
import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

warnings.filterwarnings('ignore')
pd.set_option('display.max_columns', None)
pd.set_option('display.width', 200)
np.random.seed(42)
plt.rcParams['figure.figsize'] = (6, 3)
print(sys.version, np.__version__, pd.__version__, matplotlib.__version__, os.getcwd())
pd.show_versions()
np.show_config()
np.show_runtime()
data = pd.DataFrame(np.random.randn(200, 4), columns=list('ABCD')).cumsum()
print(data.head(), data.tail(), data.dtypes, data.isna().sum(), sep='\n')
data.plot()
plt.tight_layout()
plt.savefig('/output/first.png')
plt.show()
