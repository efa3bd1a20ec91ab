/** Variables that interpreter and libraries take orders from, in a request. */
import { refusedFieldsProbe } from './taken.js';

const VARIABLES = [
  'PYTHONSTARTUP',
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONINSPECT',
  'PYTHONBREAKPOINT',
  'PYTHONWARNINGS',
  'PYTHONMALLOC',
  'PYTHONPROFILEIMPORTTIME',
  'PYTHONFAULTHANDLER',
  'PYTHONHASHSEED',
  'PYTHONDEBUG',
  'PYTHONEXECUTABLE',
  'PYTHONPLATLIBDIR',
  'PYTHONUSERBASE',
  'PYTHONCASEOK',
  'PYTHON_GIL',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'GLIBC_TUNABLES',
  'GCONV_PATH',
  'LOCPATH',
  'MALLOC_TRACE',
  'OPENSSL_CONF',
  'PATH',
  'HOME',
  'BASH_ENV',
  'LEEWARD_SOCKET',
] as const;

export const probe = refusedFieldsProbe(
  Object.fromEntries(VARIABLES.map((name) => [name, { env: { [name]: '/input/of-the-job' } }])),
);
