# The C types of tallies.py.

cimport cython
from server.wire.places cimport *
from server.wire.reader cimport Record
from server.wire.work cimport Work, is_granted
from server.wire.writing cimport Writer

@cython.final
cdef class Tallies:
    cdef list used, beyond

    @cython.locals(amount=cython.longlong, counters=cython.longlong[::1], place=cython.longlong, work=Work)
    cpdef int add_to(self, double[::1] values, int is_quote) except? -9

    @cython.locals(amount=cython.longlong, found=list, place=cython.longlong, work=Work)
    cpdef list counted(self)

    @cython.locals(place=cython.longlong, work=Work)
    cpdef int forget(self) except? -9

    @cython.locals(benefit=cython.longlong, group=cython.longlong, i=cython.longlong, j=cython.longlong, listed=cython.longlong[::1], m=cython.longlong[::1], occasion=cython.longlong, of_all=cython.longlong, of_mode=cython.longlong, of_plan=cython.longlong, place=cython.longlong, quantity=cython.longlong, row=cython.longlong, sums=cython.longlong[::1])
    cdef int tally(self, Writer writer, Record record, Work work, long long outcome, long long cause) except? -9
