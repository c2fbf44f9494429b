# The C types of teller.py.

cimport cython
from policy.calculator.machine cimport _run
from policy.calculator.machine_time cimport after, day_of, month_days
from policy.calculator.sheet cimport Sheet

@cython.final
cdef class Teller:
    cdef object lowered
    cdef readonly object told
    cdef readonly Sheet sheet
    cdef const long long[::1] code, lists, program, tab
    cdef const unsigned char[::1] pieces, texts, field
    cdef long long[::1] m, names, bank, temporary, weights
    cdef const long long[::1] listed
    cdef readonly long long[::1] cites
    cdef unsigned char[::1] k
    cdef list missing
    cdef readonly long long cited, summary, full
    cdef long long clauses, quotes, codes, stages, choosing, zone, first_month, month_places, occasion_places, line_tag, rule_tag, applied_tag, input_tag, value_tag, note_tag, name_tag, given_tag, below, below_bytes, first, stride, occasions, accumulator, flag, number, occasion, missed, density, chosen, line_start, input_start, group

    @cython.locals(none=object)
    cpdef int forget(self) except? -9

    cpdef int take(self, const long long[::1] tab, long long[::1] m, unsigned char[::1] k, const unsigned char[::1] texts, long long[::1] names, long long first, long long stride) except? -9

    cpdef int tell(self, long long entry, const long long[::1] listed, long long occasions, list missing) except? -9

    cdef int enter(self, long long occasion) except? -9

    @cython.locals(i=cython.longlong)
    cdef int holds(self, long long condition, long long reg, long long number) except? -9

    @cython.locals(row=cython.longlong, sheet=Sheet)
    cdef int text(self, long long kind, long long reg, long long number) except? -9

    @cython.locals(_=cython.longlong, is_first=cython.longlong, row=cython.longlong)
    cdef int codes_of(self, long long mask) except? -9

    @cython.locals(i=cython.longlong)
    cdef int intervals(self, long long first, long long count) except? -9

    @cython.locals(i=cython.longlong, row=cython.longlong)
    cdef int cite(self, long long clause) except? -9

    cdef int end_input(self, long long unit, long long length) except? -9

    @cython.locals(clause=cython.longlong, middle=cython.longlong, sheet=Sheet)
    cdef int begin_line(self, long long pc) except? -9

    @cython.locals(_=cython.longlong, x=cython.longlong)
    cdef int work_out(self, long long how, long long operand) except? -9

    cdef int choose(self) except? -9

    @cython.locals(chosen=cython.longlong, i=cython.longlong)
    cdef int find_density(self, long long row) except? -9

    @cython.locals(n=cython.longlong, table=cython.longlong)
    cdef int year_at(self, long long density, long long year) except? -9

    @cython.locals(count=cython.longlong, end=cython.longlong, i=cython.longlong, n=cython.longlong, row=cython.longlong, start=cython.longlong, table=cython.longlong, until=cython.longlong, year=cython.longlong)
    cdef int weigh(self, long long name, long long name_bytes, long long scale, long long unit, long long unit_bytes) except? -9

    @cython.locals(i=cython.longlong, j=cython.longlong)
    cdef int add_length(self, long long count, long long weight, long long length) except? -9

    @cython.locals(days=cython.longlong, item=cython.longlong)
    cdef int begin_item(self, long long bank) except? -9

    @cython.locals(a=cython.longlong, b=cython.longlong, c=cython.longlong, item=cython.longlong, items=cython.longlong, op=cython.longlong, opened=cython.longlong, outage=cython.longlong, sheet=Sheet)
    cdef int run(self, long long pc) except? -9

    @cython.locals(i=cython.longlong, row=cython.longlong)
    cdef int quote(self) except? -9

    @cython.locals(missing=tuple)
    cdef int take_missing(self) except? -9

cdef long long at(Teller teller, long long reg) except? -9

cdef long long value_of(Teller teller, long long reg) except? -9
