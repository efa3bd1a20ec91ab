# title: Decimal, Fraction, statistics and integers without bounds
# stdout: "0.30 5/6 2.5 158 3\n"
import cmath
import decimal
import math
import statistics
from decimal import Decimal
from fractions import Fraction

with decimal.localcontext(prec=50):
    assert str(Decimal(2).sqrt()).startswith('1.41421356')
print(Decimal('0.10') + Decimal('0.20'), Fraction(1, 2) + Fraction(1, 3), statistics.median([1, 2, 3, 4]), end=' ')
print(len(str(math.factorial(100))), int(abs(cmath.sqrt(-9))))
assert pow(3, 10**6, 7) == 4 and math.isqrt(10**30) == 10**15
statistics.linear_regression([1, 2, 3], [2, 4, 6])
statistics.NormalDist(0, 1).inv_cdf(0.975)
