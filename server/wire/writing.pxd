# The C types of writing.py.

cimport cython
from libc.string cimport memcpy
from policy.calculator.machine_answer cimport divisor
from policy.calculator.sheet cimport Sheet
from server.wire.work cimport Work, is_granted, is_quoted, outage_at
from server.wire.keying cimport Keying
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.final
cdef class Writer:
    cdef unsigned char[::1] out
    cdef long long[::1] listed, grouped
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

    @cython.locals(i=cython.longlong, lacks=bytes, m=cython.longlong[::1], outcome=cython.longlong)
    cdef int decision(self, Record record, Record outages, Work work, Keying keying, Sheet told, bytes notice, list missing) except? -9

    @cython.locals(end=cython.longlong)
    cdef int instant(self, long long seconds, long long tag) except? -9

    @cython.locals(before=cython.longlong, end=cython.longlong, i=cython.longlong, m=cython.longlong[::1], month=cython.longlong, outage=cython.longlong, r=cython.longlong[::1])
    cdef int write_occasion(self, Record record, Record outages, Work work, long long occasion, long long group, bytes missing) except? -9

    @cython.locals(common=cython.longlong, end=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1])
    cdef int write_time(self, Work work, long long is_decided) except? -9

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
    cdef int group_occasions(self, Work work) except? -9

    @cython.locals(end=cython.longlong, length=cython.longlong)
    cdef int explanation(self, Sheet sheet) except? -9

    @cython.locals(length=cython.longlong)
    cdef int whole(self, bytes written) except? -9

@cython.locals(m=cython.longlong[::1])
cdef int is_earlier(Work work, long long one, long long other) except? -9
