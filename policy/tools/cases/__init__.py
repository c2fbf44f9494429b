"""Cases: what a policy decides, as its owner would say it. ``policy/catalog/<policy>/cases.yaml`` stands beside the policy.

    policy: nl-7.1a                       # the name of the directory
    as_of: 2026-06-01 00:00+02:00         # for cases that name none
    people: {anna: {fee: 46.50 EUR, payment: POSTPAID}}
    outages: {monday: {from: 2026-03-02 08:00+01:00, to: 2026-03-03 10:00+01:00, cause: POWER_SUPPLY, services: FIXED_DATA}}
    claims: {late: {channel: WEB, at: 2026-05-01 12:00+02:00, from: …, to: …}}
    cases:
      - id: nl-01                         # unique; letters, digits, . _ -
        why: 26 h are two started parts of 24 h; 2 x 46.50/30 = 3.10.       # the arithmetic, by hand
        source: https://…                 # where it was published; may be left out
        subscriber: anna                  # a name, or facts, or {like: anna, fee: 60.00 EUR}
        outages: [monday, {like: monday, id: o-2, cause: CONGESTION}]       # a list of one may stand alone
        expect: {outcome: GRANTED, grants: {credit: 3.10 EUR}, version: 2017-07, clock: 26 h}

Besides, a case may hold ``mode``, ``as_of``, ``claim`` (a name, or facts), ``notice`` {channel, languages}, ``already``
{benefit: quantity}, ``version`` (pins it) and ``explain``. Not said: mode AUTOMATIC, or APPLICATION where a claim is made,
PROACTIVE_NOTICE where a notice is asked for; a subscriber's id s-1; an outage's id o-1, o-2 by its place, its impact LOSS.

Facts go by the short names here, by the contract's, and an attribute by the name that the policy declares (which goes first):
    subscriber   id, plan, fee, allowance, remaining, vas, customer, payment, zone, billing,
                 cycle {benefit: quantity granted in it so far; {}: nothing; left out: not known}
    outage       id, from, to (left out: it goes on), cause, impact, services, party, reported, announced, areas, source
    claim        channel, at, from, to
Values stand with their units: money ``46.50 EUR``, ``900 KRW``; data ``20 GiB``; time ``5 h 20 min``; days ``2 days``; a number
``12``; a ratio ``3/2``, ``150 %``; ``yes``; a code ``LOSS``; an instant with its offset ``2026-06-10 12:00:01+08:00``; a date
``2026-06-10``; an interval: two instants with ``to`` between them; ``none`` of them. ``fee: not given`` takes a fact away.

``expect`` is exact: reasons, warnings, grants and recourse that are not said are none; clock, weighted, version and lines are
compared where they stand. It is ``malformed: [field paths]``, or ``refused: NOT_IN_FORCE`` or ``UNKNOWN_POLICY``, or
    outcome      GRANTED, PROVISIONAL (a quote, or owed on a claim only), NOT_ELIGIBLE, CANNOT_DECIDE, NEEDS_REVIEW
    reasons      [code], or what it is about too: {MISSING_FACT: field path}, {CAPPED: benefit}, {CLAIM_REQUIRED: benefit}
    warnings     [code]                       grants       {benefit: quantity}           recourse  {party: money}
    clock, weighted                           time of the policy's first clock, plain and measured
    version      which version decides        lines        {rule of the explanation: value, or [values], or not applied}
In a case that expects ``malformed``, what is written is taken as it stands: unknown codes and facts, quantities below 0.
"""
