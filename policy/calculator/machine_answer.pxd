# The C types of machine_answer.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython
from policy.calculator.machine_lists cimport sort

@cython.locals(first=cython.longlong, i=cython.longlong, top=cython.longlong)
cdef long long say(long long[::1] m, unsigned char[::1] k, long long a, long long x, long long y, long long z) except? -9 nogil

@cython.locals(rest=cython.longlong)
cdef long long divisor(long long x, long long y) except? -9 nogil

@cython.locals(at=cython.longlong, bits=cython.longlong, low=cython.longlong, rest=cython.longlong, whole=cython.longlong)
cdef long long multiply_divide(long long[::1] m, long long x, long long y, long long z) except? -9 nogil

@cython.locals(first=cython.longlong, i=cython.longlong, n=cython.longlong, parties=cython.longlong, third=cython.longlong, units=cython.longlong, x=cython.longlong)
cdef long long recover(long long[::1] m, unsigned char[::1] k, const long long[::1] tab, long long a, long long b, long long c, long long owes, long long weight, long long terms) except? -9 nogil

@cython.locals(_=cython.longlong, i=cython.longlong, last=cython.longlong, n=cython.longlong, x=cython.longlong)
cdef long long gather_parties(long long[::1] m, unsigned char[::1] k, long long first, long long owes, long long weight) except? -9 nogil

@cython.locals(common=cython.longlong, rest=cython.longlong, shared=cython.longlong, units=cython.longlong, whole=cython.longlong)
cdef long long owed_units(long long[::1] m, const long long[::1] tab, long long c, long long third, long long terms) except? -9 nogil

@cython.locals(best=cython.longlong, i=cython.longlong, left=cython.longlong, part=cython.longlong, x=cython.longlong)
cdef long long share_out(long long[::1] m, long long first, long long parties, long long units, long long third) except? -9 nogil
