"""The zygote of a pool and, after its fork, the job.

Started as `PYTHON zygote.py '{"preload": [...], "globals": {"pd": "pandas"}, "warmup": "..."}'` by native/pool/zygote_launch.c. It
imports what the runtime names, runs the warm-up, and then forks jobs that libleeward-worker.so confines before they come back
here. In a job everything that the policy may deny is avoided: what can be made before the fork is made before it.
"""
import _io
import atexit
import builtins
import ctypes
import errno
import gc
import importlib
import io
import json
import linecache
import os
import signal
import stat
import sys
import threading
import time
import traceback
import types

CONTROL = 3  # enum lw_zygote_fd of native/core/lw_channels.h
PAYLOAD, CLAIMS = 3, 4  # enum lw_job_fd
STREAMS = ('stdin', 'stdout', 'stderr')  # in the order of their descriptors
FAILED_TEXT = 2000  # struct lw_zygote_failed
CLAIM_BYTES = (256, 8192, 49152)  # name, value, traceback; together less than a pipe holds, so that writing never waits
renewed = False  # whether this process is a job, or a child of one
child_of_job = False
replaced_streams = []  # the standard streams of the zygote: what was preloaded may still print to them
own_exit_functions = []  # of the job's code, where the process may run another job
HERE = os.path.dirname(os.path.abspath(__file__))

worker = ctypes.PyDLL(os.path.join(HERE, 'libleeward-worker.so'))  # PyDLL: the GIL is held, as PyOS_BeforeFork wants it
worker.leeward_worker_directory.restype = ctypes.c_char_p


def main():
    try:
        namespace = prepare(json.loads(sys.argv[-1]))
        check(worker.leeward_worker_ready(ctypes.c_uint32(1)), 'leeward_worker_ready')
    except BaseException:
        worker.leeward_worker_failed(traceback.format_exc()[-FAILED_TEXT:].encode('utf-8', 'backslashreplace'))
        os._exit(1)
    first = remember(namespace) if worker.leeward_worker_is_reused() else None
    served = worker.leeward_worker_serve()
    if served < 0:
        print('leeward_worker_serve: %s' % os.strerror(-served), file=replaced_streams[1], flush=True)
    if served != 0:
        os._exit(0 if served == 1 else 1)
    run_jobs(namespace, first)


# ---- before the fork ---------------------------------------------------------------------------------------------------


def prepare(settings):
    """Everything that is paid once. Returns the namespace in which every job runs its code."""
    if sys.version_info < (3, 8):
        raise RuntimeError('Python %s is too old: 3.8 or newer is needed' % sys.version.split()[0])
    forget_own_variables()
    if sys.path and sys.path[0] == HERE:
        del sys.path[0]
    check(worker.leeward_worker_prepare(), 'leeward_worker_prepare')
    for name in settings.get('preload', ()):
        importlib.import_module(name)
    shortcuts = {name: importlib.import_module(module) for name, module in settings.get('globals', {}).items()}
    namespace = new_main(shortcuts)
    warm_up(settings.get('warmup') or '', dict(namespace))
    forget_variables()
    forget_handlers()
    os.register_at_fork(after_in_child=renew)
    make_streams()
    if not (sys.flags.isolated or getattr(sys.flags, 'safe_path', False)):
        # Where `python -c` has '': that one takes getcwd(2) at every import, and fails where a policy denies it.
        sys.path.insert(0, worker.leeward_worker_directory().decode())
    refuse_threads()
    refuse_descriptors()
    refuse_shared_memory()
    gc.collect()
    gc.freeze()
    return namespace


def check(result, function):
    if result < 0:
        raise OSError(-result, os.strerror(-result), function)


def new_main(shortcuts):
    module = types.ModuleType('__main__')
    module.__builtins__ = builtins
    module.__dict__.update(shortcuts)
    sys.modules['__main__'] = module
    return module.__dict__


def warm_up(code, namespace):
    """Runs the runtime's warm-up, and an empty job's compile and traceback, so that lazy imports and caches are paid once."""
    try:
        exec(compile('raise ValueError', '<warmup>', 'exec'), {})
    except ValueError:
        traceback.format_exc()
    exec(compile(code, '<warmup>', 'exec'), namespace)


def forget_own_variables():
    """The library's, and LC_CTYPE where the interpreter has added it to LANG=C (PEP 538): the plan's variables are sorted."""
    names = list(os.environ)
    if 'LC_CTYPE' in names and 'LD_PRELOAD' in names[:names.index('LC_CTYPE')]:
        del os.environ['LC_CTYPE']
    os.environ.pop('LD_PRELOAD', None)


def forget_variables():
    """What a library has set behind Python's back (readline: LINES, COLUMNS) is not the policy's, and programs would inherit it."""
    entries = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.PyDLL(None), 'environ')
    names = []
    while entries[len(names)] is not None:
        names.append(entries[len(names)].partition(b'=')[0])
    for name in names:
        if name not in os.environb:
            os.unsetenv(name)


def forget_handlers():
    """Handlers that a library has set behind Python's back (readline: SIGWINCH); whoever needs one sets it in the job."""
    caught = int(status_field('SigCgt'), 16)
    for number in signal.valid_signals():
        known = signal.getsignal(number)  # what Python has set, or has found when it started
        if caught >> (number - 1) & 1 and not callable(known):
            signal.signal(number, signal.SIG_DFL if known is None else known)


def make_streams():
    """Makes the standard streams of a job, on pipes, because a job's are pipes: after the fork only the descriptors change."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    worker.leeward_worker_flush()  # or each job would print once more what a library has printed with stdio
    replaced_streams.extend((sys.stdout, sys.stderr))
    saved = [os.dup(descriptor) for descriptor in (0, 1, 2)]
    ends = os.pipe()
    for descriptor in (0, 1, 2):
        os.dup2(ends[0 if descriptor == 0 else 1], descriptor)
    for descriptor, name in enumerate(STREAMS):
        use_stream(name, make_stream(descriptor, name, getattr(sys, name)))
    for descriptor in (0, 1, 2):
        os.dup2(saved[descriptor], descriptor)
    for descriptor in (*saved, *ends):
        os.close(descriptor)


def make_stream(descriptor, name, old):
    """Like create_stdio of cpython's Python/pylifecycle.c."""
    mode = 'r' if descriptor == 0 else 'w'
    raw = io.FileIO(descriptor, mode, closefd=False)
    raw.name = '<%s>' % name
    unbuffered = old.write_through  # PYTHONUNBUFFERED
    buffer = io.BufferedReader(raw) if mode == 'r' else raw if unbuffered else io.BufferedWriter(raw)
    stream = io.TextIOWrapper(buffer, old.encoding, old.errors, '\n', line_buffering=descriptor == 2, write_through=unbuffered)
    stream.mode = mode
    return stream


def use_stream(name, stream):
    setattr(sys, name, stream)
    setattr(sys, '__%s__' % name, stream)


def refuse_threads():
    """A fork copies only the thread that makes it: locks that another one holds would stay locked in every job."""
    threads = [read_text('/proc/self/task/%s/comm' % task) for task in os.listdir('/proc/self/task')]
    if len(threads) != 1:
        ours = ', '.join(thread.name for thread in threading.enumerate())
        raise RuntimeError(
            'preload or warmup left %d threads (%s; known to Python: %s): a zygote must have exactly one, set '
            'OPENBLAS_NUM_THREADS=1 and the like in the environment' % (len(threads), ', '.join(threads), ours)
        )


def refuse_descriptors():
    """A job has none of them, but the objects that hold their numbers: the next file of the job would get one."""
    held = []
    for number in os.listdir('/proc/self/fd'):
        try:
            held.append((int(number), os.readlink('/proc/self/fd/' + number)))
        except FileNotFoundError:
            pass  # that of the listing itself
    extra = ['%d: %s' % entry for entry in sorted(held) if entry[0] > CONTROL]
    if extra:
        raise RuntimeError('preload or warmup left descriptors open (%s): a zygote must have none' % ', '.join(extra))


def refuse_shared_memory():
    """A fork does not copy it: what one job writes there, all later jobs would read."""
    mappings = (line.split(None, 5) for line in read_text('/proc/self/maps').splitlines())
    shared = [' '.join([fields[0]] + fields[5:]) for fields in mappings if 'w' in fields[1] and 's' in fields[1]]
    if shared:
        raise RuntimeError('preload or warmup left writable shared memory (%s): all jobs would share it' % ', '.join(shared))


def read_text(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read().strip()


def status_field(name):
    return next(line for line in read_text('/proc/self/status').splitlines() if line.startswith(name + ':')).split(':')[1]


def renew():
    """After a job's fork, before confinement: what must not be equal in two jobs. (`random` has a fork hook of its own.)"""
    global renewed, child_of_job
    if renewed:
        child_of_job = True
        return  # a fork of the job itself, which may count on equal state
    renewed = True
    try:
        threading.main_thread()._set_native_id()
        numpy_random = sys.modules.get('numpy.random')
        if numpy_random is not None:
            numpy_random.seed()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(125)


def remember(namespace):
    """What every job of a process that runs more than one finds in the state of the first one."""
    keep_exit_functions_apart()
    return types.SimpleNamespace(
        directory=worker.leeward_worker_directory(),
        shortcuts={name: value for name, value in namespace.items() if not name.startswith('__')},
        environ=dict(os.environ),
        path=list(sys.path),
        hooks={name: getattr(sys, name) for name in ('excepthook', 'displayhook', 'unraisablehook')},
        streams={name: getattr(sys, name) for name in STREAMS},
        handlers={number: signal.getsignal(number) for number in signal.valid_signals()},
    )


def keep_exit_functions_apart():
    """Those of a job's code are run at its end; those of libraries with the last job, because the next one uses the libraries."""
    register, unregister = atexit.register, atexit.unregister

    def register_own(function, *arguments, **keywords):
        if sys._getframe(1).f_globals is not getattr(sys.modules.get('__main__'), '__dict__', None):
            return register(function, *arguments, **keywords)
        own_exit_functions.append((function, arguments, keywords))
        return function

    def unregister_own(function):
        own_exit_functions[:] = [entry for entry in own_exit_functions if entry[0] != function]
        unregister(function)

    atexit.register, atexit.unregister = register_own, unregister_own


# ---- in the job --------------------------------------------------------------------------------------------------------


def run_jobs(namespace, first):
    """One, or as many as the policy lets a process run: then `first` is what each of them finds."""
    payload = PAYLOAD
    while True:
        status = run_job(payload, namespace)
        payload = next_job(status, namespace, first) if first is not None else -1
        if payload < 0:
            finish(status, namespace)
        namespace = begin_anew(first)


def next_job(status, namespace, first):
    """Ends the job, not the interpreter. Returns the descriptor of the next one's payload, below 0 when there will be none."""
    if threading.active_count() > 1:
        return -1  # they would run on beside the next job
    for step in (run_own_exit_functions, lambda: release(namespace), gc.collect, flush_files, lambda: go_to(first.directory)):
        attempt(step)
    if not flush_streams() or threading.active_count() > 1:
        return -1
    return worker.leeward_worker_next(status)


def go_to(directory):
    """A job that stays in a mount keeps it busy. Looked first: chdir(2) may be denied, and then nobody has left."""
    if not os.path.samestat(os.stat('.'), os.stat(directory)):
        os.chdir(directory)


def begin_anew(first):
    """Of the state that a job has left. What else it has changed in the interpreter stays. Returns the next namespace."""
    for name in set(os.environ) - set(first.environ):
        del os.environ[name]
    if os.environ.get('TZ') != first.environ.get('TZ'):
        os.environ.update(first.environ)
        time.tzset()
    os.environ.update(first.environ)
    sys.path[:] = first.path
    linecache.clearcache()
    for name, hook in first.hooks.items():
        setattr(sys, name, hook)
    for descriptor, (name, old) in enumerate(first.streams.items()):
        use_stream(name, make_stream(descriptor, name, old))
    for number, handler in first.handlers.items():
        if signal.getsignal(number) is not handler:
            restore_handler(number, handler)
    return new_main(first.shortcuts)


def restore_handler(number, handler):
    if number == signal.SIGALRM:
        signal.alarm(0)
    signal.signal(number, signal.SIG_DFL if handler is None else handler)


def run_job(payload, namespace):
    size = int.from_bytes(read_exactly(payload, 4), 'big')
    request = json.loads(read_exactly(payload, size))
    failure = write_files(payload, request.get('files', ()))
    os.close(payload)
    os.environ.update(request['env'])
    if 'TZ' in request['env']:
        time.tzset()
    sys.argv = request['argv']
    if failure is not None:
        report(failure)
        return 1
    return execute(request['code'], request['filename'], namespace)


def read_exactly(payload, size):
    return b''.join(read_parts(payload, size))


def read_parts(payload, size):
    while size > 0:
        part = os.read(payload, min(size, 1 << 20))
        if not part:
            os._exit(125)  # the supervisor has given this job up before it had a request
        yield part
        size -= len(part)


def write_files(payload, files):
    """
    The files of the request, each by its path and length. Returns the error of the first that cannot be written; all are read
    nevertheless, because a request that is not read to its end goes to another worker.
    """
    failure = None
    for path, size in files:
        parts = read_parts(payload, size)
        try:
            if failure is None:
                write_file(path, parts)
        except OSError as error:
            failure = type(error)(error.errno, '%s, while placing a file of the request' % error.strerror, path)
        except Exception as error:
            failure = error
        for _ in parts:
            pass  # what was not written
    return failure


def write_file(path, parts):
    """Looked first for what is there, so that a policy which denies mkdir(2) has nothing to deny where it is not needed."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        os.makedirs(folder, 0o755, exist_ok=True)
    with open(path, 'wb', 1 << 16, opener=open_for_writing) as file:
        for part in parts:
            file.write(part)


def open_for_writing(path, flags):
    """What is there may be anything that an earlier job has left: no link is followed, and nothing opened that one waits at."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FileExistsError(errno.EEXIST, 'not a regular file', path)


def execute(code, filename, namespace):
    """Runs the code as `python -c` would. Returns the exit status."""
    lines = io.StringIO(code, None).readlines()  # str.splitlines has more line ends than Python has
    linecache.cache[filename] = (len(code), None, lines, filename)
    try:
        exec(compile(code, filename, 'exec', dont_inherit=True), namespace)
    except SystemExit as error:
        return exit_status(error)
    except BaseException as error:
        report(error)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def exit_status(error):
    """Like handle_system_exit of cpython's Python/pythonrun.c."""
    try:
        code = error.code
        if code is None:
            return 0
        if issubclass(type(code), int):
            number = int.__index__(code)
            return number & 0xFF if -(1 << 63) <= number < 1 << 63 else 0xFF
        print(code, file=sys.stderr)
    except BaseException:
        pass  # as the interpreter does: there is nowhere left to complain to
    return 1


def without_ours(frames):
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return frames


def report(error):
    for step in (trim, claim, show):  # each by itself: the exception's class is the job's, and so is the claims descriptor
        try:
            step(error)
        except BaseException as failure:
            ignore(failure, getattr(sys, 'excepthook', None))


def trim(error):
    BaseException.with_traceback(error, without_ours(error.__traceback__))


def show(error):
    hook = getattr(sys, 'excepthook', sys.__excepthook__)
    if hook is sys.__excepthook__:
        traceback.print_exception(type(error), error, error.__traceback__)  # unlike the hook it reads linecache
    else:
        hook(type(error), error, error.__traceback__)


def ignore(error, source):
    """Says what the interpreter says of errors that have nobody to go to."""
    try:
        text = ''.join(traceback.format_exception_only(type(error), error))
        print('Exception ignored in: %r\n%s' % (source, text), end='', file=sys.stderr)
    except BaseException:
        pass  # the job has closed or broken its own stderr


def claim(error):
    """Three NUL-terminated strings; see docs/internals/native.md, "Payload and claims"."""
    if child_of_job or not is_pipe(CLAIMS):
        return  # not the exception that ends the job; or the number is that of a file of the job by now
    texts = (type(error).__name__, text_of(error), ''.join(traceback.format_exception(type(error), error, error.__traceback__)))
    claims = b''
    for text, limit in zip(texts, CLAIM_BYTES):
        encoded = text[:limit].replace('\0', '\\0').encode('utf-8', 'backslashreplace')
        claims += encoded[:limit].decode('utf-8', 'ignore').encode() + b'\0'
    os.write(CLAIMS, claims)


def is_pipe(descriptor):
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def text_of(error):
    try:
        return str(error)
    except BaseException:
        return '<unprintable %s object>' % type(error).__name__


def finish(status, namespace):
    """The end of the interpreter without its finalization, which would cost more than a small job."""
    for step in (threading._shutdown, run_own_exit_functions, atexit._run_exitfuncs, lambda: release(namespace), flush_files):
        attempt(step)
    os._exit(status if flush_streams() else 120)


def attempt(step):
    try:
        step()
    except BaseException as error:
        ignore(error, step)


def run_own_exit_functions():
    while own_exit_functions:
        function, arguments, keywords = own_exit_functions.pop()
        attempt(lambda: function(*arguments, **keywords))


def flush_streams():
    """Returns whether all that was printed could be written."""
    named = [getattr(sys, name, None) for name in ('stdout', 'stderr', '__stdout__', '__stderr__')]
    streams = {id(stream): stream for stream in (*replaced_streams, *named)}
    flushed = [flush(stream) for stream in streams.values()]
    worker.leeward_worker_flush()
    return all(flushed)


def release(namespace):
    """
    Drops the job's objects, the youngest first, and only then the functions, classes and modules that their destructors use.
    (The interpreter leaves all names in place and has the collector find the objects, which takes longer.)
    """
    if threading.active_count() > 1:
        return
    for kept in ((types.ModuleType, types.FunctionType, type), ()):
        for name in reversed(list(namespace)):
            if not issubclass(type(namespace.get(name)), kept):
                namespace.pop(name, None)


def flush_files():
    """Finalization would have closed the files that nobody closed; what they buffer must not be lost."""
    for thing in gc.get_objects():  # only what was made since the fork: the rest is frozen
        if issubclass(type(thing), _io._IOBase):
            flush(thing)


def flush(stream):
    try:
        if stream is not None and not is_closed(stream):
            stream.flush()
    except BaseException as error:
        ignore(error, stream)
        return False
    return True


def is_closed(stream):
    """Whatever a job puts into sys.stdout needs write and flush, but no `closed` (file_is_closed of pylifecycle.c)."""
    try:
        return bool(stream.closed)
    except Exception:
        return False


main()
