"""`pictogame audit`: each finding told as it is found, and a summary at the end."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from pictogame.cli import saying
from pictogame.cli.exits import Exit, code_of
from pictogame.cli.progress import watching
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.media.vault import vault as vault_of_settings
from pictogame.publishing.audit import Finding, Kind, Summary
from pictogame.publishing.audit import audit as look


def run(*, repair: bool, vault: bool, deep: bool, patience: int, all_orphans: bool, machine: bool) -> Exit:
    """Audits the bucket (and the vault) of the settings.

    Gives PROBLEM while something is wrong that was not mended. With `machine` one JSON document is printed whatever
    happens, its list of findings while they are found.
    """
    summary = Summary()

    def go(tell: Callable[[Finding], None]) -> None:
        with watching() as watch:
            found = look(
                vault=vault_of_settings() if vault else None,
                repair=repair,
                deep=deep,
                patience=timedelta(seconds=patience),
                all_orphans=all_orphans,
                summary=summary,
                on_progress=watch,
            )
            for finding in found:
                tell(finding)

    if machine:
        return _for_machines(go, summary)
    go(lambda finding: saying.lines(_line(finding)))
    saying.lines(_summary(summary))
    if summary.total > summary.repaired and not repair:
        saying.note("`pictogame audit --repair` mends what can be mended.")
    elif summary.found[Kind.ORPHANED] and summary.total > summary.repaired:
        saying.note(
            "Orphans that are not Pictogame's own keys stay. So do very many of them: are the rows those of an older "
            "backup? With `--all-orphans`, those that are Pictogame's own keys go however many they are."
        )
    if summary.found[Kind.ASIDE]:
        saying.note("`pictogame retry` brings back what was set aside, once its cause is mended.")
    return _code(summary)


def _for_machines(go: Callable[[Callable[[Finding], None]], None], summary: Summary) -> Exit:
    document = saying.Growing("findings")
    try:
        go(lambda finding: document.add(_told(finding)))
    except Problem as problem:
        code = code_of(problem)
        document.end(error=problem.for_operators, code=int(code), summary=_counts(summary))
        return code
    except Exception:
        # The document is whole all the same: it has been begun.
        logs.named(__name__).exception("audit_failed")
        sentence = "Something went wrong that nobody foresaw. Please report it."
        document.end(error=sentence, code=int(Exit.PROBLEM), summary=_counts(summary))
        return Exit.PROBLEM
    except KeyboardInterrupt:
        document.end(error="Stopped.", code=int(Exit.INTERRUPTED), summary=_counts(summary))
        return Exit.INTERRUPTED
    code = _code(summary)
    wrong = {"error": _summary(summary), "code": int(code)} if code else {}
    document.end(**wrong, summary=_counts(summary))
    return code


def _code(summary: Summary) -> Exit:
    return Exit.PROBLEM if summary.total > summary.repaired else Exit.OK


def _told(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "store": finding.store,
        "key": finding.key.encode(errors="backslashreplace").decode(),
        "sentence": finding.sentence,
        "repaired": finding.repaired,
    }


def _counts(summary: Summary) -> dict[str, object]:
    counts = asdict(summary)
    return counts | {"found": {kind.value: count for kind, count in summary.found.items()}}


def _line(finding: Finding) -> str:
    where = "" if finding.store == "bucket" else f"{finding.store}: "
    mended = "  Mended, or on its way." if finding.repaired else ""
    return f"{finding.kind.value:9}  {where}{_printable(finding.key)}  {finding.sentence}{mended}"


def _printable(key: str) -> str:
    """Nothing in a name that a stranger gave ends a line, moves the cursor, or is no text."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in key)


def _summary(summary: Summary) -> str:
    under_way = f" ({summary.under_way:,} under way)" if summary.under_way else ""
    looked = (
        f"{summary.objects:,} objects ({summary.bytes:,} bytes, {summary.hashed:,} of them read), "
        f"{summary.rows:,} rows, {summary.games:,} games{under_way}"
    )
    if not summary.total:
        return f"All is well: {looked}."
    kinds = ", ".join(f"{count:,} {kind.value}" for kind, count in summary.found.items() if count)
    mended = f" {summary.repaired:,} mended, or on their way." if summary.repaired else ""
    return f"{kinds}: {looked}.{mended}"
