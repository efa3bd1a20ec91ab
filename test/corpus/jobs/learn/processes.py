# title: a process that is started past joblib is refused at once
# needs: [joblib]
# stdout: "PermissionError\n"
# harmless:
#   clone: other processes are not for these policies; the job is told so at once
#   vfork: starts the tracker process of the pool; the job is told so at once
from joblib.externals.loky import get_reusable_executor

try:
    print(list(get_reusable_executor(2).map(abs, [1, 2])))
except OSError as error:
    print(type(error).__name__)
