"""The key store: what it keeps, what it refuses, and what a thief or an accident finds."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain.keys import recover
from services import key_file
from services.key_file import (
    USUAL_COST,
    Cost,
    KeyEntry,
    KeyStoreBusy,
    KeyStoreDamaged,
    KeyStoreError,
    KeyStoreExists,
    KeyStoreUnsafe,
    NoKeyStore,
)
from services.key_store import (
    BadName,
    KeyStore,
    KeyTaken,
    NameTaken,
    NoPrivateKey,
    NoSuchKey,
    Passphrase,
    PassphraseTooShort,
    WrongPassphrase,
    entries_of,
    typed_key,
)
from tests.support.shop import address, key, key_hex

WORDS = "correct horse battery staple"
RIGHT = Passphrase(WORDS)
OTHER = Passphrase("a quite different one")
CHEAP = Cost(1 << 14, 8, 1)
NAMES = ("hot", "cold", "wallet")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def store(path: Path) -> KeyStore:
    made = KeyStore.create(path, RIGHT, cost=CHEAP)
    for name in NAMES:
        made.add(name, key(name))
    return made


def forge(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the file as somebody would who knows its format: its checksum fits."""
    document = json.loads(path.read_bytes())
    del document["checksum"]
    change(document)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    document["checksum"] = sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(document), encoding="utf-8")


def in_another_process(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(key_file.__file__).parents[1],
    )


# ── what it keeps ─────────────────────────────────────────────────────────────────────────────


def test_what_was_added_is_there_when_it_is_opened_again(store: KeyStore, path: Path) -> None:
    again = KeyStore.open(path, RIGHT)
    for name in NAMES:
        kept = again.key(name)
        assert kept.address == address(name)
        assert kept.sign(b"bytes") == key(name).sign(b"bytes")
        assert again.key_of(address(name)) is kept
    assert again.key_of(address("ann")) is None
    assert again.verify() == ()


def test_everybody_may_know_names_and_addresses_and_nothing_else(
    store: KeyStore, path: Path
) -> None:
    entries = entries_of(path)
    assert [(entry.name, entry.address) for entry in entries] == [
        (name, address(name)) for name in NAMES
    ]
    assert entries == store.names()
    text = path.read_text(encoding="utf-8").lower()
    for name in NAMES:
        assert key_hex(name) not in text
    assert WORDS not in text


def test_a_new_key_is_made_here_and_signs(store: KeyStore, path: Path) -> None:
    first, second = store.generate("first"), store.generate("second")
    assert first.address != second.address
    made = KeyStore.open(path, RIGHT).key("first")
    assert recover(b"bytes", made.sign(b"bytes")) == first.address


def test_a_removed_key_is_gone(store: KeyStore, path: Path) -> None:
    assert store.remove("cold").address == address("cold")
    assert store.key_of(address("cold")) is None
    assert [entry.name for entry in KeyStore.open(path, RIGHT).names()] == ["hot", "wallet"]
    with pytest.raises(NoSuchKey, match="cold"):
        store.key("cold")
    with pytest.raises(NoSuchKey):
        store.remove("cold")


def test_a_name_or_a_key_is_there_once(store: KeyStore) -> None:
    with pytest.raises(NameTaken, match="hot"):
        store.add("hot", key("ann"))
    with pytest.raises(KeyTaken, match="named hot"):
        store.add("again", key("hot"))
    assert [entry.name for entry in store.names()] == list(NAMES)


@pytest.mark.parametrize("name", ["", "a b", "-a", "ä", "a" * 33, key_hex("ann"), "a\n"])
def test_a_name_that_is_none_is_refused_without_repeating_it(store: KeyStore, name: str) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: store.add(name, key("ann")),
        lambda: store.generate(name),
        lambda: store.key(name),
        lambda: store.remove(name),
    ]
    for attempt in attempts:
        with pytest.raises(BadName) as refusal:
            attempt()
        assert len(name) < 3 or name not in str(refusal.value)


def test_nonces_and_salts_are_never_used_twice(tmp_path: Path) -> None:
    seen: list[str] = []
    for number in range(3):
        store = KeyStore.create(tmp_path / f"{number}.json", RIGHT, cost=CHEAP)
        store.add("one", key("ann"))
        store.add("two", key("ben"))
        for passphrase in (OTHER, RIGHT):
            store.change_passphrase(passphrase, cost=CHEAP)
            document = json.loads(store.path.read_bytes())
            seen += [document["kdf"]["salt"], document["verifier"]["nonce"]]
            seen += [entry["nonce"] for entry in document["keys"]]
    assert len(set(seen)) == len(seen) == 3 * 2 * 4


def test_the_usual_cost_is_written_down_and_used(path: Path) -> None:
    KeyStore.create(path, RIGHT).add("hot", key("hot"))
    kdf = json.loads(path.read_bytes())["kdf"]
    assert (kdf["name"], kdf["n"], kdf["r"], kdf["p"]) == ("scrypt", 131_072, 8, 1)
    assert Cost(131_072, 8, 1) == USUAL_COST
    assert KeyStore.open(path, RIGHT).key("hot").address == address("hot")


# ── passphrases ───────────────────────────────────────────────────────────────────────────────


def test_a_wrong_passphrase_is_told_from_damage_even_when_nothing_is_kept(path: Path) -> None:
    KeyStore.create(path, RIGHT, cost=CHEAP)
    with pytest.raises(WrongPassphrase):
        KeyStore.open(path, OTHER)
    assert KeyStore.open(path, RIGHT).names() == ()


def test_a_short_passphrase_makes_no_store(path: Path, tmp_path: Path) -> None:
    with pytest.raises(PassphraseTooShort):
        KeyStore.create(path, Passphrase("a" * 11), cost=CHEAP)
    assert list(tmp_path.iterdir()) == []
    KeyStore.create(path, Passphrase("a" * 12), cost=CHEAP)


def test_the_same_letters_open_it_however_they_are_typed(path: Path) -> None:
    KeyStore.create(path, Passphrase("caf\u00e9 und k\u00e4se"), cost=CHEAP)
    KeyStore.open(path, Passphrase("cafe\u0301 und ka\u0308se"))


def test_a_passphrase_may_hold_what_no_text_holds(path: Path) -> None:
    """An environment variable need not be UTF-8; its bytes arrive as surrogates."""
    KeyStore.create(path, Passphrase("secret bytes \udcff"), cost=CHEAP)
    KeyStore.open(path, Passphrase("secret bytes \udcff"))
    with pytest.raises(WrongPassphrase):
        KeyStore.open(path, Passphrase("secret bytes \udcfe"))


def test_rotating_leaves_nothing_of_the_old_passphrase(store: KeyStore, path: Path) -> None:
    before = json.loads(path.read_bytes())
    store.change_passphrase(OTHER, cost=CHEAP)
    after = json.loads(path.read_bytes())
    assert before["kdf"]["salt"] != after["kdf"]["salt"]
    assert not {e["ciphertext"] for e in before["keys"]} & {e["ciphertext"] for e in after["keys"]}
    with pytest.raises(WrongPassphrase):
        KeyStore.open(path, RIGHT)
    again = KeyStore.open(path, OTHER)
    assert [again.key(name).address for name in NAMES] == [address(name) for name in NAMES]
    assert [(e.name, e.added_at) for e in again.names()] == [
        (e["name"], datetime.fromisoformat(e["added_at"])) for e in before["keys"]
    ]
    store.add("later", key("ann"))
    assert KeyStore.open(path, OTHER).key("later").address == address("ann")


def test_rotating_stops_at_a_key_that_does_not_open(store: KeyStore, path: Path) -> None:
    forge(path, lambda document: document["keys"][1].update(ciphertext="00" * 48))
    before = path.read_bytes()
    with pytest.raises(KeyStoreDamaged, match="cold"):
        KeyStore.open(path, RIGHT).change_passphrase(OTHER, cost=CHEAP)
    assert path.read_bytes() == before


# ── files that are not what they should be ────────────────────────────────────────────────────


def swap(document: dict[str, Any]) -> None:
    one, other = document["keys"][:2]
    for part in ("nonce", "ciphertext"):
        one[part], other[part] = other[part], one[part]


def swap_names(document: dict[str, Any]) -> None:
    one, other = document["keys"][:2]
    one["name"], other["name"] = other["name"], one["name"]


@pytest.mark.parametrize(
    ("change", "unusable"),
    [
        (swap, {"hot", "cold"}),
        (swap_names, {"hot", "cold"}),
        (lambda document: document["keys"][0].update(name="other"), {"other"}),
        (lambda document: document["keys"][0].update(address=address("ann")), {"hot"}),
        (
            lambda document: document["keys"][0].update(added_at="2020-01-01T00:00:00+00:00"),
            {"hot"},
        ),
        (lambda document: document["keys"][2].update(ciphertext="ab" * 48), {"wallet"}),
        (lambda document: document["keys"][2].update(nonce="ab" * 12), {"wallet"}),
    ],
)
def test_a_forged_entry_is_found_and_gives_no_key(
    store: KeyStore,
    path: Path,
    change: Callable[[dict[str, Any]], None],
    unusable: set[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    forge(path, change)
    opened = KeyStore.open(path, RIGHT)
    assert {entry.name for entry in opened.verify()} == unusable
    for entry in opened.names():
        if entry.name in unusable:
            with pytest.raises(KeyStoreDamaged, match=entry.name):
                opened.key(entry.name)
            assert opened.key_of(entry.address) is None
            assert opened.key_of(entry.address) is None
            assert sum(f"the key {entry.name} " in said for said in caplog.messages) == 1
        else:
            assert opened.key_of(entry.address) is opened.key(entry.name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["kdf"].update(n=1 << 13), "parameters"),
        (lambda d: d["kdf"].update(n=1 << 21), "parameters"),
        (lambda d: d["kdf"].update(n=(1 << 17) + 1), "parameters"),
        (lambda d: d["kdf"].update(n=-(1 << 17)), "parameters"),
        (lambda d: d["kdf"].update(n=True), "n is not"),
        (lambda d: d["kdf"].update(r=1 << 20), "parameters"),
        (lambda d: d["kdf"].update(p=5), "parameters"),
        (lambda d: d["kdf"].update(p=0), "parameters"),
        (lambda d: d["kdf"].update(name="pbkdf2"), "parameters"),
        (lambda d: d["kdf"].update(salt="00"), "length"),
        (lambda d: d["kdf"].update(salt=" " * 64), "length"),
        (lambda d: d["verifier"].pop("nonce"), "missing"),
        (lambda d: d.update(more=1), "missing or was added"),
        (lambda d: d.update(version=2), "version 2"),
        (lambda d: d.update(format="something"), "something else"),
        (lambda d: d.update(keys={}), "keys is not"),
        (lambda d: d["keys"].append(7), "missing"),
        (lambda d: d["keys"].append(d["keys"][0]), "same name"),
        (lambda d: d["keys"].append(d["keys"][0] | {"name": "x"}), "same address"),
        (lambda d: d["keys"][0].update(name="a b"), "name"),
        (lambda d: d["keys"][0].update(address="T1"), "address"),
        (lambda d: d["keys"][0].update(added_at="2026-11-27T00:00:00"), "time"),
        (lambda d: d["keys"][0].update(added_at="soon"), "time"),
        (lambda d: d["keys"][0].update(ciphertext="00"), "length"),
        (lambda d: d["keys"][0].update(ciphertext="00" * 300), "length"),
    ],
)
def test_what_no_program_of_ours_wrote_is_refused_before_anything_is_derived(
    store: KeyStore, path: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    forge(path, change)
    with pytest.raises(KeyStoreDamaged, match=said):
        KeyStore.open(path, RIGHT)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"null", b"[]", b"\xff", b"[" * 100_000, b" " * (1 << 21), b"{}"]
)
def test_what_is_no_key_store_is_called_damaged(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(KeyStoreDamaged, match=r"keys\.json"):
        entries_of(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.data())
def test_a_damaged_byte_changes_nothing_unseen(
    store: KeyStore, path: Path, data: st.DataObject
) -> None:
    """Never a wrong entry, and never a wrong passphrase where the file is what is wrong."""
    whole = key_file.render(store._file)
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] = data.draw(st.integers(0, 255))
    try:
        found = key_file.parse(path, bytes(changed))
    except KeyStoreDamaged:
        return
    assert found == store._file


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
def test_a_file_that_others_may_touch_is_not_used(store: KeyStore, path: Path, mode: int) -> None:
    path.chmod(mode)
    for attempt in (lambda: entries_of(path), lambda: KeyStore.open(path, RIGHT)):
        with pytest.raises(KeyStoreUnsafe, match="chmod 600"):
            attempt()
    with pytest.raises(KeyStoreUnsafe):
        store.add("later", key("ann"))


def test_what_is_no_plain_file_is_not_used(path: Path) -> None:
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyStoreUnsafe, match="plain file"):
        entries_of(path)


def test_a_store_that_is_not_there_is_named(path: Path) -> None:
    for attempt in (
        lambda: entries_of(path),
        lambda: KeyStore.open(path, RIGHT),
    ):
        with pytest.raises(NoKeyStore, match=r"keys\.json"):
            attempt()


# ── writing ───────────────────────────────────────────────────────────────────────────────────


def test_it_is_readable_for_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "keys.json"
    old = os.umask(0)
    try:
        store = KeyStore.create(path, RIGHT, cost=CHEAP)
        assert path.stat().st_mode & 0o777 == 0o600
        store.add("hot", key("hot"))
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(old)


def test_a_store_is_never_made_over_another(store: KeyStore, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(KeyStoreExists):
        KeyStore.create(path, OTHER, cost=CHEAP)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_write_that_fails_leaves_the_old_file_whole(
    store: KeyStore, path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, step, full) if step == "fsync" else patch.setattr(Path, step, full)
        for attempt in (
            lambda: store.add("later", key("ann")),
            lambda: store.change_passphrase(OTHER, cost=CHEAP),
        ):
            with pytest.raises(OSError, match="No space"):
                attempt()
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]
    # Nothing was taken for done.
    store.add("later", key("ann"))
    assert KeyStore.open(path, RIGHT).key("later").address == address("ann")


def test_a_link_to_the_file_stays_one(store: KeyStore, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(path)
    KeyStore.open(link, RIGHT).add("later", key("ann"))
    assert link.is_symlink()
    assert [entry.name for entry in entries_of(path)] == [*NAMES, "later"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_its_owner_keeps_it_when_root_changes_it(store: KeyStore, path: Path) -> None:
    os.chown(path, 12_345, 12_346)
    store.add("later", key("ann"))
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (12_345, 12_346, 0o600)


def test_many_writers_at_once_lose_nothing(store: KeyStore, path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from services.key_store import KeyStore, Passphrase\n"
        "store = KeyStore.open(Path(sys.argv[1]), Passphrase(sys.argv[2]))\n"
        "print('open', flush=True)\n"
        "input()\n"
        "for number in range(5):\n"
        "    store.generate(f'{sys.argv[3]}-{number}')\n"
    )
    writers = [in_another_process(code, str(path), WORDS, f"writer{n}") for n in range(3)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=30)
        assert writer.returncode == 0
    opened = KeyStore.open(path, RIGHT)
    assert len(opened.names()) == len(NAMES) + 15
    assert opened.verify() == ()


def test_a_writer_that_does_not_end_is_told_of(
    store: KeyStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_file, "_LOCK_SECONDS", 0.1)
    with key_file.locked(path), pytest.raises(KeyStoreBusy):
        store.add("later", key("ann"))
    store.add("later", key("ann"))


def test_the_lock_of_a_file_that_was_replaced_meanwhile_is_none(
    store: KeyStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer has opened the file; before it has the lock, another one has replaced the file."""
    lock, replacements = key_file._lock, [store._file]

    def late(descriptor: int) -> bool:
        if replacements:
            key_file.replace(path, replacements.pop())
        return lock(descriptor)

    monkeypatch.setattr(key_file, "_lock", late)
    monkeypatch.setattr(key_file, "_LOCK_SECONDS", 0.1)
    with key_file.locked(path), pytest.raises(KeyStoreBusy), key_file.locked(path):
        pass
    assert not replacements


def test_two_programs_make_one_store(path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from services.key_file import Cost, KeyStoreExists\n"
        "from services.key_store import KeyStore, Passphrase\n"
        "print('ready', flush=True)\n"
        "input()\n"
        "try: KeyStore.create(Path(sys.argv[1]), Passphrase('p' * 12), cost=Cost(1 << 14, 8, 1))\n"
        "except KeyStoreExists: print('exists')\n"
        "else: print('made')\n"
    )
    makers = [in_another_process(code, str(path)) for _ in range(3)]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "ready\n"
    said = [maker.communicate("\n", timeout=30)[0].strip() for maker in makers]
    assert sorted(said) == ["exists", "exists", "made"]


# ── a running program ─────────────────────────────────────────────────────────────────────────


def test_a_key_that_is_added_later_is_found_by_a_running_program(
    store: KeyStore, path: Path
) -> None:
    running = KeyStore.open(path, RIGHT)
    assert running.key_of(address("ann")) is None
    store.add("later", key("ann"))
    found = running.key_of(address("ann"))
    assert found is not None
    assert found.address == address("ann")
    assert running.key("later") is found
    store.remove("later")
    assert running.key_of(address("ann")) is None
    assert running.key_of(address("hot")) is not None


@pytest.mark.parametrize("trouble", ["rotated", "unsafe", "damaged", "gone"])
def test_a_running_program_keeps_its_keys_when_the_file_cannot_be_read_any_more(
    store: KeyStore, path: Path, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    running = KeyStore.open(path, RIGHT)
    match trouble:
        case "rotated":
            store.change_passphrase(OTHER, cost=CHEAP)
        case "unsafe":
            path.chmod(0o644)
        case "damaged":
            path.write_bytes(b"{")
        case "gone":
            path.unlink()
    for _ in range(3):
        for name in NAMES:
            found = running.key_of(address(name))
            assert found is not None
            assert found.address == address(name)
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING


def test_who_has_the_old_passphrase_writes_nothing_after_a_rotation(
    store: KeyStore, path: Path
) -> None:
    late = KeyStore.open(path, RIGHT)
    store.change_passphrase(OTHER, cost=CHEAP)
    before = path.read_bytes()
    with pytest.raises(WrongPassphrase):
        late.add("later", key("ann"))
    with pytest.raises(WrongPassphrase):
        late.verify()
    assert path.read_bytes() == before


# ── what somebody types ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["{}", "0x{}", "0X{}", "  {}\n", "\t0x{} \r\n"])
def test_a_key_is_taken_as_wallets_write_it(form: str) -> None:
    for digits in (key_hex("ann"), key_hex("ann").upper()):
        assert typed_key(form.format(digits)).address == address("ann")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing"),
        ("  \n", "nothing"),
        ("abandon " * 11 + "about", "seed phrase"),
        (address("ann"), "address"),
        ("41" + "ab" * 20, "address"),
        (key_hex("ann")[:-1], "63 characters"),
        (key_hex("ann") + "0", "65 characters"),
        ("0x" + key_hex("ann")[:-1] + "g", "66 characters"),
        (key_hex("ann")[:32] + " " + key_hex("ann")[32:], "65 characters"),
        ("0" * 64, "not zero"),
        ("f" * 64, "64 hexadecimal"),
    ],
)
def test_what_is_no_key_is_told_what_it_is_and_not_repeated(text: str, said: str) -> None:
    with pytest.raises(NoPrivateKey, match=said) as refusal:
        typed_key(text)
    assert len(text.strip()) == 0 or text.strip() not in str(refusal.value)
    assert refusal.value.__context__ is None


def test_every_trouble_says_how_to_mend_it(path: Path) -> None:
    entry = KeyEntry("hot", address("hot"), datetime.now(UTC))
    troubles: list[KeyStoreError] = [
        NoKeyStore(path),
        KeyStoreExists(path),
        KeyStoreDamaged(path, "it is no JSON"),
        KeyStoreUnsafe(path, "is wrong", "Mend it."),
        KeyStoreBusy(path),
        WrongPassphrase(path),
        PassphraseTooShort(),
        NameTaken("hot"),
        KeyTaken(entry),
        NoSuchKey("hot"),
        BadName(),
    ]
    for trouble in troubles:
        assert len(str(trouble)) > 50
        assert str(trouble)[0].isupper()
