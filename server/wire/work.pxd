# The C types of work.py.

cimport cython
from policy.calculator.teller cimport Teller
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.final
cdef class Work:
    cdef readonly object plan, program, numbers, known
    cdef const long long[::1] t, code, tab
    cdef long long[::1] counters, quoted
    cdef const unsigned char[::1] b
    cdef long long[::1] m, order, parties, spare, granted_order, months_order, next, sums
    cdef unsigned char[::1] k, shared_k
    cdef bytes shared_form
    cdef Teller teller
    cdef long long laid, formed, top, ongoing, cause, shared_ongoing, shared_cause, granted_count, is_counted

    cdef Teller explains(self)

@cython.locals(i=cython.longlong)
cdef long long same(Record record, long long at, long long length, Work work, long long piece, long long piece_length) except? -9

@cython.locals(i=cython.longlong)
cdef long long compared(Record record, long long x, long long length, Record other, long long y, long long n) except? -9

cdef long long order_of(Record record, long long one, long long other) except? -9

@cython.locals(j=cython.longlong, row=cython.longlong)
cdef long long benefit_of(Record record, Work work, long long entry) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong, seen=cython.longlong)
cdef long long name_benefits(Record record, Work work, long long first, long long count) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong)
cdef long long quantities(Record record, Work work, long long first, long long count, long long to, long long told) except? -9

cdef long long outage_at(Record record, Work work, long long place) except? -9

@cython.locals(is_left=cython.bint)
cdef long long is_granted(Work work, long long occasion, long long row) except? -9

@cython.locals(is_left=cython.bint)
cdef long long is_quoted(Work work, long long occasion, long long row) except? -9
