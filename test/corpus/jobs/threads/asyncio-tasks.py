# title: asyncio with tasks, queues, timeouts and an executor
# stdout: "[0, 1, 2] timed out 6 ['a', 'b']\n"
# impossible:
#   strict: asyncio is not preloaded, and without listing directories nothing else is found
import asyncio
import time


async def producer(queue):
    for name in 'ab':
        await queue.put(name)
        await asyncio.sleep(0)


async def number(n):
    await asyncio.sleep(0.001 * n)
    return n


async def main():
    numbers = await asyncio.gather(*(number(n) for n in range(3)))
    try:
        async with asyncio.timeout(0.005):
            await asyncio.sleep(5)
    except TimeoutError:
        late = 'timed out'
    loop = asyncio.get_running_loop()
    total = await loop.run_in_executor(None, sum, [1, 2, 3])
    await asyncio.to_thread(time.sleep, 0.001)
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(producer(queue))
        items = [await queue.get(), await queue.get()]
    print(numbers, late, total, items)


asyncio.run(main())
