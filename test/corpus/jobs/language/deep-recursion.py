# title: recursion without end, and the traceback of an exception in an exception
# stdout: "RecursionError True\n"
# impossible:
#   strict: strict gives faulthandler no stack of its own (sigaltstack)
import faulthandler
import sys
import traceback

faulthandler.enable()


def down(n):
    return down(n + 1)


try:
    down(0)
except RecursionError as error:
    name, lines = type(error).__name__, traceback.format_exception(error)
sys.setrecursionlimit(5000)
try:
    try:
        {}['missing']
    except KeyError as error:
        raise ValueError('outer') from error
except ValueError:
    print(name, 'direct cause' in traceback.format_exc() and len(lines) > 3)
