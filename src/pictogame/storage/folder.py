"""A folder as a store: atomic writes that outlive a loss of power, and no way out of it through a symbolic link."""

import errno
import hashlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pictogame.lib.types import Key, Sha256
from pictogame.storage.errors import NotThere, StoreFull, StoreProblem, StoreRefused, StoreUnavailable
from pictogame.storage.store import Stat, checked

# Objects are written here first and then renamed: a name that no key can have, on the same file system.
_UNFINISHED = ".unfinished"
_A_DAY = 86_400
_PIECE = 1 << 20
_INTO = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without blocking: a pipe that somebody planted must not hold a reader.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
# Without noting when it was read last, which is a write of its own; only to the owner of a file that is granted.
_READ_UNNOTED = _READ | getattr(os, "O_NOATIME", 0)
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


class FolderStore:
    """Objects as files below `root`, which is made when first written to.

    Every step into a folder is taken with O_NOFOLLOW, so a link planted inside is never followed. `public` decides
    whether others on this machine, such as a web server, may read the files.
    """

    def __init__(self, root: Path, *, public: bool = False) -> None:
        self.root = root
        self._public = public
        self._file_mode = 0o644 if public else 0o600
        self._folder_mode = 0o755 if public else 0o700
        # Folders whose name this process has seen to reach the disk.
        self._lasting: set[Path] = set()

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,  # noqa: ARG002  The server of the folder derives headers from the key.
        cache_control: str | None = None,  # noqa: ARG002
        content_encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        *folders, name = checked(key).split("/")
        with _sentences(key, writing=True), ExitStack() as open_folders:
            root = self._root(open_folders, make=True)
            folder = self._enter(open_folders, root, folders, make=True)
            unfinished = self._enter(open_folders, root, [_UNFINISHED], make=True)
            temporary = secrets.token_hex(12)
            try:
                self._write(unfinished, temporary, data)
                _grow_in_time(unfinished, temporary, folder, name, _mark_of(key))
                os.rename(temporary, name, src_dir_fd=unfinished, dst_dir_fd=folder)
            except BaseException:
                _unlink(temporary, unfinished)
                raise
            os.fsync(folder)

    def get(self, key: str) -> bytes:
        ((_, data),) = self._contents([checked(key)])
        if isinstance(data, OSError):
            raise _sentence_for(key, data) from data
        return data

    def get_local(self, keys: Iterable[Key]) -> dict[Key, bytes]:
        return {key: data for key, data in self._contents(keys) if isinstance(data, bytes)}

    def get_to_file(self, key: str, path: Path) -> None:
        with (
            self._open(key) as descriptor,
            os.fdopen(descriptor, "rb", closefd=False) as source,
            path.open("wb") as target,
        ):
            shutil.copyfileobj(source, target, _PIECE)

    def digest(self, key: str) -> Sha256:
        with self._open(key) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as source, _sentences(key):
            return Sha256(hashlib.file_digest(source, "sha256").hexdigest())

    def head(self, key: str) -> Stat | None:
        try:
            with self._open(key) as descriptor:
                return _stat_of(Key(key), os.fstat(descriptor))
        except NotThere:
            return None

    def list(self, folder: str = "") -> Iterator[Stat]:
        folders = checked(folder).split("/") if folder else []
        with ExitStack() as open_folders:
            try:
                with _sentences(folder):
                    descriptor = self._enter(open_folders, self._root(open_folders), folders)
            except NotThere:
                return
            yield from _walk(descriptor, f"{folder}/" if folder else "")

    def delete(self, key: str) -> None:
        *folders, name = checked(key).split("/")
        try:
            with _sentences(key), ExitStack() as open_folders:
                root = self._root(open_folders)
                folder = self._enter(open_folders, root, folders)
                with suppress(FileNotFoundError):
                    second = int(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime)
                    if self._public and second >= int(time.time()):
                        self._mark(root, _mark_of(key), second)
                    os.unlink(name, dir_fd=folder)
                # What is gone already may be so in memory alone: whoever unlinked it may have died before this.
                os.fsync(folder)
        except NotThere:
            return

    def path(self, key: str) -> Path | None:
        return self.root / key if self.head(key) else None

    def tidy(self) -> int:
        removed = 0
        with ExitStack() as open_folders:
            try:
                with _sentences(_UNFINISHED):
                    folder = self._enter(open_folders, self._root(open_folders), [_UNFINISHED])
                    old = time.time() - _A_DAY
                    with os.scandir(folder) as entries:
                        left = [entry.name for entry in entries if entry.stat(follow_symlinks=False).st_mtime < old]
            except NotThere:
                return 0
            for name in left:
                _unlink(name, folder)
                removed += 1
        return removed

    def _contents(self, keys: Iterable[Key]) -> Iterator[tuple[Key, bytes | OSError]]:
        """Each object's bytes, or why there are none.

        What a publisher does most: in bare calls of the system, which take half the time of files and context
        managers, and in the order of the keys, so that a folder is entered once for all that is read from it.
        """
        way: list[str] = []
        opened: list[int] = []  # The root, and the folders of the way to where we are.
        try:
            for key in sorted(keys):
                *folders, name = checked(key).split("/")
                while way != folders[: len(way)]:
                    way.pop()
                    os.close(opened.pop())
                try:
                    if not opened:
                        opened.append(os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
                    for folder in folders[len(way) :]:
                        opened.append(os.open(folder, _INTO, dir_fd=opened[-1]))
                        way.append(folder)
                    data: bytes | OSError = _content(name, opened[-1])
                except OSError as error:
                    data = error
                yield key, data
        finally:
            for descriptor in reversed(opened):
                os.close(descriptor)

    def _root(self, open_folders: ExitStack, *, make: bool = False) -> int:
        if make and (self.root not in self._lasting or not self.root.is_dir()):
            self._make_root()
        # The root itself may be a link: where the store lies is the operator's choice.
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        open_folders.callback(os.close, descriptor)
        return descriptor

    def _make_root(self) -> None:
        missing = [one for one in (self.root, *self.root.parents) if not one.is_dir()]
        for one in reversed(missing):
            with suppress(FileExistsError):  # Another process may make it first.
                one.mkdir()
                if one == self.root:
                    one.chmod(self._folder_mode)
        for one in reversed(missing or [self.root]):
            _sync_folder(one.parent)
        self._lasting.add(self.root)

    def _enter(self, open_folders: ExitStack, folder: int, names: Sequence[str], *, make: bool = False) -> int:
        path = self.root
        for name in names:
            path /= name
            try:
                below = os.open(name, _INTO, dir_fd=folder)
            except FileNotFoundError:
                if not make:
                    raise
                with suppress(FileExistsError):  # Another thread may make it first.
                    os.mkdir(name, self._folder_mode, dir_fd=folder)
                self._lasting.discard(path)
                below = os.open(name, _INTO, dir_fd=folder)
                os.fchmod(below, self._folder_mode)
            open_folders.callback(os.close, below)
            if make and path not in self._lasting:
                # Also when another process has just made it: it may be dead before it comes to this.
                os.fsync(folder)
                self._lasting.add(path)
            folder = below
        return folder

    def _write(self, folder: int, name: str, data: bytes | Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, self._file_mode, dir_fd=folder)
        with os.fdopen(descriptor, "wb", buffering=0) as target:
            os.fchmod(
                descriptor, self._file_mode
            )  # Whatever the umask: a private vault is private, a public bucket is not.
            if isinstance(data, Path):
                with data.open("rb") as source:
                    shutil.copyfileobj(source, target, _PIECE)
            else:
                view = memoryview(data)
                while view:
                    view = view[target.write(view) or 0 :]
            os.fsync(descriptor)

    def _mark(self, root: int, mark: str, second: int) -> None:
        """Remembers the time of a file that goes before its second is over, for one that comes back under its key."""
        # Whoever deletes on a full disk makes room: that must not fail for want of it.
        with suppress(OSError), ExitStack() as open_folders:
            unfinished = self._enter(open_folders, root, [_UNFINISHED])
            os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=unfinished))
            os.utime(mark, (second, second), dir_fd=unfinished, follow_symlinks=False)

    @contextmanager
    def _open(self, key: str) -> Iterator[int]:
        *folders, name = checked(key).split("/")
        with _sentences(key), ExitStack() as opened:
            folder = self._enter(opened, self._root(opened), folders)
            descriptor = os.open(name, _READ, dir_fd=folder)
            opened.callback(os.close, descriptor)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise NotThere(f"There is nothing under {key}.")
            yield descriptor


@contextmanager
def _sentences(key: str, *, writing: bool = False) -> Iterator[None]:
    """Turns what the system says into a StoreProblem."""
    try:
        yield
    except OSError as error:
        raise _sentence_for(key, error, writing=writing) from error


def _sentence_for(key: str, error: OSError, *, writing: bool = False) -> StoreProblem:
    where = key or "the folder"
    if error.errno in _ABSENT:
        if writing:
            return StoreProblem(f"Something else lies on the way to {where}: a link, or a file in place of a folder.")
        return NotThere(f"There is nothing under {where}.")
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StoreFull("The disk is full. It goes on as soon as there is room again.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StoreRefused(f"The folder does not let {where} be read or written.")
    if error.errno in {errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY}:
        return StoreProblem(f"Something else lies where {where} should be.")
    return StoreUnavailable(f"The disk failed at {where}: {error.strerror}.")


def _content(name: str, folder: int) -> bytes:
    try:
        descriptor = os.open(name, _READ_UNNOTED, dir_fd=folder)
    except PermissionError:
        descriptor = os.open(name, _READ, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        data = os.read(descriptor, status.st_size)
        if len(data) == status.st_size:
            return data
        pieces = [data]
        while data := os.read(descriptor, _PIECE):
            pieces.append(data)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def _walk(folder: int, prefix: str) -> Iterator[Stat]:
    with _sentences(prefix), os.scandir(folder) as entries:
        # A folder sorts as its name with a slash, as the keys below it do.
        found = sorted(
            (f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name)
            for entry in entries
            if not entry.name.startswith(".") and not entry.is_symlink()
        )
    for name in found:
        key = Key(prefix + name)
        try:
            if name.endswith("/"):
                with _sentences(key):
                    below = os.open(name[:-1], _INTO, dir_fd=folder)
                try:
                    yield from _walk(below, key)
                finally:
                    os.close(below)
                continue
            with _sentences(key):
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except NotThere:
            continue  # It was deleted, or something else took its place, while the listing went on.
        if stat.S_ISREG(status.st_mode):
            yield _stat_of(key, status)


def _sync_folder(path: Path) -> None:
    """Lets the names in a folder reach the disk; one that we may not open is nobody's that we made."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stat_of(key: Key, status: os.stat_result) -> Stat:
    return Stat(key=key, size=status.st_size, modified_at=datetime.fromtimestamp(status.st_mtime, UTC))


def _mark_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _grow_in_time(new_folder: int, new: str, folder: int, name: str, mark: str) -> None:
    """Makes the new file younger than the one under its key by a whole second at least, whatever the clock says.

    Web servers make their ETag of seconds and size alone. Of three edits within one second the third may be as long as
    the first: were it not later than the second, which has another size, it would have the first one's ETag, and who
    has the first would keep it for ever. For a file deleted within its second its mark stands.
    """
    for at, one in ((folder, name), (new_folder, mark)):
        try:
            old = os.stat(one, dir_fd=at, follow_symlinks=False)
        except FileNotFoundError:
            continue
        status = os.stat(new, dir_fd=new_folder, follow_symlinks=False)
        if int(status.st_mtime) <= int(old.st_mtime):
            os.utime(new, (status.st_atime, int(old.st_mtime) + 1), dir_fd=new_folder, follow_symlinks=False)
        return


def _unlink(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
