# The C types of telling.py.

cimport cython
from server.wire.places cimport *
from server.wire.reader cimport Record
from server.wire.work cimport Work, is_granted
from server.wire.writing cimport Writer

@cython.locals(benefit=cython.longlong, causes=list, counted=list, ended=cython.longlong, granted=list, group=cython.longlong, i=cython.longlong, j=cython.longlong, listed=cython.longlong[::1], m=cython.longlong[::1], occasion=cython.longlong, place=cython.longlong, row=cython.longlong, seconds=cython.longlong, spans=set, written=bytes)
cdef bytes told(Writer writer, Work work, Record outages, Record asked)

@cython.locals(_=cython.longlong, component=cython.longlong, m=cython.longlong[::1], n=cython.longlong, span=cython.longlong, stage=cython.longlong, time=cython.longlong)
cdef int add_spans(Work work, long long occasion, long long group, long long row, set spans) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, languages=list)
cdef tuple wanted(Record asked)

@cython.locals(found=list, group=cython.longlong, i=cython.longlong, j=cython.longlong, listed=cython.longlong[::1], m=cython.longlong[::1], n=cython.longlong, occasion=cython.longlong, outage=cython.longlong, row=cython.longlong)
cdef list granted_outages(Writer writer, Work work)
