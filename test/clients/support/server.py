"""What the Python clients share: a server of their own, and SQL beside it."""

import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.abspath(f"{here}/../../..")


def ensure(script):
    """Starts the script again under with-server, unless it is already."""
    if "DDB_ENDPOINT" not in os.environ:
        os.execv(f"{here}/with-server",
                 ["with-server", sys.executable, "-B", os.path.abspath(script)])


def psql():
    """A psql of the server's, as a process that reads commands."""
    return subprocess.Popen(
        [f"{root}/bin/ddb-local", "psql", "--data", os.environ["DDB_DATA"], "--",
         "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)


def sql(command):
    """What a command prints."""
    done = subprocess.run(
        [f"{root}/bin/ddb-local", "psql", "--data", os.environ["DDB_DATA"], "--",
         "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr}")
    return done.stdout.strip()
