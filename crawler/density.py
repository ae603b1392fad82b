"""Where the prose of an unknown page stands: the block that holds the most unlinked text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.extract import BLOCKS, SILENT

SHORTEST = 20  # letters; shorter runs are menus, buttons and bylines
CLIMB = 12  # steps from a text outwards; on 36 saved pages the longest way to its block has 9
_INNER = frozenset(("p", "li", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "br", "pre", "tr"))
_NEVER = SILENT | {"a", "header", "footer", "aside", "form"}


def densest(root: LexborNode) -> LexborNode | None:
    """The block below ``root`` with the most prose; each text counts in full for the block it
    stands in and by half for the block around that, so that parted articles win over their parts.
    """
    score: dict[int, float] = defaultdict(float)
    nodes: dict[int, LexborNode] = {}
    for text in root.traverse(include_text=True):
        length = len((text.text_content or "").strip()) if text.tag == "-text" else 0
        if length < SHORTEST:
            continue
        for block, share in zip(_blocks_around(text), (1.0, 0.5), strict=False):
            score[block.mem_id] += length * share
            nodes[block.mem_id] = block
    return nodes[max(score, key=score.__getitem__)] if score else None


def _blocks_around(text: LexborNode) -> Iterator[LexborNode]:
    """The containers of a text from the inside out; none where it stands in a link or in furniture."""
    found: list[LexborNode] = []
    node = text.parent
    for _ in range(CLIMB):
        if node is None or node.tag == "html":
            break
        if node.tag in _NEVER:
            return
        if node.tag in BLOCKS and node.tag not in _INNER or node.tag in ("td", "body"):
            found.append(node)
        node = node.parent
    yield from found
