"""Run a program until standard input ends, so that it never outlives the test: `until_closed.py PROGRAM ARGUMENTS`."""

from __future__ import annotations

import subprocess
import sys

if __name__ == "__main__":
    with subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL) as process:
        sys.stdin.read()
        process.terminate()
