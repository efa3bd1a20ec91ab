# title: pipes, select, poll and epoll
# stdout: "ping ping ping\n"
# impossible:
#   strict: strict makes no pipes
import os
import select
import selectors

read, write = os.pipe()
heard = []
for wait in ('select', 'poll', 'epoll'):
    os.write(write, b'ping')
    if wait == 'select':
        assert select.select([read], [], [], 1)[0] == [read]
    elif wait == 'poll':
        poll = select.poll()
        poll.register(read, select.POLLIN)
        assert poll.poll(1000)
    else:
        with selectors.EpollSelector() as selector:
            selector.register(read, selectors.EVENT_READ)
            assert selector.select(1)
    heard.append(os.read(read, 10).decode())
print(*heard)
