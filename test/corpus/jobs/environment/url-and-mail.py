# title: addresses, mail and cookies put together and taken apart, without a network
# stdout: "example.com ['1', '2'] text/plain\n"
# impossible:
#   strict: email.message is not preloaded, and without listing directories nothing else is found
import email.message
import email.policy
import http.cookies
import ipaddress
import mimetypes
import ssl
from urllib.parse import parse_qs, quote, urlsplit

message = email.message.EmailMessage(policy=email.policy.SMTP)
message['Subject'] = 'Grüße'
message.set_content('hello')
message.add_attachment(b'1,2\n', maintype='text', subtype='csv', filename='a.csv')
ssl.create_default_context()
http.cookies.SimpleCookie('a=1')
assert ipaddress.ip_address('10.0.0.1') in ipaddress.ip_network('10.0.0.0/8') and quote('ä b')
print(urlsplit('https://example.com/x?q=1').hostname, parse_qs('q=1&q=2')['q'], mimetypes.guess_type('a.txt')[0])
