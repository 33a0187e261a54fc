"""A crowd on paper: access logs of any format, as their servers would have written them, and the truth beside them."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from pictogame.stats.simulate.crowd import Asked, Crowd
from pictogame.stats.simulate.truth import Features, Truth
from pictogame.stats.simulate.world import World

_MISSING = 243
"""Bytes of the answer that there is nothing."""
_PART = 100


class Answered(NamedTuple):
    """A request with its answer, as a server logs it."""

    asked: Asked
    number: int
    status: int
    size: int
    hit: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """How a format is written."""

    features: Features
    line: Callable[[Answered, str, str], str]
    """Of an answer, the bucket's name and its host."""
    heading: str = ""


def write(
    crowd: Crowd, world: World, *, format_name: str, path: Path, bucket: str, address: str, seed: int, prefix: str = ""
) -> Truth:
    """Writes the log of all that the crowd does to `path`, and gives the truth. `prefix` is before every key."""
    paper = PAPERS[format_name]
    truth = Truth(paper.features)
    host = urlsplit(address).hostname or ""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(paper.heading)
        for answered in _answers(crowd.requests(), world, chance):
            asked = answered.asked
            truth.add(
                asked,
                at=asked.at,
                status=answered.status,
                size=answered.size,
                hit=answered.hit if paper.features.edge else None,
            )
            if prefix and asked.key:
                answered = answered._replace(asked=asked._replace(key=prefix + asked.key))  # noqa: PLW2901
            file.write(paper.line(answered, bucket, host) + "\n")
    return truth


def _answers(requests: Iterator[Asked], world: World, chance: random.Random) -> Iterator[Answered]:
    for number, asked in enumerate(requests):
        size = world.sizes.get(asked.key, 0)
        hit = chance.random() < 0.85
        odd = chance.random()
        if asked.missing:
            yield Answered(asked, number, 404, _MISSING, hit=False)
        elif asked.op in {"HEAD", "PUT", "LIST"}:
            yield Answered(asked, number, 200, 500 if asked.op == "LIST" else 0, hit=False)
        elif odd < 0.004:
            yield Answered(asked, number, 503, _MISSING, hit=False)
        elif asked.conditional:
            yield Answered(asked, number, 304, 0, hit)
        elif asked.part:
            yield Answered(asked, number, 206, min(_PART, size), hit)
        elif odd < 0.01:
            # The visitor went away before all had come.
            yield Answered(asked, number, 200, size // 3, hit)
        else:
            yield Answered(asked, number, 200, size, hit)


def _clf(one: Answered) -> str:
    return one.asked.at.strftime("%d/%b/%Y:%H:%M:%S +0000")


def _request(one: Answered) -> str:
    key, query = quote(one.asked.key), "?list-type=2" if one.asked.op == "LIST" else ""
    return f"{'GET' if one.asked.op == 'LIST' else one.asked.op} /{key}{query} HTTP/1.1"


def _s3(one: Answered, bucket: str, _host: str) -> str:
    asked = one.asked
    operation = "REST.GET.BUCKET" if asked.op == "LIST" else f"REST.{asked.op}.OBJECT"
    requester = "arn:aws:iam::123456789012:user/publisher" if asked.who == "own" else "-"
    size = str(one.size) if one.size else "-"
    # S3 writes user agents as they come, quotes and all.
    return (
        f"79a59df900b949e55d96a1e698fbaced {bucket} [{_clf(one)}] 192.0.2.{one.number % 250} {requester} "
        f"{one.number:016X} {operation} {quote(quote(asked.key)) or '-'} "
        f'"{_request(one)}" {one.status} {"NoSuchKey" if one.status == 404 else "-"} {size} {size} 12 11 '
        f'"{asked.referer}" "{asked.agent}" - '
        "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= "
        f"SigV4 ECDHE-RSA-AES128-GCM-SHA256 - {bucket}.s3.us-west-2.amazonaws.com TLSv1.2 - -"
    )


def _combined(one: Answered, _bucket: str, _host: str) -> str:
    asked = one.asked
    agent = asked.agent.replace("\\", "\\x5C").replace('"', "\\x22")
    start = f'192.0.2.{one.number % 250} - - [{_clf(one)}] "{_request(one)}"'
    return f'{start} {one.status} {one.size} "{asked.referer}" "{agent}"'


_FIELDS = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id"),
    *("x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher"),
    *("x-edge-response-result-type", "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port"),
    *("time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start"),
    "sc-range-end",
)


def _fields(one: Answered, host: str) -> dict[str, str]:
    asked = one.asked
    result = "Error" if one.status >= 400 else "Hit" if one.hit else "Miss"
    return dict.fromkeys(_FIELDS, "-") | {
        "date": f"{asked.at:%Y-%m-%d}",
        "time": f"{asked.at:%H:%M:%S}",
        "x-edge-location": "FRA56-C1",
        "sc-bytes": str(one.size),
        "c-ip": f"192.0.2.{one.number % 250}",
        "cs-method": "GET" if asked.op == "LIST" else asked.op,
        "cs(Host)": "d111111abcdef8.cloudfront.net",
        "cs-uri-stem": f"/{quote(asked.key)}",
        "sc-status": str(one.status),
        "cs(Referer)": asked.referer,
        "cs(User-Agent)": quote(asked.agent, safe="/;:,+().-"),
        "x-edge-result-type": result,
        "x-edge-request-id": f"{one.number:056x}",
        "x-host-header": host,
        "cs-protocol": "https",
        "x-edge-response-result-type": result,
    }


def _cloudfront(one: Answered, _bucket: str, host: str) -> str:
    return "\t".join(_fields(one, host).values())


def _cloudfront_json(one: Answered, _bucket: str, host: str) -> str:
    return json.dumps(_fields(one, host) | {"c-country": one.asked.country})


def _rgw(one: Answered, bucket: str, _host: str) -> str:
    asked = one.asked
    request = f"{'GET' if asked.op == 'LIST' else asked.op} /{bucket}/{quote(asked.key)} HTTP/1.1"
    return json.dumps(
        {
            "bucket": bucket,
            "time": f"{asked.at:%Y-%m-%dT%H:%M:%S}.123456Z",
            "remote_addr": f"192.0.2.{one.number % 250}",
            "user": "publisher" if asked.who == "own" else "anonymous",
            "operation": "list_bucket" if asked.op == "LIST" else "get_obj",
            "uri": request,
            "http_status": str(one.status),
            "error_code": "",
            "bytes_sent": one.size,
            "object_size": one.size,
            "user_agent": "" if asked.agent == "-" else asked.agent,
            "referrer": "" if asked.referer == "-" else asked.referer,
            "trans_id": f"tx{one.number:021x}-default",
        }
    )


def _caddy(one: Answered, _bucket: str, host: str) -> str:
    asked = one.asked
    named = (("User-Agent", asked.agent), ("Referer", asked.referer))
    return json.dumps(
        {
            "level": "info",
            "ts": asked.at.replace(tzinfo=UTC).timestamp() + 0.25,
            "logger": "http.log.access.log0",
            "msg": "handled request",
            "request": {
                "remote_ip": f"192.0.2.{one.number % 250}",
                "proto": "HTTP/2.0",
                "method": "GET" if asked.op == "LIST" else asked.op,
                "host": f"{host}:443",
                "uri": _request(one).split(" ")[1],
                "headers": {name: [value] for name, value in named if value != "-"},
            },
            "bytes_read": 0,
            "duration": 0.0009,
            "size": one.size,
            "status": one.status,
        }
    )


PAPERS: dict[str, Paper] = {
    "s3": Paper(Features(lists=True), _s3),
    "combined": Paper(Features(), _combined),
    "cloudfront": Paper(Features(edge=True), _cloudfront, f"#Version: 1.0\n#Fields: {' '.join(_FIELDS)}\n"),
    "cloudfront-json": Paper(Features(edge=True, countries=True), _cloudfront_json),
    "rgw": Paper(Features(lists=True), _rgw),
    "caddy": Paper(Features(), _caddy),
}
"""By the names of the formats."""
