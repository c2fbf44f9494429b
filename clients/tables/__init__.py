"""Tables that are too large for memory: CSV and Parquet files, read row by row."""
