# title: resample, rolling, shift and time zones
# needs: [pandas]
# stdout: "84 84 2024-01-01 01:00:00+01:00\n"
import pandas as pd

sales = pd.read_csv('/input/sales.csv', parse_dates=['day'], index_col='day')
daily = sales['units'].resample('D').sum()
smooth = daily.rolling(7, min_periods=1).mean()
daily.pct_change().ewm(span=5).mean()
berlin = sales.tz_localize('UTC').tz_convert('Europe/Berlin')
assert berlin.between_time('08:00', '17:00').index.hour.max() <= 17
print(len(daily), len(smooth), berlin.index[0])
