# title: an address that cannot be reached is an error at once
# stdout: "URLError gaierror\n"
# harmless:
#   socket: the network is not for these policies; the job is told so at once
# impossible:
#   strict: http.client is not preloaded, and without listing directories nothing else is found
import socket
import urllib.request

outcomes = []
try:
    urllib.request.urlopen('http://example.com/', timeout=5)
except OSError as error:
    outcomes.append(type(error).__name__)
try:
    socket.getaddrinfo('example.com', 80)
except OSError as error:
    outcomes.append(type(error).__name__)
print(*outcomes)
