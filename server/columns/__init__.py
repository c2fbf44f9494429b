"""Batches at column speed: request bytes to columns, columns to response bytes, without an object for each row.

A row that is not for columns (it is malformed, asks for every step, holds a number too large for a column, or is decided by a
version whose numbers are not sure to fit one) is answered by the reading for one request, as are the rows of small batches, so
that no answer is another than in a unary call.
"""
