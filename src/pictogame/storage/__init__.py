"""A store of objects: put, get, head, list, delete. A folder, S3, or memory."""

from pictogame.storage.errors import (
    STORE_AWAY,
    BadAddress,
    BadKey,
    NotThere,
    StoreFull,
    StoreMissing,
    StoreProblem,
    StoreRefused,
    StoreUnavailable,
)
from pictogame.storage.opening import open_store
from pictogame.storage.store import Stat, Store

__all__ = [
    "STORE_AWAY",
    "BadAddress",
    "BadKey",
    "NotThere",
    "Stat",
    "Store",
    "StoreFull",
    "StoreMissing",
    "StoreProblem",
    "StoreRefused",
    "StoreUnavailable",
    "open_store",
]
