"""The numbers of the page as someone would ask the tables for them in SQL, knowing nothing of the code."""

from typing import Final

CREDITED: Final = """
SELECT credits.qr_code_id, credits.scan_session_id, credits.amount_reporting AS money, conversions.converted_at,
    CASE WHEN conversions.is_refund THEN 0 ELSE credits.credit END AS converted
FROM credits JOIN conversions ON credits.conversion_id = conversions.conversion_id
WHERE credits.model = 'scan_session'
"""
"""One row per credit of the model that reports use, with its conversion."""

QUERIES: Final = {
    "attributed": "SELECT SUM(money) AS value FROM credited",
    "conversions": "SELECT SUM(converted) AS value FROM credited",
    "sessions": "SELECT COUNT(*) AS value FROM scan_sessions WHERE event_count > 0",
    "not_attributed": "SELECT SUM(amount_reporting) AS value FROM conversions WHERE unattributed_reason IS NOT NULL",
    "analysed": """
        SELECT COUNT(*) AS value FROM events LEFT JOIN duplicates ON events.row_id = duplicates.row_id
        WHERE duplicates.row_id IS NULL AND events.exclusion IS NULL""",
    "per_qr_revenue": "SELECT qr_code_id AS key, SUM(money) AS value FROM credited GROUP BY qr_code_id",
    "per_qr_conversions": "SELECT qr_code_id AS key, SUM(converted) AS value FROM credited GROUP BY qr_code_id",
    "per_qr_scans": "SELECT qr_code_id AS key, COUNT(*) AS value FROM scans WHERE qr_code_id IS NOT NULL GROUP BY qr_code_id",
    "per_qr_sessions": """
        SELECT qr_code_id AS key, COUNT(*) AS value FROM scan_sessions
        WHERE event_count > 0 AND qr_code_id IS NOT NULL GROUP BY qr_code_id""",
    "per_qr_people": """
        SELECT qr_code_id AS key, COUNT(DISTINCT person_id) AS value FROM scan_sessions
        WHERE event_count > 0 AND qr_code_id IS NOT NULL GROUP BY qr_code_id""",
    "per_qr_converting_sessions": """
        SELECT scan_sessions.qr_code_id AS key, COUNT(DISTINCT scan_sessions.scan_session_id) AS value
        FROM scan_sessions JOIN conversions ON scan_sessions.scan_session_id = conversions.scan_session_id
        WHERE scan_sessions.event_count > 0 AND scan_sessions.qr_code_id IS NOT NULL
            AND conversions.unattributed_reason IS NULL AND NOT conversions.is_refund GROUP BY scan_sessions.qr_code_id""",
    "per_campaign_revenue": """
        SELECT qr_codes.campaign AS key, SUM(credited.money) AS value
        FROM credited JOIN qr_codes ON credited.qr_code_id = qr_codes.qr_code_id
        WHERE qr_codes.campaign IS NOT NULL GROUP BY qr_codes.campaign""",
    "per_day_revenue": """
        SELECT CAST(converted_at AS DATE) AS key, SUM(money) AS value FROM credited GROUP BY CAST(converted_at AS DATE)""",
    "per_day_sessions": """
        SELECT CAST(scanned_at AS DATE) AS key, COUNT(*) AS value FROM scan_sessions
        WHERE event_count > 0 GROUP BY CAST(scanned_at AS DATE)""",
    "per_country_revenue": """
        SELECT COALESCE(scan_sessions.country_code, 'Unknown') AS key, SUM(credited.money) AS value
        FROM credited JOIN scan_sessions ON credited.scan_session_id = scan_sessions.scan_session_id
        GROUP BY COALESCE(scan_sessions.country_code, 'Unknown')""",
    "per_device_revenue": """
        SELECT COALESCE(scan_sessions.device_type, 'Unknown') AS key, SUM(credited.money) AS value
        FROM credited JOIN scan_sessions ON credited.scan_session_id = scan_sessions.scan_session_id
        GROUP BY COALESCE(scan_sessions.device_type, 'Unknown')""",
    "per_hour_sessions": """
        SELECT EXTRACT(HOUR FROM scanned_at) AS key, COUNT(*) AS value FROM scan_sessions
        WHERE event_count > 0 GROUP BY EXTRACT(HOUR FROM scanned_at)""",
    "per_model_revenue": "SELECT model AS key, SUM(amount_reporting) AS value FROM credits GROUP BY model",
    "per_reason": """
        SELECT unattributed_reason AS key, SUM(amount_reporting) AS value FROM conversions
        WHERE unattributed_reason IS NOT NULL GROUP BY unattributed_reason""",
    "closed": """
        SELECT touches.qr_code_id AS key, COUNT(*) AS value
        FROM touches JOIN conversions ON touches.conversion_id = conversions.conversion_id
        WHERE touches.position = touches.touch_count AND NOT conversions.is_refund GROUP BY touches.qr_code_id""",
}
"""One number as `value`, or one per `key`; `credited` is the query above."""
