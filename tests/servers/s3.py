"""What a test knows of an S3 server that it started."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from pictogame.storage import Store
from pictogame.storage.remote import S3Store

ACCESS_KEY = "testaccess"
SECRET_KEY = "testsecretkey"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class S3Server:
    """A server with one user."""

    name: str
    port: int
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    config: str = ""
    """The file by which Ceph's own tools find it; empty elsewhere."""

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """The variables by which every S3 tool finds it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION,
        }

    def client(self) -> Any:
        """A client of another make, to look at what ours did."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def store(self, bucket: str, *, prefix: str = "") -> Store:
        """Our store over one of its buckets, which is made."""
        self.client().create_bucket(Bucket=bucket)
        return S3Store(
            bucket,
            prefix=prefix,
            endpoint=self.endpoint,
            region=REGION,
            credentials=lambda: {
                "access_key_id": self.access_key,
                "secret_access_key": self.secret_key,
                "token": None,
                "expires_at": None,
            },
        )
