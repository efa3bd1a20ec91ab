#!/bin/sh
# The Python bindings on this build's libleeward.so. Not on a sanitized one: Python would have to be started with its runtime.
[ -n "$LW_SANITIZED" ] && { echo "skip python_client: not with sanitizers"; exit 0; }
LEEWARD_LIBRARY=$PWD/$LW_BUILD/libleeward.so
export LEEWARD_LIBRARY
cd ../bindings/python && PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 -m tests
