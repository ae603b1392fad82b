"""Web archives as others write them: real ones by wget, and records built by hand after Common Crawl's and wget's form."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.demo.server import serve
from data.demo.web import Answer, Web
from data.warc import payload_digest

DATE = "2022-11-30T01:02:03Z"
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Proxied:
    """The demo web as an HTTP proxy sees it asked: the whole address in the request line."""

    web: Web

    def answer(self, url: str) -> Answer:
        return self.web.answer("https://" + url.rpartition("http://")[2])


def wget(web: Web, urls: Iterable[str], stem: Path, *flags: str) -> Path:
    """What `wget --warc-file` makes of these addresses; ``stem`` is the file without its ending."""
    asked = [url.replace("https://", "http://", 1) for url in urls]
    with serve(Proxied(web)) as server:  # type: ignore[arg-type]
        through = ["-e", "use_proxy=yes", "-e", f"http_proxy=http://{server}", "-e", "robots=off"]
        command = ["wget", "-q", "-O", "/dev/null", f"--warc-file={stem}", *through, *flags]
        done = subprocess.run([*command, "-i", "-"], input="\n".join(asked), text=True, timeout=100, check=False)
    assert done.returncode in (0, 8), "8: some page answered with an error"
    return stem.with_name(stem.name + (".warc" if "--no-warc-compression" in flags else ".warc.gz"))


def http(body: bytes, headers: Pairs = (("Content-Type", "text/html; charset=utf-8"),), line: str = "200 OK") -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {line}\r\n{head}\r\n".encode() + body


def record(kind: str, url: str, block: bytes, **more: str) -> bytes:
    """One record; further WARC headers are given with ``_`` for ``-``, an empty one takes a header away."""
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Target-URI": url,
        "WARC-Date": DATE,
        "Content-Type": "application/http; msgtype=response",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return f"WARC/1.0\r\n{lines}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def write(path: Path, *records: bytes) -> Path:
    """A WARC file, by its name a gzip member a record or plain."""
    path.write_bytes(b"".join(gzip.compress(one) if path.suffix == ".gz" else one for one in records))
    return path


def common_crawl(path: Path, pages: Mapping[str, Answer]) -> Path:
    """These pages as a Common Crawl segment holds them: codings undone, their headers renamed."""
    found = [record("warcinfo", "", b"isPartOf: CC-MAIN-2022-49\r\n", Content_Type="application/warc-fields")]
    for url, answer in pages.items():
        headers = [
            ("Content-Type", answer.content_type), ("X-Crawl-Content-Encoding", "gzip"), *answer.headers,
            ("X-Crawl-Content-Length", "77"), ("Content-Length", str(len(answer.body))),
        ]  # fmt: skip
        found += [
            record("request", url, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", Content_Type="application/http; msgtype=request"),
            record(
                "response", url, http(answer.body, headers, f"{answer.status} OK"),
                WARC_IP_Address="192.0.2.1", WARC_Payload_Digest=payload_digest(answer.body),
                WARC_Block_Digest=payload_digest(http(answer.body, headers, f"{answer.status} OK")),
                WARC_Identified_Payload_Type="text/html",
            ),
            record("metadata", url, b"fetchTimeMs: 12\r\n", Content_Type="application/warc-fields"),
        ]  # fmt: skip
    return write(path, *found)


def wacz(path: Path, files: Mapping[str, bytes], told: Mapping[str, bytes] | None = None) -> Path:
    """A package of these files whose datapackage.json tells of ``told`` (of the same files, unless given)."""
    resources = [
        {"name": name.rpartition("/")[2], "path": name, "bytes": len(body), "hash": f"sha256:{hashlib.sha256(body).hexdigest()}"}
        for name, body in (files if told is None else told).items()
    ]  # fmt: skip
    about = json.dumps({"profile": "data-package", "wacz_version": "1.1.1", "resources": resources}).encode()
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(about).hexdigest()}"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in files.items():
            package.writestr(name, body)
        package.writestr("datapackage.json", about)
        package.writestr("datapackage-digest.json", json.dumps(digest))
    return path
