"""The pages that a run ends with: self-contained HTML files that need no network."""

from attribution.page.audit_page import audit_page
from attribution.page.report_page import page
from attribution.page.tiles import metrics

__all__ = ["audit_page", "metrics", "page"]
