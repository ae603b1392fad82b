"""WACZ packages: a zip with WARC files under archive/ and a datapackage.json that names each file and its hash."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile

from data.archive import LARGEST_PAYLOAD

PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
# What a zip may unfold to, in times its size: plain WARC text packs some 20 times, a bomb 1,000 times.
MOST_UNFOLDED = 100
_PIECE = 1 << 20


class BadPackage(ValueError):
    """The package cannot be trusted as a whole; the message says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A WARC file of the package, unpacked at ``path`` until the next is asked for, or why it is left out."""

    name: str
    path: Path | None = None
    trouble: str = ""


def members(path: Path, room: Path) -> Iterator[Member]:
    """Every WARC file of a package, one at a time in a folder below ``room``, its hash compared first.

    Files of other kinds that have changed come as members with a trouble. Raises BadPackage.
    """
    try:
        with ZipFile(path) as package, TemporaryDirectory(prefix="unpacked-", dir=room) as folder:
            hashes = _hashes(package)
            _refuse_bombs(package, path.stat().st_size)
            for name, stated in hashes.items():
                place = Path(folder) / PurePosixPath(name).name if _is_warc(name) else None
                trouble = _unpacked(package, name, stated, place)
                if place or trouble:
                    yield Member(name, None if trouble else place, trouble)
                if place:
                    place.unlink(missing_ok=True)
            for name in sorted(set(package.namelist()) - set(hashes)):
                if _is_warc(name):
                    yield Member(name, trouble=f"{PACKAGE} does not name it")
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadPackage(f"no zip that can be read ({error})") from error


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and name.endswith((".warc", ".warc.gz"))


def _hashes(package: ZipFile) -> dict[str, str]:
    """Hash by name as the package states them."""
    body = _small(package, PACKAGE)
    if DIGEST in package.namelist() and _json(package, DIGEST).get("hash") != _sha256(body):
        raise BadPackage(f"{PACKAGE} has changed since {DIGEST} was written")
    found = {str(entry.get("path")): str(entry.get("hash")) for entry in _json(package, PACKAGE).get("resources", [])}
    for name in [*found, *package.namelist()]:
        steps = PurePosixPath(name)
        if steps.is_absolute() or ".." in steps.parts or "\\" in name:
            raise BadPackage(f"{name!r} lies outside the package")
    return found


def _json(package: ZipFile, name: str) -> dict[str, Any]:
    try:
        found = json.loads(_small(package, name))
    except ValueError as error:
        raise BadPackage(f"{name} is no JSON") from error
    if not isinstance(found, dict):
        raise BadPackage(f"{name} is no JSON object")
    return found


def _small(package: ZipFile, name: str) -> bytes:
    try:
        if package.getinfo(name).file_size > LARGEST_PAYLOAD:
            raise BadPackage(f"{name} is over {LARGEST_PAYLOAD // 1_000_000} MB")
        return package.read(name)
    except KeyError as error:
        raise BadPackage(f"there is no {name} in it") from error


def _refuse_bombs(package: ZipFile, size: int) -> None:
    unfolded = sum(entry.file_size for entry in package.infolist())
    if unfolded > MOST_UNFOLDED * size:
        raise BadPackage(f"it would unfold to {unfolded // 1_000_000:,} MB, {MOST_UNFOLDED} times its size")


def _unpacked(package: ZipFile, name: str, stated: str, place: Path | None) -> str:
    """Write a file to ``place``, if there is one; return what is wrong with it, or nothing."""
    algorithm, _, value = stated.partition(":")
    if algorithm not in ("sha256", "sha512", "md5"):
        return f"{PACKAGE} gives no hash for it"
    digest = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with package.open(name) as stream, (place or Path("/dev/null")).open("wb") as out:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                out.write(piece)
    except KeyError:
        return f"{PACKAGE} names it, but it is not in the package"
    except BadZipFile as error:
        return str(error)
    return "" if digest.hexdigest() == value.lower() else f"it has changed since {PACKAGE} was written"


def _sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()
