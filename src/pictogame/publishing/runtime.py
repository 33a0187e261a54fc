"""The objects of the runtime: from the build into the vault and into the bucket."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.db import transaction

from pictogame.bucket.keys import encode, headers, is_runtime_key
from pictogame.bucket.models import BucketObject
from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import BuiltObject
from pictogame.catalog.models import RuntimeObject
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Key, Sha256
from pictogame.publishing import rows as table
from pictogame.publishing.errors import RuntimeDamaged
from pictogame.publishing.plan import Rank, Wanted
from pictogame.publishing.rows import Intent
from pictogame.publishing.wanted import RuntimeFile
from pictogame.publishing.writing import Vault
from pictogame.storage import Store

logger = logging.getLogger(__name__)


def install(*, bucket: Store, vault: Vault, pool: ThreadPoolExecutor) -> int:
    """Brings every object of the build into the vault and into the bucket; gives how many were not there yet.

    A bucket that lacks what its row calls stored has lost its contents, or is another one: then nothing is believed of
    it any more, and every game is published anew. When all are there it costs two queries and one HEAD.
    Raises RuntimeMissing when nothing was built, RuntimeDamaged when a file is not what its manifest says, StoreProblem
    """
    built = catalog.manifest().objects
    keys = [one.key for one in built]
    known = set(RuntimeObject.objects.filter(key__in=keys).values_list("key", flat=True))
    stored = set(BucketObject.objects.filter(key__in=keys, state="stored").values_list("key", flat=True))
    if stored and bucket.head(witness := min(stored)) is None:
        logger.warning("%s is not in the bucket, which held it: everything is written again.", witness)
        table.doubt_everything()
        stored = set()
    missing = [one for one in built if one.key not in known or one.key not in stored]
    if not missing:
        return 0
    plain = {one.key: _read(one) for one in missing}
    for one in missing:
        vault.keep(plain[one.key])
    encoded = {key: encode(key, data) for key, data in plain.items()}
    with transaction.atomic():
        RuntimeObject.objects.bulk_create(
            [RuntimeObject(key=one.key, sha256=one.sha256, size=one.size) for one in missing], ignore_conflicts=True
        )
        table.revive(encoded)
        rows = table.intend([Intent(key, sha256_of(data), len(data)) for key, data in encoded.items()], [])
    list(pool.map(lambda one: _put(bucket, *one), encoded.items()))
    table.mark_stored(list(rows.values()))
    logger.info("%s objects of the runtime were installed.", len(missing))
    return len(missing)


def files(keys: set[Key], *, vault: Vault) -> Mapping[Key, RuntimeFile]:
    """Those of the runtime objects that are installed, with their bytes as the bucket holds or shall hold them."""
    stored = {
        key: (Sha256(sha256), size)
        for key, sha256, size in BucketObject.objects.filter(key__in=keys, state="stored").values_list(
            "key", "sha256", "size"
        )
    }
    found: dict[Key, RuntimeFile] = {}
    for name, sha256 in RuntimeObject.objects.filter(key__in=keys).values_list("key", "sha256"):
        key, source = Key(name), Sha256(sha256)
        if key not in stored:
            data = encode(key, vault.read(source))
            stored[key] = (sha256_of(data), len(data))
        stored_sha256, size = stored[key]
        item = Wanted(key, stored_sha256, Rank.LEAF, size, source=source)
        found[key] = RuntimeFile(item, vault.read(source) if key.endswith(".json") else b"")
    return found


def _read(built: BuiltObject) -> bytes:
    if not is_runtime_key(built.key):
        raise RuntimeDamaged(f"The runtime's manifest names {built.key}, which is no key of the runtime.")
    path = Path(settings.RUNTIME_DIST) / built.key
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RuntimeDamaged(f"The runtime's file {built.key} can't be read: run `make runtime`.") from error
    if sha256_of(data) != built.sha256:
        raise RuntimeDamaged(f"The runtime's file {built.key} is not what its manifest says: run `make runtime`.")
    return data


def _put(bucket: Store, key: Key, data: bytes) -> None:
    kind = headers(key)
    bucket.put(
        key,
        data,
        content_type=kind.content_type,
        cache_control=kind.cache_control,
        content_encoding=kind.content_encoding,
    )
