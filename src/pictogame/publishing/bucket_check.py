"""Makes a bucket ready for games, and proves that it serves them as browsers need: each step is reported."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from pictogame.bucket import keys
from pictogame.bucket.models import BucketObject
from pictogame.lib.hashing import new_game_id, sha256_of
from pictogame.lib.types import Key
from pictogame.publishing import rows as table
from pictogame.publishing.rows import Intent
from pictogame.publishing.server import bucket_folder
from pictogame.storage import Store, StoreProblem, open_store
from pictogame.storage.opening import s3_endpoint, s3_region

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done or looked at."""

    what: str
    ok: bool
    why: str = ""
    """What is wrong and what to do; empty when all is well."""


def init() -> Iterator[Step]:
    """Makes the bucket of the settings where it is missing and lets everybody read what games are made of, and no more.

    A folder is made. On S3: the bucket, public reading of exactly our prefixes, CORS for every origin, and an end for
    uploads that were broken off. What the server does not let us set is reported, and the rest is done.
    """
    if urlsplit(settings.BUCKET).scheme == "file":
        folder = bucket_folder(settings.BUCKET)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        except OSError as error:
            yield Step(f"The folder {folder}", ok=False, why=f"It can't be made: {error.strerror}.")
            return
        yield Step(f"The folder {folder} is there", ok=True)
        return
    yield from _init_s3()


def check(*, bucket: Store | None = None, bucket_url: str | None = None) -> Iterator[Step]:
    """Writes two objects, reads them back through the public address as any browser does, and deletes them.

    Compared are bytes and headers, without an Origin and with `Origin: null`, as a sandboxed widget sends it.
    """
    store = bucket or open_store(settings.BUCKET, public=True)
    address = (bucket_url or settings.BUCKET_URL).rstrip("/")
    samples = _samples()
    with transaction.atomic():
        rows = table.intend([Intent(key, sha256_of(data), len(data)) for key, data in samples.items()], [])
        pks = [row.pk for row in rows.values()]
        # Should this process end half-way, the publisher's sweep removes them.
        BucketObject.objects.filter(pk__in=pks).update(delete_after=Now() + timedelta(hours=1))
    try:
        yield from _write_and_read(store, address, samples)
    finally:
        removed = _remove(store, samples)
        if removed.ok:
            BucketObject.objects.filter(pk__in=pks).update(state="gone", delete_after=None)
    yield removed


def _samples() -> dict[Key, bytes]:
    """A picture, which is stored plain and for long, and a description, which is stored gzipped and for short."""
    plain = secrets.token_bytes(300)
    described = keys.game_xml_key(new_game_id())
    return {
        keys.media_key(sha256_of(plain), "image/avif"): plain,
        described: keys.encode(described, f"<rest>{secrets.token_hex(40)}</rest>".encode()),
    }


def _write_and_read(store: Store, address: str, samples: dict[Key, bytes]) -> Iterator[Step]:
    for key, data in samples.items():
        kind = keys.headers(key, pointer_max_age=settings.POINTER_MAX_AGE)
        try:
            store.put(
                key,
                data,
                content_type=kind.content_type,
                cache_control=kind.cache_control,
                content_encoding=kind.content_encoding,
            )
        except StoreProblem as problem:
            yield Step(f"Writing {key}", ok=False, why=problem.sentence)
            return
        yield Step(f"Writing {key}", ok=True)
    for key, data in samples.items():
        for origin in (None, "null"):
            asked = f"Reading {address}/{key} " + (f"with Origin: {origin}" if origin else "without an Origin")
            wrong = _compare(f"{address}/{key}", key, data, origin)
            yield Step(asked, ok=not wrong, why=wrong)
    listed = _lists(address, samples)
    why = "Anybody can list the bucket, so no game is unlisted: take the right to list away." if listed else ""
    yield Step("Nobody may list the bucket", ok=not listed, why=why)


def _compare(url: str, key: Key, data: bytes, origin: str | None) -> str:
    """What differs from what a browser needs, in a sentence; empty when nothing does."""
    answer = _get(url, origin)
    if isinstance(answer, str):
        return answer
    headers, body = answer
    if body != data:
        return "Other bytes came back than were stored: does something in between change or unpack them?"
    kind = keys.headers(key, pointer_max_age=settings.POINTER_MAX_AGE)
    expected = {"Content-Type": kind.content_type, "Cache-Control": kind.cache_control}
    if kind.content_encoding:
        expected["Content-Encoding"] = kind.content_encoding
    if origin and not _may_be_read_by(origin, headers):
        expected["Access-Control-Allow-Origin"] = "*"
    for name, value in expected.items():
        if (headers.get(name) or "").replace(" ", "").lower() != value.replace(" ", "").lower():
            hint = " Run `pictogame bucket init`." if name.startswith("Access") else ""
            return f"{name} is {headers.get(name) or 'missing'}, and should be {value}.{hint}"
    return ""


def _may_be_read_by(origin: str, headers: HTTPMessage) -> bool:
    """Whether a page of that origin may read the answer, and a cache knows that another origin gets another one."""
    allowed = headers.get("Access-Control-Allow-Origin")
    return allowed == "*" or (allowed == origin and "origin" in (headers.get("Vary") or "").lower())


def _get(url: str, origin: str | None) -> tuple[HTTPMessage, bytes] | str:
    request = Request(url, headers={"Accept-Encoding": "gzip"} | ({"Origin": origin} if origin else {}))  # noqa: S310
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  The settings take http and https alone.
            return answer.headers, answer.read()
    except HTTPError as error:
        error.close()
        hint = " Run `pictogame bucket init`." if error.code in {401, 403} else ""
        return f"The answer is {error.code} {error.reason}.{hint}"
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        return f"Nothing answers there ({reason}). Is PICTOGAME_BUCKET_URL the public address of the bucket?"


def _lists(address: str, samples: dict[Key, bytes]) -> bool:
    answer = _get(f"{address}/", None)
    return not isinstance(answer, str) and any(key.encode() in answer[1] for key in samples)


def _remove(store: Store, samples: dict[Key, bytes]) -> Step:
    try:
        for key in samples:
            store.delete(key)
        left = [key for key in samples if store.head(key) is not None]
    except StoreProblem as problem:
        return Step("Deleting what was written", ok=False, why=problem.sentence)
    why = "It is still there after the delete: is the bucket versioned or locked?" if left else ""
    return Step("Deleting what was written", ok=not left, why=why)


def _init_s3() -> Iterator[Step]:
    import boto3  # noqa: PLC0415  It takes 0.2 s to import, and only this needs it.
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    parts = urlsplit(settings.BUCKET)
    name, prefix = parts.netloc, parts.path.strip("/")
    endpoint = s3_endpoint()
    client: Any = boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=s3_region(),
        config=Config(s3={"addressing_style": "path"} if endpoint else {}, connect_timeout=5, read_timeout=20),
    )

    def step(what: str, act: Callable[[], object], *, refused: str) -> Step:
        try:
            act()
        except ClientError as error:
            return Step(what, ok=False, why=f"{refused} ({_code(error)})")
        except BotoCoreError as error:
            return Step(what, ok=False, why=f"The server does not answer: {error}")
        return Step(what, ok=True)

    there = step(f"The bucket {name} is there", lambda: client.head_bucket(Bucket=name), refused="")
    if not there.ok:
        where = {} if endpoint or s3_region() == "us-east-1" else {"LocationConstraint": s3_region()}
        made = {"CreateBucketConfiguration": where} if where else {}
        there = step(
            f"The bucket {name} is made",
            lambda: client.create_bucket(Bucket=name, **made),
            refused="It neither exists for us nor can be made: check its name and the rights of the credentials.",
        )
    yield there
    if not there.ok:
        return
    if not endpoint:
        yield step(
            "Public reading is not blocked",
            lambda: client.delete_public_access_block(Bucket=name),
            refused="Lift “Block public access” of the bucket in the console, or put a CDN in front of it.",
        )
    yield step(
        "Everybody may read games, and nothing else",
        lambda: client.put_bucket_policy(Bucket=name, Policy=json.dumps(policy(name, prefix))),
        refused="The server does not let us set the policy: allow s3:GetObject on our prefixes yourself.",
    )
    yield step(
        "Widgets on every page may read (CORS)",
        lambda: client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [_CORS]}),
        refused="The server does not let us set CORS: answer every Origin with Access-Control-Allow-Origin: *.",
    )
    yield step(
        "Uploads that were broken off end after a day",
        lambda: client.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": [_ends_uploads(prefix)]}
        ),
        refused="The server does not let us set a rule for them: look after broken-off uploads yourself.",
    )


_CORS = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag", "Content-Length"],
    "MaxAgeSeconds": 86_400,
}


def policy(bucket: str, prefix: str = "") -> dict[str, Any]:
    """The policy that lets everybody read the objects of games and list nothing."""
    below = f"arn:aws:s3:::{bucket}/{prefix}/" if prefix else f"arn:aws:s3:::{bucket}/"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EverybodyReadsGames",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:GetObject"],
                "Resource": [*(f"{below}{folder}/*" for folder in keys.PREFIXES), f"{below}{keys.EMBED_KEY}"],
            }
        ],
    }


def _ends_uploads(prefix: str) -> dict[str, Any]:
    return {
        "ID": "end-broken-off-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": f"{prefix}/" if prefix else ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }


def _code(error: "ClientError") -> str:
    return str(error.response.get("Error", {}).get("Code", "no reason given"))
