"""What was answered, summed up by version until it is counted."""

# ruff: noqa: PERF401

from collections.abc import Sequence
from typing import Any

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from server.wire.places import *  # as tallies.pxd does
    from server.wire.reader import Record
    from server.wire.work import Work, is_granted
    from server.wire.writing import Writer


class Tallies:
    """``used``: memories in which a sum is in no counter yet; ``beyond``: what was too much to add up there."""

    def __init__(self) -> None:
        self.used: list[Any] = []
        self.beyond: list[Any] = []

    def counted(self) -> "list[tuple[Sequence[int], int, int]]":
        """What is in no counter yet: of whose counters, which of them, and how much."""
        found = []
        for work in self.used:
            for place in range(len(work.sums)):
                found.append((work.counters, place, work.sums[place]))
        for work, place, amount in self.beyond:
            found.append((work.counters, place, amount))
        return found

    def stamps(self) -> "list[Any]":
        """By which versions that was decided."""
        return [work.plan.program.stamp for work in self.used]

    def add_to(self, values: "Any", is_quote: int) -> int:
        """Adds it to the counters; by whoever has their lock."""
        for work in self.used:
            counters = work.quoted if is_quote else work.counters
            for place in range(len(work.sums)):
                if work.sums[place] != 0:
                    if counters[place] >= 0:
                        values[counters[place]] += work.sums[place]
                    work.sums[place] = 0
            work.is_counted = 0
        for work, place, amount in self.beyond:
            counters = work.quoted if is_quote else work.counters
            if counters[place] >= 0:
                values[counters[place]] += amount
        self.used.clear()
        self.beyond.clear()
        return 0

    def forget(self) -> int:
        """Nothing of it has come to anybody."""
        for work in self.used:
            for place in range(len(work.sums)):
                work.sums[place] = 0
            work.is_counted = 0
        self.used.clear()
        self.beyond.clear()
        return 0

    def tally(self, writer: "Writer", record: "Record", work: "Work", outcome: int, cause: int) -> int:
        """Counts an answer."""
        t = work.t
        m = work.m
        sums = work.sums
        if work.is_counted == 0:
            self.used.append(work)
            work.is_counted = 1
        sums[outcome] += 1
        sums[SUM_OF_REASONS + outcome * ALL_REASONS + writer.first_reason] += 1
        if outcome != 0:
            return 0
        of_plan = SUM_OF_PLANS + record.r[PLAN_TYPE] + 1
        of_mode = SUM_OF_MODES + record.r[MODE]
        listed = writer.listed
        for i in range(writer.occasions):
            occasion = listed[2 * i]
            group = listed[2 * i + 1]
            for j in range(t[group + GROUP_BENEFITS_COUNT]):
                benefit = t[t[group + GROUP_BENEFITS] + j]
                row = t[BENEFIT_TABLE] + benefit * BENEFIT_PLACES
                if not is_granted(work, occasion, row):
                    continue
                of_all = SUM_OF_BENEFITS + benefit * SUMS_OF_BENEFIT
                quantity = m[occasion + t[row + BENEFIT_AT_QUANTITY]]
                # INVARIANT: none of the other sums is larger than that of all.
                if sums[of_all] > t[LARGEST] - quantity:
                    for place in (of_all, of_all + SUM_OF_CAUSES + cause, of_all + of_plan, of_all + of_mode):
                        self.beyond.append((work, place, quantity))
                else:
                    sums[of_all] += quantity
                    sums[of_all + SUM_OF_CAUSES + cause] += quantity
                    sums[of_all + of_plan] += quantity
                    sums[of_all + of_mode] += quantity
        if t[HAS_RECOURSE] and work.k[t[AT_PARTIES]] == 1:
            for i in range(m[t[AT_PARTIES] + 1]):
                quantity = m[m[t[AT_PARTIES]] + PARTY_PLACES * i + 2]
                if sums[SUM_RECOVERED] > t[LARGEST] - quantity:
                    self.beyond.append((work, SUM_RECOVERED, quantity))
                else:
                    sums[SUM_RECOVERED] += quantity
        return 0
