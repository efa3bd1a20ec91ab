/** Python that takes processor time in children, all at once, and waits for them: nothing is used by the job's own process. */

const CHILDREN = 4;

/** @param seconds of processor time, of all children together */
export const busyChildren = (seconds: number): string => `
import os, time
children = []
for _ in range(${CHILDREN}):
    child = os.fork()
    if child == 0:
        start = time.process_time()
        while time.process_time() - start < ${seconds / CHILDREN}: pass
        os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)`;
