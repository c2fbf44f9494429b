# The C types of keying.py.

cimport cython
from libc.string cimport memcpy
from server.wire.granted cimport of_month
from server.wire.work cimport Work, outage_at
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.final
cdef class Keying:
    cdef unsigned char[::1] form, id, stem, key
    cdef long long[::1] words
    cdef long long at, claimed

    cdef int room(self, long long bytes_wanted) except? -9

    cdef bytes taken(self)

    cdef int put(self, long long value) except? -9

    cdef int put_text(self, Record record, long long at, long long length) except? -9

    @cython.locals(i=cython.longlong)
    cdef int put_piece(self, Work work, long long at, long long length) except? -9

    @cython.locals(length=cython.longlong)
    cdef int put_bytes(self, bytes given) except? -9

    @cython.locals(made=bytes)
    cdef int digest(self, unsigned char[::1] into) except? -9

    cdef int put_byte(self, long long byte) except? -9

    @cython.locals(i=cython.longlong, length=cython.longlong, rest=cython.longlong)
    cdef int put_digits(self, long long value) except? -9

    @cython.locals(first=cython.longlong, i=cython.longlong, n=cython.longlong, r=cython.longlong[::1])
    cdef int put_intervals(self, Record record, long long to) except? -9

    @cython.locals(end=cython.longlong, i=cython.longlong, j=cython.longlong, r=cython.longlong[::1], start=cython.longlong, x=cython.longlong)
    cdef int sort_intervals(self, Record record, long long first, long long n) except? -9

    @cython.locals(i=cython.longlong, j=cython.longlong, n=cython.longlong, outage=cython.longlong, r=cython.longlong[::1])
    cdef int put_outages(self, Record record, Work work) except? -9

    @cython.locals(form=bytes)
    cdef bytes outages_form(self, Record record, Work work)

    @cython.locals(_=cython.longlong, outage=cython.longlong, r=cython.longlong[::1], size=cython.longlong)
    cdef int form_bytes(self, Record record, Work work) except? -9

    @cython.locals(j=cython.longlong, lists=bytes, place=cython.longlong, r=cython.longlong[::1])
    cdef int make_id(self, Record record, Record outages, Work work, bytes of_outages, Record notice) except? -9

    @cython.locals(entry=cython.longlong, i=cython.longlong, language=bytes, r=cython.longlong[::1])
    cdef int put_notice(self, Record record) except? -9

    @cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong, months=cython.longlong, o=cython.longlong[::1], outage=cython.longlong, r=cython.longlong[::1], size=cython.longlong)
    cdef bytes lists_form(self, Record record, Record outages, Work work)

    @cython.locals(first=cython.longlong, i=cython.longlong, r=cython.longlong[::1], x=cython.longlong)
    cdef int put_earlier(self, Record record) except? -9

    @cython.locals(_=cython.longlong, item=cython.longlong, m=cython.longlong[::1], outage=cython.longlong, r=cython.longlong[::1], size=cython.longlong)
    cdef int make_stem(self, Record record, Record outages, Work work, long long occasion) except? -9

    @cython.locals(before=cython.longlong, i=cython.longlong, m=cython.longlong[::1], mark=cython.longlong, rank=cython.longlong, row=cython.longlong)
    cdef int make_key(self, Record record, Work work, long long kind, long long occasion, long long benefit) except? -9

    cdef int put_month(self, long long month) except? -9

    @cython.locals(end=cython.longlong, start=cython.longlong)
    cdef int put_cycle(self, Record record, long long label) except? -9
