# The C types of filling.py.

cimport cython
from policy.calculator.machine_time cimport day_of
from server.wire.granted cimport fill_months
from server.wire.work cimport Work, order_of, quantities, same
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.locals(at=cython.longlong, high=cython.longlong, i=cython.longlong, j=cython.longlong, low=cython.longlong, middle=cython.longlong, n=cython.longlong, size=cython.longlong)
cdef long long sort_outages(Record record, long long[::1] order, long long[::1] spare, long long place) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong, row=cython.longlong)
cdef long long attributes(Record record, Work work, long long base, long long first, long long count, long long table, long long declared) except? -9

@cython.locals(code=cython.longlong, i=cython.longlong, kind=cython.longlong, value=cython.longlong, wanted=cython.longlong)
cdef long long attribute(Record record, Work work, long long entry, long long row, long long to) except? -9

@cython.locals(before=cython.longlong, leap=cython.longlong, length=cython.longlong, y=cython.longlong)
cdef long long ordinal(long long year, long long month, long long day) except? -9

@cython.locals(i=cython.longlong)
cdef long long is_currency(Record record, long long at, long long length) except? -9

@cython.locals(benefits=cython.longlong, days=cython.longlong, i=cython.longlong, r=cython.longlong[::1], told=cython.longlong)
cdef long long fill_row(Record record, Work work) except? -9

@cython.locals(at=cython.longlong, entry=cython.longlong, i=cython.longlong, j=cython.longlong)
cdef long long languages(Record record, Work work) except? -9

@cython.locals(_=cython.longlong, announced=cython.longlong, i=cython.longlong, n=cython.longlong, outage=cython.longlong, r=cython.longlong[::1], rank=cython.longlong)
cdef long long fill_outages(Record record, Work work) except? -9

@cython.locals(_=cython.longlong, cause=cython.longlong, outage=cython.longlong, r=cython.longlong[::1])
cdef long long cause_of(Record record) except? -9
