# The C types of machine_time.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython

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
