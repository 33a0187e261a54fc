"""The publisher's part in the vault, for tests without a publisher."""

from concurrent.futures import ThreadPoolExecutor

from pictogame.media import erasing


def erase() -> int:
    """Removes from the vault what is due; gives how much was settled."""
    with ThreadPoolExecutor(2) as pool:
        return erasing.erase(pool=pool)
