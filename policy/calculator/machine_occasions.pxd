# The C types of machine_occasions.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython
from policy.calculator.machine_lists cimport put, sort, unite
from policy.calculator.machine_parts cimport label, label_start
from policy.calculator.machine_time cimport day_of, month_number

cdef long long wants(long long[::1] m, unsigned char[::1] k, long long places) except? -9 nogil

@cython.locals(_=cython.longlong, at=cython.longlong, i=cython.longlong, n=cython.longlong, x=cython.longlong)
cdef long long make_occasions(const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long a, long long runs, long long b, long long kind, long long zone, long long gaps) except? -9 nogil

@cython.locals(i=cython.longlong, width=cython.longlong, x=cython.longlong)
cdef long long add_occasion(long long[::1] m, unsigned char[::1] k, long long a, long long start, long long end, long long number) except? -9 nogil

@cython.locals(before=cython.longlong, end=cython.longlong, i=cython.longlong, last=cython.longlong, number=cython.longlong, start=cython.longlong, until=cython.longlong)
cdef long long of_runs(const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long a, long long runs, long long kind, long long zone) except? -9 nogil

@cython.locals(at=cython.longlong, first=cython.longlong, found=cython.longlong, i=cython.longlong, j=cython.longlong, n=cython.longlong, outage=cython.longlong, t=cython.longlong, x=cython.longlong)
cdef long long of_outages(long long[::1] m, unsigned char[::1] k, long long a, long long b) except? -9 nogil

cdef long long is_earlier(long long[::1] m, long long x, long long y) except? -9 nogil

@cython.locals(first=cython.longlong, i=cython.longlong, j=cython.longlong, last=cython.longlong, n=cython.longlong, outage=cython.longlong, width=cython.longlong, y=cython.longlong)
cdef long long gather(long long[::1] m, unsigned char[::1] k, long long x, long long b, long long at, long long kind) except? -9 nogil

@cython.locals(_=cython.longlong, i=cython.longlong, j=cython.longlong, same=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long rank(long long[::1] m, long long a) except? -9 nogil

@cython.locals(first=cython.longlong, i=cython.longlong, n=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long every_outage(const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long a, long long instant, long long zone) except? -9 nogil

@cython.locals(high=cython.longlong, i=cython.longlong, low=cython.longlong, middle=cython.longlong, o=cython.longlong, own=cython.longlong, run=cython.longlong, start=cython.longlong, width=cython.longlong, x=cython.longlong)
cdef long long time_of(long long[::1] m, unsigned char[::1] k, long long a, long long b, long long runs) except? -9 nogil

@cython.locals(_=cython.longlong, x=cython.longlong)
cdef long long pair_up(long long[::1] m, unsigned char[::1] k, long long a, long long b) except? -9 nogil

@cython.locals(i=cython.longlong, total=cython.longlong)
cdef long long pairs_length(long long[::1] m, long long first, long long length) except? -9 nogil

@cython.locals(i=cython.longlong, total=cython.longlong)
cdef long long left_of(long long[::1] m, long long start, long long end, long long first, long long length) except? -9 nogil
