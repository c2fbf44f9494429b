# The C types of writing.py.

cimport cython
from libc.string cimport memcpy
from policy.calculator.machine_answer cimport divisor
from server.wire.filling cimport Work
from server.wire.keying cimport Keying
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.final
cdef class Writer:
    cdef unsigned char[::1] out
    cdef long long[::1] cites
    cdef long long at, first_reason

    cdef int begin(self) except? -9

    cdef bytes taken(self)

    cdef int piece(self, Work work, long long at, long long length) except? -9

    cdef int text(self, Record record, long long at, long long length) except? -9

    @cython.locals(i=cython.longlong, length=cython.longlong, rest=cython.longlong)
    cdef int number(self, long long value) except? -9

    cdef int byte(self, long long value) except? -9

    cdef int digits(self, long long value) except? -9

    cdef int enclose(self, long long tag, long long end) except? -9

    @cython.locals(byte=cython.longlong, high=cython.longlong, i=cython.longlong, low=cython.longlong)
    cdef int key(self, Keying keying, long long which) except? -9

    @cython.locals(end=cython.longlong, m=cython.longlong[::1], outcome=cython.longlong)
    cdef int decision(self, Record record, Record outages, Work work, Keying keying, long long explain, bytes notice) except? -9

    @cython.locals(length=cython.longlong)
    cdef int write_notice(self, bytes notice) except? -9

    @cython.locals(common=cython.longlong, end=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], refused=cython.longlong, weighed=cython.longlong)
    cdef int write_time(self, Work work) except? -9

    @cython.locals(end=cython.longlong, i=cython.longlong, item=cython.longlong, kind=cython.longlong, m=cython.longlong[::1], row=cython.longlong)
    cdef int write_said(self, Work work, long long items) except? -9

    @cython.locals(end=cython.longlong, j=cython.longlong, m=cython.longlong[::1], row=cython.longlong)
    cdef int write_grants(self, Record record, Work work, Keying keying, long long outcome) except? -9

    @cython.locals(before=cython.longlong, end=cython.longlong, i=cython.longlong, item=cython.longlong, m=cython.longlong[::1], outage=cython.longlong, r=cython.longlong[::1])
    cdef int write_recourse(self, Record outages, Work work) except? -9

    @cython.locals(i=cython.longlong)
    cdef int cite(self, long long clause, long long cited) except? -9

    @cython.locals(cited=cython.longlong, end=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], refused=cython.longlong, row=cython.longlong, warnings=cython.longlong)
    cdef int write_summary(self, Work work) except? -9

    @cython.locals(at=cython.longlong)
    cdef int note(self, Work work, long long number) except? -9

    @cython.locals(at=cython.longlong)
    cdef int clause(self, Work work, long long number) except? -9

    @cython.locals(end=cython.longlong)
    cdef int value(self, long long value) except? -9

    @cython.locals(end=cython.longlong, m=cython.longlong[::1], stage=cython.longlong)
    cdef int benefit_line(self, Work work, long long row) except? -9

    @cython.locals(end=cython.longlong, m=cython.longlong[::1])
    cdef int clock_line(self, Work work, long long row) except? -9
