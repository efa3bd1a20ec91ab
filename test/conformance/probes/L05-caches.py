# Caches that interpreters and libraries share: nothing here changes a file, also where nothing refuses it. O_TMPFILE
# makes a file without a name, and opening to write what is there writes nothing.
import glob
import os
import sys
import sysconfig

library = sysconfig.get_path("stdlib")


def new_file_in(directory):
    def tried():
        os.close(os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o600))

    return tried


def opened(pattern):
    def tried():
        found = sorted(glob.glob(pattern))
        os.close(os.open(found[0] if found else pattern, os.O_WRONLY))

    return tried


attempt("a compiled module of the library", opened(f"{library}/__pycache__/*.pyc"))
attempt("a module of the library", opened(f"{library}/os.py"))
attempt("compiled modules of the library", new_file_in(f"{library}/__pycache__"))
attempt("the library", new_file_in(library))
attempt("the first of the path", new_file_in(next(path for path in sys.path if os.path.isdir(path))))
attempt("packages of the distribution", new_file_in("/usr/lib/python3/dist-packages"))
attempt("fonts of the system", new_file_in("/usr/share"))
attempt("a cache of the loader", opened("/etc/ld.so.cache"))
attempt("the programs", new_file_in("/usr/bin"))
