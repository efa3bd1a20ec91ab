# What a job can see of its interpreter and its process, as one line: equal in every job that nobody was there before.
import builtins, codecs, csv, decimal, faulthandler, gc, hashlib, json, locale, logging, os, resource, signal, socket, sys, threading, time
import types, warnings


def _face(value):
    if isinstance(value, types.FunctionType):
        return [value.__module__, value.__qualname__, value.__code__.co_code.hex()]
    if isinstance(value, (bool, int, float, str, bytes, type(None))):
        return repr(value)[:200]
    return type(value).__qualname__


def _modules():
    for name, module in sorted(sys.modules.items()):
        members = sorted(vars(module).items()) if isinstance(module, types.ModuleType) and name != "__main__" else []
        faces = [[member, _face(value)] for member, value in members if not member.startswith("__")]
        yield name, hashlib.sha256(json.dumps(faces).encode()).hexdigest()[:12]


def _listeners():
    heard = []
    sys.audit("leeward.probe", heard)
    return heard


def _codec():
    try:
        return str(codecs.lookup("of-the-job"))
    except LookupError:
        return None


def _files():
    return [os.listdir(place) for place in ("/tmp", "/dev/shm") if os.path.isdir(place)]


def _libraries():
    with open("/proc/self/maps") as maps:
        return sorted({line.split()[5] for line in maps if ".so" in line})


print(json.dumps({
    "modules": dict(_modules()),
    "names": sorted(name for name in globals() if not name.startswith("_") and not isinstance(globals()[name], types.ModuleType)),
    "environment": sorted(os.environb.items(), key=str).__repr__(),
    "directory": os.getcwd(),
    "umask": [os.umask(0o22), os.umask(0o22)],
    "locale": locale.setlocale(locale.LC_ALL),
    "limits": [resource.getrlimit(limit) for limit in range(16)],
    "handlers": [str(signal.getsignal(number)).split(" at ")[0] for number in sorted(signal.valid_signals())],
    "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])).__repr__(),
    "timers": signal.getitimer(signal.ITIMER_REAL)[1],
    "threads": [threading.active_count(), len(os.listdir("/proc/self/task"))],
    "tracing": [str(sys.gettrace()), str(sys.getprofile()), str(threading.excepthook), str(sys.excepthook).split(" at ")[0]],
    "streams": [type(stream).__qualname__ for stream in (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__)],
    "finders": [str(finder).split(" at ")[0] for finder in (*sys.meta_path, *sys.path_hooks)] + sys.path,
    "collector": [gc.isenabled(), gc.get_threshold(), len(gc.callbacks), gc.get_debug()],
    "interpreter": [sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits(), faulthandler.is_enabled()],
    "settings": [decimal.getcontext().prec, csv.field_size_limit(), str(socket.getdefaulttimeout()), time.tzname, 2 + 3],
    "logging": [len(logging.root.handlers), logging.root.level, len(warnings.filters)],
    "builtins": sorted(name for name in dir(builtins) if name != "_"),
    "listeners": _listeners(),
    "codec": _codec(),
    "files": _files(),
    "libraries": _libraries(),
}))
