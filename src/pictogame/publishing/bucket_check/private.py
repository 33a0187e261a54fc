"""Whether the vault takes what it is given, gives it to nobody else, and lets go of it."""

import secrets
from collections.abc import Iterator

from django.conf import settings

from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Sha256
from pictogame.media import erasing
from pictogame.media.vault import FOLDER, Vault, key_of, vault
from pictogame.publishing.bucket_check.administration import Administration, administration
from pictogame.publishing.bucket_check.asking import ask
from pictogame.publishing.bucket_check.proving import listing
from pictogame.publishing.bucket_check.steps import Step
from pictogame.publishing.bucket_check.versions import given, left, versions
from pictogame.storage import BadAddress, StoreProblem


def private() -> Iterator[Step]:
    """Writes an object into the vault of the settings, tries as a stranger what only we may, and deletes it."""
    one = vault_on_s3()
    if one is not None:
        there = one.step(
            f"The vault {one.bucket} is there",
            lambda: one.call("head_bucket"),
            refused="It does not exist for us: check its name and the credentials. `pictogame bucket init` makes it.",
        )
        yield there
        if not there.ok:
            return
        yield versions(one, folders=(FOLDER,))
    try:
        store = vault(called="The vault")
    except BadAddress as problem:
        yield Step("The vault can be opened", ok=False, why=problem.for_operators)
        return
    yield from _tried(one, store)


def vault_on_s3() -> Administration | None:
    """The vault of the settings as its owner sees it; None when it is not on S3."""
    return administration(settings.VAULT, called="vault")


def _tried(one: Administration | None, store: Vault) -> Iterator[Step]:
    data = secrets.token_bytes(300)
    mine, strangers = sha256_of(data), sha256_of(secrets.token_bytes(8))
    # By these rows a sweep finds what a check leaves that is killed half-way.
    erasing.reserve([mine, strangers])
    known: list[tuple[str, str]] = []
    ending: list[Step] = []
    try:
        written = _written(store, mine, data)
        yield written
        if written.ok and one is not None:
            yield from _closed(one, store, mine, data, strangers)
            proof = given(one, [key_of(mine), key_of(strangers)], written=key_of(mine), data=data)
            known = proof.versions
            yield proof.step
    finally:
        ending.append(_removed(store, [mine, strangers]))
    yield from ending
    if one is not None and written.ok and ending[0].ok:
        yield left(one, [key_of(mine), key_of(strangers)], known)


def _written(store: Vault, mine: Sha256, data: bytes) -> Step:
    what = "Writing into the vault, and reading it back"
    try:
        store.keep(data)
        same = store.read(mine) == data
    except StoreProblem as problem:
        return Step(what, ok=False, why=problem.for_operators)
    return Step(what, ok=same, why="" if same else "Other bytes came back than were stored.")


def _removed(store: Vault, hashes: list[Sha256]) -> Step:
    what = "Deleting what was written into the vault"
    try:
        for sha256 in hashes:
            store.forget(sha256)
        still = any(store.holds(sha256) for sha256 in hashes)
    except StoreProblem as problem:
        return Step(what, ok=False, why=problem.for_operators)
    if still:
        return Step(what, ok=False, why="It is there after its delete: is the vault locked?")
    erasing.spare(hashes)
    return Step(what, ok=True)


def _closed(one: Administration, store: Vault, mine: Sha256, data: bytes, strangers: Sha256) -> Iterator[Step]:
    """What only we may: everybody's originals lie here, those of games that nobody published too."""
    what = "Nobody reads the vault but us"
    answer = ask(f"{one.address}/{key_of(mine)}")
    if isinstance(answer, str):
        yield Step(what, ok=None, why=f"Not known: nothing answers at {one.address}.")
        return
    read = answer.status == 200 and answer.body == data
    why = "Anybody can read originals and what was never published: take that right away at once." if read else ""
    yield Step(what, ok=not read, why=why)
    listed = listing(one.root, [key_of(mine)])
    why = f"Anybody can list the vault ({listed}): take that right away at once." if listed else ""
    yield Step("Nobody lists the vault but us", ok=not listed, why=why)
    yield _unwritable(one, store, mine, strangers)


def _unwritable(one: Administration, store: Vault, mine: Sha256, strangers: Sha256) -> Step:
    what = "Nobody writes into the vault but us"
    ask(f"{one.address}/{key_of(strangers)}", method="PUT", data=b"a stranger's")
    ask(f"{one.address}/{key_of(mine)}", method="DELETE")
    try:
        if store.holds(strangers):
            return Step(what, ok=False, why="Anybody can write into the vault: take that right away at once.")
        if not store.holds(mine):
            return Step(what, ok=False, why="Anybody can delete from the vault: take that right away at once.")
    except StoreProblem as problem:
        return Step(what, ok=False, why=problem.for_operators)
    return Step(what, ok=True)
