import errno
import os
import stat

PLACES = """/run /var/run /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock
/run/dbus/system_bus_socket /run/nscd/socket /var/run/nscd/socket /run/systemd/journal/socket /run/systemd/private
/run/systemd/io.system.ManagedOOM /run/systemd/userdb /run/leeward /run/user /run/crio/crio.sock /dev/log /tmp/.X11-unix
/run/snapd.socket /run/udev/control /run/lvm /var/lib /var/lib/docker /run/gssproxy.sock /run/avahi-daemon""".split()
VARIABLES = ["SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DOCKER_HOST", "LEEWARD_SOCKET", "DISPLAY"]


def found(things):
    if not things:
        raise OSError(errno.ENOENT, "nothing")
    return things


def walked():
    roots = ["/tmp", "/dev/shm", "/mnt", "/opt", os.path.dirname(CANARY["socket"])]
    paths = (os.path.join(at, name) for root in roots for at, _, names in os.walk(root) for name in names)
    return found([path for path in paths if stat.S_ISSOCK(os.lstat(path).st_mode)])


attempt("places", lambda: found([place for place in PLACES if os.path.lexists(place)]))
attempt("any socket", walked)
attempt("socket of the host", lambda: os.stat(CANARY["socket"]))
attempt("socket of the host as a path", lambda: os.open(CANARY["socket"], os.O_PATH))
attempt("names in the environment", lambda: found([name for name in VARIABLES if name in os.environ]))
