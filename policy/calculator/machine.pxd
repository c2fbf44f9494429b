# The C types of machine.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython

cpdef long long run(const long long[::1] code, const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long pc) except? -9

@cython.locals(a=cython.longlong, b=cython.longlong, c=cython.longlong, d=cython.longlong, e=cython.longlong, i=cython.longlong, op=cython.longlong, sp=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long _run(const long long[::1] code, const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long pc) except? -9 nogil

@cython.locals(high=cython.longlong, low=cython.longlong, middle=cython.longlong)
cdef long long after(const long long[::1] tab, long long first, long long length, long long x) except? -9 nogil

@cython.locals(n=cython.longlong, span=cython.longlong, wall=cython.longlong)
cdef long long day_of(const long long[::1] tab, long long zone, long long instant) except? -9 nogil

@cython.locals(instant=cython.longlong, midnight=cython.longlong, n=cython.longlong, span=cython.longlong)
cdef long long day_start(const long long[::1] tab, long long zone, long long day) except? -9 nogil

@cython.locals(doe=cython.longlong, doy=cython.longlong, era=cython.longlong, mp=cython.longlong, yoe=cython.longlong, z=cython.longlong)
cdef long long month_number(long long day) except? -9 nogil

@cython.locals(era=cython.longlong, mp=cython.longlong, y=cython.longlong, yoe=cython.longlong)
cdef long long month_first(long long month) except? -9 nogil

@cython.locals(month=cython.longlong)
cdef long long month_days(long long day) except? -9 nogil

@cython.locals(at=cython.longlong, exception=cython.longlong)
cdef long long is_working(const long long[::1] tab, long long calendar, long long day) except? -9 nogil

@cython.locals(at=cython.longlong, end=cython.longlong, start=cython.longlong)
cdef long long working_day_end(const long long[::1] tab, long long[::1] m, long long zone, long long calendar, long long day, long long n, long long pauses, long long length) except? -9 nogil

@cython.locals(before=cython.longlong, n=cython.longlong)
cdef long long is_outside(const long long[::1] tab, long long edges, long long start, long long end) except? -9 nogil

@cython.locals(first=cython.longlong, gathered=cython.longlong, n=cython.longlong, table=cython.longlong, year=cython.longlong)
cdef long long between(const long long[::1] tab, long long[::1] m, long long density, long long start, long long end) except? -9 nogil

@cython.locals(n=cython.longlong, row=cython.longlong)
cdef long long until(const long long[::1] tab, long long table, long long instant) except? -9 nogil

@cython.locals(_=cython.longlong, total=cython.longlong, y=cython.longlong)
cdef long long measure(const long long[::1] tab, long long[::1] m, long long density, long long x, long long length) except? -9 nogil

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

@cython.locals(apart=cython.longlong, ends=cython.longlong, first=cython.longlong, heap=cython.longlong, i=cython.longlong, n=cython.longlong, need=cython.longlong, run=cython.longlong, width=cython.longlong, x=cython.longlong)
cdef long long overlay(long long[::1] m, unsigned char[::1] k, long long a, long long b) except? -9 nogil

@cython.locals(at=cython.longlong, begun=cython.longlong, child=cython.longlong, end=cython.longlong, ended=cython.longlong, pieces=cython.longlong, size=cython.longlong, start=cython.longlong, width=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long lay(long long[::1] m, long long first, long long n, long long ends, long long heap) except? -9 nogil

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
cdef long long days(const long long[::1] tab, long long[::1] m, long long full, long long calendar, long long zone) except? -9 nogil

@cython.locals(_=cython.longlong, first=cython.longlong, i=cython.longlong, n=cython.longlong, p=cython.longlong, q=cython.longlong, total=cython.longlong, x=cython.longlong)
cdef long long cover(long long[::1] m, unsigned char[::1] k, long long start, long long end, long long counted) except? -9 nogil

@cython.locals(first=cython.longlong, i=cython.longlong, top=cython.longlong)
cdef long long say(long long[::1] m, unsigned char[::1] k, long long a, long long x, long long y, long long z) except? -9 nogil

@cython.locals(rest=cython.longlong)
cdef long long divisor(long long x, long long y) except? -9 nogil

@cython.locals(at=cython.longlong, bits=cython.longlong, low=cython.longlong, rest=cython.longlong, whole=cython.longlong)
cdef long long multiply_divide(long long[::1] m, long long x, long long y, long long z) except? -9 nogil

@cython.locals(_=cython.longlong, best=cython.longlong, claimed=cython.longlong, common=cython.longlong, first=cython.longlong, i=cython.longlong, left=cython.longlong, n=cython.longlong, parties=cython.longlong, per=cython.longlong, rest=cython.longlong, shared=cython.longlong, third=cython.longlong, units=cython.longlong, whole=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long recover(long long[::1] m, unsigned char[::1] k, const long long[::1] tab, long long a, long long b, long long c, long long owes, long long weight, long long terms) except? -9 nogil
