"""The flow in DuckDB, run by an interpreter that has DuckDB 2: `flow_duckdb.py RAW OUT SHAPE CURRENCY RULES CODES GLANCE`.

RULES are the names of the rules that refuse a row of the shape, CODES the ISO 4217 codes, both joined by commas. GLANCE is
JSON: kind of text -> pattern of what could be personal data. Prints seconds (from before DuckDB is loaded) and the peak memory
of the process as JSON.
"""

import json
import resource
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
TABLES = (
    *("events", "duplicates", "findings", "rejects", "suspects", "scans", "scan_sessions", "web_sessions"),
    *("conversions", "touches", "credits", "revenue_per_qr"),
)


def main() -> None:
    """Run the script and write every table as Parquet."""
    began = time.monotonic()
    import duckdb

    raw, out, shape, currency, rules, codes, glance = sys.argv[1:]
    run = duckdb.connect()
    variables = {
        "raw": raw,
        "shape": shape,
        "currency": currency,
        "rejecting": rules.split(","),
        "iso": codes.split(","),
        **{f"glance_{kind}": pattern for kind, pattern in json.loads(glance).items()},
    }
    for name, value in variables.items():
        run.execute(f"SET VARIABLE {name} = ?", [value])
    for script in (f"sent_{shape}.sql", "flow_duckdb.sql"):
        for statement in duckdb.extract_statements((HERE / script).read_text("utf-8")):
            run.execute(statement)
    for name in TABLES:
        run.execute(f"COPY {name} TO '{out}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": time.monotonic() - began, "peak": peak, "version": duckdb.__version__}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
