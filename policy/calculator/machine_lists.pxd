# The C types of machine_lists.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython

@cython.locals(child=cython.longlong, i=cython.longlong, t=cython.longlong)
cdef long long sift(long long[::1] m, long long first, long long size, long long width, long long root, long long length) except? -9 nogil

@cython.locals(i=cython.longlong, j=cython.longlong, ordered=cython.longlong, t=cython.longlong)
cdef long long sort(long long[::1] m, long long first, long long size, long long width, long long length) except? -9 nogil

@cython.locals(i=cython.longlong, n=cython.longlong)
cdef long long unite(long long[::1] m, long long first, long long length) except? -9 nogil

@cython.locals(top=cython.longlong)
cdef long long put(long long[::1] m, long long start, long long end, long long outage, long long level, long long run) except? -9 nogil

@cython.locals(closes=cython.longlong, i=cython.longlong, n=cython.longlong, opens=cython.longlong)
cdef long long open_spans(long long[::1] m, long long start, long long end, long long level, long long pauses, long long length) except? -9 nogil

@cython.locals(p=cython.longlong, q=cython.longlong)
cdef long long goes_before(long long[::1] m, long long x, long long y) except? -9 nogil

@cython.locals(_=cython.longlong, apart=cython.longlong, ends=cython.longlong, first=cython.longlong, heap=cython.longlong, i=cython.longlong, n=cython.longlong, need=cython.longlong, run=cython.longlong, width=cython.longlong, x=cython.longlong)
cdef long long overlay(long long[::1] m, unsigned char[::1] k, long long a, long long b) except? -9 nogil

@cython.locals(at=cython.longlong)
cdef long long push(long long[::1] m, long long heap, long long size, long long x) except? -9 nogil

@cython.locals(at=cython.longlong, child=cython.longlong, x=cython.longlong)
cdef long long pop(long long[::1] m, long long heap, long long size) except? -9 nogil

@cython.locals(begun=cython.longlong, end=cython.longlong, ended=cython.longlong, pieces=cython.longlong, size=cython.longlong, start=cython.longlong, width=cython.longlong)
cdef long long lay(long long[::1] m, long long first, long long n, long long ends, long long heap) except? -9 nogil

@cython.locals(before=cython.longlong)
cdef long long add_piece(long long[::1] m, long long x, long long pieces, long long start, long long end) except? -9 nogil

@cython.locals(_=cython.longlong, first=cython.longlong, i=cython.longlong, n=cython.longlong, p=cython.longlong, q=cython.longlong, total=cython.longlong, x=cython.longlong)
cdef long long cover(long long[::1] m, unsigned char[::1] k, long long start, long long end, long long counted) except? -9 nogil
