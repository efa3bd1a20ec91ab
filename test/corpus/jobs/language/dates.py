# title: dates, time zones and calendars
# stdout: "2024-03-31T03:30:00+02:00 366 Thu\n"
import calendar
import time
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

moment = datetime(2024, 3, 31, 1, 30, tzinfo=timezone.utc).astimezone(ZoneInfo('Europe/Berlin'))
year = (date(2025, 1, 1) - date(2024, 1, 1)).days
print(moment.isoformat(), year, date(2024, 2, 29).strftime('%a'))
assert datetime.fromisoformat('2024-01-01T00:00:00+00:00') + timedelta(hours=1)
assert datetime.strptime('7 May 2023', '%d %B %Y').month == 5
assert calendar.monthrange(2024, 2)[1] == 29
time.sleep(0.001)
time.perf_counter_ns(), time.process_time(), time.thread_time(), time.monotonic(), time.localtime(), time.tzname
