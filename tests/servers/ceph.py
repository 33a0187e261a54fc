"""Ceph's RADOS Gateway with one monitor and one store in memory: a production S3 server, small enough for a test.

`python -m tests.servers.ceph` runs one by hand.
"""

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.servers.processes import folder, free_ports, listens, program, running, until
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server

TRIES = 3
PACKAGES = "apt-get install --no-install-recommends ceph-mon ceph-osd radosgw ceph-common"

# Small, alone, without a second copy, and quick to elect itself.
_CONFIG = """
[global]
fsid = {fsid}
mon_host = v1:127.0.0.1:{mon}
mon_initial_members = a
public_network = 127.0.0.0/8
cluster_network = 127.0.0.0/8
ms_bind_msgr2 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_data_avail_crit = 1
mon_data_avail_warn = 1
mon_pg_warn_min_per_osd = 0
mon_max_pg_per_osd = 1000
run_dir = {home}
admin_socket = {home}/$name.asok
pid_file = {home}/$name.pid
log_file = {home}/$name.log
crash_dir = {home}/crash
keyring = {home}/keyring
log_to_stderr = false
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
mon_tick_interval = 1
osd_heartbeat_interval = 2
debug_ms = 0
[mon.a]
mon_data = {home}/mon
[osd.0]
osd_data = {home}/osd
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_memory_target = 939524096
osd_class_update_on_start = false
osd_crush_update_on_start = false
osd_class_load_list = *
osd_class_default_list = *
[client.rgw.a]
rgw_data = {home}/rgw
rgw_frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw_enable_apis = s3, admin
rgw_ops_log_rados = false
rgw_enable_ops_log = true
rgw_ops_log_socket_path = {home}/ops.sock
rgw_ops_log_file_path = {home}/requests.json
rgw_thread_pool_size = 64
"""


class _StartError(Exception):
    """A command of the start failed; the sentence is what it said."""


@contextmanager
def ceph() -> Iterator[S3Server]:
    """A gateway with one user, until the `with` ends.

    On a busy machine a monitor at times refuses the very first commands (EPERM) and goes on doing so: then all of it is
    started anew, in another folder.
    """
    for again in reversed(range(TRIES)):
        with ExitStack() as started:
            try:
                server = started.enter_context(_one())
            except (_StartError, pytest.fail.Exception) as error:
                if again:
                    continue
                pytest.fail(str(error), pytrace=False)
            yield server
            return


@contextmanager
def _one() -> Iterator[S3Server]:
    names = ("monmaptool", "ceph-authtool", "ceph-mon", "ceph", "ceph-osd", "radosgw", "radosgw-admin")
    tools = {name: program(name, package=PACKAGES) for name in names}
    with folder("ceph") as home, ExitStack() as daemons:
        port, mon = free_ports(2)
        config = home / "ceph.conf"
        fsid = str(uuid.uuid4())
        config.write_text(_CONFIG.format(fsid=fsid, home=home, mon=mon, port=port))
        for name in ("mon", "osd", "rgw", "crash"):
            (home / name).mkdir()
        environment = {**os.environ, "CEPH_CONF": str(config)}

        def run(name: str, *arguments: str) -> str:
            return _run([tools[name], *arguments], environment)

        def start(name: str, *arguments: str) -> "subprocess.Popen[bytes]":
            command = [tools[name], "-c", str(config), *arguments, "-f"]
            return daemons.enter_context(running(command, log=home / "daemons", environment=environment))

        keyring, monmap = str(home / "keyring"), str(home / "monmap")
        run("monmaptool", "--create", "--clobber", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{mon}]", monmap)
        run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        run("ceph-mon", "-c", str(config), "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
        start("ceph-mon", "-i", "a")
        run("ceph", "--connect-timeout", "30", "mon", "stat")
        storage = str(uuid.uuid4())
        run("ceph", "osd", "new", storage, "0")
        run("ceph-osd", "-c", str(config), "-i", "0", "--mkfs", "--osd-uuid", storage)
        run("ceph", "osd", "crush", "add", "osd.0", "1.0", "host=one", "root=default")
        osd = start("ceph-osd", "-i", "0")
        until(lambda: "1 up" in run("ceph", "osd", "stat"), process=osd, log=home / "daemons", what="Ceph's storage")
        gateway = start("radosgw", "-n", "client.rgw.a")
        until(lambda: listens(port), process=gateway, log=home / "daemons", what="Ceph's gateway")
        run(
            "radosgw-admin", "-c", str(config), "user", "create", "--uid=tests", "--display-name=Tests",
            f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}",
        )  # fmt: skip
        yield S3Server("ceph", port, config=str(config))


def admin(config: str, *arguments: str) -> str:
    """Runs `radosgw-admin` on the gateway with that configuration; gives what it said."""
    tool = program("radosgw-admin", package=PACKAGES)
    return _run([tool, "-c", config, *arguments], {**os.environ, "CEPH_CONF": config})


def with_user(server: S3Server, name: str) -> S3Server:
    """The same gateway for another user, who is made: what happens to him happens to nobody else."""
    keys = f"{name}access", f"{name}secretkey"
    names = f"--uid={name}", f"--display-name={name}", f"--access-key={keys[0]}", f"--secret-key={keys[1]}"
    admin(server.config, "user", "create", *names)
    return replace(server, access_key=keys[0], secret_key=keys[1])


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-8:])
        raise _StartError(f"{Path(command[0]).name} failed:\n{said}")
    return done.stdout


if __name__ == "__main__":
    with ceph() as server:
        input(f"{server.environment()}\nEnter ends it.\n")
