"""The cluster under test: started by bin/ddb-local, and ended in every way there is."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2

from wire import HttpDoor, SqlDoor, OK

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SETTINGS = """
restart_after_crash = on
shared_buffers = 64MB
checkpoint_timeout = 30s
max_wal_size = 512MB
autovacuum_naptime = 2s
ddb.http_workers = 2
ddb.stream_shard_duration = 15
log_statement = none
"""
STARTUP = 60  # seconds that a cluster may take to serve again
PR_SET_CHILD_SUBREAPER = 36


class Unavailable(Exception):
    pass


def alive(pid):
    """Whether a process runs; one of ours that has ended is reaped."""
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return os.path.exists("/proc/%d" % pid)


def free_ports():
    import socket

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    def __init__(self, settings=""):
        # the server's processes become ours when their parent dies: one that is dead but not reaped counts as running
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.base = tempfile.mkdtemp(prefix="ddb-soak.")
        os.chmod(self.base, 0o755)
        if os.getuid() == 0:
            shutil.chown(self.base, "postgres")
        self.data = os.path.join(self.base, "data")
        self.settings = SETTINGS + settings
        self.place = {}

    def local(self, *arguments):
        return subprocess.run(
            [os.path.join(ROOT, "bin", "ddb-local"), *arguments, "--data", self.data],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def create(self):
        port, http_port = free_ports()
        self.place = {"port": port, "http_port": http_port}
        self.start("--port", str(port), "--http-port", str(http_port))
        with open(os.path.join(self.data, "postgresql.conf"), "a") as file:
            file.write(self.settings)
        self.local("stop")
        self.start()
        status = self.local("status").stdout
        self.place["socket"] = [line.split()[1] for line in status.splitlines() if line.startswith("socket")][0]

    def start(self, *arguments):
        done = self.local("start", *arguments)
        if done.returncode != 0:
            raise Unavailable("the cluster does not start: " + (done.stderr or done.stdout).strip())

    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            return int(file.readline())

    def children(self):
        """The server's processes: pid and title."""
        found = []
        parent = self.postmaster()
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open("/proc/%s/stat" % entry) as file:
                    ppid = int(file.read().rpartition(")")[2].split()[1])
                if ppid != parent:
                    continue
                with open("/proc/%s/cmdline" % entry) as file:
                    found.append((int(entry), file.read().replace("\0", " ").strip()))
            except OSError:
                continue
        return found

    def processes(self, title):
        return [pid for pid, name in self.children() if title in name]

    def die(self, how):
        """End the postmaster by a signal; its children have to follow."""
        postmaster = self.postmaster()
        pids = [postmaster] + [pid for pid, _ in self.children()]
        os.kill(postmaster, how)
        end = time.monotonic() + 30
        while any(alive(pid) for pid in pids):
            if time.monotonic() > end:
                for pid in pids:
                    if alive(pid):
                        os.kill(pid, signal.SIGKILL)
                raise Unavailable("processes outlive their postmaster")
            time.sleep(0.02)

    def wait_until_ready(self):
        """Both doors answer again."""
        end = time.monotonic() + STARTUP
        while time.monotonic() < end:
            door = HttpDoor(self.place)
            answered = door.request("ListTables", {}).outcome == OK
            door.close()
            sql = SqlDoor(self.place)
            try:
                sql.rows("SELECT 1")
                if answered:
                    return
            except psycopg2.Error:
                pass
            finally:
                sql.close()
            time.sleep(0.1)
        raise Unavailable("no answer within %d s" % STARTUP)

    def log_path(self):
        return os.path.join(self.data, "log", "postgresql.log")

    def destroy(self):
        self.local("stop")
        shutil.rmtree(self.base, ignore_errors=True)
