"""How much of a policy its cases exercise: every rule, and both sides of every boundary.

A *rule* is a branch of a choice, a condition that holds and one that does not, a word of a clock that leaves something out, a
component that pays, a cap that lowers, a band of the day, a warning, a message. A *boundary* is met where one case stands on
its last unit and another on the first unit beyond: 58.99 and 59.00 of ``less than 59.00 CNY``, 12 h and 12 h 1 s of ``more
than 12 h``. A unit is the base unit of the fact, or a second; of an amount, what one more counted unit adds to it.

Nothing is measured on the way to a decision: what a case did is read from the trace of its
:class:`~policy.calculator.trace.Run`, and no rule is worked out a second time.

``branches``, ``clocks``, ``benefits`` and ``version`` list what there is to exercise; the last three mark what a run did.
``report`` compares the two over all cases of a policy.
"""
