-- The flow in DuckDB: the events of the view `sent` (sent_stored.sql, sent_raw.sql) to validated, deduplicated and tied tables,
-- touches, credits and revenue per QR code. The same rules as attribution's; personal data is looked for at a glance in the same
-- way, but only addresses are redacted, and the rest of the suspected texts are counted, not looked at closely. A currency or a
-- consent in another case, which no world of the benchmarks has, is refused here and read as meant there.
-- Variables: raw (folder), currency, iso (list of ISO 4217 codes), shape (stored, raw), rejecting (list of rules that refuse a row),
-- glance_text and glance_json (attribution's own patterns, in the spelling of RE2).

SET preserve_insertion_order = false;
SET TimeZone = 'UTC';

CREATE MACRO is_uuid(t) AS regexp_full_match(t, '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}');
CREATE MACRO as_id(t) AS CASE WHEN regexp_matches(t, '[A-F]') AND is_uuid(t) THEN lower(t) ELSE nullif(t, '') END;
CREATE MACRO in_years(t) AS CASE WHEN t >= TIMESTAMPTZ '2000-01-01' AND t < TIMESTAMPTZ '2100-01-01' THEN t END;
CREATE MACRO is_object(t) AS t LIKE '{%' AND t LIKE '%}' AND json_valid(t);
CREATE MACRO flat(t) AS regexp_replace(t, '\{[^\[\]{}]*\}|\[[^\[\]{}]*\]', '', 'g');
CREATE MACRO without_strings(t) AS regexp_replace(t, '"([^"\\]|\\.)*"', '', 'g');
CREATE MACRO is_deep(t) AS CASE WHEN regexp_matches(t, '([\[{][^\[{]*){6}') THEN
  regexp_matches(flat(flat(flat(flat(flat(without_strings(t)))))), '[\[{]') ELSE false END;
CREATE MACRO is_hash(t) AS regexp_full_match(t, '[0-9a-fA-F]{64}')
  AND lower(t) <> 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
CREATE MACRO is_salted(t) AS regexp_matches(t, '^(?:[0-9a-fA-F]{64}[:$.|].+|.+[:$.|][0-9a-fA-F]{64}|\$(?:2[aby]|5|6|argon2\w*|pbkdf2\S*)\$.+)$');
CREATE MACRO field(t, name) AS CASE WHEN contains(t, '"' || name || '"') THEN json_extract_string(t, '$.' || name) END;

-- The glance for personal data: what could be an address, a phone number, a card number, an IP address or an identifier.
CREATE MACRO suspect_text() AS getvariable('glance_text');
CREATE MACRO suspect_json() AS getvariable('glance_json');
CREATE MACRO address() AS '[A-Za-z0-9._%+\-]{1,64}(@|%40|＠)[A-Za-z0-9\-]{1,63}(\.[A-Za-z0-9\-]{1,63}){0,8}\.[A-Za-z]{2,24}';
CREATE MACRO clean(t, is_suspect) AS CASE WHEN is_suspect THEN regexp_replace(t, address(), '[redacted]', 'g') ELSE t END;
CREATE MACRO has_address(t, is_suspect) AS CASE WHEN is_suspect THEN regexp_matches(t, address()) ELSE false END;

-- One pass over the files: every row with what is wrong with it, cleaned and stripped.
CREATE TABLE judged AS
WITH typed AS (
  SELECT
    as_id(event_id) AS event_id, as_id(scan_session_id) AS scan_session_id,
    as_id(web_session_id) AS web_session_id, as_id(visitor_id) AS visitor_id,
    nullif(site_id, '') AS site_id, nullif(qr_code_id, '') AS qr_code_id, nullif(user_id, '') AS user_id,
    nullif(event_type, '') AS event_type, nullif(event_name, '') AS event_name,
    coalesce(lower(nullif(source, '')), CASE WHEN nullif(event_name, '') IS NULL THEN 'browser' ELSE 'server' END) AS source,
    nullif(page_url, '') AS page_url, nullif(referrer, '') AS referrer, page_title, element_text,
    user_agent, screen_width, screen_height, language, nullif(device_type, '') AS device_type,
    nullif(browser_family, '') AS browser_family, nullif(os_family, '') AS os_family,
    nullif(country_code, '') AS country_code, nullif(city, '') AS city, metadata, properties,
    in_years(event_time) AS event_time, in_years(received_time) AS received_at, event_time_given,
    coalesce(in_years(event_time), in_years(received_time), in_years(sent_time)) AS occurred_at,
    amount, amount_given, nullif(currency, '') AS currency, email_hash, phone_hash, external_id,
    coalesce(nullif(consent, ''), 'unspecified') AS consent, consent = 'unspecified' AS says_unspecified, duplicate_flag, fraud_flag, is_malformed,
    regexp_matches(metadata, suspect_json()) AS suspect_metadata, regexp_matches(properties, suspect_json()) AS suspect_properties,
    regexp_matches(page_url, suspect_text()) AS suspect_page_url, regexp_matches(referrer, suspect_text()) AS suspect_referrer,
    regexp_matches(page_title, suspect_text()) AS suspect_page_title,
    regexp_matches(element_text, suspect_text()) AS suspect_element_text
  FROM sent
)
, marked AS (
  SELECT *, consent IN ('denied', 'pending') AS withheld,
    clean(metadata, suspect_metadata) AS sent_metadata, clean(properties, suspect_properties) AS sent_properties,
    coalesce(event_id, md5(concat_ws('|', source, site_id, event_type, event_name, scan_session_id, web_session_id, visitor_id,
      qr_code_id, user_id, page_url, referrer, occurred_at, received_at, amount, currency, consent, metadata, properties))) AS known_id,
  CASE WHEN is_malformed THEN ['malformed_json'] ELSE list_filter([
    CASE WHEN source NOT IN ('browser', 'server') THEN 'source_unknown' END,
    CASE WHEN (source = 'server' AND event_name IS NULL) OR (source <> 'server' AND event_type IS NULL) THEN 'event_name_missing' END,
    CASE WHEN currency IS NOT NULL AND NOT list_contains(getvariable('iso'), currency) THEN 'currency_not_iso_4217' END,
    CASE WHEN amount_given IS NOT NULL AND amount IS NULL THEN 'amount_not_a_number' END,
    CASE WHEN occurred_at IS NULL THEN 'no_readable_time' END,
    CASE WHEN consent NOT IN ('granted', 'denied', 'pending', 'unspecified') THEN 'consent_unknown' END,
    CASE WHEN says_unspecified THEN 'consent_said_unspecified' END,
    CASE WHEN duplicate_flag NOT IN (0, 1) THEN 'is_duplicate_unreadable' END,
    CASE WHEN fraud_flag NOT IN (0, 1) THEN 'is_fraud_unreadable' END,
    CASE WHEN site_id IS NULL THEN 'site_id_missing' END,
    CASE WHEN event_id IS NOT NULL AND NOT is_uuid(event_id) THEN 'event_id_not_uuid' END,
    CASE WHEN source = 'server' AND scan_session_id IS NULL THEN 'scan_session_id_missing' END,
    CASE WHEN scan_session_id IS NOT NULL AND NOT is_uuid(scan_session_id) THEN 'scan_session_id_not_uuid' END,
    CASE WHEN web_session_id IS NOT NULL AND NOT is_uuid(web_session_id) THEN 'web_session_id_not_uuid' END,
    CASE WHEN visitor_id IS NOT NULL AND NOT is_uuid(visitor_id) THEN 'visitor_id_not_uuid' END,
    CASE WHEN visitor_id = '00000000-0000-0000-0000-000000000000' AND coalesce(event_id <> '00000000-0000-0000-0000-000000000000', true) AND coalesce(scan_session_id <> '00000000-0000-0000-0000-000000000000', true)
      THEN 'visitor_id_all_zero' END,
    CASE WHEN web_session_id = '00000000-0000-0000-0000-000000000000' AND coalesce(event_id <> '00000000-0000-0000-0000-000000000000', true) AND coalesce(scan_session_id <> '00000000-0000-0000-0000-000000000000', true)
      THEN 'web_session_id_all_zero' END,
    CASE WHEN NOT regexp_full_match(CASE WHEN source = 'server' THEN event_name ELSE event_type END, '[a-z][a-z0-9]*(_[a-z0-9]+)*') THEN 'name_not_snake_case' END,
    CASE WHEN source = 'server' AND currency IS NOT NULL AND amount_given IS NULL THEN 'amount_missing' END,
    CASE WHEN amount IS NOT NULL AND currency IS NULL THEN 'currency_missing' END,
    CASE WHEN event_time_given AND event_time IS NULL THEN 'event_time_unreadable' END,
    CASE WHEN occurred_at > received_at + INTERVAL 5 MINUTE THEN 'time_after_receipt' END,
    CASE WHEN occurred_at < received_at - INTERVAL 60 DAY THEN 'time_long_before_receipt' END,
    CASE WHEN metadata IS NOT NULL AND NOT is_object(metadata) THEN 'metadata_not_an_object' END,
    CASE WHEN properties IS NOT NULL AND NOT is_object(properties) THEN 'properties_not_an_object' END,
    CASE WHEN strlen(metadata) > 10240 THEN 'metadata_too_large' END,
    CASE WHEN strlen(properties) > 10240 THEN 'properties_too_large' END,
    CASE WHEN is_deep(metadata) THEN 'metadata_too_deep' END,
    CASE WHEN NOT is_hash(email_hash) THEN 'email_hash_unusable' END,
    CASE WHEN NOT is_hash(phone_hash) THEN 'phone_hash_unusable' END,
    CASE WHEN is_hash(email_hash) AND email_hash <> lower(email_hash) THEN 'email_hash_upper_case' END,
    CASE WHEN is_hash(phone_hash) AND phone_hash <> lower(phone_hash) THEN 'phone_hash_upper_case' END,
    CASE WHEN is_salted(email_hash) THEN 'email_hash_salted' END,
    CASE WHEN is_salted(phone_hash) THEN 'phone_hash_salted' END,
    CASE WHEN has_address(external_id, contains(external_id, '@')) THEN 'external_id_is_address' END,
    CASE WHEN has_address(metadata, suspect_metadata) THEN 'email_address' END,
    CASE WHEN has_address(properties, suspect_properties) THEN 'email_address' END,
    CASE WHEN has_address(page_url, suspect_page_url) THEN 'email_address' END,
    CASE WHEN has_address(referrer, suspect_referrer) THEN 'email_address' END,
    CASE WHEN has_address(page_title, suspect_page_title) THEN 'email_address' END,
    CASE WHEN has_address(element_text, suspect_element_text) THEN 'email_address' END,
    CASE WHEN consent IN ('denied', 'pending') AND getvariable('shape') = 'stored' AND page_url IS NOT NULL THEN 'consent_leak' END,
    CASE WHEN consent IN ('denied', 'pending') AND getvariable('shape') = 'stored' AND referrer IS NOT NULL THEN 'consent_leak' END,
    CASE WHEN consent IN ('denied', 'pending') AND getvariable('shape') = 'stored' AND city IS NOT NULL THEN 'consent_leak' END,
    CASE WHEN consent IN ('denied', 'pending') AND getvariable('shape') = 'stored' AND metadata <> '{}' THEN 'consent_leak' END
  ], lambda x: x IS NOT NULL) END AS broken
  FROM typed
)
SELECT CASE WHEN len(broken) > 0 THEN broken END AS broken,
  len(broken) > 0 AND list_has_any(broken, getvariable('rejecting')) AS is_refused,
  suspect_metadata, suspect_properties, suspect_page_url, suspect_referrer, suspect_page_title, suspect_element_text,
  hash(source, site_id, known_id) AS event_key, known_id AS event_id, event_id IS NULL AS event_id_is_derived,
  site_id, source, event_type, event_name, occurred_at, received_at, scan_session_id,
  nullif(web_session_id, '00000000-0000-0000-0000-000000000000') AS web_session_id,
  nullif(visitor_id, '00000000-0000-0000-0000-000000000000') AS visitor_id, qr_code_id, user_id,
  CASE WHEN NOT withheld THEN clean(page_url, suspect_page_url) END AS page_url,
  CASE WHEN NOT withheld THEN clean(referrer, suspect_referrer) END AS referrer,
  clean(page_title, suspect_page_title) AS page_title, clean(element_text, suspect_element_text) AS element_text,
  user_agent, screen_width, screen_height, language,
  device_type, browser_family, os_family, country_code, CASE WHEN NOT withheld THEN city END AS city,
  amount, currency, consent, CASE WHEN NOT withheld THEN sent_metadata END AS metadata,
  CASE WHEN NOT withheld THEN sent_properties END AS properties,
  CASE WHEN is_hash(email_hash) THEN lower(email_hash) END AS email_hash,
  CASE WHEN is_hash(phone_hash) THEN lower(phone_hash) END AS phone_hash,
  CASE WHEN NOT has_address(external_id, contains(external_id, '@')) THEN external_id END AS external_id,
  CASE WHEN NOT withheld THEN coalesce(field(sent_properties, 'order_id'), field(sent_metadata, 'order_id')) END AS order_id,
  duplicate_flag = 1 AS is_duplicate, fraud_flag = 1 AS is_fraud,
  CASE
    WHEN event_name = 'test_event' OR (source = 'browser' AND event_type = 'test_event')
      OR event_id = '00000000-0000-0000-0000-000000000000' OR scan_session_id = '00000000-0000-0000-0000-000000000000'
      OR field(sent_metadata, 'test') IN ('true', '1') OR field(sent_properties, 'test') IN ('true', '1') THEN 'test'
    WHEN fraud_flag = 1 THEN 'fraud'
  END AS exclusion
FROM marked;

CREATE VIEW events AS
SELECT rowid AS row_id, * EXCLUDE (broken, is_refused, suspect_metadata, suspect_properties, suspect_page_url, suspect_referrer,
  suspect_page_title, suspect_element_text)
FROM judged WHERE NOT is_refused;
CREATE VIEW findings AS SELECT row_id, rule FROM (
  SELECT rowid AS row_id, unnest(broken) AS rule FROM judged WHERE broken IS NOT NULL AND NOT is_refused
);
CREATE VIEW rejects AS SELECT row_id, reason FROM (
  SELECT rowid AS row_id, unnest(broken) AS reason FROM judged WHERE is_refused
) WHERE list_contains(getvariable('rejecting'), reason);
CREATE VIEW suspects AS
SELECT count(*) FILTER (suspect_metadata) AS metadata, count(*) FILTER (suspect_properties) AS properties,
  count(*) FILTER (suspect_page_url) AS page_url, count(*) FILTER (suspect_referrer) AS referrer,
  count(*) FILTER (suspect_page_title) AS page_title, count(*) FILTER (suspect_element_text) AS element_text
FROM judged;

CREATE TABLE duplicates AS
WITH repeated AS (
  SELECT event_key FROM events GROUP BY event_key HAVING count(*) > 1 OR bool_or(is_duplicate)
), placed AS (
  SELECT row_id, source, site_id, event_id, is_duplicate,
    row_number() OVER w AS place,
    first_value(CASE WHEN is_duplicate THEN NULL ELSE row_id END) OVER w AS original_row_id
  FROM events SEMI JOIN repeated USING (event_key)
  WINDOW w AS (PARTITION BY source, site_id, event_id ORDER BY is_duplicate, received_at NULLS LAST, occurred_at, amount IS NULL, row_id)
)
SELECT row_id, original_row_id, event_id,
  CASE WHEN original_row_id IS NULL THEN 'original_outside_export' WHEN is_duplicate THEN 'flagged' ELSE 'repeated_id' END AS reason
FROM placed WHERE place > 1 OR is_duplicate;

CREATE VIEW analysed AS SELECT * FROM events ANTI JOIN duplicates USING (row_id) WHERE exclusion IS NULL;

CREATE TABLE scans AS
WITH silent AS (
  SELECT DISTINCT scan_session_id FROM events WHERE consent IN ('denied', 'pending')
), scanned AS (
SELECT scan_session_id, arg_min(qr_code_id, scanned_at) AS qr_code_id, min(scanned_at) AS scanned_at,
  arg_min(country_code, scanned_at) AS country_code, arg_min(city, scanned_at) AS city, arg_min(device_type, scanned_at) AS device_type
FROM (
  SELECT as_id(scan_session_id) AS scan_session_id, nullif(qr_code_id, '') AS qr_code_id, try_cast(scanned_at AS TIMESTAMPTZ) AS scanned_at,
    nullif(country_code, '') AS country_code, nullif(city, '') AS city, nullif(device_type, '') AS device_type
  FROM read_csv(getvariable('raw') || '/scans.csv', all_varchar = true)
) WHERE scan_session_id IS NOT NULL AND scanned_at IS NOT NULL
GROUP BY scan_session_id
)
SELECT scanned.* REPLACE (CASE WHEN silent.scan_session_id IS NULL THEN city END AS city)
FROM scanned LEFT JOIN silent USING (scan_session_id);

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
), left_out AS (
  SELECT scan_session_id, min(qr_code_id) AS left_out_code, max(qr_code_id) AS other_left_out_code
  FROM events LEFT JOIN (SELECT row_id, true AS is_copy FROM duplicates) USING (row_id)
  WHERE (exclusion IS NOT NULL OR is_copy) AND scan_session_id IS NOT NULL AND qr_code_id IS NOT NULL
  GROUP BY scan_session_id
), told AS (
  SELECT * FROM seen FULL JOIN left_out USING (scan_session_id)
)
SELECT coalesce(e.scan_session_id, s.scan_session_id) AS scan_session_id,
  coalesce(s.scanned_at, e.first_event_at) AS scanned_at,
  coalesce(s.qr_code_id, e.qr_code_id, e.left_out_code) AS qr_code_id,
  coalesce(e.browser_visitor_id, e.server_visitor_id, e.scan_session_id, s.scan_session_id) AS person_id,
  s.scanned_at IS NOT NULL OR coalesce(e.browser_event_count, 0) > 0
    OR coalesce(e.qr_code_id, e.left_out_code) IS NOT NULL AS is_known,
  coalesce(e.qr_code_id <> e.other_qr_code_id, false) OR coalesce(e.qr_code_id <> s.qr_code_id, false)
    OR (coalesce(s.qr_code_id, e.qr_code_id) IS NULL AND coalesce(e.left_out_code <> e.other_left_out_code, false)) AS has_qr_conflict,
  coalesce(e.event_count, 0) AS event_count, coalesce(e.browser_event_count, 0) AS browser_event_count,
  coalesce(e.page_view_count, 0) AS page_view_count, e.first_event_at, e.last_event_at,
  ['denied', 'pending', 'granted', 'unspecified'][e.consent_rank + 1] AS consent,
  regexp_replace(regexp_replace(e.landing_url, '#.*$', ''), '(?i)([?&])(scnv|utm_[a-z_]+|gclid|fbclid|msclkid)=[^&]*', '', 'g') AS landing_page,
  coalesce(s.country_code, e.country_code) AS country_code, coalesce(s.city, e.city) AS city,
  coalesce(s.device_type, e.device_type) AS device_type, e.browser_family, e.os_family
FROM scans s FULL JOIN told e USING (scan_session_id)
WHERE coalesce(s.scanned_at, e.first_event_at) IS NOT NULL;

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
  coalesce(lower(event_name) = 'refund', false) OR coalesce(amount < 0, false) AS is_refund,
  CASE WHEN lower(event_name) = 'refund' OR amount < 0 THEN -abs(amount) ELSE amount END AS amount, currency, consent, order_id
FROM analysed
WHERE source = 'server' AND (event_name IN ('purchase', 'signup', 'lead') OR lower(event_name) = 'refund' OR amount IS NOT NULL);

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
  SELECT site_id, order_id, scan_session_id, web_session_id, person_id, qr_code_id, scanned_at, converted_at, tie, reason FROM tied
  WHERE NOT is_refund AND order_id IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY site_id, order_id ORDER BY coalesce(amount > 0, false) DESC, converted_at, event_id) = 1
), settled AS (
  SELECT t.* EXCLUDE (scan_session_id, web_session_id, person_id, qr_code_id, scanned_at, tie, reason),
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.scan_session_id ELSE t.scan_session_id END AS scan_session_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.web_session_id ELSE t.web_session_id END AS web_session_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.person_id ELSE t.person_id END AS person_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.qr_code_id ELSE t.qr_code_id END AS qr_code_id,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.scanned_at ELSE t.scanned_at END AS scanned_at,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.converted_at ELSE t.converted_at END AS journey_ended_at,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.tie ELSE t.tie END AS tie,
    CASE WHEN t.is_refund AND o.tie IS NOT NULL THEN o.reason ELSE t.reason END AS reason
  FROM tied t LEFT JOIN orders o ON o.order_id = t.order_id AND o.site_id IS NOT DISTINCT FROM t.site_id
), rates AS (
  SELECT date::DATE AS date, currency, rate::DECIMAL(24, 10) AS rate FROM read_csv(getvariable('raw') || '/fx.csv', all_varchar = true)
)
SELECT s.*, round_even((s.amount * CASE WHEN s.currency = getvariable('currency') THEN 1 ELSE r.rate END)::DECIMAL(38, 14), 2)::DECIMAL(18, 4) AS amount_reporting
FROM settled s ASOF LEFT JOIN rates r ON r.currency = s.currency AND r.date <= s.converted_at::DATE;

-- What each attributed conversion's person scanned in the 60 days before it, oldest first; the scan that it is tied to is always one.
CREATE TABLE touches AS
WITH ended AS (
  SELECT conversion_id, person_id, scan_session_id AS tied_id, qr_code_id, scanned_at, journey_ended_at AS ended_at
  FROM conversions WHERE reason IS NULL
), touched AS (
  SELECT conversion_id, ended_at, tied_id AS scan_session_id, qr_code_id, least(scanned_at, ended_at) AS touched_at, true AS is_tied
  FROM ended
  UNION ALL
  SELECT e.conversion_id, e.ended_at, s.scan_session_id, s.qr_code_id, s.scanned_at, false
  FROM ended e JOIN scan_sessions s USING (person_id)
  WHERE s.is_known AND s.qr_code_id IS NOT NULL AND s.scan_session_id <> e.tied_id
    AND s.scanned_at BETWEEN e.ended_at - INTERVAL 60 DAY AND e.ended_at
)
SELECT conversion_id, row_number() OVER (PARTITION BY conversion_id ORDER BY touched_at, is_tied, scan_session_id) AS position,
  count(*) OVER (PARTITION BY conversion_id) AS touch_count, scan_session_id, qr_code_id, touched_at,
  (epoch_us(ended_at) - epoch_us(touched_at)) * 1e-6::DOUBLE AS age_seconds, is_tied
FROM touched;

-- Six models: each conversion's credit (in steps of 10^-12) and money (in cents) over its touches by largest remainder. The floor of
-- each share, and what is left over one each to the largest fractions, those that agree to 2^-20 in the order of the journey.
CREATE TABLE credits AS
WITH models(model) AS (
  VALUES ('scan_session'), ('first_touch'), ('last_touch'), ('linear'), ('time_decay'), ('position_based')
), priced AS (
  SELECT t.*, c.amount_reporting, sign(c.amount_reporting)::BIGINT AS side,
    coalesce(abs(c.amount_reporting) * 100, 0)::BIGINT AS cents
  FROM touches t JOIN conversions c USING (conversion_id)
), aged AS (
  SELECT *, exp((min(age_seconds) OVER (PARTITION BY conversion_id) - age_seconds) * (ln(2) / (7 * 86400)::DOUBLE)) AS decayed
  FROM priced WHERE touch_count > 1
), weighed AS (
  SELECT *, CASE model
      WHEN 'scan_session' THEN is_tied::INT
      WHEN 'first_touch' THEN (position = 1)::INT
      WHEN 'last_touch' THEN (position = touch_count)::INT
      WHEN 'linear' THEN 1::DOUBLE / touch_count
      WHEN 'time_decay' THEN decayed / sum(decayed) OVER (PARTITION BY conversion_id, model ORDER BY position
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
      ELSE CASE WHEN touch_count = 2 THEN 0.5 WHEN position IN (1, touch_count) THEN 0.4 ELSE 0.2::DOUBLE / (touch_count - 2) END
    END::DOUBLE AS weight
  FROM aged CROSS JOIN models
), shared AS (
  SELECT *, weight / sum(weight) OVER all_touches AS share, count(*) OVER all_touches AS n
  FROM weighed WHERE weight > 0
  WINDOW all_touches AS (PARTITION BY conversion_id, model ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), floored AS (
  SELECT *, floor(1e12::DOUBLE * share)::BIGINT AS units, round_even((1e12::DOUBLE * share - floor(1e12::DOUBLE * share)) * 1048576, 0) AS unit_rest,
    floor(cents * share)::BIGINT AS paid, round_even((cents * share - floor(cents * share)) * 1048576, 0) AS cent_rest
  FROM shared
), ranked AS (
  SELECT *, 1000000000000 - sum(units) OVER w AS units_left, cents - sum(paid) OVER w AS cents_left,
    row_number() OVER (w ORDER BY unit_rest DESC, position) AS unit_place, row_number() OVER (w ORDER BY cent_rest DESC, position) AS cent_place
  FROM floored
  WINDOW w AS (PARTITION BY conversion_id, model)
), settled AS (
  SELECT conversion_id, model, position, scan_session_id, qr_code_id, amount_reporting, side,
    units + units_left // n + (unit_place <= units_left % n)::INT AS units, paid + cents_left // n + (cent_place <= cents_left % n)::INT AS paid
  FROM ranked
)
SELECT conversion_id, model, position, scan_session_id, qr_code_id,
  (units::DECIMAL(13, 0) * 0.000000000001::DECIMAL(12, 12))::DECIMAL(18, 12) AS credit,
  CASE WHEN amount_reporting IS NOT NULL THEN ((side * paid)::DECIMAL(16, 0) * 0.01::DECIMAL(2, 2))::DECIMAL(18, 4) END AS amount_reporting
FROM settled
UNION ALL
SELECT conversion_id, model, position, scan_session_id, qr_code_id, 1, amount_reporting
FROM priced CROSS JOIN models WHERE touch_count = 1;

CREATE TABLE revenue_per_qr AS
WITH earned AS (
  SELECT r.qr_code_id, sum(r.credit) FILTER (NOT c.is_refund) AS conversions, sum(r.amount_reporting) AS revenue
  FROM credits r JOIN conversions c USING (conversion_id) WHERE r.model = 'scan_session' GROUP BY r.qr_code_id
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
