/** Functions and hooks of the interpreter that a job puts its own in the place of. */
import { rememberedProbe } from './remembered.js';

const OWN = 'def own(*arguments, **named): return None\n';

export const probe = rememberedProbe({
  json: `${OWN}import json\njson.dumps = own`,
  io: `${OWN}import io\nio.open = own`,
  compile: `${OWN}import builtins\nbuiltins.compile = own`,
  exec: `${OWN}import builtins\nbuiltins.exec = own`,
  open: `${OWN}import builtins\nbuiltins.open = own`,
  print: `${OWN}import builtins\nbuiltins.print = own`,
  'a new builtin': 'import builtins\nbuiltins.of_the_job = 1',
  'a missing builtin': 'import builtins\ndel builtins.sorted',
  'standard output': 'import io, sys\nsys.stdout = sys.__stdout__ = io.StringIO()',
  codecs: 'import codecs\ncodecs.register(lambda name: codecs.lookup("utf-8"))',
  'a finder of modules':
    'import sys\nclass Finder:\n    def find_spec(self, *_): return None\nsys.meta_path.insert(0, Finder())',
  'a module in the place of another': 'import sys, types\nsys.modules["json"] = types.ModuleType("json")',
  'the collector': 'import gc\ngc.callbacks.append(lambda *_: None); gc.disable()',
  tracing: 'import sys\nsys.settrace(lambda *_: None)',
  profiling: 'import sys\nsys.setprofile(lambda *_: None)',
  'an audit hook':
    'import sys\nsys.addaudithook(lambda event, given: given and event == "leeward.probe" and given[0].append(1))',
  'hooks of exceptions': `${OWN}import sys, threading\nsys.excepthook = threading.excepthook = own`,
  'a class of the library': `${OWN}import threading\nthreading.Thread.start = own\nthreading.Thread = own`,
  'the code of a function': 'import json\njson.dumps.__code__ = (lambda *a, **k: "own").__code__',
  'a small integer': 'import ctypes\nctypes.c_long.from_address(id(5) + 24).value = 6',
  'logging and warnings': 'import logging, warnings\nlogging.basicConfig(level=1)\nwarnings.simplefilter("error")',
  'settings of modules':
    'import decimal, csv, socket\ndecimal.getcontext().prec = 3\ncsv.field_size_limit(1)\nsocket.setdefaulttimeout(1)',
});
