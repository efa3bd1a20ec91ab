# title: the user's name and the machine's network address, by the ways that libraries go
# stdout: "root True True\n"
# harmless:
#   socket: uuid.getnode() looks for a network card; there is none, and a random number takes its place
import getpass
import os
import uuid

os.environ.setdefault('USER', 'root')
print(getpass.getuser(), 0 < uuid.getnode() < 1 << 48, uuid.uuid1().version == 1)
