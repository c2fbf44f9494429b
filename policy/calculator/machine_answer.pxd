# The C types of machine_answer.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython

@cython.locals(first=cython.longlong, i=cython.longlong, top=cython.longlong)
cdef long long say(long long[::1] m, unsigned char[::1] k, long long a, long long x, long long y, long long z) except? -9 nogil

@cython.locals(rest=cython.longlong)
cdef long long divisor(long long x, long long y) except? -9 nogil

@cython.locals(at=cython.longlong, bits=cython.longlong, low=cython.longlong, rest=cython.longlong, whole=cython.longlong)
cdef long long multiply_divide(long long[::1] m, long long x, long long y, long long z) except? -9 nogil
