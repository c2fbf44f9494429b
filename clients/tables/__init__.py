"""Tables that are too large for memory, as they come: opened by what they are, read row by row from any position on.

opening       by the end of a name → a Table: its columns, what was recognised, chunks of rows
options       how a user says to read what cannot be recognised: flags, and a mapping of columns beside a file
├── csv_table     lines → rows, by a dialect (encoding, separator), from a source (packed, line ends)
└── arrow_table   parquet_table, ipc_table: pieces of typed columns → rows; arrow_types judges a column once, by its use
cells         a cell → the value of a field, or ValueError with a reason; damage: what programs make of texts
naming        a column's name in a file → its name in the contract
"""
