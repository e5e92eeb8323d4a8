"""The page that a run ends with: one self-contained HTML file that needs no network."""

from attribution.page.build import metrics, page

__all__ = ["metrics", "page"]
