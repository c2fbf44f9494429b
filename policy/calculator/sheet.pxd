# The C types of sheet.py.

cimport cython
from libc.string cimport memcpy, memmove
from policy.calculator.machine_answer cimport divisor

@cython.final
cdef class Sheet:
    cdef unsigned char[::1] out
    cdef readonly long long at

    cdef int begin(self) except? -9

    @cython.locals(out=bytearray)
    cdef int room(self, long long length) except? -9

    cdef int copy(self, const unsigned char[::1] source, long long first, long long length) except? -9

    cdef int byte(self, long long value) except? -9

    @cython.locals(head=cython.longlong, i=cython.longlong, length=cython.longlong, rest=cython.longlong)
    cdef int close(self, long long start, long long tag) except? -9

    cdef int close_text(self, long long start, long long tag) except? -9

    @cython.locals(digits=cython.longlong, i=cython.longlong, rest=cython.longlong)
    cdef int number(self, long long value) except? -9

    @cython.locals(common=cython.longlong)
    cdef int exact(self, long long numerator, long long denominator) except? -9

    cdef int two_digits(self, long long value) except? -9

    @cython.locals(doe=cython.longlong, doy=cython.longlong, era=cython.longlong, month=cython.longlong, mp=cython.longlong, yoe=cython.longlong, year=cython.longlong, z=cython.longlong)
    cdef int date(self, long long day) except? -9

    @cython.locals(of_day=cython.longlong)
    cdef int instant(self, long long seconds) except? -9

    @cython.locals(at=cython.longlong, i=cython.longlong, length=cython.longlong, same=cython.longlong, shift=cython.longlong, size=cython.longlong)
    cdef int is_repeated(self, long long first, long long start) except? -9
