# The C types of reader.py.

cimport cython
from server.wire.places cimport *

@cython.final
cdef class Record:
    cdef readonly object source
    cdef const unsigned char[::1] data
    cdef const long long[::1] t
    cdef long long[::1] r
    cdef long long entries, pairs, counted, at, span, value

    @cython.locals(blank=cython.longlong, i=cython.longlong)
    cdef int read(self, long long root, long long at, long long end) except? -9 nogil

    cdef int elements(self) except? -9 nogil

    @cython.locals(byte=cython.longlong, shift=cython.longlong, value=cython.longlong)
    cdef int number(self, long long at, long long end) except? -9 nogil

    @cython.locals(_=cython.longlong, byte=cython.longlong, first=cython.longlong, high=cython.longlong, is_doubtful=cython.longlong, low=cython.longlong, more=cython.longlong, n=cython.longlong, point=cython.longlong)
    cdef int text(self, long long at, long long end, long long is_id) except? -9 nogil

    cdef int is_wrong(self, long long at, long long end) except? -9 with gil

    cdef int is_plain(self, long long point) except? -9 nogil

    @cython.locals(bit=cython.longlong, does=cython.longlong, field=cython.longlong, seen=cython.longlong, stop=cython.longlong, tag=cython.longlong, to=cython.longlong, value=cython.longlong)
    cdef int message(self, long long kind, long long base, long long at, long long end) except? -9 nogil

    cdef int service(self, long long to, long long value) except? -9 nogil

    @cython.locals(n=cython.longlong)
    cdef int take_text(self, long long does, long long to, long long at, long long stop) except? -9 nogil

    @cython.locals(next_to_them=cython.longlong)
    cdef int entry(self, long long to) except? -9 nogil

    @cython.locals(made=cython.longlong)
    cdef int new_entry(self, long long to) except? -9 nogil

    @cython.locals(made=cython.longlong)
    cdef int month(self, long long kind, long long to, long long at, long long stop) except? -9 nogil

    @cython.locals(made=cython.longlong)
    cdef int interval(self, long long kind, long long to, long long at, long long stop) except? -9 nogil

    @cython.locals(blank=cython.longlong, ended=cython.longlong, i=cython.longlong, made=cython.longlong, n=cython.longlong, start=cython.longlong)
    cdef int outage(self, long long kind, long long at, long long stop) except? -9 nogil
