# title: a CSV file through a pipeline of columns, with missing values, to a table of predictions
# needs: [sklearn, pandas]
# check: |
#   import pandas as pd
#   table = pd.read_parquet('predicted.parquet')
#   assert len(table) == 500 and (table.predicted - table.total).abs().mean() < 1, table.describe()
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

sales = pd.read_csv('/input/sales.csv', parse_dates=['day'])
sales['total'] = sales.units * sales.price
sales.loc[::50, 'price'] = np.nan
columns = ColumnTransformer(
    [
        ('names', OneHotEncoder(handle_unknown='ignore'), ['region', 'product']),
        ('numbers', make_pipeline(SimpleImputer(), StandardScaler()), ['units', 'price']),
        ('hour', FunctionTransformer(lambda frame: frame.day.dt.hour.to_frame()), ['day']),
    ]
).set_output(transform='default')
model = Pipeline([('columns', columns), ('forest', RandomForestRegressor(40, random_state=0, n_jobs=2))])
train, test = train_test_split(sales, random_state=0)
model.fit(train, train.total)
pd.DataFrame({'total': test.total, 'predicted': model.predict(test)}).to_parquet('/output/predicted.parquet')
