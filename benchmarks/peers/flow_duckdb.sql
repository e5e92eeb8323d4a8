-- The flow in DuckDB: stored events (Parquet) to validated, deduplicated, tied tables and revenue per QR code under the
-- platform's own model. The same rules as attribution's, but personal data is looked for by one pattern (addresses) only.
-- Variables: raw (folder), out (folder), currency, iso (list of ISO 4217 codes).

SET preserve_insertion_order = false;
SET TimeZone = 'UTC';

CREATE MACRO is_uuid(t) AS regexp_full_match(t, '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}');
CREATE MACRO as_id(t) AS CASE WHEN regexp_matches(t, '[A-F]') AND is_uuid(t) THEN lower(t) ELSE nullif(t, '') END;
CREATE MACRO in_years(t) AS CASE WHEN t >= TIMESTAMPTZ '2000-01-01' AND t < TIMESTAMPTZ '2100-01-01' THEN t END;
CREATE MACRO address() AS '[A-Za-z0-9._%+\-]{1,64}(@|%40|＠)[A-Za-z0-9\-]{1,63}(\.[A-Za-z0-9\-]{1,63}){0,8}\.[A-Za-z]{2,24}';
CREATE MACRO clean(t) AS CASE WHEN regexp_matches(t, '@|%40|＠') THEN regexp_replace(t, address(), '[redacted]', 'g') ELSE t END;
CREATE MACRO has_address(t) AS regexp_matches(t, '@|%40|＠') AND regexp_matches(t, address());

-- One pass over the files: every row with what is wrong with it, cleaned and stripped.
CREATE TABLE judged AS
WITH typed AS (
  SELECT
    hash(filename) % 134217728 * 68719476736 + file_row_number AS row_id,
    as_id(event_id) AS event_id, as_id(scan_session_id) AS scan_session_id,
    as_id(web_session_id) AS web_session_id, as_id(visitor_id) AS visitor_id,
    nullif(site_id, '') AS site_id, nullif(qr_code_id, '') AS qr_code_id, nullif(user_id, '') AS user_id,
    nullif(event_type, '') AS event_type, nullif(event_name, '') AS event_name,
    coalesce(lower(nullif(source, '')), CASE WHEN nullif(event_name, '') IS NULL THEN 'browser' ELSE 'server' END) AS source,
    nullif(page_url, '') AS page_url, nullif(referrer, '') AS referrer,
    nullif(device_type, '') AS device_type, nullif(browser_family, '') AS browser_family,
    nullif(os_family, '') AS os_family, nullif(country_code, '') AS country_code, nullif(city, '') AS city,
    nullif(metadata, '') AS metadata,
    in_years(event_time) AS event_time, in_years(received_time) AS received_at, event_time AS event_time_given,
    coalesce(in_years(event_time), in_years(received_time)) AS occurred_at,
    conversion_value::DECIMAL(18, 4) AS amount, nullif(conversion_currency, '') AS currency,
    coalesce(nullif(consent, ''), 'unspecified') AS consent,
    coalesce(is_duplicate, 0) AS duplicate_flag, coalesce(is_fraud, 0) AS fraud_flag
  FROM read_parquet(getvariable('raw') || '/*.parquet', filename = true, file_row_number = true)
)
, marked AS (
  SELECT *, consent IN ('denied', 'pending') AS withheld, clean(metadata) AS sent_metadata,
    coalesce(event_id, md5(row_id::VARCHAR)) AS known_id,
  list_filter([
    CASE WHEN source NOT IN ('browser', 'server') THEN 'source_unknown' END,
    CASE WHEN (source = 'server' AND event_name IS NULL) OR (source <> 'server' AND event_type IS NULL) THEN 'event_name_missing' END,
    CASE WHEN currency IS NOT NULL AND NOT list_contains(getvariable('iso'), currency) THEN 'currency_not_iso_4217' END,
    CASE WHEN occurred_at IS NULL THEN 'time_missing' END,
    CASE WHEN consent NOT IN ('granted', 'denied', 'pending', 'unspecified') THEN 'consent_unknown' END,
    CASE WHEN duplicate_flag NOT IN (0, 1) THEN 'is_duplicate_unreadable' END,
    CASE WHEN fraud_flag NOT IN (0, 1) THEN 'is_fraud_unreadable' END
  ], lambda x: x IS NOT NULL) AS rejects,
  list_filter([
    CASE WHEN consent IN ('denied', 'pending') AND page_url IS NOT NULL THEN 'consent_leak' END,
    CASE WHEN consent IN ('denied', 'pending') AND referrer IS NOT NULL THEN 'consent_leak' END,
    CASE WHEN consent IN ('denied', 'pending') AND city IS NOT NULL THEN 'consent_leak' END,
    CASE WHEN consent IN ('denied', 'pending') AND metadata IS NOT NULL THEN 'consent_leak' END,
    CASE WHEN site_id IS NULL THEN 'site_id_missing' END,
    CASE WHEN event_id IS NOT NULL AND NOT is_uuid(event_id) THEN 'event_id_not_uuid' END,
    CASE WHEN source = 'server' AND scan_session_id IS NULL THEN 'scan_session_id_missing' END,
    CASE WHEN scan_session_id IS NOT NULL AND NOT is_uuid(scan_session_id) THEN 'scan_session_id_not_uuid' END,
    CASE WHEN web_session_id IS NOT NULL AND NOT is_uuid(web_session_id) THEN 'web_session_id_not_uuid' END,
    CASE WHEN visitor_id IS NOT NULL AND NOT is_uuid(visitor_id) THEN 'visitor_id_not_uuid' END,
    CASE WHEN NOT regexp_full_match(coalesce(event_name, event_type), '[a-z][a-z0-9]*(_[a-z0-9]+)*') THEN 'name_not_snake_case' END,
    CASE WHEN source = 'server' AND currency IS NOT NULL AND amount IS NULL THEN 'amount_missing' END,
    CASE WHEN amount IS NOT NULL AND currency IS NULL THEN 'currency_missing' END,
    CASE WHEN event_time_given IS NOT NULL AND event_time IS NULL THEN 'event_time_unreadable' END,
    CASE WHEN occurred_at > received_at + INTERVAL 5 MINUTE THEN 'time_after_receipt' END,
    CASE WHEN occurred_at < received_at - INTERVAL 60 DAY THEN 'time_long_before_receipt' END,
    CASE WHEN metadata IS NOT NULL AND NOT (metadata LIKE '{%' AND metadata LIKE '%}') THEN 'metadata_not_an_object' END,
    CASE WHEN strlen(metadata) > 10240 THEN 'metadata_too_large' END,
    CASE WHEN has_address(metadata) THEN 'email_address' END,
    CASE WHEN has_address(page_url) THEN 'email_address' END,
    CASE WHEN has_address(referrer) THEN 'email_address' END
  ], lambda x: x IS NOT NULL) AS found
  FROM typed
)
SELECT row_id, rejects, CASE WHEN len(found) > 0 AND len(rejects) = 0 THEN found END AS found,
  hash(source, site_id, known_id) AS event_key, known_id AS event_id, event_id IS NULL AS event_id_is_derived,
  site_id, source, event_type, event_name, occurred_at, received_at, scan_session_id, web_session_id, visitor_id, qr_code_id, user_id,
  CASE WHEN NOT withheld THEN clean(page_url) END AS page_url, CASE WHEN NOT withheld THEN clean(referrer) END AS referrer,
  device_type, browser_family, os_family, country_code, CASE WHEN NOT withheld THEN city END AS city,
  amount, currency, consent, CASE WHEN NOT withheld THEN sent_metadata END AS metadata,
  CASE WHEN NOT withheld AND contains(sent_metadata, '"order_id"') THEN json_extract_string(sent_metadata, '$.order_id') END AS order_id,
  duplicate_flag = 1 AS is_duplicate, fraud_flag = 1 AS is_fraud,
  CASE
    WHEN coalesce(event_name, event_type) = 'test_event'
      OR event_id = '00000000-0000-0000-0000-000000000000' OR scan_session_id = '00000000-0000-0000-0000-000000000000'
      OR (contains(sent_metadata, '"test"') AND json_extract_string(sent_metadata, '$.test') IN ('true', '1')) THEN 'test'
    WHEN fraud_flag = 1 THEN 'fraud'
  END AS exclusion
FROM marked;

CREATE VIEW events AS SELECT * EXCLUDE (rejects, found) FROM judged WHERE len(rejects) = 0;
CREATE VIEW findings AS SELECT row_id, unnest(found) AS rule FROM judged WHERE found IS NOT NULL;
CREATE VIEW rejects AS SELECT row_id, unnest(rejects) AS reason FROM judged WHERE len(rejects) > 0;

CREATE TABLE duplicates AS
WITH repeated AS (
  SELECT event_key FROM events GROUP BY event_key HAVING count(*) > 1 OR bool_or(is_duplicate)
), placed AS (
  SELECT row_id, source, site_id, event_id, is_duplicate,
    row_number() OVER w AS place,
    first_value(CASE WHEN is_duplicate THEN NULL ELSE row_id END) OVER w AS original_row_id
  FROM events SEMI JOIN repeated USING (event_key)
  WINDOW w AS (PARTITION BY source, site_id, event_id ORDER BY is_duplicate, received_at NULLS LAST, occurred_at, row_id)
)
SELECT row_id, original_row_id, event_id,
  CASE WHEN original_row_id IS NULL THEN 'original_outside_export' WHEN is_duplicate THEN 'flagged' ELSE 'repeated_id' END AS reason
FROM placed WHERE place > 1 OR is_duplicate;

CREATE VIEW analysed AS SELECT * FROM events ANTI JOIN duplicates USING (row_id) WHERE exclusion IS NULL;

CREATE TABLE scans AS
SELECT scan_session_id, arg_min(qr_code_id, scanned_at) AS qr_code_id, min(scanned_at) AS scanned_at,
  arg_min(country_code, scanned_at) AS country_code, arg_min(city, scanned_at) AS city, arg_min(device_type, scanned_at) AS device_type
FROM (
  SELECT as_id(scan_session_id) AS scan_session_id, nullif(qr_code_id, '') AS qr_code_id, try_cast(scanned_at AS TIMESTAMPTZ) AS scanned_at,
    nullif(country_code, '') AS country_code, nullif(city, '') AS city, nullif(device_type, '') AS device_type
  FROM read_csv(getvariable('raw') || '/scans.csv', all_varchar = true)
) WHERE scan_session_id IS NOT NULL AND scanned_at IS NOT NULL
GROUP BY scan_session_id;

CREATE TABLE scan_sessions AS
WITH seen AS (
  SELECT scan_session_id, count(*) AS event_count, count(*) FILTER (source = 'browser') AS browser_event_count,
    count(*) FILTER (source = 'browser' AND event_type IN ('page_view', 'pageview')) AS page_view_count,
    min(occurred_at) AS first_event_at, max(occurred_at) AS last_event_at,
    min(qr_code_id) AS qr_code_id, max(qr_code_id) AS other_qr_code_id,
    min(visitor_id) FILTER (source = 'browser' AND consent NOT IN ('denied', 'pending')) AS browser_visitor_id,
    min(visitor_id) FILTER (source <> 'browser' AND consent NOT IN ('denied', 'pending')) AS server_visitor_id,
    min(CASE consent WHEN 'denied' THEN 0 WHEN 'pending' THEN 1 WHEN 'granted' THEN 2 ELSE 3 END) AS consent_rank,
    arg_min(page_url, occurred_at) FILTER (source = 'browser' AND event_type IN ('page_view', 'pageview')) AS landing_url,
    min(country_code) AS country_code, min(city) AS city, min(device_type) AS device_type,
    min(browser_family) AS browser_family, min(os_family) AS os_family
  FROM analysed WHERE scan_session_id IS NOT NULL GROUP BY scan_session_id
)
SELECT coalesce(e.scan_session_id, s.scan_session_id) AS scan_session_id,
  coalesce(s.scanned_at, e.first_event_at) AS scanned_at,
  coalesce(s.qr_code_id, e.qr_code_id) AS qr_code_id,
  coalesce(e.browser_visitor_id, e.server_visitor_id, e.scan_session_id, s.scan_session_id) AS person_id,
  s.scanned_at IS NOT NULL OR coalesce(e.browser_event_count, 0) > 0 OR e.qr_code_id IS NOT NULL AS is_known,
  coalesce(e.qr_code_id <> e.other_qr_code_id, false) OR coalesce(e.qr_code_id <> s.qr_code_id, false) AS has_qr_conflict,
  coalesce(e.event_count, 0) AS event_count, coalesce(e.browser_event_count, 0) AS browser_event_count,
  coalesce(e.page_view_count, 0) AS page_view_count, e.first_event_at, e.last_event_at,
  ['denied', 'pending', 'granted', 'unspecified'][e.consent_rank + 1] AS consent,
  regexp_replace(regexp_replace(e.landing_url, '#.*$', ''), '(?i)([?&])(scnv|utm_[a-z_]+|gclid|fbclid|msclkid)=[^&]*', '', 'g') AS landing_page,
  coalesce(s.country_code, e.country_code) AS country_code, coalesce(s.city, e.city) AS city,
  coalesce(s.device_type, e.device_type) AS device_type, e.browser_family, e.os_family
FROM scans s FULL JOIN seen e USING (scan_session_id);

CREATE TABLE web_sessions AS
WITH browsing AS (
  SELECT scan_session_id, web_session_id, occurred_at, event_type FROM analysed
  WHERE source = 'browser' AND scan_session_id IS NOT NULL
), marked AS (
  SELECT *, coalesce(occurred_at - lag(occurred_at) OVER (PARTITION BY scan_session_id ORDER BY occurred_at) > INTERVAL 30 MINUTE, true) AS starts
  FROM browsing WHERE web_session_id IS NULL
), cut AS (
  SELECT *, max(CASE WHEN starts THEN occurred_at END) OVER (PARTITION BY scan_session_id ORDER BY occurred_at) AS began FROM marked
), every AS (
  SELECT scan_session_id, web_session_id, false AS is_derived, occurred_at, event_type FROM browsing WHERE web_session_id IS NOT NULL
  UNION ALL
  SELECT scan_session_id, scan_session_id || '/' || epoch_us(began), true, occurred_at, event_type FROM cut
)
SELECT web_session_id, scan_session_id, bool_or(is_derived) AS is_derived, min(occurred_at) AS started_at, max(occurred_at) AS ended_at,
  count(*) AS event_count, count(*) FILTER (event_type IN ('page_view', 'pageview')) AS page_view_count
FROM every GROUP BY web_session_id, scan_session_id;

CREATE TABLE chosen AS
SELECT row_id AS conversion_id, event_id, site_id, event_name, scan_session_id AS named_scan_session_id,
  web_session_id AS named_web_session_id, qr_code_id AS own_qr_code_id, occurred_at AS converted_at,
  event_name = 'refund' OR coalesce(amount < 0, false) AS is_refund,
  CASE WHEN event_name = 'refund' OR amount < 0 THEN -abs(amount) ELSE amount END AS amount, currency, consent, order_id
FROM analysed
WHERE source = 'server' AND (event_name IN ('purchase', 'signup', 'lead', 'refund') OR amount IS NOT NULL);

CREATE TABLE strays AS
SELECT c.conversion_id, w.scan_session_id, s.qr_code_id, s.scanned_at, s.person_id
FROM chosen c
JOIN web_sessions w ON w.web_session_id = c.named_web_session_id
LEFT JOIN scan_sessions s ON s.scan_session_id = w.scan_session_id
WHERE NOT EXISTS (
  FROM web_sessions o WHERE o.web_session_id = c.named_web_session_id AND o.scan_session_id = c.named_scan_session_id
)
QUALIFY row_number() OVER (
  PARTITION BY c.conversion_id
  ORDER BY c.converted_at < w.started_at, abs(epoch_us(c.converted_at) - epoch_us(w.started_at)), w.scan_session_id
) = 1;

CREATE TABLE tied AS
WITH placed AS (
  SELECT c.*, k.scan_session_id IS NOT NULL AS is_known, t.scan_session_id IS NOT NULL AS is_stray,
    coalesce(k.scan_session_id, t.scan_session_id) AS scan_session_id,
    CASE WHEN k.scan_session_id IS NOT NULL THEN k.scanned_at ELSE t.scanned_at END AS scanned_at,
    CASE WHEN k.scan_session_id IS NOT NULL THEN k.person_id ELSE t.person_id END AS person_id,
    CASE WHEN k.scan_session_id IS NOT NULL OR t.scan_session_id IS NOT NULL
      THEN coalesce(c.own_qr_code_id, CASE WHEN k.scan_session_id IS NOT NULL THEN k.qr_code_id ELSE t.qr_code_id END) END AS qr_code_id
  FROM chosen c
  LEFT JOIN (SELECT * FROM scan_sessions WHERE is_known) k ON k.scan_session_id = c.named_scan_session_id
  LEFT JOIN strays t ON t.conversion_id = c.conversion_id
), with_web AS (
  SELECT p.*,
    CASE WHEN coalesce(w.web_session_id = p.named_web_session_id, false) OR p.is_stray THEN p.named_web_session_id
      WHEN w.started_at <= p.converted_at THEN w.web_session_id END AS web_session_id
  FROM placed p LEFT JOIN web_sessions w ON w.scan_session_id = p.named_scan_session_id
  QUALIFY row_number() OVER (
    PARTITION BY p.conversion_id
    ORDER BY coalesce(w.web_session_id = p.named_web_session_id, false) OR p.is_stray DESC,
      CASE WHEN w.started_at <= p.converted_at THEN w.started_at END DESC NULLS LAST, w.web_session_id NULLS LAST
  ) = 1
)
SELECT *,
  CASE WHEN scan_session_id IS NULL THEN 'orphan' WHEN NOT is_known THEN 'web_only'
    WHEN web_session_id IS NOT NULL THEN 'scan_and_web' ELSE 'scan_only' END AS tie,
  CASE WHEN scan_session_id IS NULL THEN 'orphan' WHEN qr_code_id IS NULL THEN 'unlinked' WHEN is_refund THEN NULL
    WHEN converted_at - scanned_at < -INTERVAL 5 MINUTE THEN 'before_scan'
    WHEN converted_at - scanned_at > INTERVAL 60 DAY THEN 'outside_window' END AS reason
FROM with_web;

CREATE TABLE conversions AS
WITH orders AS (
  SELECT site_id, order_id, scan_session_id, web_session_id, person_id, qr_code_id, tie, reason FROM tied
  WHERE NOT is_refund AND order_id IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY site_id, order_id ORDER BY converted_at, event_id) = 1
), settled AS (
  SELECT t.* EXCLUDE (scan_session_id, web_session_id, person_id, qr_code_id, tie, reason),
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.scan_session_id ELSE t.scan_session_id END AS scan_session_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.web_session_id ELSE t.web_session_id END AS web_session_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.person_id ELSE t.person_id END AS person_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.qr_code_id ELSE t.qr_code_id END AS qr_code_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.tie ELSE t.tie END AS tie,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.reason ELSE t.reason END AS reason
  FROM tied t LEFT JOIN orders o ON o.order_id = t.order_id AND o.site_id IS NOT DISTINCT FROM t.site_id
), rates AS (
  SELECT date::DATE AS date, currency, rate::DECIMAL(24, 10) AS rate FROM read_csv(getvariable('raw') || '/fx.csv', all_varchar = true)
)
SELECT s.*, round_even((s.amount * CASE WHEN s.currency = getvariable('currency') THEN 1 ELSE r.rate END)::DECIMAL(38, 14), 2)::DECIMAL(18, 4) AS amount_reporting
FROM settled s ASOF LEFT JOIN rates r ON r.currency = s.currency AND r.date <= s.converted_at::DATE;

CREATE TABLE revenue_per_qr AS
WITH earned AS (
  SELECT qr_code_id, count(*) FILTER (NOT is_refund) AS conversions, sum(amount_reporting) AS revenue
  FROM conversions WHERE reason IS NULL GROUP BY qr_code_id
), visited AS (
  SELECT qr_code_id, count(*) AS scan_sessions, count(DISTINCT person_id) AS people FROM scan_sessions WHERE event_count > 0 GROUP BY qr_code_id
), scanned AS (
  SELECT qr_code_id, count(*) AS scans FROM scans GROUP BY qr_code_id
)
SELECT q.qr_code_id, q.name, q.campaign, coalesce(n.scans, 0) AS scans, coalesce(v.scan_sessions, 0) AS scan_sessions,
  coalesce(v.people, 0) AS people, coalesce(e.conversions, 0) AS conversions, coalesce(e.revenue, 0) AS revenue
FROM read_csv(getvariable('raw') || '/qr_codes.csv', all_varchar = true) q
LEFT JOIN earned e USING (qr_code_id) LEFT JOIN visited v USING (qr_code_id) LEFT JOIN scanned n USING (qr_code_id)
ORDER BY revenue DESC;
