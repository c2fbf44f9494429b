# The C types of machine.py: integers of 64 bits, over memory that is laid out without gaps.

cimport cython
from policy.calculator.machine_answer cimport say
from policy.calculator.machine_lists cimport cover, open_spans, overlay, unite
from policy.calculator.machine_occasions cimport every_outage, left_of, make_occasions, pair_up, pairs_length, time_of
from policy.calculator.machine_parts cimport days, judge, keep, label, parts, split, windows, without
from policy.calculator.machine_shares cimport add_shares, apportion, by_party, in_month, month_told, new_shares, owe, use_up
from policy.calculator.machine_time cimport between, day_of, day_start, is_outside, measure, month_days, month_first, working_day_end

cpdef long long run(const long long[::1] code, const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long pc) except? -9

@cython.locals(_=cython.longlong, a=cython.longlong, b=cython.longlong, c=cython.longlong, d=cython.longlong, e=cython.longlong, i=cython.longlong, op=cython.longlong, sp=cython.longlong, x=cython.longlong, y=cython.longlong)
cdef long long _run(const long long[::1] code, const long long[::1] tab, long long[::1] m, unsigned char[::1] k, long long pc) except? -9 nogil
