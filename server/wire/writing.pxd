# The C types of writing.py.

cimport cython
from libc.string cimport memcpy
from policy.calculator.machine_answer cimport divisor
from server.wire.work cimport Work, outage_at
from server.wire.keying cimport Keying
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.final
cdef class Writer:
    cdef unsigned char[::1] out
    cdef long long[::1] cites, listed
    cdef long long at, first_reason, occasions

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

    @cython.locals(best=cython.longlong, group=cython.longlong, i=cython.longlong, m=cython.longlong[::1], n=cython.longlong, occasion=cython.longlong, wanted=cython.longlong)
    cdef int list_occasions(self, Work work) except? -9

    @cython.locals(i=cython.longlong, m=cython.longlong[::1], outcome=cython.longlong)
    cdef int decision(self, Record record, Record outages, Work work, Keying keying, long long explain, bytes notice) except? -9

    @cython.locals(end=cython.longlong)
    cdef int instant(self, long long seconds, long long tag) except? -9

    @cython.locals(before=cython.longlong, end=cython.longlong, i=cython.longlong, m=cython.longlong[::1], month=cython.longlong, outage=cython.longlong, r=cython.longlong[::1])
    cdef int write_occasion(self, Record record, Record outages, Work work, long long occasion, long long group) except? -9

    @cython.locals(length=cython.longlong)
    cdef int write_notice(self, bytes notice) except? -9

    @cython.locals(common=cython.longlong, end=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1])
    cdef int write_time(self, Work work) except? -9

    @cython.locals(end=cython.longlong, i=cython.longlong, item=cython.longlong, kind=cython.longlong, m=cython.longlong[::1], row=cython.longlong)
    cdef int write_said(self, Work work, long long items, long long tag) except? -9

    @cython.locals(benefit=cython.longlong, end=cython.longlong, group=cython.longlong, has_stem=cython.longlong, i=cython.longlong, j=cython.longlong, m=cython.longlong[::1], occasion=cython.longlong, row=cython.longlong)
    cdef int write_grants(self, Record record, Record outages, Work work, Keying keying) except? -9

    @cython.locals(before=cython.longlong, end=cython.longlong, i=cython.longlong, m=cython.longlong[::1], outage=cython.longlong, r=cython.longlong[::1], share=cython.longlong)
    cdef int write_parts(self, Record outages, Work work, long long shares) except? -9

    @cython.locals(end=cython.longlong, group=cython.longlong, i=cython.longlong, j=cython.longlong, m=cython.longlong[::1], occasion=cython.longlong, row=cython.longlong)
    cdef int write_quotes(self, Work work) except? -9

    @cython.locals(before=cython.longlong, end=cython.longlong, i=cython.longlong, item=cython.longlong, m=cython.longlong[::1], named=cython.longlong, outage=cython.longlong, party=cython.longlong, r=cython.longlong[::1], total=cython.longlong)
    cdef int write_recourse(self, Record outages, Work work) except? -9

    @cython.locals(i=cython.longlong)
    cdef int cite(self, long long clause, long long cited) except? -9

    @cython.locals(group=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], occasion=cython.longlong, row=cython.longlong, time=cython.longlong)
    cdef int is_told_in_lines(self, Work work) except? -9

    @cython.locals(group=cython.longlong)
    cdef int has_occasions(self, Work work, long long row) except? -9

    @cython.locals(cited=cython.longlong, group=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], occasion=cython.longlong, refused=cython.longlong, row=cython.longlong, time=cython.longlong, warnings=cython.longlong)
    cdef int cited_by_lines(self, Work work) except? -9

    @cython.locals(cited=cython.longlong, end=cython.longlong, group=cython.longlong, i=cython.longlong, j=cython.longlong, m=cython.longlong[::1], occasion=cython.longlong, row=cython.longlong, time=cython.longlong, warnings=cython.longlong)
    cdef int write_summary(self, Work work) except? -9

    @cython.locals(end=cython.longlong)
    cdef int rule(self, Work work, long long number, long long at, long long length) except? -9

    @cython.locals(at=cython.longlong)
    cdef int note(self, Work work, long long number) except? -9

    @cython.locals(at=cython.longlong)
    cdef int clause(self, Work work, long long number) except? -9

    @cython.locals(end=cython.longlong)
    cdef int value(self, long long value) except? -9

    @cython.locals(end=cython.longlong, m=cython.longlong[::1], occasion=cython.longlong, stage=cython.longlong)
    cdef int benefit_line(self, Work work, long long number, long long row) except? -9

    @cython.locals(end=cython.longlong)
    cdef int nothing_line(self, Work work, long long row, long long stage, long long refused_by, long long number) except? -9

    @cython.locals(end=cython.longlong, m=cython.longlong[::1], occasion=cython.longlong, row=cython.longlong, stage=cython.longlong)
    cdef int time_line(self, Work work, long long number, long long time) except? -9

    @cython.locals(end=cython.longlong, m=cython.longlong[::1])
    cdef int clock_line(self, Work work, long long row) except? -9

@cython.locals(m=cython.longlong[::1])
cdef int is_earlier(Work work, long long one, long long other) except? -9
