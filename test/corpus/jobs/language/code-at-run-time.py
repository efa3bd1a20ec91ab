# title: code compiled, evaluated, parsed and imported from a file of the job
# stdout: "42 BinOp 7 1\n"
# impossible:
#   strict: the job's own module is not preloaded, and without listing directories nothing else is found
import ast
import importlib
import sys

open('/tmp/helper_of_job.py', 'w').write('def answer():\n    return 7\n')
sys.path.insert(0, '/tmp')
helper = importlib.import_module('helper_of_job')
scope = {}
exec('def f():\n    return 1', scope)
print(eval('6 * 7'), type(ast.parse('1 + 1').body[0].value).__name__, helper.answer(), scope['f']())
assert ast.literal_eval('[1, {"a": None}]')
