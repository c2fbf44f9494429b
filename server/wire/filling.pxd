# The C types of filling.py.

cimport cython
from policy.calculator.machine_time cimport day_of
from server.wire.reader cimport Record
from server.wire.places cimport *

@cython.final
cdef class Work:
    cdef readonly object plan, program
    cdef const long long[::1] t, code, tab
    cdef const unsigned char[::1] b
    cdef long long[::1] m, order, parties, spare, granted_order, months_order, next, there, counts, amounts, which, granting
    cdef unsigned char[::1] k, shared_k
    cdef bytes shared_form
    cdef long long laid, formed, top, ongoing, cause, shared_ongoing, shared_cause, recovered, counted, granted, granted_count

@cython.locals(i=cython.longlong)
cdef long long same(Record record, long long at, long long length, Work work, long long piece, long long piece_length) except? -9

cdef long long order_of(Record record, long long one, long long other) except? -9

@cython.locals(i=cython.longlong)
cdef long long compared(Record record, long long x, long long length, Record other, long long y, long long n) except? -9

@cython.locals(at=cython.longlong, high=cython.longlong, i=cython.longlong, j=cython.longlong, low=cython.longlong, middle=cython.longlong, n=cython.longlong, size=cython.longlong)
cdef long long sort_outages(Record record, long long[::1] order, long long[::1] spare, long long place) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong)
cdef long long quantities(Record record, Work work, long long first, long long count, long long to, long long told) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong, seen=cython.longlong)
cdef long long name_benefits(Record record, Work work, long long first, long long count) except? -9

@cython.locals(j=cython.longlong, row=cython.longlong)
cdef long long benefit_of(Record record, Work work, long long entry) except? -9

@cython.locals(digit=cython.longlong, i=cython.longlong, month=cython.longlong, number=cython.longlong, year=cython.longlong)
cdef long long month_at(Record record, long long at, long long length) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, j=cython.longlong, n=cython.longlong, number=cython.longlong, r=cython.longlong[::1])
cdef long long fill_months(Record record, Work work) except? -9

@cython.locals(alone=cython.longlong, apart=cython.longlong, benefit=cython.longlong, benefits=cython.longlong, entry=cython.longlong, i=cython.longlong, in_cycle=cython.longlong, j=cython.longlong, month=cython.longlong, n=cython.longlong, outage=cython.longlong, r=cython.longlong[::1], told=cython.longlong)
cdef long long fill_granted(Record record, Record outages, Work work) except? -9

@cython.locals(r=cython.longlong[::1], x=cython.longlong, y=cython.longlong)
cdef long long is_before(Record record, Record outages, long long one, long long other) except? -9

@cython.locals(high=cython.longlong, low=cython.longlong, middle=cython.longlong, outage=cython.longlong, side=cython.longlong)
cdef long long outage_of(Record record, long long at, long long length, Record outages, Work work) except? -9

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

@cython.locals(benefits=cython.longlong, claim=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], r=cython.longlong[::1], row=cython.longlong, value=cython.longlong)
cdef long long lay_row(Record record, Work work) except? -9

@cython.locals(end=cython.longlong, gaps=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], n=cython.longlong, r=cython.longlong[::1], start=cython.longlong, top=cython.longlong)
cdef long long lay_windows(Record record, Work work, long long claim) except? -9

@cython.locals(benefits=cython.longlong, count=cython.longlong, entry=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], month=cython.longlong, r=cython.longlong[::1], top=cython.longlong)
cdef long long lay_granted(Record record, Work work) except? -9

@cython.locals(how=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], length=cython.longlong, m=cython.longlong[::1], r=cython.longlong[::1], row=cython.longlong, source=cython.longlong, to=cython.longlong, top=cython.longlong, value=cython.longlong)
cdef long long lay(Record record, Work work, long long base, long long place, long long loads, long long count) except? -9

@cython.locals(_=cython.longlong, announced=cython.longlong, i=cython.longlong, n=cython.longlong, outage=cython.longlong, r=cython.longlong[::1], rank=cython.longlong)
cdef long long fill_outages(Record record, Work work) except? -9

@cython.locals(entry=cython.longlong, i=cython.longlong, r=cython.longlong[::1])
cdef long long of_month(Record record, long long month, long long benefit) except? -9

cdef long long outage_at(Record record, Work work, long long place) except? -9

@cython.locals(_=cython.longlong, cause=cython.longlong, outage=cython.longlong, r=cython.longlong[::1])
cdef long long cause_of(Record record) except? -9

@cython.locals(ended=cython.longlong, first=cython.longlong, i=cython.longlong, j=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], n=cython.longlong, outage=cython.longlong, place=cython.longlong, r=cython.longlong[::1], width=cython.longlong)
cdef long long lay_outages(Record record, Work work, long long as_of) except? -9

@cython.locals(first=cython.longlong)
cdef object keep_outages(Work work)

@cython.locals(_=cython.longlong, first=cython.longlong, i=cython.longlong, k=cython.uchar[::1], m=cython.longlong[::1], outage=cython.longlong, place=cython.longlong)
cdef long long lay_again(Record record, Work work, long long as_of) except? -9
