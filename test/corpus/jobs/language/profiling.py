# title: time measured with timeit and cProfile
# check: |
#   assert 'function calls' in stdout
# impossible:
#   strict: cProfile is not preloaded, and no machine code can be loaded
import cProfile
import io
import pstats
import timeit

timeit.timeit('sum(range(100))', number=100)
profile = cProfile.Profile()
profile.runcall(sorted, list(range(1000)), key=lambda n: -n)
text = io.StringIO()
pstats.Stats(profile, stream=text).sort_stats('cumulative').print_stats(5)
print(text.getvalue())
