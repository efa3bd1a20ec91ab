# Attempts at rights of Landlock in a directory that a job may write to, one for each right. What a right is tried on is made first: where
# that is refused nothing was tried (Unprepared). Calls that only prepare are said, too: the policy's filter may be what refuses them.

_NULL = 0x103  # the device number of /dev/null


def _path_in(directory):
    return f"{directory}/{_fresh_name()}".encode() + b"\0"


def _file_made(path, mode=0o600):
    """Making a file and opening it are two rights: it is made even when it then may not be opened."""
    try:
        _os.close(syscall("openat", AT_FDCWD, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode))
    except OSError as error:
        if error.errno != _errno.EACCES or not _is_there(path):
            raise
    return path


def _is_there(path):
    try:
        _os.close(syscall("openat", AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, quiet=True))
    except OSError:
        return False
    return True


def _directory_made(path):
    syscall("mkdirat", AT_FDCWD, path, 0o700)
    return path


def _prepared(make, *args):
    try:
        return make(*args)
    except OSError as error:
        raise Unprepared(error.errno, error.strerror) from error


def _a_file(directory):
    return _prepared(_file_made, _path_in(directory))


def _node_made(directory, kind, device=0):
    try:
        return syscall("mknodat", AT_FDCWD, _path_in(directory), kind | 0o600, device)
    except OSError as error:
        # The kernel asks for the capability last.
        if kind not in (S_IFCHR, S_IFBLK) or error.errno != _errno.EPERM:
            raise
    return "nothing but a capability is missing"


def _file_opened(directory, flags):
    _os.close(syscall("openat", AT_FDCWD, _a_file(directory), flags | O_CLOEXEC, 0))
    return "opened"


def _directory_removed(directory):
    path = _prepared(_directory_made, _path_in(directory))
    return syscall("unlinkat", AT_FDCWD, path, AT_REMOVEDIR)


def _moved(directory):
    beneath = _prepared(_directory_made, _path_in(directory))[:-1] + b"/leeward-probe\0"
    return syscall("renameat2", AT_FDCWD, _a_file(directory), AT_FDCWD, beneath, 0)


def _file_executed(directory):
    """It is of no format that the kernel knows: whether it may be executed is asked before."""
    path = _path_in(directory)
    file = _prepared(syscall, "openat", AT_FDCWD, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o700)
    _os.write(file, b"leeward policy probe")
    _os.close(file)
    try:
        return syscall("execve", path, None, None)
    except OSError as error:
        if error.errno != _errno.ENOEXEC:
            raise
    return "executed, but of no format"


def _device_asked(path, flags):
    """An ioctl that the device does not have: whether it may be made is asked before."""
    device = _prepared(_open, path, flags)
    try:
        return syscall("ioctl", device, TCGETS, buffer(size=64))
    except OSError as error:
        if error.errno not in (_errno.ENOTTY, _errno.EINVAL):
            raise
    finally:
        _os.close(device)
    return "the device has no such request"


_RIGHTS = {
    "make_reg": lambda directory: _os.fsdecode(_file_made(_path_in(directory))),
    "make_dir": lambda directory: _os.fsdecode(_directory_made(_path_in(directory))),
    "make_sym": lambda directory: syscall("symlinkat", b"/\0", AT_FDCWD, _path_in(directory)),
    "make_fifo": lambda directory: _node_made(directory, S_IFIFO),
    "make_sock": lambda directory: _node_made(directory, S_IFSOCK),
    "make_char": lambda directory: _node_made(directory, S_IFCHR, _NULL),
    "make_block": lambda directory: _node_made(directory, S_IFBLK, _NULL),
    "remove_file": lambda directory: syscall("unlinkat", AT_FDCWD, _a_file(directory), 0),
    "remove_dir": _directory_removed,
    "read_file": lambda directory: _file_opened(directory, O_RDONLY),
    "write_file": lambda directory: _file_opened(directory, O_WRONLY),
    "truncate": lambda directory: syscall("truncate", _a_file(directory), 0),
    "refer": _moved,
    "execute": _file_executed,
    "ioctl_dev": _device_asked,
}
_PATH_ACTIONS["right"] = lambda right, **given: _RIGHTS[right](**given)
