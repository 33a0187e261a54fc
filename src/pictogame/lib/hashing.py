"""Hashes of bytes, of files and of secrets, and random names."""

import hashlib
import secrets
from pathlib import Path

from pictogame.lib.types import GameId, Secret, Sha256

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
GAME_ID_LENGTH = 14


def sha256_of(data: bytes) -> Sha256:
    """The SHA-256 of `data`."""
    return Sha256(hashlib.sha256(data).hexdigest())


def sha256_of_file(path: Path) -> Sha256:
    """The SHA-256 of a file, read in pieces; memory stays constant."""
    with path.open("rb") as file:
        return Sha256(hashlib.file_digest(file, "sha256").hexdigest())


def new_game_id() -> GameId:
    """A random id of 70 bits: nobody guesses the address of an unlisted game."""
    return GameId("".join(secrets.choice(_BASE32) for _ in range(GAME_ID_LENGTH)))


def new_secret() -> Secret:
    """A random edit secret of 160 bits, safe in a web address."""
    return Secret("".join(secrets.choice(_BASE32) for _ in range(32)))


def hash_of_secret(secret: str) -> Sha256:
    """What is kept of a secret. It has 160 random bits, so a fast hash is as good as a slow one."""
    return sha256_of(secret.encode())
