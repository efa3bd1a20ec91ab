# Attempts at paths, each given as data: what follows calls _path_attempts with what was derived from the policy. System calls are
# raw, so that the policy can be asked what it answers to each.

_MAP_PRIVATE = 2  # asm-generic/mman-common.h
_CHUNK = 1 << 20
# struct statfs of asm-generic/statfs.h: words of eight bytes.
_BLOCK_SIZE, _BLOCKS, _FILES, _MOUNT_FLAGS = 1, 2, 5, 10


def _path_attempts(attempts):
    for one in attempts:
        attempt(one["name"], lambda: _PATH_ACTIONS[one["do"]](**one["with"]))


def _open(path, flags, mode=0, quiet=False):
    return syscall("openat", AT_FDCWD, path.encode() + b"\0", flags | O_CLOEXEC, mode, quiet=quiet)


def _opened(path, flags, mode=0, quiet=False):
    _os.close(_open(path, flags, mode, quiet))
    return "opened"


def _created(directory, remove=False, name=None):
    path = f"{directory}/{name or _fresh_name()}"
    _opened(path, O_CREAT | O_EXCL | O_WRONLY, 0o600)
    if remove:
        syscall("unlinkat", AT_FDCWD, path.encode() + b"\0", 0)
    return "made a file"


def _fresh_name():
    return f"leeward-probe-{_os.urandom(8).hex()}"


def _absent(directory, names):
    """Nothing of these names is there. Without looking into it, which is another right."""
    for number, name in enumerate(names):
        try:
            _opened(f"{directory}/{name}", O_PATH | O_NOFOLLOW, quiet=number > 0)
        except OSError as error:
            if error.errno != _errno.ENOENT:
                raise
        else:
            return f"{name} is there"
    raise OSError(_errno.ENOENT, "none of them is there")


def _mode_kept(path):
    """Sets the mode that it has: a sandbox that lets it through has changed nothing."""
    mode = _os.stat(path).st_mode & 0o1777
    return syscall("fchmodat", AT_FDCWD, path.encode() + b"\0", mode)


def _times_kept(path):
    has = _os.stat(path)
    times = [part for value in (has.st_atime_ns, has.st_mtime_ns) for part in divmod(value, 10**9)]
    return syscall("utimensat", AT_FDCWD, path.encode() + b"\0", words(*times), 0)


def _filled(directory, size, largest):
    """Writes until nothing more fits. Files are no larger than the policy lets them be."""
    written = 0
    number = 0
    try:
        while written <= size:
            file = _open(f"{directory}/leeward-probe-{number}", O_CREAT | O_EXCL | O_WRONLY, 0o600, quiet=number > 0)
            number += 1
            in_file = 0
            while written <= size and in_file + _CHUNK <= largest:
                count = _os.write(file, bytes(_CHUNK))
                in_file += count
                written += count
            _os.close(file)
    except OSError as error:
        _check_reached(written, size, error)
        raise
    return f"{written} bytes"


def _crowded(directory, inodes):
    made = 0
    try:
        while made <= inodes:
            _os.close(_os.open(f"{directory}/leeward-probe-{made}", _os.O_CREAT | _os.O_EXCL | _os.O_WRONLY, 0o600))
            made += 1
    except OSError as error:
        _check_reached(made, inodes, error)
        raise
    return f"{made} files"


def _check_reached(count, limit, error):
    if error.errno == _errno.ENOSPC and count < limit // 2:
        raise RuntimeError(f"full after {count} of {limit}")


def _statfs(path):
    content = buffer(size=256)
    syscall("statfs", path.encode() + b"\0", content)
    return [int.from_bytes(content.raw[at : at + 8], "little") for at in range(0, 88, 8)]


def _flagged(path, flags):
    """Whether the mount has all of these flags: {"read_only": ST_RDONLY}."""
    has = _statfs(path)[_MOUNT_FLAGS]
    missing = [name for name, bit in flags.items() if not has & bit]
    if missing:
        return f"without {', '.join(missing)}"
    raise Held(", ".join(flags))


def _roomy(path, size, inodes):
    has = _statfs(path)
    room, files = has[_BLOCK_SIZE] * has[_BLOCKS], has[_FILES]
    if room > size or files > inodes:
        return f"{room} bytes, {files} inodes"
    raise Held(f"{room} bytes, {files} inodes")


def _mapped(directory):
    """Code of a file that the job has written itself."""
    path = f"{directory}/{_fresh_name()}"
    file = _open(path, O_CREAT | O_EXCL | O_RDWR, 0o700)
    _os.write(file, bytes(4096))
    return hex(syscall("mmap", None, 4096, PROT_READ | PROT_EXEC, _MAP_PRIVATE, file, 0))


def _executed(path):
    return syscall("execve", path.encode() + b"\0", None, None)


def _executed_own(directory):
    path = f"{directory}/{_fresh_name()}"
    file = _open(path, O_CREAT | O_EXCL | O_WRONLY, 0o700)
    _os.write(file, b"#!/bin/sh\n")
    _os.close(file)
    return _executed(path)


_PATH_ACTIONS = {
    "open": _opened,
    "create": _created,
    "absent": _absent,
    "chmod": _mode_kept,
    "utime": _times_kept,
    "fill": _filled,
    "crowd": _crowded,
    "flags": _flagged,
    "room": _roomy,
    "map": _mapped,
    "execute": _executed,
    "execute own": _executed_own,
}
