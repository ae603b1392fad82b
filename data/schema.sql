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
  shown_model TEXT                      -- models.id whose scores the views show: that of the last annotate that came to its end, or of the first
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
  verb TEXT NOT NULL,                   -- crawl, import, annotate, evaluate, demo
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
  warc_offset INTEGER NOT NULL,         -- byte offset of the gzip member in it that holds the bytes
  run_id INTEGER REFERENCES runs(id)    -- run that fetched or imported it
) STRICT;
CREATE INDEX snapshots_payload ON snapshots(payload_sha256);

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
  read_at TEXT NOT NULL,                -- when it was read
  date_evidence TEXT NOT NULL DEFAULT '[]',  -- JSON: other statements of its date {source, at, precision}, or what was refused and why
  run_id INTEGER REFERENCES runs(id)    -- run that read it last
) STRICT;
CREATE INDEX documents_run ON documents(run_id);
CREATE INDEX documents_published ON documents(published_at);

CREATE TABLE addresses (
  url TEXT PRIMARY KEY,                 -- an address under which a document was met (mobile, query, AMP)
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE  -- the document
) STRICT;

CREATE TABLE links (
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,  -- the document that links
  position INTEGER NOT NULL,            -- order in its body
  url TEXT NOT NULL,                    -- where to, as written
  cited_url TEXT,                       -- canonical address of the article there; NULL where none is recognised
  PRIMARY KEY (document_id, position)
) STRICT;

CREATE TABLE event_documents (
  event_id TEXT NOT NULL REFERENCES events(id),  -- the event
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,  -- the document
  found_by TEXT NOT NULL,               -- feed, sitemap, urls, link, import, replay
  belongs INTEGER NOT NULL,             -- 1: counted; 0: kept, but not counted for the reason beside
  reason TEXT,                          -- off_topic, out_of_period, not_korean, moved (kept under another address); NULL when it belongs
  advertising INTEGER NOT NULL,         -- 1: marked as advertising by its wording
  PRIMARY KEY (event_id, document_id)
) STRICT;

CREATE TABLE frontier (
  event_id TEXT NOT NULL REFERENCES events(id),  -- for which event
  url TEXT NOT NULL,                    -- canonical address, or the address of a list
  role TEXT NOT NULL,                   -- page, or the kind of list: feed, sitemap, day_list, naver_search, common_crawl, …
  platform TEXT NOT NULL,               -- platform by its address
  found_by TEXT NOT NULL,               -- the first to name it: a kind of list, urls, link, import, event
  found_on TEXT,                        -- address of the list or document that named it, or a day list's template
  state TEXT NOT NULL CHECK (state IN ('queued', 'done', 'refused', 'failed')),  -- where it stands
  attempts INTEGER NOT NULL,            -- requests made
  next_try_at TEXT,                     -- not before this moment
  last_outcome TEXT,                    -- what came of the last attempt: ok, not_an_article, robots, http_404, …
  document_id TEXT,                     -- what it became
  updated_at TEXT NOT NULL,             -- last change of this row
  site TEXT NOT NULL DEFAULT '',        -- what is asked as one: a host, or one service behind many names
  fetch_from TEXT,                      -- what is asked instead of url: as it was given, or a capture in a web archive
  PRIMARY KEY (event_id, url)
) STRICT;
CREATE INDEX frontier_state ON frontier(event_id, state);
CREATE INDEX frontier_due ON frontier(event_id, site, state, role = 'page');
CREATE INDEX frontier_again ON frontier(event_id, site, next_try_at) WHERE state = 'failed';

CREATE TABLE finders (
  event_id TEXT NOT NULL REFERENCES events(id),  -- for which event
  url TEXT NOT NULL,                    -- canonical address of a page
  found_by TEXT NOT NULL,               -- who named it: a kind of list, urls, link, import; one row each
  found_on TEXT,                        -- where
  fetch_from TEXT,                      -- where this finder says it can be had, if not at url
  found_at TEXT NOT NULL,               -- when
  PRIMARY KEY (event_id, url, found_by)
) STRICT;

CREATE TABLE sites (
  site TEXT PRIMARY KEY,                -- a site that is left alone, or was
  waits_until TEXT NOT NULL,            -- asked nothing before this moment
  reason TEXT NOT NULL,                 -- circuit_open: it failed too often in a row; retry_after: it asked for time; crawl_delay: its robots.txt did
  openings INTEGER NOT NULL,            -- circuits opened in a row without an answer between them
  updated_at TEXT NOT NULL              -- last change of this row
) STRICT;

CREATE TABLE problems (
  id INTEGER PRIMARY KEY,               -- growing number
  run_id INTEGER REFERENCES runs(id),   -- run that met it
  event_id TEXT,                        -- event it was working on
  at TEXT NOT NULL,                     -- when
  stage TEXT NOT NULL,                  -- discover, fetch, read, import, replay, annotate
  outcome TEXT NOT NULL,                -- short name: robots, noindex, not_an_article, layout_changed, mojibake, too_large, …
  url TEXT,                             -- address or file it is about
  platform TEXT,                        -- platform, when known
  detail TEXT NOT NULL                  -- one sentence for a person, naming the cure where there is one
) STRICT;
CREATE INDEX problems_url ON problems(url);

CREATE TABLE contracts (
  run_id INTEGER NOT NULL REFERENCES runs(id),  -- run whose pages were measured
  event_id TEXT NOT NULL,               -- event it worked on
  platform TEXT NOT NULL,               -- platform whose expectations these are
  measure TEXT NOT NULL,                -- documents, letters, dated, signed, duplicates, hangul or lost: see crawler/contracts.py
  pages INTEGER NOT NULL,               -- pages it was taken on
  found REAL NOT NULL,                  -- what was found
  least REAL,                           -- what was expected at least; NULL: no bound
  most REAL,                            -- what was expected at most; NULL: no bound
  held INTEGER NOT NULL,                -- 0: a breach; the source is grey until a later run holds
  PRIMARY KEY (run_id, platform, measure)
) STRICT;

CREATE TABLE families (
  document_id TEXT PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,  -- one document
  family_id TEXT NOT NULL,              -- documents.id of the family's origin: one family is one voice
  kind TEXT NOT NULL CHECK (kind IN ('origin', 'portal_copy', 'verbatim', 'near')),  -- how it belongs
  similarity REAL NOT NULL,             -- Jaccard similarity of 5-syllable shingles to the origin, 0 to 1
  how TEXT                              -- against the origin: same, edited, trimmed, extended, reworded; by its link alone: address, headline; chain: through another member; NULL for the origin
) STRICT;
CREATE INDEX families_family ON families(family_id);

-- What finds the family of one more document; rebuilt by the next annotate when it is lost or the method changes.
CREATE TABLE family_prints (
  number INTEGER PRIMARY KEY,           -- growing number
  document_id TEXT NOT NULL UNIQUE,     -- the document; outlives it until the next annotate regroups its family
  family INTEGER NOT NULL,              -- the same number for all members
  sketch BLOB NOT NULL,                 -- low bytes of a MinHash signature over word stems
  keys BLOB NOT NULL                    -- its keys, signed 64-bit little-endian
) STRICT;
CREATE INDEX family_prints_family ON family_prints(family);

CREATE TABLE family_keys (
  key INTEGER NOT NULL,                 -- hash of a sentence, an address, a headline or a band of the signature
  number INTEGER NOT NULL,              -- family_prints.number of a document that has it
  PRIMARY KEY (key, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE family_due (
  document_id TEXT PRIMARY KEY          -- came, changed, went or counts otherwise since the families were last grouped
) STRICT, WITHOUT ROWID;
-- NOT EXISTS and no OR IGNORE: an upsert imposes its own way with conflicts on what its triggers do.
CREATE TRIGGER family_due_counted AFTER INSERT ON event_documents BEGIN
  INSERT INTO family_due SELECT NEW.document_id WHERE NOT EXISTS (SELECT 1 FROM family_due WHERE document_id = NEW.document_id);
END;
CREATE TRIGGER family_due_judged AFTER UPDATE OF belongs ON event_documents WHEN OLD.belongs <> NEW.belongs BEGIN
  INSERT INTO family_due SELECT NEW.document_id WHERE NOT EXISTS (SELECT 1 FROM family_due WHERE document_id = NEW.document_id);
END;
CREATE TRIGGER family_due_uncounted AFTER DELETE ON event_documents BEGIN
  INSERT INTO family_due SELECT OLD.document_id WHERE NOT EXISTS (SELECT 1 FROM family_due WHERE document_id = OLD.document_id);
END;
CREATE TRIGGER family_due_changed AFTER UPDATE ON documents
WHEN OLD.text_sha256 <> NEW.text_sha256 OR OLD.title <> NEW.title OR OLD.source_url IS NOT NEW.source_url
  OR OLD.outlet IS NOT NEW.outlet OR OLD.published_at IS NOT NEW.published_at
  OR OLD.date_precision IS NOT NEW.date_precision OR OLD.platform <> NEW.platform BEGIN
  INSERT INTO family_due SELECT NEW.id WHERE NOT EXISTS (SELECT 1 FROM family_due WHERE document_id = NEW.id);
END;

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
-- A sentence that goes takes its rows along: 17 ms without this index, 0.2 ms with it (100,000 sentences).
CREATE INDEX sentence_themes_sentence ON sentence_themes(sentence_id);

CREATE TABLE mentions (
  event_id TEXT NOT NULL,               -- event whose targets these are
  sentence_id TEXT NOT NULL REFERENCES sentences(id) ON DELETE CASCADE,  -- the sentence
  target_id TEXT NOT NULL,              -- the target
  start INTEGER NOT NULL,               -- offset in sentences.text, in code points
  "end" INTEGER NOT NULL,               -- end offset, exclusive
  PRIMARY KEY (event_id, sentence_id, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_sentence ON mentions(sentence_id);

CREATE TABLE target_scores (
  event_id TEXT NOT NULL,               -- event whose target this is
  sentence_id TEXT NOT NULL REFERENCES sentences(id) ON DELETE CASCADE,  -- a sentence that names two targets or more
  model_id TEXT NOT NULL REFERENCES models(id),  -- whose opinion
  target_id TEXT NOT NULL,              -- the target; without a row here the sentence's own score holds for it
  start INTEGER NOT NULL,               -- where the part about it begins in sentences.text, in code points
  "end" INTEGER NOT NULL,               -- where the part ends, exclusive
  negative REAL NOT NULL,               -- probability toward the target, 0 to 1
  neutral REAL NOT NULL,                -- likewise
  positive REAL NOT NULL,               -- likewise
  polarity TEXT NOT NULL CHECK (polarity IN ('negative', 'neutral', 'positive', 'undecided')),  -- the label
  PRIMARY KEY (event_id, sentence_id, model_id, target_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX target_scores_sentence ON target_scores(sentence_id);

CREATE TABLE annotations (
  event_id TEXT NOT NULL,               -- event
  document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,  -- document that is fully annotated
  model_id TEXT NOT NULL,               -- by this model
  definition_sha256 TEXT NOT NULL,      -- under this event file
  text_sha256 TEXT NOT NULL,            -- for this text
  run_id INTEGER REFERENCES runs(id),   -- in this run
  rules_sha256 TEXT NOT NULL DEFAULT '',  -- by these rules: SHA-256 of what splits texts and finds targets, tones and themes; '' unknown
  PRIMARY KEY (event_id, document_id, model_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE confusion (
  model_id TEXT NOT NULL REFERENCES models(id),  -- the model that was measured
  event_id TEXT NOT NULL REFERENCES events(id),  -- the event whose labelled sentences it read
  kind TEXT NOT NULL CHECK (kind IN ('blog', 'news', 'unknown')),  -- register of the sentences, as documents.kind; unknown when the file does not say
  truth TEXT NOT NULL CHECK (truth IN ('negative', 'neutral', 'positive')),  -- what people labelled
  said TEXT NOT NULL CHECK (said IN ('negative', 'neutral', 'positive', 'undecided')),  -- what the model said, undecided as in scores
  n INTEGER NOT NULL,                   -- sentences in this cell, 0 too; a kind that was measured has all twelve cells
  measured_at TEXT NOT NULL,            -- when; a later measurement replaces the model's rows of the event
  PRIMARY KEY (model_id, event_id, kind, truth, said)
) STRICT, WITHOUT ROWID;
