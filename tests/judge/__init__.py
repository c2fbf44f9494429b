"""The second judge: any version of any policy worked out slowly, from the meaning of the words.

It takes a version as data (:mod:`policy.calculator.rules`), a request as data (:mod:`policy.calculator.request`), and shares
nothing else with the policy package. Zones come from :mod:`zoneinfo`, working days from the libraries that publish them, and
numbers are :class:`~fractions.Fraction`. Time is cut into pieces at every instant where anything can change, and each word is
worked out over the pieces in the obvious way. One module per part of a decision: ``facts`` and ``values`` (what a rule reads),
``wall_clock`` and ``pieces`` (time), ``clocks`` (which time counts), ``amounts`` and ``benefits`` (what it is worth),
``recourse``, ``order`` (the answer).

Where the reference leaves room, this is how it is read:

 a. What is not known: a fact is named where the decision is sure to need it, whatever the other missing facts are. Of a choice
    whose subject is missing that is the subject, and what every case needs. Of conditions that all have to hold none is named
    once one fails, and of those of which one has to, none once one holds.
 b. ``services``, ``widen``, ``within``, ``where``, ``liable``, ``starts`` and ``minus``, ``only`` refuse in this order, where
    the set of outages, or of their time, becomes empty. A benefit says what the component says that came furthest; a
    decision, what the benefits say that came furthest.
 c. Time that several outages cover is that of the one with the greatest ``liable``; ties: earliest recorded start, smaller id.
    Conditions of ``only`` on an outage are about that one. Measured time is multiplied by its ``liable``.
 d. An interruption is unbroken after ``minus`` and before ``only``; its months, days and sums are of what ``only`` has left.
 e. ``of each`` counts part by part; ``nth`` and ``count`` are about the units of one part. A part begins with its first counted
    instant. Without ``of each`` all time is one part.
 f. A minimum is given where something is left after rounding. What was granted before for the same outages is taken off after
    ``at most`` and before ``at most per cycle``.
 g. Clock time is that of the first clock, before ``only`` where that refuses, and told where some was left to test. Weighted
    time is told where amounts were reached; by the measure that the first component that counts the clock counts by.
 h. A quotient over 0 is above every bound. A factor of 0 under ``liable`` drops an outage, whatever the other factors miss.
 i. What a person has to set stands, also beside a formula that comes to nothing: AMOUNT_AT_DISCRETION is the last reason.
 j. ``automatically when`` a condition on time holds: of any of the time that the benefit was counted by.
 k. A claim exceeds the record where one of the clocks does that something owed was counted by.
 l. Recourse takes the time that the clock has left and that weighs something, and is split in the quantity it is rounded to. A
    fact that it alone needs is needed.
 m. An outage that goes on is warned of where it counts for a clock that was asked, whether or not the rest can be decided.
"""

from tests.judge.order import decide, version_for
from tests.judge.verdict import Verdict

__all__ = ["Verdict", "decide", "version_for"]
