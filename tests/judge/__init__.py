"""The second judge: any version of any policy worked out slowly, from the meaning of the words.

It takes a version as data (:mod:`policy.calculator.rules`), a request as data (:mod:`policy.calculator.request`), and shares
nothing else with the policy package. Zones come from :mod:`zoneinfo`, working days from the libraries that publish them, and
numbers are :class:`~fractions.Fraction`. Time is cut into pieces at every instant where anything can change, and each word is
worked out over the pieces in the obvious way. One module per part of a decision: ``facts`` and ``values`` (what a rule reads),
``wall_clock`` and ``pieces`` (time), ``clocks`` (which time is met and counts), ``occasions`` and ``there`` (what of it lies in
each), ``amounts``, ``benefits`` and ``account`` (what it is worth), ``recourse`` and ``keys`` (whose it is), ``order`` (the
answer), ``versions`` (by which version).

How the language is read where it leaves room stands in ``policy/docs/occasions.md``, for the calculator as well. What that page
leaves open, the judge reads so:

 a. A fact is named where the decision is sure to need it, whatever the other missing facts are. Of a choice whose subject is
    missing that is the subject, and what every case needs. Of conditions that all have to hold none is named once one fails,
    and of those of which one has to, none once one holds.
 b. What asks nothing of an occasion is asked first: a benefit's ``when``, then those of its components. A benefit that is not
    meant asks no clock. One that shares occasions with others and lacks its ``when`` lacks it in each of them.
 c. A clock is asked in an occasion where a component that counts by it is meant, or where that is not known. By the clocks that
    are asked a decision's time is told, and an occasion is kept.
 d. What a clock leaves out of another's time is known but where it meets an occasion of the other in which that lacks a fact.
 e. A benefit says what the component says that came furthest, an occasion what its benefits say, a decision what all do. What a
    person has to set stands beside a formula that comes to nothing: AMOUNT_AT_DISCRETION is the last reason.
 f. Conditions of ``only`` and of ``automatically when`` on an outage are about the one whose time it is; the latter holds if it
    does of any of the time that the benefit was counted by, or whatever the time.
 g. ``nth`` and ``count`` are about the units of one part; a part begins with its first counted instant.
 h. A quotient over 0 is above every bound. A factor of 0 under ``liable`` drops an outage, whatever the other factors miss.
 i. A minimum is given where something is left after rounding.
 j. A claim exceeds the record where one of the clocks does that something owed was counted by.
 k. Before what is not known, an occasion is refused that begins outside of the cycle whose cap is asked.
 l. CALENDAR_NOT_PUBLISHED and RULE_UNSETTLED are about what any occasion asked, the first where any reached amounts.
"""

from tests.judge.order import decide
from tests.judge.verdict import Verdict
from tests.judge.versions import judged, version_for

__all__ = ["Verdict", "decide", "judged", "version_for"]
