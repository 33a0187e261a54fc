"""Reads games as a widget does: plain GETs of one address, from the description to everything that it names."""

import http.client
import json
import re
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

from pictogame.bucket.keys import decode

_INLINE = re.compile(rb'<script type="application/xml" id="game">\n(.*?)</script>', re.DOTALL)
_SECONDS = 20


class Answer(NamedTuple):
    """What the bucket's server said."""

    status: int
    headers: dict[str, str]
    body: bytes
    """As stored: still compressed where the key says so."""


class NotReadable(Exception):  # noqa: N818  It is what a reader meets; whether it is an error the test says.
    """Something that a game names did not come with status 200."""


@dataclass(frozen=True, slots=True)
class Playing:
    """A game as a reader found it."""

    title: str
    page_title: str
    """What the page's own copy of the description says."""
    oembed_title: str
    xml: bytes
    inline: bytes
    """The description within the page, without the line of its version."""
    alts: tuple[str, ...]
    options: dict[str, str]
    files: dict[str, bytes]
    """Key to bytes as stored, of everything that description and page name."""

    @property
    def media(self) -> set[str]:
        """The keys of its pictures."""
        return {key for key in self.files if key.startswith("m/")}


class Reader:
    """Asks one bucket over one connection, as a browser that has nothing cached. Not for several threads."""

    def __init__(self, address: str) -> None:
        """`address` of the bucket, without a slash at its end."""
        self._address = address
        parts = urlsplit(address)
        self._base = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, key: str) -> Answer:
        """One GET; once more when the server closed the connection meanwhile."""
        for again in (True, False):
            try:
                self._connection.request("GET", f"{self._base}/{key}", headers={"Origin": "null"})
                answer = self._connection.getresponse()
                body = answer.read()
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                self._connection.close()
                if not again:
                    raise
                continue
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
        raise AssertionError("Unreachable.")

    def bytes_of(self, key: str) -> bytes:
        """The bytes as stored. Raises NotReadable."""
        answer = self.get(key)
        if answer.status != http.HTTPStatus.OK:
            raise NotReadable(f"{key} answers {answer.status}")
        return answer.body

    def description(self, game_id: str) -> tuple[bytes, ET.Element]:
        """game.xml, as bytes and as a tree. Raises NotReadable."""
        key = f"g/{game_id}.xml"
        xml = decode(key, self.bytes_of(key))
        return xml, ET.fromstring(xml)

    def game(self, game_id: str) -> Playing:
        """Everything of a game: description, page, card, oEmbed answer and whatever they name. Raises NotReadable."""
        xml, tree = self.description(game_id)
        page = self.bytes_of(f"g/{game_id}.html")
        found = _INLINE.search(page)
        if found is None:
            raise NotReadable(f"g/{game_id}.html holds no description")
        inline = found[1]
        named = named_by(game_id, tree) | named_by(game_id, ET.fromstring(inline))
        files = {key: self.bytes_of(key) for key in sorted(named)}
        files[f"g/{game_id}.jpg"] = self.bytes_of(f"g/{game_id}.jpg")
        oembed = json.loads(self.bytes_of(f"g/{game_id}.json"))
        return Playing(
            title=title_in(tree),
            page_title=title_in(ET.fromstring(inline)),
            oembed_title=oembed["title"],
            xml=xml,
            inline=inline,
            alts=tuple(one.get("alt", "") for one in tree.iterfind("{*}picture")),
            options={one.get("name", ""): one.get("value", "") for one in tree.iterfind("{*}option")},
            files=files,
        )


def named_by(game_id: str, tree: ET.Element) -> set[str]:
    """The keys of all that a description refers to, resolved as a browser resolves them."""
    here = f"http://bucket/g/{game_id}.xml"
    return {urlsplit(urljoin(here, src)).path[1:] for one in tree.iter() if (src := one.get("src"))}


def title_in(tree: ET.Element) -> str:
    """The title that a description says."""
    return tree.findtext("{*}title") or ""
