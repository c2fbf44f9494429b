"""Batches at column speed: request bytes to columns, columns to response bytes, without an object for each row.

What a row needs beyond that (it is malformed, asks for every step, holds a number too large for a column, or its policy has a
word without a column reading) is answered by the reading for one request, so that no answer is another than in a unary call.
"""
