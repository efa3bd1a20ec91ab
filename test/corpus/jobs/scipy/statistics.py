# title: distributions, tests and samples
# needs: [scipy]
# stdout: "True True True 0.975 True\n"
import numpy as np
from scipy import stats
from scipy.stats import sampling

rng = np.random.default_rng(0)
a, b = rng.normal(0, 1, 300), rng.normal(0.5, 1, 300)
test = stats.ttest_ind(a, b).pvalue < 0.001 and stats.mannwhitneyu(a, b).pvalue < 0.001
mean, spread = stats.norm.fit(b)
boot = stats.bootstrap((a,), np.mean, n_resamples=500, random_state=rng).confidence_interval
drawn = sampling.NumericalInverseHermite(stats.norm(), random_state=rng).rvs(1000)
density = stats.gaussian_kde(a)(0)[0]
print(
    test,
    abs(mean - 0.5) < 0.2 and abs(spread - 1) < 0.2,
    boot.low < a.mean() < boot.high,
    round(stats.norm.cdf(1.959964), 4),
    abs(drawn.std() - 1) < 0.2 and 0.2 < density < 0.6,
)
