/** Code that makes refused calls from many threads for as long as it is let. */
export const FLOOD = `
import ctypes, threading
libc = ctypes.CDLL(None, use_errno=True)
def flood():
    while True:
        if libc.socket(2, 1, 0) >= 0:
            print("through", flush=True)
            return
threads = [threading.Thread(target=flood, daemon=True) for _ in range(48)]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

/** Makes one refused call and says how it was answered. */
export const ONE = `
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print("through" if libc.socket(2, 1, 0) >= 0 else ctypes.get_errno())
`;
