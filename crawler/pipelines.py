"""Scrapy's pipeline: a found page goes into the store in one transaction."""

from __future__ import annotations

from scrapy.crawler import Crawler

from crawler.reading import reader_sha256
from crawler.spider import Found


class StorePipeline:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        return cls(crawler)

    def process_item(self, item: Found) -> Found:
        spider = self.crawler.spider
        document = item.page.document
        changed = spider.store.save_page(
            spider.event.id,
            spider.run_id,
            item.snapshot,
            document,
            item.page.verdict,
            item.lead,
            reader_sha256(document.platform),
        )
        spider.counts["documents" if changed else "documents_unchanged"] += 1
        spider.counts["set_aside"] += not item.page.verdict.belongs
        return item
