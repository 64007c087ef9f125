"""Uploaded files: their ids, sizes and contents."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.journal import Journal, as_text
from sandbox.telegram.rules import LARGEST_DOCUMENT_BYTES, LARGEST_PHOTO_BYTES

_LONGEST_SIDES = 10_000
_LARGEST_RATIO = 20


@dataclass(frozen=True)
class Upload:
    """Bytes that arrive with a call."""

    content: bytes
    name: str = "file"


@dataclass(frozen=True)
class StoredFile:
    """A photo or document known to Telegram; `kind` is `photo` or `document`."""

    file_id: str
    unique_id: str
    kind: str
    path: str
    size: int
    mime_type: str
    name: str
    width: int = 0
    height: int = 0

    def as_json(self) -> dict[str, Any]:
        """The answer of getFile."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
            "file_path": self.path,
        }

    def as_media(self) -> Any:
        """The value of a message's `photo` or `document`."""
        if self.kind == "photo":
            return [
                {
                    "file_id": self.file_id,
                    "file_unique_id": self.unique_id,
                    "file_size": self.size,
                    "width": self.width,
                    "height": self.height,
                }
            ]
        return {
            "file_name": self.name,
            "mime_type": self.mime_type,
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }


@dataclass(frozen=True)
class Image:
    extension: str
    mime_type: str
    width: int
    height: int


def read_image(content: bytes) -> Image | None:
    """Format and size in pixels from the file's own header; None when it is no known image."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and content[12:16] == b"IHDR" and len(content) >= 33:
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        return Image("png", "image/png", width, height)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 13:
        width, height = (int.from_bytes(content[at : at + 2], "little") for at in (6, 8))
        return Image("gif", "image/gif", width, height)
    if content[:3] == b"\xff\xd8\xff":
        return _read_jpeg(content)
    return None


def _read_jpeg(content: bytes) -> Image | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height = int.from_bytes(content[at + 5 : at + 7], "big")
            width = int.from_bytes(content[at + 7 : at + 9], "big")
            return Image("jpg", "image/jpeg", width, height)
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


class Files:
    """Everything ever uploaded, by file id and by path."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def add_photo(self, upload: Upload) -> StoredFile:
        """Stores a picture; raises BotApiError when Telegram would not take it as a photo."""
        size = len(upload.content)
        if not size:
            raise bad_request("file must be non-empty")
        if size > LARGEST_PHOTO_BYTES:
            raise bad_request(
                f"file of size {size} bytes is too big for a photo; "
                f"the maximum size is {LARGEST_PHOTO_BYTES} bytes"
            )
        image = read_image(upload.content)
        if image is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        short, long = sorted((image.width, image.height))
        if not short or short + long > _LONGEST_SIDES or long > short * _LARGEST_RATIO:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._add("photo", upload, image.extension, image)

    def add_document(self, upload: Upload) -> StoredFile:
        size = len(upload.content)
        if not size:
            raise bad_request("file must be non-empty")
        if size > LARGEST_DOCUMENT_BYTES:
            raise bad_request(f"file of size {size} bytes is too big for a document")
        extension = PurePosixPath(upload.name).suffix.lstrip(".") or "bin"
        return self._add("document", upload, extension, read_image(upload.content))

    def _add(self, kind: str, upload: Upload, extension: str, image: Image | None) -> StoredFile:
        number = self._journal.next_number("file")
        mark = secrets.token_bytes(9)
        letter = b"\x02" if kind == "photo" else b"\x05"
        stored = StoredFile(
            file_id=base64.urlsafe_b64encode(letter + mark + secrets.token_bytes(35)).decode(),
            unique_id=base64.urlsafe_b64encode(letter + mark[:8] + b"\x00\x00").decode(),
            kind=kind,
            path=f"{kind}s/file_{number}.{extension}",
            size=len(upload.content),
            mime_type=image.mime_type if image else "application/octet-stream",
            name=upload.name,
            width=image.width if image else 0,
            height=image.height if image else 0,
        )
        self._journal.write(
            "INSERT INTO files VALUES (?, ?, ?, ?)",
            (stored.file_id, stored.path, as_text(asdict(stored)), upload.content),
        )
        return stored

    def find(self, file_id: str) -> StoredFile | None:
        row = self._journal.row("SELECT record FROM files WHERE file_id = ?", (file_id,))
        return None if row is None else StoredFile(**json.loads(row["record"]))

    def content(self, path: str) -> tuple[StoredFile, bytes] | None:
        """A file by the path that getFile gave."""
        row = self._journal.row("SELECT record, content FROM files WHERE path = ?", (path,))
        return None if row is None else (StoredFile(**json.loads(row["record"])), row["content"])
