"""A receipt as text and as JSON. Pure."""

from collections.abc import Iterator
from datetime import datetime

from pictogame.publishing.queries import Line, Told

_BY = {
    "creator": "by its creator, with the edit link",
    "owner": "by the account that it belonged to",
    "command": "by whoever runs this installation, with a command",
    "moderator": "by whoever runs this installation, as a moderator",
    "age": "by itself: it was never published, and nobody came back to it for a long time",
}
_TITLES = {
    "page": "Its page, which says from now on that the game is gone",
    "object": "Gone from the bucket",
    "original": "Pictures as they were uploaded, gone from the vault",
    "rendition": "Forms of the pictures, gone from the vault",
}

_SHARED = "Caches that many people share, such as a CDN,"


def asked_by(told: Told) -> str:
    """At whose wish the game was deleted, in words."""
    return _BY[told.by]


def sentences(told: Told) -> Iterator[str]:
    """What stayed, what the CDN knows, and which copies may still be about."""
    if told.kept_objects or told.kept_pictures:
        objects = [f"{_many(told.kept_objects, 'object')} in the bucket"] if told.kept_objects else []
        pictures = [f"{_many(told.kept_pictures, 'picture')} in the vault"] if told.kept_pictures else []
        yield f"Kept, since another game uses the same: {', '.join(objects + pictures)}."
    if told.cdn == "told":
        yield f"The CDN was told to forget these addresses, and took it at {_time(told.cdn_told_at)}."
    if told.cdn == "waiting":
        yield "The CDN has not taken yet that it shall forget these addresses. It is told again until it has."
    if told.shared_until and told.browsers_until:
        unless = " unless they were told" if told.cdn == "none" else ""
        shared = "Other caches that many people share" if told.cdn == "told" else _SHARED
        yield f"{shared} may hold copies until {_time(told.shared_until)}{unless}."
        yield (
            f"A browser that has shown the game may hold copies of its own until {_time(told.browsers_until)}, "
            "and no store can tell it to forget them."
        )


def text(told: Told) -> str:
    """The whole receipt as plain text."""
    return "".join(f"{line}\n" for line in _text(told))


def _text(told: Told) -> Iterator[str]:
    yield f"Receipt for the deleted game {told.id}"
    yield ""
    yield f"Asked     {_time(told.asked_at)}, {asked_by(told)}"
    if told.finished_at:
        yield f"Finished  {_time(told.finished_at)}: every line below is confirmed."
    else:
        yield f"Not finished: {told.confirmed} of {len(told.lines)} lines are confirmed. {told.waits_for}"
    for kind, title in _TITLES.items():
        lines = [line for line in told.lines if line.kind == kind]
        if lines:
            yield ""
            yield f"{title}:"
            for line in lines:
                yield from _line(line)
    rest = list(sentences(told))
    if rest:
        yield ""
        yield from rest


def _line(line: Line) -> Iterator[str]:
    yield f"  {line.key}"
    if line.key != line.sha256:
        yield f"      sha256     {line.sha256}"
    yield f"      size       {line.size:,} bytes"
    yield f"      deleted    {_time(line.deleted_at) if line.deleted_at else 'not yet'}"
    yield f"      confirmed  {_time(line.confirmed_at) if line.confirmed_at else 'not yet'}"
    if line.shared_until and line.browsers_until:
        yield f"      caches     shared until {_time(line.shared_until)}, browsers until {_time(line.browsers_until)}"


def document(told: Told) -> dict[str, object]:
    """The whole receipt for machines; times as ISO 8601 in UTC, null where something has not happened."""
    return {
        "id": told.id,
        "by": told.by,
        "asked_at": _iso(told.asked_at),
        "finished_at": _iso(told.finished_at),
        "waits_for": told.waits_for,
        "lines": [
            {
                "kind": line.kind,
                "key": line.key,
                "sha256": line.sha256,
                "size": line.size,
                "deleted_at": _iso(line.deleted_at),
                "confirmed_at": _iso(line.confirmed_at),
                "caches": {"browsers_until": _iso(line.browsers_until), "shared_until": _iso(line.shared_until)},
            }
            for line in told.lines
        ],
        "kept": {"objects": told.kept_objects, "pictures": told.kept_pictures},
        "cdn": {"state": told.cdn, "told_at": _iso(told.cdn_told_at)},
    }


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _iso(time: datetime | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def _time(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC") if time else "-"
