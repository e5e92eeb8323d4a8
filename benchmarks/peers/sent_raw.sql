-- Raw payloads (NDJSON, typed as far as a bad value cannot stop the reading) under the names that the flow reads.
-- A line that is no JSON comes as a row of nulls.
CREATE VIEW sent AS
SELECT
  event_id, site_id, source, event_type, event_name, scan_session_id, web_session_id, visitor_id, qr_code_id, user_id,
  nullif(event_time, '') IS NOT NULL AS event_time_given, try_cast(event_time AS TIMESTAMPTZ) AS event_time,
  try_cast(received_time AS TIMESTAMPTZ) AS received_time, try_cast("timestamp" AS TIMESTAMPTZ) AS sent_time,
  page_url, referrer, nullif(page_title, '') AS page_title, nullif(element_text, '') AS element_text,
  device.user_agent AS user_agent, device.screen_width AS screen_width, device.screen_height AS screen_height,
  device.language AS language, NULL::VARCHAR AS device_type, NULL::VARCHAR AS browser_family, NULL::VARCHAR AS os_family,
  NULL::VARCHAR AS country_code, NULL::VARCHAR AS city,
  conversion_value.amount AS amount_given, try_cast(conversion_value.amount AS DECIMAL(18, 4)) AS amount,
  conversion_value.currency AS currency,
  nullif(metadata::VARCHAR, '{}') AS metadata, nullif(properties::VARCHAR, '{}') AS properties,
  nullif(user_identifiers.email_hash, '') AS email_hash, nullif(user_identifiers.phone_hash, '') AS phone_hash,
  nullif(user_identifiers.external_id, '') AS external_id, consent, 0 AS duplicate_flag, 0 AS fraud_flag,
  coalesce(event_id, site_id, event_type, event_name, scan_session_id, event_time, "timestamp") IS NULL AS is_malformed
FROM read_json(getvariable('raw') || '/*.ndjson', format = 'newline_delimited', ignore_errors = true,
  columns = {
    event_id: 'VARCHAR', site_id: 'VARCHAR', source: 'VARCHAR', event_type: 'VARCHAR', event_name: 'VARCHAR',
    scan_session_id: 'VARCHAR', web_session_id: 'VARCHAR', visitor_id: 'VARCHAR', qr_code_id: 'VARCHAR', user_id: 'VARCHAR',
    event_time: 'VARCHAR', received_time: 'VARCHAR', "timestamp": 'VARCHAR', page_url: 'VARCHAR', referrer: 'VARCHAR',
    page_title: 'VARCHAR', element_text: 'VARCHAR', metadata: 'JSON', properties: 'JSON', consent: 'VARCHAR',
    device: 'STRUCT(user_agent VARCHAR, screen_width INTEGER, screen_height INTEGER, "language" VARCHAR)',
    conversion_value: 'STRUCT(amount VARCHAR, currency VARCHAR)',
    user_identifiers: 'STRUCT(email_hash VARCHAR, phone_hash VARCHAR, external_id VARCHAR)'
  });
