import re
from pathlib import Path

from pictogame.lib.hashing import hash_of_secret, new_game_id, new_secret, sha256_of, sha256_of_file


def test_a_file_and_its_bytes_have_one_hash(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"wood" * 100_000)
    assert sha256_of_file(path) == sha256_of(b"wood" * 100_000)


def test_ids_and_secrets_are_random_words_that_need_no_escaping() -> None:
    assert len({new_game_id() for _ in range(1000)}) == 1000
    assert all(re.fullmatch(r"[a-z2-7]{14}", new_game_id()) for _ in range(100))
    assert re.fullmatch(r"[a-z2-7]{32}", new_secret())


def test_a_secret_is_not_its_hash() -> None:
    secret = new_secret()
    assert secret not in {str(hash_of_secret(secret))}
    assert len(hash_of_secret(secret)) == 64
