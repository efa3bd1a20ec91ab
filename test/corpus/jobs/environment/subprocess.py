# title: another program is refused, with an error that names it
# stdout: "PermissionError PermissionError 127\n"
# harmless:
#   vfork: other programs are not for these policies; the job is told so at once
#   clone: the same, by os.system and by subprocess's second attempt
import os
import subprocess

outcomes = []
for command in (['ls', '-l'], 'echo hi'):
    try:
        subprocess.run(command, shell=isinstance(command, str), check=True, capture_output=True)
    except OSError as error:
        outcomes.append(type(error).__name__)
print(*outcomes, os.waitstatus_to_exitcode(os.system('true')))
