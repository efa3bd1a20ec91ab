import glob
import os
import shutil

SCRIPT = "#!/bin/sh\nexit 42\n"
TRUE = "/usr/bin/true"
LOADER = glob.glob("/usr/lib*/ld-linux-*.so.*")[0]


def run(execute):
    """In a child: what was executed ends with 42 or 0, a refusal with its errno beyond that."""
    child = os.fork()
    if child == 0:
        try:
            execute()
        except OSError as error:
            os._exit(100 + error.errno)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code > 100:
        raise OSError(code - 100, "not executed")
    return f"ended with {code}"


def script_in(directory):
    path = os.path.join(directory, f"script-{os.getpid()}")
    with open(path, "w") as file:
        file.write(SCRIPT)
    os.chmod(path, 0o755)
    return run(lambda: os.execv(path, [path]))


def program_in(directory, execute=os.execv):
    path = os.path.join(directory, f"true-{os.getpid()}")
    shutil.copyfile(TRUE, path)
    os.chmod(path, 0o755)
    return run(lambda: execute(path, [path]))


def by_descriptor(path, argv):
    os.execv(f"/proc/self/fd/{os.open(path, os.O_RDONLY)}", argv)


def by_execveat(path, argv):
    syscall("execveat", os.open(path, os.O_PATH), b"\0", words(0), words(0), 0x1000)


def from_memory():
    file = syscall("memfd_create", b"probe\0", 0)
    with open(TRUE, "rb") as true:
        os.write(file, true.read())
    return run(lambda: os.execv(f"/proc/self/fd/{file}", ["true"]))


def through_link():
    path, link = f"/tmp/true-{os.getpid()}", f"/tmp/link-{os.getpid()}"
    shutil.copyfile(TRUE, path)
    os.chmod(path, 0o755)
    os.symlink(path, link)
    return run(lambda: os.execv(link, [link]))


TMP = "/tmp" if SANDBOXED else os.environ["HOME"]
for name, directory in (("tmp", TMP), ("shm", "/dev/shm" if SANDBOXED else TMP), ("output", OUTPUT)):
    attempt(f"script in {name}", lambda: script_in(directory))
    attempt(f"program in {name}", lambda: program_in(directory))
attempt("program by descriptor", lambda: program_in(TMP, by_descriptor))
attempt("program by execveat", lambda: program_in(TMP, by_execveat))
attempt("program by the loader", lambda: program_in(TMP, lambda path, argv: os.execv(LOADER, [LOADER, path])))
attempt("program in memory", from_memory)
attempt("script of the input", lambda: run(lambda: os.execv("/bin/sh" if not SANDBOXED else INPUT + "/script", ["sh", INPUT + "/script"])))
attempt("program of the distribution", lambda: run(lambda: os.execv(TRUE, [TRUE])))
attempt("interpreter of the distribution", lambda: run(lambda: os.execv("/usr/bin/python3", ["python3", "-c", "0"])))
attempt("program through its own process", lambda: run(lambda: os.execv("/proc/self/exe", ["python3", "-c", "0"])))
