"""Adds 13 calendar months with python-dateutil to each Unix time on standard input, and prints the results."""

import sys
from datetime import datetime, timezone

from dateutil.relativedelta import relativedelta

for line in sys.stdin:
    decided = datetime.fromtimestamp(int(line), timezone.utc)
    print(int((decided + relativedelta(months=13)).timestamp()))
