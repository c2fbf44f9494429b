# The C types of rows.py.

cimport cython
from policy.calculator.machine cimport _run
from policy.calculator.machine_time cimport day_of
from policy.calculator.sheet cimport Sheet
from policy.calculator.teller cimport Teller
from server.wire.filling cimport cause_of, fill_outages, fill_row, languages
from server.wire.granted cimport fill_granted
from server.wire.laying cimport keep_outages, lay_again, lay_outages, lay_row
from server.wire.tallies cimport Tallies
from server.wire.telling cimport told
from server.wire.work cimport Work
from server.wire.keying cimport Keying
from server.wire.reader cimport Record
from server.wire.writing cimport Writer
from server.wire.places cimport *

cdef int _OUTSIDE

@cython.final
cdef class Rows:
    cdef object plans, choices, zones, counters, quoted
    cdef list works
    cdef readonly Tallies tallies
    cdef const long long[::1] chosen
    cdef long long[::1] spans
    cdef Record record, stated, outages
    cdef Keying keying
    cdef Writer writer
    cdef Work work
    cdef object permits
    cdef const unsigned char[::1] permitted
    cdef readonly long long outcome, explained, steps, elements
    cdef long long places, count, batch, looked, now, default, is_item, shared_steps, shared_as_of, first, last, sum

    @cython.locals(count=cython.longlong)
    cpdef int open_batch(self, bytes source, long long now, long long most) except? -9

    @cython.locals(work=Work)
    cdef int shrink(self) except? -9

    @cython.locals(at=cython.longlong, count=cython.longlong, end=cython.longlong, record=Record, size=cython.longlong, stated=cython.longlong, tag=cython.longlong)
    cdef int look_through(self, long long keep) except? -9

    @cython.locals(policy_id=bytes, r=cython.longlong[::1], version=bytes)
    cdef int choice(self, Record record) except? -9

    cpdef object answer_one(self)

    @cython.locals(r=cython.longlong[::1])
    cdef bytes result(self, int answered, object refused)

    @cython.locals(answered=cython.int, i=cython.longlong, most=cython.longlong, result=bytes, results=list, size=cython.longlong)
    cpdef list answer_items(self, long long first, long long last, object ordinary, object refused)

    @cython.locals(answered=cython.int, batch=bytes, record=Record, result=bytes)
    cpdef bytes answer_anew(self, bytes source, object refused)

    @cython.locals(i=cython.longlong, steps=cython.longlong)
    cpdef int is_too_much(self, long long first, long long count, long long most) except? -9

    @cython.locals(notice=Record, record=Record, steps=cython.longlong, work=Work, written=cython.int)
    cdef int answer(self, long long at, long long end) except? -9

    @cython.locals(as_of=cython.longlong, i=cython.longlong, o=cython.longlong[::1], r=cython.longlong[::1], stated=cython.longlong[::1])
    cdef int complete(self) except? -9

    @cython.locals(_=cython.longlong, as_of=cython.longlong, ended=cython.longlong, lists=cython.longlong, outage=cython.longlong, outages=Record, r=cython.longlong[::1], said=cython.longlong, seconds=cython.longlong, steps=cython.longlong)
    cdef int steps_of(self) except? -9

    @cython.locals(_=cython.longlong, count=cython.longlong, day=cython.longlong, earliest=cython.longlong, i=cython.longlong, instant=cython.longlong, latest=cython.longlong, number=cython.longlong, o=cython.longlong[::1], outage=cython.longlong, pinned=cython.longlong, r=cython.longlong[::1], where=cython.longlong, work=Work)
    cdef Work chosen_work(self)

    @cython.locals(work=Work)
    cdef Work work_of(self, long long number)

    @cython.locals(is_shared=cython.longlong, outages=Record, r=cython.longlong[::1], record=Record, wanted=cython.longlong)
    cdef int decide(self, Work work) except? -9

    @cython.locals(end=cython.longlong, form=bytes, is_shared=cython.longlong, missing=object, outcome=cython.longlong, record=Record, notices=bytes, sheet=Sheet, writer=Writer)
    cdef int write(self, Work work, Record notice) except? -9

    @cython.locals(at=cython.longlong, i=cython.longlong, m=cython.longlong[::1], starts=list, work=Work)
    cdef list outside(self)

    cdef object missing(self, Work work)

    @cython.locals(entry=cython.longlong, first=cython.longlong, outages=Record, teller=Teller)
    cdef Sheet explain(self, Work work, object missing)
