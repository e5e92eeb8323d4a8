"""The pages that a run ends with: self-contained HTML files that need no network."""

from attribution.page.audit_page import audit_page
from attribution.page.headline import metrics
from attribution.page.report_page import page

__all__ = ["audit_page", "metrics", "page"]
