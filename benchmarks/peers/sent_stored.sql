-- Stored events (Parquet) under the names that the flow reads.
CREATE VIEW sent AS
SELECT
  event_id, site_id, source, event_type, event_name, scan_session_id, web_session_id, visitor_id, qr_code_id, user_id,
  event_time IS NOT NULL AS event_time_given, event_time, received_time, NULL::TIMESTAMPTZ AS sent_time,
  page_url, referrer, NULL AS page_title, NULL AS element_text, NULL AS user_agent, NULL AS screen_width,
  NULL AS screen_height, NULL AS language, device_type, browser_family, os_family, country_code, city,
  conversion_value AS amount_given, conversion_value::DECIMAL(18, 4) AS amount, conversion_currency AS currency,
  nullif(metadata, '') AS metadata, NULL::VARCHAR AS properties,
  NULL::VARCHAR AS email_hash, NULL::VARCHAR AS phone_hash, NULL::VARCHAR AS external_id,
  consent, coalesce(is_duplicate, 0) AS duplicate_flag, coalesce(is_fraud, 0) AS fraud_flag,
  false AS is_malformed
FROM read_parquet(getvariable('raw') || '/*.parquet');
