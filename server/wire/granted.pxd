# The C types of granted.py.

cimport cython
from server.wire.work cimport Work, benefit_of, compared, name_benefits
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.locals(digit=cython.longlong, i=cython.longlong, month=cython.longlong, number=cython.longlong, year=cython.longlong)
cdef long long month_at(Record record, long long at, long long length) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong, n=cython.longlong, number=cython.longlong, r=cython.longlong[::1])
cdef long long fill_months(Record record, Work work) except? -9

@cython.locals(r=cython.longlong[::1])
cdef long long fill_granted(Record record, Record outages, Work work) except? -9

@cython.locals(benefit=cython.longlong, benefits=cython.longlong, i=cython.longlong, j=cython.longlong, r=cython.longlong[::1])
cdef long long check_already(Record record, Record outages, Work work) except? -9

@cython.locals(benefit=cython.longlong, entry=cython.longlong, j=cython.longlong, month=cython.longlong, n=cython.longlong, outage=cython.longlong, r=cython.longlong[::1])
cdef long long order_granted(Record record, Record outages, Work work) except? -9

@cython.locals(apart=cython.longlong, benefits=cython.longlong, entry=cython.longlong, i=cython.longlong, in_cycle=cython.longlong, j=cython.longlong, n=cython.longlong, r=cython.longlong[::1], told=cython.longlong)
cdef long long sum_granted(Record record, Work work, long long alone) except? -9

@cython.locals(r=cython.longlong[::1], x=cython.longlong, y=cython.longlong)
cdef long long is_before(Record record, Record outages, long long one, long long other) except? -9

@cython.locals(high=cython.longlong, low=cython.longlong, middle=cython.longlong, outage=cython.longlong, side=cython.longlong)
cdef long long outage_of(Record record, long long at, long long length, Record outages, Work work) except? -9

cdef long long lay_granted(Record record, Work work) except? -9

@cython.locals(benefits=cython.longlong, count=cython.longlong, entry=cython.longlong, i=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], r=cython.longlong[::1], top=cython.longlong)
cdef long long lay_by_outage(Record record, Work work) except? -9

@cython.locals(count=cython.longlong, entry=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], month=cython.longlong, r=cython.longlong[::1], top=cython.longlong)
cdef long long lay_by_month(Record record, Work work) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, r=cython.longlong[::1])
cdef long long of_month(Record record, long long month, long long benefit) except? -9
