# title: context variables and thread-local data
# stdout: "main inner main none\n"
# impossible:
#   strict: contextvars is not preloaded, and no machine code can be loaded
import contextvars
import threading

name = contextvars.ContextVar('name', default='none')
local = threading.local()
local.value = 1
name.set('main')
seen = [name.get()]


def inner():
    name.set('inner')
    seen.append(name.get())


contextvars.copy_context().run(inner)
seen.append(name.get())
thread = threading.Thread(target=lambda: (seen.append(name.get()), getattr(local, 'value', None)))
thread.start()
thread.join()
print(*seen)
