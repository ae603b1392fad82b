-- Every published number is defined here once. The dashboard, the quotes and your own SQL read these views.
-- Recreated at each opening of the store, so a new version of yeoron brings its own definitions.

-- One row per document that counts for an event. A family (wire copies, portal copies, reposts) is one voice.
CREATE VIEW document_facts AS
SELECT
  ed.event_id,
  d.id AS document_id,
  d.platform, d.kind, d.url, d.native_id, d.title, d.author, d.outlet,
  d.published_at, d.date_source, d.date_precision,
  CASE WHEN d.date_precision IN ('minute', 'day') THEN substr(d.published_at, 1, 10) END AS day,    -- NULL: date unknown or only a month
  CASE WHEN d.date_precision = 'minute' THEN substr(d.published_at, 1, 13) || ':00' END AS hour,     -- NULL: time of day unknown
  COALESCE(f.family_id, d.id) AS family_id,
  COALESCE(f.family_id = d.id, 1) AS is_origin,
  COALESCE(f.kind, 'origin') AS family_kind,
  ed.advertising, ed.found_by,
  d.snapshot_id
FROM event_documents ed
JOIN documents d ON d.id = ed.document_id
LEFT JOIN families f ON f.document_id = d.id
WHERE ed.belongs = 1;

-- One row per document in a family, with its origin and the hours it came after it (NULL unless both times are known).
CREATE VIEW family_facts AS
SELECT
  ed.event_id, f.family_id, f.document_id, f.kind, f.how, f.similarity,
  d.platform, d.outlet, d.title, d.url, d.published_at, o.url AS origin_url, o.published_at AS origin_published_at,
  CASE WHEN d.date_precision = 'minute' AND o.date_precision = 'minute'
       THEN round((julianday(d.published_at) - julianday(o.published_at)) * 24, 2) END AS lag_hours
FROM families f
JOIN event_documents ed ON ed.document_id = f.document_id AND ed.belongs = 1
JOIN documents d ON d.id = f.document_id
JOIN documents o ON o.id = f.family_id;

-- One row per sentence of those documents, with the label of the event's shown model.
-- A complaint is a sentence labelled negative. Unscored and undecided sentences are counted, never guessed.
CREATE VIEW sentence_facts AS
SELECT
  df.event_id, s.id AS sentence_id, df.document_id, s.position, s.start, s."end", s.text,
  df.platform, df.kind, df.url, df.native_id, df.title, df.author, df.outlet,
  df.published_at, df.date_source, df.date_precision, df.day, df.hour,
  df.family_id, df.is_origin, df.advertising, df.snapshot_id,
  sc.model_id, sc.polarity, sc.negative, sc.neutral, sc.positive,
  sc.polarity = 'negative' AS is_complaint,
  sc.polarity <> 'unscored' AS is_scored
FROM document_facts df
JOIN events e ON e.id = df.event_id
JOIN sentences s ON s.document_id = df.document_id
JOIN scores sc ON sc.sentence_id = s.id AND sc.model_id = e.shown_model;

-- One row per sentence and theme. A sentence with two themes has two rows: sum over themes is not a count of sentences.
CREATE VIEW theme_facts AS
SELECT st.theme_id, st.probability AS theme_probability, sf.*
FROM sentence_facts sf
JOIN sentence_themes st ON st.event_id = sf.event_id AND st.sentence_id = sf.sentence_id AND st.model_id = sf.model_id;

-- Polarity toward each target that a sentence names: of the part that speaks of it where the targets are spoken of
-- apart ("카카오는 최악인데 네이버 덕에 살았다"), else the sentence's own.
CREATE VIEW toward AS
SELECT
  m.event_id, m.sentence_id, m.target_id, m.start AS named_at, sc.model_id,
  COALESCE(ts.polarity, sc.polarity) AS polarity,
  COALESCE(ts.negative, sc.negative) AS negative,
  COALESCE(ts.neutral, sc.neutral) AS neutral,
  COALESCE(ts.positive, sc.positive) AS positive,
  sc.polarity AS sentence_polarity,
  ts.target_id IS NOT NULL AS apart
FROM mentions m
JOIN events e ON e.id = m.event_id
JOIN scores sc ON sc.sentence_id = m.sentence_id AND sc.model_id = e.shown_model
LEFT JOIN target_scores ts ON ts.event_id = m.event_id AND ts.sentence_id = m.sentence_id
  AND ts.model_id = sc.model_id AND ts.target_id = m.target_id
WHERE NOT EXISTS (SELECT 1 FROM mentions earlier WHERE earlier.event_id = m.event_id
  AND earlier.sentence_id = m.sentence_id AND earlier.target_id = m.target_id AND earlier.start < m.start);

-- One row per sentence and target named in it; polarity, probabilities and is_complaint are toward that target.
CREATE VIEW target_facts AS
SELECT
  tw.target_id, sf.event_id, sf.sentence_id, sf.document_id, sf.position, sf.start, sf."end", sf.text,
  sf.platform, sf.kind, sf.url, sf.native_id, sf.title, sf.author, sf.outlet,
  sf.published_at, sf.date_source, sf.date_precision, sf.day, sf.hour,
  sf.family_id, sf.is_origin, sf.advertising, sf.snapshot_id,
  sf.model_id, tw.polarity, tw.negative, tw.neutral, tw.positive,
  tw.polarity = 'negative' AS is_complaint,
  sf.is_scored, tw.sentence_polarity, tw.apart
FROM sentence_facts sf
JOIN toward tw ON tw.event_id = sf.event_id AND tw.sentence_id = sf.sentence_id;

-- One row per sentence, theme and target; polarity as in target_facts.
CREATE VIEW theme_target_facts AS
SELECT st.theme_id, st.probability AS theme_probability, tg.*
FROM target_facts tg
JOIN sentence_themes st ON st.event_id = tg.event_id AND st.sentence_id = tg.sentence_id AND st.model_id = tg.model_id;

-- The head numbers of an event. Voices are families; complaint_share is complaints over scored sentences.
CREATE VIEW overview AS
SELECT
  e.id AS event_id,
  (SELECT count(*) FROM document_facts df WHERE df.event_id = e.id) AS documents,
  (SELECT count(DISTINCT family_id) FROM document_facts df WHERE df.event_id = e.id) AS voices,
  (SELECT count(*) FROM document_facts df WHERE df.event_id = e.id AND df.published_at IS NULL) AS documents_without_date,
  (SELECT count(*) FROM event_documents ed WHERE ed.event_id = e.id AND ed.belongs = 0) AS documents_set_aside,
  count(sf.sentence_id) AS sentences,
  coalesce(sum(sf.is_scored), 0) AS scored,
  coalesce(sum(sf.polarity = 'undecided'), 0) AS undecided,
  coalesce(sum(sf.is_complaint), 0) AS complaints,
  1.0 * sum(sf.is_complaint) / nullif(sum(sf.is_scored), 0) AS complaint_share
FROM events e LEFT JOIN sentence_facts sf ON sf.event_id = e.id
GROUP BY e.id;

-- Complaints by theme and day (KST): sentences, and the voices behind them.
CREATE VIEW theme_by_day AS
SELECT event_id, theme_id, day, count(*) AS sentences, sum(is_complaint) AS complaints,
       count(DISTINCT CASE WHEN is_complaint THEN family_id END) AS complaining_voices
FROM theme_facts WHERE day IS NOT NULL GROUP BY event_id, theme_id, day;

-- Complaints by theme and hour (KST); documents whose time of day is unknown are not in it.
CREATE VIEW theme_by_hour AS
SELECT event_id, theme_id, hour, count(*) AS sentences, sum(is_complaint) AS complaints,
       count(DISTINCT CASE WHEN is_complaint THEN family_id END) AS complaining_voices
FROM theme_facts WHERE hour IS NOT NULL GROUP BY event_id, theme_id, hour;

-- Theme by target: in sentences that carry the theme and name the target, complaints about that target.
CREATE VIEW theme_by_target AS
SELECT event_id, theme_id, target_id, count(*) AS sentences, sum(is_complaint) AS complaints,
       count(DISTINCT CASE WHEN is_complaint THEN family_id END) AS complaining_voices
FROM theme_target_facts
GROUP BY event_id, theme_id, target_id;

-- What was collected, by platform: addresses by state, documents, and how well dated and signed they are.
CREATE VIEW collection AS
SELECT
  ed.event_id, d.platform, count(*) AS documents, sum(ed.belongs) AS counted,
  sum(d.published_at IS NOT NULL) AS dated, sum(d.author IS NOT NULL) AS signed,
  min(d.published_at) AS first_published, max(d.published_at) AS last_published,
  max(sn.fetched_at) AS last_fetched
FROM event_documents ed
JOIN documents d ON d.id = ed.document_id
JOIN snapshots sn ON sn.id = d.snapshot_id
GROUP BY ed.event_id, d.platform;

-- Pages by where they stand in the frontier: queued, done, refused, failed.
CREATE VIEW addresses_by_state AS
SELECT event_id, state, count(*) AS pages FROM frontier WHERE role = 'page' GROUP BY event_id, state;

-- What came of each page that was discovered, by platform: ok, the name of what failed, circuit_open, retry_after or
-- crawl_delay while its site is left alone, host_limit, or not_asked. Twin addresses of one document count once.
CREATE VIEW addresses_by_outcome AS
SELECT
  event_id, platform, outcome, count(DISTINCT page) AS pages,
  1.0 * count(DISTINCT page) / sum(count(DISTINCT page)) OVER (PARTITION BY event_id, platform) AS share
FROM (
  SELECT f.event_id, f.platform, coalesce(f.document_id, f.url) AS page,
    CASE WHEN f.state = 'done' THEN 'ok'
         WHEN f.state = 'queued' THEN coalesce(s.reason, nullif(f.last_outcome, 'ok'), 'not_asked')
         ELSE f.last_outcome END AS outcome
  FROM frontier f
  LEFT JOIN sites s ON s.site = f.site AND s.waits_until > strftime('%Y-%m-%dT%H:%M:%S', 'now', '+9 hours')
  WHERE f.role = 'page')
GROUP BY event_id, platform, outcome;

-- Documents that are kept but not counted, by reason.
CREATE VIEW set_aside AS
SELECT event_id, reason, count(*) AS documents FROM event_documents WHERE belongs = 0 GROUP BY event_id, reason;

-- Sources whose last measured run broke what is expected of their pages: one row per broken measure.
-- Grey is not calm: what such a source gave in that run may be nothing, or not what its authors wrote.
CREATE VIEW grey_sources AS
SELECT c.event_id, c.platform, c.run_id, r.started_at, c.measure, c.pages, c.found, c.least, c.most
FROM contracts c JOIN runs r ON r.id = c.run_id
WHERE c.held = 0 AND c.run_id =
  (SELECT max(last.run_id) FROM contracts last WHERE last.event_id = c.event_id AND last.platform = c.platform);

-- Other statements of a document's date that disagree with the one taken: more than an hour apart where both tell the
-- minute, else another day, or another month where one tells no more than that. (Where 23 saved pages tell the minute twice, the two are within 36 seconds.)
CREATE VIEW date_disagreements AS
SELECT ed.event_id, d.id AS document_id, d.platform, d.url, d.published_at, d.date_source, d.date_precision,
  json_extract(other.value, '$.source') AS other_source, json_extract(other.value, '$.at') AS other_at,
  json_extract(other.value, '$.precision') AS other_precision
FROM documents d JOIN event_documents ed ON ed.document_id = d.id, json_each(d.date_evidence) AS other
WHERE json_extract(other.value, '$.refused') IS NULL AND d.published_at IS NOT NULL AND CASE
  WHEN d.date_precision = 'minute' AND json_extract(other.value, '$.precision') = 'minute'
    THEN abs(julianday(d.published_at) - julianday(json_extract(other.value, '$.at'))) * 24 > 1
  WHEN d.date_precision = 'month' OR json_extract(other.value, '$.precision') = 'month'
    THEN substr(d.published_at, 1, 7) <> substr(json_extract(other.value, '$.at'), 1, 7)
  ELSE substr(d.published_at, 1, 10) <> substr(json_extract(other.value, '$.at'), 1, 10) END;

-- Dates that a page states and that were refused, by where they stood and why.
CREATE VIEW refused_dates AS
SELECT ed.event_id, d.id AS document_id, d.platform, d.url, d.published_at,
  json_extract(said.value, '$.source') AS source, json_extract(said.value, '$.at') AS stated,
  json_extract(said.value, '$.refused') AS refused
FROM documents d JOIN event_documents ed ON ed.document_id = d.id, json_each(d.date_evidence) AS said
WHERE json_extract(said.value, '$.refused') IS NOT NULL;

-- What could not be seen or used, and why: one row per platform and outcome, over distinct addresses.
-- An address that gave a document later, at another try or to a better reader, is no longer among them.
CREATE VIEW refusals AS
SELECT event_id, coalesce(platform, '') AS platform, stage, outcome, count(DISTINCT coalesce(url, id)) AS addresses,
       max(at) AS last_at, min(detail) AS example
FROM problems p WHERE event_id IS NOT NULL AND NOT (stage IN ('fetch', 'read') AND EXISTS (
  SELECT 1 FROM frontier f WHERE f.event_id = p.event_id AND f.url = p.url AND f.state = 'done'))
GROUP BY event_id, coalesce(platform, ''), stage, outcome;

-- Which articles feed opinion: every address that counted documents point to, with the cited document where it is
-- held. Links to an article count under its canonical address, others as written; a document counts once.
CREATE VIEW citations AS
SELECT
  df.event_id, coalesce(l.cited_url, l.url) AS cited_url,
  cited.id AS cited_document_id, cited.title AS cited_title, cited.outlet AS cited_outlet,
  count(DISTINCT df.document_id) AS documents, count(DISTINCT df.family_id) AS voices
FROM document_facts df
JOIN links l ON l.document_id = df.document_id
LEFT JOIN addresses a ON a.url = coalesce(l.cited_url, l.url)
LEFT JOIN documents cited ON cited.id = a.document_id
WHERE cited.id IS NOT df.document_id
GROUP BY df.event_id, coalesce(cited.id, l.cited_url, l.url);

-- A quote: the sentence verbatim, where it stands, who wrote it, what it is about, and the bytes that prove it.
CREATE VIEW quotes AS
SELECT
  sf.event_id, sf.sentence_id, sf.text AS sentence, sf.document_id, sf.position, sf.start, sf."end",
  (SELECT p.text FROM sentences p WHERE p.document_id = sf.document_id AND p.position = sf.position - 1) AS before,
  (SELECT n.text FROM sentences n WHERE n.document_id = sf.document_id AND n.position = sf.position + 1) AS after,
  sf.platform, sf.kind, sf.author, sf.outlet, sf.title, sf.url, sf.published_at, sf.date_source, sf.date_precision,
  substr(sf.native_id, 1, instr(sf.native_id || '/', '/') - 1) AS site,  -- the blog: a nickname may change, its address does not
  sn.fetched_at, sn.id AS snapshot_id, sn.payload_sha256 AS snapshot_sha256, sn.warc_file, sn.warc_offset,
  sf.day, sf.hour, sf.family_id, sf.is_origin, sf.advertising,
  sf.model_id, sf.polarity, sf.negative, sf.neutral, sf.positive,
  (SELECT json_group_object(theme_id, probability) FROM (
     SELECT st.theme_id, st.probability FROM sentence_themes st
     WHERE st.event_id = sf.event_id AND st.sentence_id = sf.sentence_id AND st.model_id = sf.model_id
     ORDER BY st.probability DESC)) AS themes,                           -- JSON: theme to probability, the surest first
  (SELECT json_group_array(target_id) FROM (
     SELECT m.target_id FROM mentions m
     WHERE m.event_id = sf.event_id AND m.sentence_id = sf.sentence_id
     GROUP BY m.target_id ORDER BY min(m.start))) AS targets,            -- JSON: targets in the order they are named
  (SELECT json_group_object(target_id, polarity) FROM (
     SELECT tw.target_id, tw.polarity FROM toward tw
     WHERE tw.event_id = sf.event_id AND tw.sentence_id = sf.sentence_id
     ORDER BY tw.named_at)) AS polarity_toward                           -- JSON: target to polarity toward it
FROM sentence_facts sf JOIN snapshots sn ON sn.id = sf.snapshot_id;
