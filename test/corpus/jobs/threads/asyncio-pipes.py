# title: asyncio over a pair of sockets and a pipe, and a signal handler
# stdout: "hello usr1\n"
# impossible:
#   strict: asyncio is not preloaded, and without listing directories nothing else is found
import asyncio
import os
import signal
import socket


async def main():
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    theirs.sendall(b'hello\n')
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, heard.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await heard.wait()
    print((await reader.readline()).decode().strip(), 'usr1')
    writer.close()
    theirs.close()
    read, write = os.pipe()
    loop.call_later(0.001, os.write, write, b'x')
    readable = asyncio.Event()
    loop.add_reader(read, readable.set)
    await readable.wait()
    loop.remove_reader(read)


asyncio.run(main())
