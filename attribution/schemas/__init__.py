"""The contract of every table: one file a table, named like it. Grain, columns, units and meaning are there."""
