-- The store of one home: HOME/yeoron.db. SQLite, WAL, STRICT tables.
-- Times are ISO 8601 text in Asia/Seoul (+09:00): text order is time order.
-- Ids made of 16 hex digits are the head of a SHA-256 over what the row is about, so every write is an upsert.

CREATE TABLE about (
  key TEXT PRIMARY KEY,                 -- 'kind' (real or demo): a store never changes its kind; 'salt' of pseudonyms
  value TEXT NOT NULL                   -- what it is
) STRICT;

CREATE TABLE events (
  id TEXT PRIMARY KEY,                  -- id in the event file, such as kakao-outage-2022
  title TEXT NOT NULL,                  -- Korean title
  title_en TEXT NOT NULL,               -- English title
  summary TEXT NOT NULL,                -- one Korean sentence
  starts TEXT NOT NULL,                 -- first moment of the watched period
  ends TEXT NOT NULL,                   -- last moment of the watched period
  definition_sha256 TEXT NOT NULL,      -- SHA-256 of the event file's bytes
  shown_model TEXT                      -- models.id whose scores the views show; the last annotate decides
) STRICT;

CREATE TABLE targets (
  event_id TEXT NOT NULL REFERENCES events(id),  -- the event that names it
  id TEXT NOT NULL,                     -- fixed id, such as kakaotalk
  position INTEGER NOT NULL,            -- order in the event file
  label TEXT NOT NULL,                  -- Korean name
  label_en TEXT NOT NULL,               -- English name
  kind TEXT NOT NULL,                   -- company, service or body
  PRIMARY KEY (event_id, id)
) STRICT;

CREATE TABLE themes (
  event_id TEXT NOT NULL REFERENCES events(id),  -- the event that names it
  id TEXT NOT NULL,                     -- fixed id, such as compensation
  position INTEGER NOT NULL,            -- order in the event file
  label TEXT NOT NULL,                  -- Korean name
  label_en TEXT NOT NULL,               -- English name
  description TEXT NOT NULL,            -- what it covers
  PRIMARY KEY (event_id, id)
) STRICT;

CREATE TABLE timeline (
  event_id TEXT NOT NULL REFERENCES events(id),  -- the event it belongs to
  at TEXT NOT NULL,                     -- when it happened
  label TEXT NOT NULL,                  -- Korean
  label_en TEXT NOT NULL,               -- English
  source TEXT NOT NULL,                 -- page where the fact can be checked
  response INTEGER NOT NULL,            -- 1: an act of the company, whose effect can be looked for
  PRIMARY KEY (event_id, at)
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,               -- growing number
  verb TEXT NOT NULL,                   -- crawl, import, annotate, demo
  event_id TEXT,                        -- event it worked on
  arguments TEXT NOT NULL,              -- JSON: the command line
  versions TEXT NOT NULL,               -- JSON: yeoron, Python and library versions, model hash
  started_at TEXT NOT NULL,             -- when
  finished_at TEXT,                     -- NULL while running or when it was killed
  counts TEXT NOT NULL,                 -- JSON: what it did, by name
  outcome TEXT                          -- ok, degraded or failed; NULL while running or when it was killed
) STRICT;

CREATE TABLE snapshots (
  id TEXT PRIMARY KEY,                  -- id of (url, payload_sha256): the same bytes twice are one snapshot
  url TEXT NOT NULL,                    -- address that was asked for
  fetched_at TEXT NOT NULL,             -- when the bytes arrived
  status INTEGER NOT NULL,              -- HTTP status
  content_type TEXT,                    -- Content-Type header as received
  payload_sha256 TEXT NOT NULL,         -- SHA-256 of the body, transfer and content coding undone
  payload_bytes INTEGER NOT NULL,       -- its length
  warc_file TEXT NOT NULL,              -- file under HOME/warc/
  warc_offset INTEGER NOT NULL,         -- byte offset of the gzip member in it
  run_id INTEGER REFERENCES runs(id)    -- run that fetched or imported it
) STRICT;

CREATE TABLE documents (
  id TEXT PRIMARY KEY,                  -- id of url
  platform TEXT NOT NULL,               -- tistory, naver_blog, naver_news, daum_news, generic, …
  kind TEXT NOT NULL CHECK (kind IN ('blog', 'news')),  -- who writes: a person's blog or an outlet
  url TEXT NOT NULL UNIQUE,             -- canonical address
  native_id TEXT NOT NULL,              -- the platform's own id
  title TEXT NOT NULL,                  -- without the outlet's name
  author TEXT,                          -- nickname or reporter as printed; NULL when the page names none
  outlet TEXT,                          -- press name of news
  published_at TEXT,                    -- NULL when unknown: never the day of collection
  date_source TEXT,                     -- where on the page the date stood
  date_precision TEXT CHECK (date_precision IN ('minute', 'day', 'month')),  -- how exact it is
  modified_at TEXT,                     -- last change that the page states
  source_url TEXT,                      -- the outlet's own address, when this is a portal's copy
  text TEXT NOT NULL,                   -- the author's words; paragraphs parted by a newline
  text_sha256 TEXT NOT NULL,            -- SHA-256 of text
  language TEXT NOT NULL,               -- ko, or other when under a fifth of the letters is Hangul
  snapshot_id TEXT NOT NULL REFERENCES snapshots(id),  -- the bytes it was read from
  reader_sha256 TEXT NOT NULL,          -- hash of the reader's code: which reader read it
  read_at TEXT NOT NULL                 -- when it was read
) STRICT;
CREATE INDEX documents_published ON documents(published_at);

CREATE TABLE addresses (
  url TEXT PRIMARY KEY,                 -- an address under which a document was met (mobile, query, AMP)
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE  -- the document
) STRICT;

CREATE TABLE links (
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,  -- the document that links
  position INTEGER NOT NULL,            -- order in its body
  url TEXT NOT NULL,                    -- where to
  PRIMARY KEY (document_id, position)
) STRICT;

CREATE TABLE event_documents (
  event_id TEXT NOT NULL REFERENCES events(id),  -- the event
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,  -- the document
  found_by TEXT NOT NULL,               -- feed, sitemap, urls, link, import
  belongs INTEGER NOT NULL,             -- 1: counted; 0: kept, but not counted for the reason beside
  reason TEXT,                          -- off_topic, out_of_period, not_korean; NULL when it belongs
  advertising INTEGER NOT NULL,         -- 1: marked as advertising by its wording
  PRIMARY KEY (event_id, document_id)
) STRICT;

CREATE TABLE frontier (
  event_id TEXT NOT NULL REFERENCES events(id),  -- for which event
  url TEXT NOT NULL,                    -- canonical address, or the address of a feed or sitemap
  role TEXT NOT NULL,                   -- page, feed or sitemap
  platform TEXT NOT NULL,               -- platform by its address
  found_by TEXT NOT NULL,               -- feed, sitemap, urls, link, import, event
  found_on TEXT,                        -- address of the feed, sitemap or document that named it
  state TEXT NOT NULL CHECK (state IN ('queued', 'done', 'refused', 'failed')),  -- where it stands
  attempts INTEGER NOT NULL,            -- requests made
  next_try_at TEXT,                     -- not before this moment
  last_outcome TEXT,                    -- what came of the last attempt: ok, not_an_article, robots, http_404, …
  document_id TEXT,                     -- what it became
  updated_at TEXT NOT NULL,             -- last change of this row
  PRIMARY KEY (event_id, url)
) STRICT;
CREATE INDEX frontier_state ON frontier(event_id, state);

CREATE TABLE problems (
  id INTEGER PRIMARY KEY,               -- growing number
  run_id INTEGER REFERENCES runs(id),   -- run that met it
  event_id TEXT,                        -- event it was working on
  at TEXT NOT NULL,                     -- when
  stage TEXT NOT NULL,                  -- discover, fetch, read, import, annotate
  outcome TEXT NOT NULL,                -- short name: robots, noindex, not_an_article, layout_changed, mojibake, too_large, …
  url TEXT,                             -- address or file it is about
  platform TEXT,                        -- platform, when known
  detail TEXT NOT NULL                  -- one sentence for a person, naming the cure where there is one
) STRICT;
CREATE INDEX problems_url ON problems(url);

CREATE TABLE families (
  document_id TEXT PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,  -- one document
  family_id TEXT NOT NULL,              -- documents.id of the family's origin: one family is one voice
  kind TEXT NOT NULL CHECK (kind IN ('origin', 'portal_copy', 'verbatim', 'near')),  -- how it belongs
  similarity REAL NOT NULL              -- estimated Jaccard similarity of 5-syllable shingles to the origin, 0 to 1
) STRICT;
CREATE INDEX families_family ON families(family_id);

CREATE TABLE sentences (
  id TEXT PRIMARY KEY,                  -- id of (document id, text_sha256, start, end)
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,  -- the document
  position INTEGER NOT NULL,            -- 0 for the first
  start INTEGER NOT NULL,               -- offset in documents.text, in Unicode code points
  "end" INTEGER NOT NULL,               -- end offset, exclusive
  text TEXT NOT NULL                    -- equals substr(documents.text, start + 1, end - start)
) STRICT;
CREATE INDEX sentences_document ON sentences(document_id, position);

CREATE TABLE models (
  id TEXT PRIMARY KEY,                  -- scorer name and the head of the weights' SHA-256, such as shipped-1a2b3c4d
  scorer TEXT NOT NULL,                 -- name on the command line
  sha256 TEXT NOT NULL,                 -- SHA-256 over the weights and the tokenizer
  added_at TEXT NOT NULL                -- first use in this store
) STRICT;

CREATE TABLE scores (
  sentence_id TEXT NOT NULL REFERENCES sentences(id) ON DELETE CASCADE,  -- the sentence
  model_id TEXT NOT NULL REFERENCES models(id),  -- whose opinion; several models stand side by side
  negative REAL,                        -- calibrated probability, 0 to 1; NULL when unscored
  neutral REAL,                         -- likewise
  positive REAL,                        -- likewise
  polarity TEXT NOT NULL CHECK (polarity IN ('negative', 'neutral', 'positive', 'undecided', 'unscored')),  -- the label
  PRIMARY KEY (sentence_id, model_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sentence_themes (
  event_id TEXT NOT NULL,               -- event whose themes these are
  sentence_id TEXT NOT NULL REFERENCES sentences(id) ON DELETE CASCADE,  -- the sentence
  model_id TEXT NOT NULL REFERENCES models(id),  -- encoder that the theme classifier sat on
  theme_id TEXT NOT NULL,               -- the theme
  probability REAL NOT NULL,            -- 0 to 1; rows exist only above the theme classifier's threshold
  PRIMARY KEY (event_id, sentence_id, model_id, theme_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
  event_id TEXT NOT NULL,               -- event whose targets these are
  sentence_id TEXT NOT NULL REFERENCES sentences(id) ON DELETE CASCADE,  -- the sentence
  target_id TEXT NOT NULL,              -- the target
  start INTEGER NOT NULL,               -- offset in sentences.text, in code points
  "end" INTEGER NOT NULL,               -- end offset, exclusive
  PRIMARY KEY (event_id, sentence_id, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE annotations (
  event_id TEXT NOT NULL,               -- event
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,  -- document that is fully annotated
  model_id TEXT NOT NULL,               -- by this model
  definition_sha256 TEXT NOT NULL,      -- under this event file
  text_sha256 TEXT NOT NULL,            -- for this text
  run_id INTEGER REFERENCES runs(id),   -- in this run
  PRIMARY KEY (event_id, document_id, model_id)
) STRICT, WITHOUT ROWID;
