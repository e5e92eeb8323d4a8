"""Report tables: one module per report, each a pure function of the flow's tables that returns a small table."""
