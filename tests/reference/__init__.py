"""The judge: cn-standard worked out slowly from its text, for the calculator to be compared with.

It shares no code with the policy package, reads a request only through its attributes (:mod:`tests.reference.facts`), keeps
every figure of the text as a plain constant beside the sentence it comes from, and computes with :class:`~fractions.Fraction`
over pieces of time in which nothing changes. One module per section of the text: ``malformed`` and ``order`` (1),
``liability`` (2), ``measure``, ``interruptions`` and ``working_days`` (3), ``benefits`` (4), ``caps`` (5), ``parts`` (5b),
``recourse`` (6), ``claims`` (7).

Where the text leaves room, this is how it is read:

 a. 1 line 1, "a start", "an end": those of outages and of the claim. A billing cycle may well end after as_of; only its end
    has to be after its start. Announced and reported times are not bounded by as_of.
 b. 1 line 1, "unless it is an application": a mode that is not known is none, so without outages they are missed too. Which
    mode a claim or a notice beside it belongs to is not known, so nothing is said about that.
 c. 1 line 1, "identical": equal in every field, also in those that the policy does not read; services and areas are sets.
    Of two different records under one id the later one is reported.
 d. 1 line 1, every code that is not a word of the contract is malformed, also in a field that the policy does not read; left
    unspecified, a code is malformed where the answer needs it (plan type, cause, impact, each service, mode, claim channel,
    explain). Bounds on how large a quantity or how long a list may be are the contract's, not the text's.
 e. 1 line 4, an ongoing outage has no recorded end, so no claim that meets one is too late, whatever else it meets.
 f. 1 line 7, without an allowance it is not known whether the table applies, so that it alone is named: the fee and what is
    left are not yet known to be needed. With an allowance of 0 none is needed. A VOICE plan needs none.
 g. 1 lines 8 and 9, "every benefit" are those that came to more than 0 before the caps. If some went to what was granted
    before and the rest to the cycle's cap, something would be owed but for the caps: line 9.
 h. 1, "reasons beside a grant" stand beside a quote too. CAPPED names each benefit that step (a) or (c) of 5 lowered in any
    interruption, also when nothing of it is left.
 i. 1, amounts are reached on lines 8 to 11: only there is weighted time told, and only there are the warnings given that
    concern it (calendar, cycle total, party). Clock time is told from line 6 on; where all are dropped, it is that of all.
 j. 4, "of subscribers who have any": the list of services is not empty.
 k. 5 (c), "what is left" is what the cycle has left, not the benefit: a grant that a cap did not touch is not rounded again.
 l. 3.4, "recorded start": before an application is cut. "Compared as text": by code points.
 m. 6, an outage of class THIRD_PARTY; another's parts are nobody's debt, whatever party it names.
 n. 5 (b), a quote uses up what was granted before as a grant does: it was told for those outages, in order of time. That it
    takes nothing is said of the cycle alone.
 o. 5 (b) and (c), what the cycle was granted in all holds what was granted in it before: less of a benefit than was granted
    before for the outages of the request contradicts it (1 line 1). A total that does not name a benefit says 0 of it.
 p. 1, of one interruption alone the same lines are asked as of all: what was dropped is so by line 6, and a kept one by lines 7
    to 11. CLAIM_EXCEEDS_RECORD stands beside each with a grant or quote: it is about the claim, not about one of them.
"""

from tests.reference.expected import Because, Expected, Interrupted
from tests.reference.order import decide

__all__ = ["Because", "Expected", "Interrupted", "decide"]
