# The C types of machine_shares.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython
from policy.calculator.machine_answer cimport multiply_divide
from policy.calculator.machine_lists cimport sort
from policy.calculator.machine_occasions cimport wants
from policy.calculator.machine_time cimport between

@cython.locals(first=cython.longlong, i=cython.longlong, j=cython.longlong, n=cython.longlong, o=cython.longlong, taken=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long use_up(long long[::1] m, unsigned char[::1] k, long long a, long long limit, long long c, long long benefit) except? -9 nogil

@cython.locals(i=cython.longlong, o=cython.longlong, total=cython.longlong, x=cython.longlong)
cdef long long in_month(long long[::1] m, long long b, long long c, long long granted, long long benefit) except? -9 nogil

@cython.locals(i=cython.longlong)
cdef long long month_told(long long[::1] m, long long b) except? -9 nogil

@cython.locals(first=cython.longlong, i=cython.longlong, n=cython.longlong)
cdef long long new_shares(long long[::1] m, unsigned char[::1] k, long long a) except? -9 nogil

@cython.locals(_=cython.longlong, at=cython.longlong, first=cython.longlong, n=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long add_shares(const long long[::1] tab, long long[::1] m, long long a, long long b, long long density) except? -9 nogil

@cython.locals(best=cython.longlong, first=cython.longlong, i=cython.longlong, left=cython.longlong, n=cython.longlong, total=cython.longlong, x=cython.longlong)
cdef long long apportion(const long long[::1] tab, long long[::1] m, long long a, long long quantity) except? -9 nogil

@cython.locals(i=cython.longlong, x=cython.longlong)
cdef long long owe(long long[::1] m, long long a, long long b, long long worth) except? -9 nogil

@cython.locals(_=cython.longlong, first=cython.longlong, found=cython.longlong, n=cython.longlong, x=cython.longlong)
cdef long long by_party(long long[::1] m, unsigned char[::1] k, long long a, long long amount) except? -9 nogil
