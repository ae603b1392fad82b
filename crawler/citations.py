"""Articles that held documents point to: the road from an opinion to what it answers."""

from __future__ import annotations

from itertools import islice

from crawler import platforms, reading
from data.events import Event
from data.finders import known_hosts, unvisited_citations
from data.records import Lead
from data.store import Store

NAME = "link"
# Links of one document that are followed, and leads a crawl begins with. Posts of the demo web have 0 to 4
# links; a page of hundreds is a list in disguise. What is over waits for the next crawl.
MOST_OF_ONE, MOST_LEADS = 20, 1000


def leads(store: Store, event: Event) -> list[Lead]:
    """Leads to cited articles: on a platform we read, or on a host that has given a document of this event."""
    hosts = known_hosts(store, event.id)
    found = (
        reading.lead(link, NAME, document)
        for cited, link, document in unvisited_citations(store, event.id, MOST_OF_ONE)
        if _is_worth(cited, hosts)
    )
    return list(islice(filter(None, found), MOST_LEADS))


def _is_worth(cited: str, hosts: set[str]) -> bool:
    address = platforms.recognise(cited)
    return address is not None and (address.platform != "generic" or cited.split("/", 3)[2] in hosts)
