"""Tells a CDN what it shall forget: by a request or by a command, beside the line of games and never in its way."""

import json
import shlex
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from pictogame.jobs import leases
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.publishing.models import Purge, Receipt

ADDRESSES_AT_ONCE = 30
"""What one request names: no CDN that takes lists takes fewer."""
CALL_SECONDS = 20.0
LEASE_SECONDS = 300
"""A call that takes longer is given up: an answer that comes byte by byte would else keep all others waiting."""
_NOT_TOLD = "The CDN could not be told."
_TOO_LONG = "The CDN did not take it within five minutes."
_UNEXPECTED = "The CDN could not be told: something went wrong that nobody foresaw."

log = logs.named(__name__)


class NotTaken(Problem):
    """The CDN has not taken it. Creators read the sentence; `cause` is the operator's alone: it may name their CDN."""

    def __init__(self, sentence: str, cause: str = "") -> None:
        super().__init__(sentence)
        self.cause = cause


class Hook(Protocol):
    """How a CDN is told."""

    def tell(self, addresses: Sequence[str]) -> None:
        """Returns when the CDN has taken all of them; raises NotTaken otherwise. Telling it twice is fine."""


class UrlHook:
    """POSTs `{"files": [address, …]}` to an address, up to 30 at once; any answer of 200 to 299 will do."""

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url
        self._token = token

    def tell(self, addresses: Sequence[str]) -> None:
        """See Hook. A redirect is a refusal: the list is sent to nobody else."""
        opener = urllib.request.build_opener(_NoRedirects)
        for some in _pieces(addresses):
            request = urllib.request.Request(  # noqa: S310  The operator's own address, http or https by its reader.
                self._url, json.dumps({"files": some}).encode(), {"Content-Type": "application/json"}, method="POST"
            )
            if self._token:
                request.add_header("Authorization", f"Bearer {self._token}")
            try:
                opener.open(request, timeout=CALL_SECONDS).close()
            except urllib.error.HTTPError as error:
                with error:
                    raise NotTaken(f"The CDN was told, and answered {error.code}.") from error
            except (OSError, ValueError, HTTPException) as error:
                reason = getattr(error, "reason", error)
                raise NotTaken(_NOT_TOLD, f"{type(error).__name__}: {reason}".strip()) from error


class CommandHook:
    """Runs a command with the addresses on its standard input, one a line; 0 is its word that they are forgotten."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)

    def tell(self, addresses: Sequence[str]) -> None:
        """See Hook."""
        try:
            ended = subprocess.run(  # noqa: S603  The operator's own command.
                self._command,
                input="".join(f"{address}\n" for address in addresses),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=CALL_SECONDS * 3,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NotTaken("The command that tells the CDN did not end in a minute.") from error
        except OSError as error:
            raise NotTaken("The command that tells the CDN can't be run.", str(error)) from error
        if ended.returncode:
            said = " ".join(ended.stderr.strip().splitlines()[-1:])
            raise NotTaken(f"The command that tells the CDN ended with {ended.returncode}.", said)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        """None: urllib takes the redirect as the error that it is here."""


def is_set() -> bool:
    """Whether a CDN is to be told."""
    return bool(settings.PURGE_URL or settings.PURGE_COMMAND)


def hook() -> Hook | None:
    """The hook of the settings."""
    if settings.PURGE_COMMAND:
        return CommandHook(shlex.split(settings.PURGE_COMMAND))
    return UrlHook(settings.PURGE_URL, settings.PURGE_TOKEN) if settings.PURGE_URL else None


class Purging:
    """Works on one purge at a time, in a thread of its own that touches no row."""

    def __init__(self) -> None:
        self._call: _Call | None = None

    def step(self) -> bool:
        """Notes how a call ended, begins the next; gives whether there was anything to do. Never waits for a CDN."""
        if self._call is not None:
            if self._call.is_alive() and leases.clock() < self._call.until:
                return False
            _settle(self._call)
            self._call = None
            return True
        told_by = hook()
        if told_by is None:
            return False
        claimed = leases.claim(_due, limit=1, seconds=LEASE_SECONDS)
        if not claimed:
            return False
        self._call = _Call(claimed[0], told_by)
        self._call.start()
        return True


def _due() -> QuerySet[Purge]:
    return Purge.objects.filter(due_at__isnull=False)


class _Call(threading.Thread):
    """Ends with its process, whatever it is doing: the row is still there then."""

    def __init__(self, purge: Purge, told_by: Hook) -> None:
        super().__init__(name="purge", daemon=True)
        self.purge = purge
        self.until = leases.clock() + LEASE_SECONDS
        self.problem: NotTaken | None = NotTaken(_TOO_LONG)
        self._told_by = told_by

    def run(self) -> None:
        try:
            self._told_by.tell(self.purge.addresses)
            self.problem = None
        except NotTaken as problem:
            self.problem = problem
        except Exception as error:
            log.warning("purge_failed", cause=error, receipt=self.purge.receipt_id)
            self.problem = NotTaken(_UNEXPECTED, f"{type(error).__name__}: {error}")


def _settle(call: _Call) -> None:
    purge, problem = call.purge, call.problem
    if problem is not None:
        log.warning("purge_refused", receipt=purge.receipt_id, said=problem.sentence, why=problem.cause)
        leases.fail(purge, problem=problem.sentence, cause=problem.cause, tries=None)
        return
    with transaction.atomic():
        if leases.finish(purge):
            Purge.objects.filter(pk=purge.pk).update(done_at=Now())
            Receipt.objects.filter(pk=purge.receipt_id, finished_at=None).update(**leases.due())


def _pieces(addresses: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(addresses), ADDRESSES_AT_ONCE):
        yield list(addresses[start : start + ADDRESSES_AT_ONCE])
