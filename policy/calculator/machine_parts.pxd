# The C types of machine_parts.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython
from policy.calculator.machine_lists cimport put
from policy.calculator.machine_time cimport after, day_of, day_start, is_working, month_first, month_number

cdef long long label(const long long[::1] tab, long long[::1] m, long long scope, long long zone, long long x, long long instant) except? -9 nogil

cdef long long label_start(const long long[::1] tab, long long[::1] m, long long scope, long long zone, long long number) except? -9 nogil

@cython.locals(_=cython.longlong, end=cython.longlong, first=cython.longlong, last=cython.longlong, n=cython.longlong, start=cython.longlong, width=cython.longlong, x=cython.longlong)
cdef long long split(const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long a, long long b, long long scope, long long zone) except? -9 nogil

@cython.locals(end=cython.longlong, holds=cython.longlong, total=cython.longlong, width=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long judge(long long[::1] m, unsigned char[::1] k, long long verdict, long long b, long long op, long long factor, long long limit) except? -9 nogil

@cython.locals(_=cython.longlong, n=cython.longlong, unknown=cython.longlong, width=cython.longlong, x=cython.longlong)
cdef long long keep(long long[::1] m, unsigned char[::1] k, long long a, long long b, long long verdict) except? -9 nogil

@cython.locals(i=cython.longlong, j=cython.longlong, n=cython.longlong, top=cython.longlong, width=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long parts(long long[::1] m, unsigned char[::1] k, long long a, long long b, long long by_label) except? -9 nogil

@cython.locals(_=cython.longlong, at=cython.longlong, count=cython.longlong, day=cython.longlong, end=cython.longlong, left=cython.longlong, start=cython.longlong, until_next=cython.longlong, x=cython.longlong)
cdef long long days(const long long[::1] tab, long long[::1] m, long long full, long long calendar, long long zone, long long last) except? -9 nogil

@cython.locals(row=cython.longlong, rows=cython.longlong, table=cython.longlong, until=cython.longlong, year=cython.longlong, years=cython.longlong)
cdef long long windows(const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long a, long long start, long long end, long long density) except? -9 nogil

@cython.locals(_=cython.longlong, at=cython.longlong, i=cython.longlong, n=cython.longlong, start=cython.longlong, width=cython.longlong, x=cython.longlong)
cdef long long without(long long[::1] m, unsigned char[::1] k, long long a, long long b, long long c) except? -9 nogil
