"""`pictogame bucket check`: writes, reads back as any browser does, compares, and deletes."""

from collections.abc import Iterator

from django.conf import settings

from pictogame.bucket import keys
from pictogame.lib.types import Key
from pictogame.publishing.bucket_check import rules
from pictogame.publishing.bucket_check.administration import Administration, Refusal, administration
from pictogame.publishing.bucket_check.asking import Answer, ask
from pictogame.publishing.bucket_check.private import private
from pictogame.publishing.bucket_check.proving import OUTSIDE, Samples, closed, removing, samples
from pictogame.publishing.bucket_check.steps import Step
from pictogame.publishing.bucket_check.versions import given, left, versions
from pictogame.storage import Store

_RANGE = (10, 14)


def check(*, bucket: Store | None = None, bucket_url: str | None = None) -> Iterator[Step]:
    """Writes three objects, reads them back through the public address as any browser does, and deletes them.

    Compared are bytes and headers, without an Origin and with `Origin: null`, as a sandboxed widget sends it; HEAD,
    ranges and what a browser has already; and that nobody reads, lists or writes what is not meant for all. Then the
    vault: that it can be written, and is nobody else's. The bucket is that of the settings unless given; of another one
    the vault is not looked at. Never stops at the first thing that is wrong.
    """
    one = None if bucket else administration(settings.BUCKET)
    if one is not None:
        yield versions(one, folders=keys.PREFIXES)
    found = samples(bucket=bucket, bucket_url=bucket_url)
    known: list[tuple[str, str]] = []
    with removing(found) as ending:
        written = True
        for step in found.write():
            yield step
            written = written and step.ok is True
        if written:
            for key, data in found.games.items():
                yield from _read(found.address, key, data)
            yield from closed(found)
            yield _preflight(found)
            if one is not None:
                proof = given(one, found.all_keys, written=found.outside, data=OUTSIDE)
                known = proof.versions
                yield proof.step
                yield _conditional(one, found, known)
    yield from ending
    if written and all(step.ok for step in ending):
        if one is not None:
            yield left(one, found.all_keys, known)
        yield _unread(found)
    if bucket is None:
        yield from private()


def _read(address: str, key: Key, data: bytes) -> Iterator[Step]:
    url = f"{address}/{key}"
    for origin in (None, "null"):
        asked = f"Reading {url} " + (f"with Origin: {origin}" if origin else "without an Origin")
        wrong = _got(ask(url, headers=_origin(origin)), key, data, origin)
        yield Step(asked, ok=not wrong, why=wrong)
    wrong = _headed(ask(url, method="HEAD", headers=_origin("null")), key, data)
    yield Step(f"Asking for its headers alone (HEAD {key})", ok=not wrong, why=wrong)
    wrong = _parted(ask(url, headers={"Range": "bytes={}-{}".format(*_RANGE), **_origin("null")}), data)
    yield Step(f"Reading a part of {key}", ok=not wrong, why=wrong)
    wrong = _kept(url)
    yield Step(f"Reading {key} once more, when it has not changed", ok=not wrong, why=wrong)


def _origin(origin: str | None) -> dict[str, str]:
    return {"Origin": origin} if origin else {}


def _got(answer: Answer | str, key: Key, data: bytes, origin: str | None) -> str:
    """What differs from what a browser needs, in a sentence; empty when nothing does."""
    if isinstance(answer, str):
        return answer
    if answer.status != 200:
        return answer.sentence
    if answer.body != data:
        return "Other bytes came back than were stored: does something in between change or unpack them?"
    return _headers(answer, key, origin)


def _headed(answer: Answer | str, key: Key, data: bytes) -> str:
    if isinstance(answer, str):
        return answer
    if answer.status != 200:
        return answer.sentence
    if answer.headers.get("content-length") != str(len(data)):
        return f"Content-Length is {answer.headers.get('content-length') or 'missing'}, and should be {len(data)}."
    return _headers(answer, key, "null")


def _headers(answer: Answer, key: Key, origin: str | None) -> str:
    kind = keys.headers(key, pointer_max_age=settings.POINTER_MAX_AGE)
    expected = {"Content-Type": kind.content_type, "Cache-Control": kind.cache_control}
    if kind.content_encoding:
        expected["Content-Encoding"] = kind.content_encoding
    elif answer.headers.get("content-encoding"):
        return f"Content-Encoding is {answer.headers['content-encoding']}, and there should be none."
    if origin and not _may_be_read_by(origin, answer):
        expected["Access-Control-Allow-Origin"] = "*"
    for name, value in expected.items():
        said = answer.headers.get(name.lower(), "")
        if said.replace(" ", "").lower() != value.replace(" ", "").lower():
            hint = " Run `pictogame bucket init`." if name.startswith("Access") else ""
            return f"{name} is {said or 'missing'}, and should be {value}.{hint}"
    return ""


def _may_be_read_by(origin: str, answer: Answer) -> bool:
    """Whether a page of that origin may read the answer, and a cache knows that another origin gets another one."""
    allowed = answer.headers.get("access-control-allow-origin")
    return allowed == "*" or (allowed == origin and "origin" in answer.headers.get("vary", "").lower())


def _parted(answer: Answer | str, data: bytes) -> str:
    if isinstance(answer, str):
        return answer
    first, last = _RANGE
    if answer.status != 206:
        return f"The answer is {answer.status}, and should be 206: a broken download can't be continued."
    if answer.body != data[first : last + 1]:
        return "Another part came back than was asked for."
    if answer.headers.get("content-range") != f"bytes {first}-{last}/{len(data)}":
        return f"Content-Range is {answer.headers.get('content-range') or 'missing'}."
    return ""


def _kept(url: str) -> str:
    first = ask(url, headers=_origin("null"))
    if isinstance(first, str):
        return first
    tag = first.headers.get("etag")
    if not tag:
        return "There is no ETag, so browsers fetch again what they have."
    answer = ask(url, headers={"If-None-Match": tag, **_origin("null")})
    if isinstance(answer, str):
        return answer
    if answer.status != 304 or answer.body:
        return f"The answer is {answer.status}, and should be 304: browsers fetch again what they have."
    return ""


def _preflight(found: Samples) -> Step:
    """Told, and nothing more: games ask only in ways that need no leave beforehand."""
    what = "Asking for leave beforehand (OPTIONS), which games never need"
    key = next(iter(found.games))
    asked = {"Origin": "null", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    answer = ask(f"{found.address}/{key}", method="OPTIONS", headers=asked)
    if isinstance(answer, str):
        return Step(what, ok=None, why=answer)
    allowed = answer.status < 300 and _may_be_read_by("null", answer)
    return Step(what, ok=True, why="" if allowed else "It is not given; other people's scripts may want it.")


def _conditional(one: Administration, found: Samples, known: list[tuple[str, str]]) -> Step:
    """Told, and nothing more: the order of writing is kept by rows, and no write of ours depends on it.

    A version that comes of it joins those that are known.
    """
    what = "Writes on a condition, which Pictogame does not depend on"
    key, data = next(iter(found.games.items()))
    name = f"{rules.below(one.prefix)}{key}"
    try:
        answer = one.call("put_object", Key=name, Body=data, IfNoneMatch="*")
    except Refusal as refusal:
        if refusal.reason in {"PreconditionFailed", "412"}:
            return Step(what, ok=True)
        return Step(what, ok=None, why=f"The server does not take them ({refusal.reason}).")
    if version := answer.get("VersionId"):
        known.append((name, version))
    return Step(what, ok=True, why="The server ignores the condition.")


def _unread(found: Samples) -> Step:
    """Whether copies are left on the way."""
    what = "It can't be read any more"
    answer = ask(f"{found.address}/{next(iter(found.games))}")
    if isinstance(answer, str):
        return Step(what, ok=None, why=answer)
    why = "A cache before the bucket still gives it: receipts name the day on which it forgets by itself."
    return Step(what, ok=True, why=why if answer.status == 200 else "")
