"""The second judge: any version of any policy worked out slowly, from the meaning of the words.

It takes a version as data (:mod:`policy.calculator.rules`), a request as data (:mod:`policy.calculator.request`), and shares
nothing else with the policy package. Zones come from :mod:`zoneinfo`, working days from the libraries that publish them, and
numbers are :class:`~fractions.Fraction`. Time is cut into pieces at every instant where anything can change, and each word is
worked out over the pieces in the obvious way. One module per part of a decision: ``facts`` and ``values`` (what a rule reads),
``wall_clock`` and ``pieces`` (time), ``clocks`` (which time is met and counts), ``occasions`` and ``there`` (what of it lies in
each), ``amounts``, ``benefits`` and ``account`` (what it is worth), ``recourse`` and ``keys`` (whose it is), ``order`` (the
answer), ``versions`` (by which version).

Where the reference leaves room, this is how it is read:

 a. What is not known: a fact is named where the decision is sure to need it, whatever the other missing facts are. Of a choice
    whose subject is missing that is the subject, and what every case needs. Of conditions that all have to hold none is named
    once one fails, and of those of which one has to, none once one holds. Whether an outage is met has to be known before
    there are occasions; what of its time counts is asked where it has time. What holds of any or of every outage is asked of
    each.
 b. ``services``, ``widen``, ``within``, ``where`` and ``liable`` refuse for the whole request; ``starts`` and ``minus``,
    ``only`` occasion by occasion; in this order, where the set of outages, or of their time, becomes empty. A benefit says
    what the component says that came furthest; a decision, what the benefits and occasions say that came furthest.
 c. Time that several outages cover is that of the one with the greatest ``liable``; ties: earliest recorded start, smaller id.
    Conditions of ``only`` on an outage are about that one. Measured time is multiplied by its ``liable``.
 d. An interruption is unbroken by the met time of all clocks of the benefit, whatever starts late or pauses in it; months,
    days and sums are of what ``only`` has left, as far as it lies in the occasion.
 e. ``of each`` counts part by part; ``nth`` and ``count`` are about the units of one part. A part begins with its first
    counted instant. Without ``of each`` all time of the occasion is one part.
 f. A minimum is given where something is left after rounding. What was granted before for the outages of an occasion is taken
    off after ``at most`` and before ``at most per cycle``, also from what is only quoted.
 g. Clock time is that of the first clock, summed over the occasions of the first benefit that asks it; before ``only`` where
    that refuses in all, and told where some was left to test. Weighted time is told where some was kept; by the measure that
    the first component that counts the clock counts by.
 h. A quotient over 0 is above every bound. A factor of 0 under ``liable`` drops an outage, whatever the other factors miss.
 i. What a person has to set stands, also beside a formula that comes to nothing: AMOUNT_AT_DISCRETION is the last reason.
 j. ``automatically when`` a condition on time holds: of any of the time that the benefit was counted by in the occasion. An
    amount is looked at whole, whatever of it was granted before or a cycle or month has left.
 k. A claim exceeds the record where one of the clocks does that something owed was counted by; the new claim alone.
 l. Recourse asks ``from`` of the outages that own plain time which was kept in an occasion where a benefit with a value
    reached amounts. A fact that it alone needs is needed there.
 m. An outage that goes on is warned of where it counts for a clock that was asked, whether or not the rest can be decided.
 n. What asks nothing of an occasion, of a benefit or its components, is asked first: where none is meant there are no
    occasions. A clock is asked in an occasion where a component that counts it is meant, or where that is not known; occasions
    and ``length`` are of the clocks of all others. Without a clock, what is for each cycle is for the request's.
 o. An occasion begins outside of the cycle where a clock that is asked keeps time in it, or its amount came to the cap; it is
    refused before anything that is not known. A benefit without a clock has no time to begin outside with.
 p. CALENDAR_NOT_PUBLISHED is told where any occasion reached amounts, and RULE_UNSETTLED, of all that was asked in any.
"""

from tests.judge.order import decide
from tests.judge.verdict import Verdict
from tests.judge.versions import judged, version_for

__all__ = ["Verdict", "decide", "judged", "version_for"]
