"""How much of a policy its cases exercise: every rule, and both sides of every boundary.

A *rule* is a branch of a choice, a condition that holds and one that does not, a word of a clock that leaves something out, a
component that pays, a cap that lowers, a band of the day, a warning, a message. A *boundary* is met where one case stands on
its last unit and another on the first unit beyond: 58.99 and 59.00 of ``less than 59.00 CNY``, 12 h and 12 h 1 s of ``more
than 12 h``. A unit is the base unit of the fact, or a second; of an amount, what one more counted unit adds to it.

Nothing is measured on the way to a decision: a case is decided as ever, and its :class:`~policy.calculator.run.Run` is then
walked along the rules, reading the same compiled values again.

Each kind of rule has a module that both lists what there is to exercise and marks what a run did: ``values``, ``conditions``,
``clocks``, ``benefits``, and ``version`` for the whole. ``report`` compares the two over all cases of a policy.
"""
