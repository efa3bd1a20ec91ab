# title: a tar archive whose files belong to another user
# stdout: "0 theirs\n"
# harmless:
#   chown: only the job's own id exists inside; tarfile goes on, and the file belongs to the job
#   socket: the owner's name is looked up; libc asks for its cache's daemon (nscd) first, and goes on without
import io
import os
import tarfile

with tarfile.open('/tmp/theirs.tar', 'w') as archive:
    member = tarfile.TarInfo('theirs.txt')
    member.size, member.uid, member.gid, member.uname = 6, 1000, 1000, 'somebody'
    archive.addfile(member, io.BytesIO(b'theirs'))
with tarfile.open('/tmp/theirs.tar') as archive:
    archive.extractall('/output')
print(os.stat('/output/theirs.txt').st_uid, open('/output/theirs.txt').read())
