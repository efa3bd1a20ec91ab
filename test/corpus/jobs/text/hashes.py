# title: hashes, message authentication, secrets, uuid and base64
# stdout: "ba7816bf aGk= True 4 64\n"
import base64
import hashlib
import hmac
import secrets
import uuid
import zlib

digest = hashlib.sha256(b'abc').hexdigest()[:8]
same = hmac.compare_digest(hmac.new(b'k', b'm', 'sha256').digest(), hmac.digest(b'k', b'm', 'sha256'))
print(digest, base64.b64encode(b'hi').decode(), same, uuid.uuid4().version, len(secrets.token_hex()))
assert hashlib.scrypt(b'p', salt=b's', n=16, r=1, p=1)
assert hashlib.pbkdf2_hmac('sha512', b'p', b's', 1000)
with open('/input/sales.csv', 'rb') as file:
    assert hashlib.file_digest(file, 'blake2b').name == 'blake2b'
assert uuid.uuid5(uuid.NAMESPACE_DNS, 'a').version == 5 and zlib.crc32(b'a')
for name in sorted(hashlib.algorithms_guaranteed - {'shake_128', 'shake_256'}):
    hashlib.new(name, b'x').hexdigest()
