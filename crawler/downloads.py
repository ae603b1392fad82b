"""Two middlewares beneath the archive: keys come on and off, and a web archive's answer becomes its capture.

They stand next to the downloader, so nothing above them, the WARC files included, ever sees a key, and
everything above them sees a captured page under its own address, with its own headers.
"""

from __future__ import annotations

import os

from scrapy import Request
from scrapy.http import Response

from crawler import captures, reading
from crawler.lists import Ask
from crawler.middlewares import pairs


class KeysMiddleware:
    """Fills keys from the environment into a list's request, and takes them off again."""

    def process_request(self, request: Request) -> None:
        ask: Ask | None = request.meta.get("ask")
        if ask is not None:
            request.headers.update({name: value.format_map(os.environ) for name, value in ask.keys.items()})

    def process_response(self, request: Request, response: Response) -> Response:
        secrets = self._take_off(request)
        body = response.body
        for secret in secrets:  # an error page may repeat what it was sent
            body = body.replace(secret, b"***")
        for name in [n for n, values in response.headers.items() if any(s in v for s in secrets for v in values)]:
            del response.headers[name]
        return response if body == response.body else response.replace(body=body)

    def process_exception(self, request: Request, exception: Exception) -> None:
        self._take_off(request)

    @staticmethod
    def _take_off(request: Request) -> list[bytes]:
        """Remove the headers that hold keys; return the keys that they held."""
        ask: Ask | None = request.meta.get("ask")
        held = [request.headers.pop(name, None) for name in ask.keys] if ask else []
        return [values[0].split()[-1] for values in held if values and values[0].strip()]


class CaptureMiddleware:
    """Turns the answer of a web archive into the response that it holds."""

    def process_response(self, request: Request, response: Response) -> Response:
        lead = request.cb_kwargs.get("lead")
        address = lead.fetch_from if lead is not None and lead.role == "page" else None
        if address is None or not captures.is_capture(address):
            return response
        opened = captures.opened(address, response.status, pairs(response), response.body)
        found = reading.lead(opened.capture.url, "")
        if found is None or found.url != lead.url:
            raise captures.NotACapture(f"the archive gave another page: {opened.capture.url[:200]}")
        request.meta["capture"] = opened
        headers: dict[str, list[str]] = {}
        for name, value in opened.headers:
            headers.setdefault(name, []).append(value)
        capture = opened.capture
        return response.replace(url=capture.url, status=capture.status, headers=headers, body=capture.body)
