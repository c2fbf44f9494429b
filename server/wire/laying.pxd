# The C types of laying.py.

cimport cython
from server.wire.granted cimport lay_granted
from server.wire.work cimport Work
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.locals(benefits=cython.longlong, claim=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], r=cython.longlong[::1], row=cython.longlong, value=cython.longlong)
cdef long long lay_row(Record record, Work work) except? -9

@cython.locals(end=cython.longlong, gaps=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], n=cython.longlong, r=cython.longlong[::1], start=cython.longlong, top=cython.longlong)
cdef long long lay_windows(Record record, Work work, long long claim) except? -9

@cython.locals(how=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], length=cython.longlong, m=cython.longlong[::1], r=cython.longlong[::1], row=cython.longlong, source=cython.longlong, to=cython.longlong, top=cython.longlong, value=cython.longlong)
cdef long long lay(Record record, Work work, long long base, long long place, long long loads, long long count) except? -9

@cython.locals(ended=cython.longlong, first=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], n=cython.longlong, outage=cython.longlong, place=cython.longlong, r=cython.longlong[::1], width=cython.longlong)
cdef long long lay_outages(Record record, Work work, long long as_of) except? -9

@cython.locals(first=cython.longlong)
cdef object keep_outages(Work work)

@cython.locals(_=cython.longlong, first=cython.longlong, i=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], outage=cython.longlong, place=cython.longlong)
cdef long long lay_again(Record record, Work work, long long as_of) except? -9
