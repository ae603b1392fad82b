"""Scrapy's pipeline: a found page goes into the store in one transaction."""

from __future__ import annotations

from scrapy.crawler import Crawler

from crawler.reading import Found, save


class StorePipeline:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        return cls(crawler)

    def process_item(self, item: Found) -> Found:
        spider = self.crawler.spider
        save(spider.store, spider.event, spider.run_id, item, spider.counts)
        return item
