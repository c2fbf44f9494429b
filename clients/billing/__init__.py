"""Billing: decides a file of subscribers against a file of outages, of any size, and can be stopped at any time.

run           chunks of the file → parts, here or in other processes (job), in order; what is done is on record (progress)
└── parts     a chunk → its rows of the result, as bytes, and what they add to the totals
    ├── questions     rows → messages, as bytes: subscriber_columns by columns, subscribers what has to be read row by row
    ├── ask, answers  messages → answers as columns of Arrow
    ├── results       answers → the columns of result_schema (decisions), and errors
    └── spool         rows of the result → bytes that are only appended to, and the file that is made of them (parquet_spool)
"""

import os
import sys

if sys.platform == "linux":
    # Read once, when pyarrow is imported, here and in the processes of a run: its own choice holds a quarter more, and more the
    # longer a run is.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
