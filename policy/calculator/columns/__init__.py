"""The second reading of a policy: the rules that decide one request, read over columns of a million.

Every module has a counterpart beside it, in ``policy.calculator``, for one request. What is rare is left to that reading: a row
with numbers that go too far for a column is *hard* and is decided alone. And each *shape* of answer (which outcome, reasons,
warnings and grants) is decided once by the reading for one request, which checks the columns by it.
"""
