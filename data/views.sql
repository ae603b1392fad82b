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

-- One row per sentence and target named in it.
CREATE VIEW target_facts AS
SELECT DISTINCT m.target_id, sf.*
FROM sentence_facts sf
JOIN mentions m ON m.event_id = sf.event_id AND m.sentence_id = sf.sentence_id;

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

-- Theme by target: complaints in sentences that carry the theme and name the target.
CREATE VIEW theme_by_target AS
SELECT tf.event_id, tf.theme_id, tg.target_id, count(*) AS sentences, sum(tf.is_complaint) AS complaints,
       count(DISTINCT CASE WHEN tf.is_complaint THEN tf.family_id END) AS complaining_voices
FROM theme_facts tf
JOIN target_facts tg ON tg.event_id = tf.event_id AND tg.sentence_id = tf.sentence_id
GROUP BY tf.event_id, tf.theme_id, tg.target_id;

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

-- Documents that are kept but not counted, by reason.
CREATE VIEW set_aside AS
SELECT event_id, reason, count(*) AS documents FROM event_documents WHERE belongs = 0 GROUP BY event_id, reason;

-- What could not be seen or used, and why: one row per platform and outcome, over distinct addresses.
CREATE VIEW refusals AS
SELECT event_id, coalesce(platform, '') AS platform, stage, outcome, count(DISTINCT coalesce(url, id)) AS addresses,
       max(at) AS last_at, min(detail) AS example
FROM problems WHERE event_id IS NOT NULL GROUP BY event_id, coalesce(platform, ''), stage, outcome;

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
     GROUP BY m.target_id ORDER BY min(m.start))) AS targets             -- JSON: targets in the order they are named
FROM sentence_facts sf JOIN snapshots sn ON sn.id = sf.snapshot_id;
