"""Lists of intervals and spans for the evaluator: sorted, joined, laid over one another."""

from collections.abc import MutableSequence


def sift(m: MutableSequence[int], first: int, size: int, width: int, root: int, length: int) -> int:
    """Lets what is at ``root`` of a heap sink; the largest key is at the top."""
    while True:
        child = 2 * root + 1
        if child >= length:
            return 0
        if child + 1 < length and m[first + child * width] < m[first + (child + 1) * width]:
            child += 1
        if m[first + root * width] >= m[first + child * width]:
            return 0
        for i in range(size):
            t = m[first + root * width + i]
            m[first + root * width + i] = m[first + child * width + i]
            m[first + child * width + i] = t
        root = child


def sort(m: MutableSequence[int], first: int, size: int, width: int, length: int) -> int:
    """Sorts ``length`` records of ``width`` places by their first; ``size`` of the places are moved."""
    ordered = True
    for i in range(length - 1):
        if m[first + i * width] > m[first + (i + 1) * width]:
            ordered = False
            break
    if ordered:
        return 0
    i = length // 2 - 1
    while i >= 0:
        sift(m, first, size, width, i, length)
        i -= 1
    i = length - 1
    while i > 0:
        for j in range(size):
            t = m[first + j]
            m[first + j] = m[first + i * width + j]
            m[first + i * width + j] = t
        sift(m, first, size, width, 0, i)
        i -= 1
    return 0


def unite(m: MutableSequence[int], first: int, length: int) -> int:
    """Joins pairs that overlap or touch, in place and in order; returns how many are left."""
    if length == 0:
        return 0
    sort(m, first, 2, 2, length)
    n = 0
    for i in range(1, length):
        if m[first + 2 * i] <= m[first + 2 * n + 1]:
            m[first + 2 * n + 1] = max(m[first + 2 * n + 1], m[first + 2 * i + 1])
        else:
            n += 1
            m[first + 2 * n] = m[first + 2 * i]
            m[first + 2 * n + 1] = m[first + 2 * i + 1]
    return n + 1


def put(m: MutableSequence[int], start: int, end: int, outage: int, level: int, run: int) -> int:
    """Adds a span to the list that is being made."""
    top = m[7]
    m[top] = start
    m[top + 1] = end
    m[top + 2] = outage
    m[top + 3] = level
    m[top + 4] = run
    m[7] = top + m[12]
    return 0


def open_spans(m: MutableSequence[int], start: int, end: int, level: int, pauses: int, length: int) -> int:
    """Adds what of [start, end) of the outage at hand lies in no pause; returns how many spans that is."""
    n = 0
    for i in range(length):
        opens = m[pauses + 2 * i + 1]
        if opens <= start:
            continue
        closes = m[pauses + 2 * i]
        if closes >= end:
            break
        if start < closes:
            put(m, start, closes, m[1], level, 0)
            n += 1
        start = opens
    if start < end:
        put(m, start, end, m[1], level, 0)
        n += 1
    return n


def goes_before(m: MutableSequence[int], x: int, y: int) -> int:
    """Whether an instant that ``x`` and ``y`` both cover belongs to ``x``: greatest level, earliest start, smallest id."""
    if m[x + 3] != m[y + 3]:
        return m[x + 3] > m[y + 3]
    p = m[x + 2]
    q = m[y + 2]
    if m[p] != m[q]:
        return m[p] < m[q]
    if m[p + 4] != m[q + 4]:
        return m[p + 4] < m[q + 4]
    return m[x] < m[y]


def overlay(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int) -> int:
    """Makes list ``a``: the time of list ``b`` as disjoint spans in order, each instant its first owner's; runs numbered."""
    n = m[b + 1]
    width = m[12]
    first = m[b]
    k[a] = 1
    k[a + 1] = 1
    if n == 1:
        m[a] = first
        m[a + 1] = 1
        return 0
    sort(m, first, 5, width, n)
    apart = True
    for i in range(n - 1):
        if m[first + (i + 1) * width] < m[first + i * width + 1]:
            apart = False
            break
    if apart:
        m[a] = first
        m[a + 1] = n
    else:
        need = m[7] + 2 * n + 2 * n * width  # ends, a heap, and at most twice as many pieces
        if need > len(k):
            m[8] = need
            return 1
        ends = m[7]
        heap = ends + n
        m[7] = heap + n
        for i in range(n):
            m[ends + i] = m[first + i * width + 1]
        sort(m, ends, 1, 1, n)
        m[a] = m[7]
        m[a + 1] = lay(m, first, n, ends, heap)
    run = 0
    x = m[a]
    for _ in range(1, m[a + 1]):
        x += width
        if m[x] > m[x - width + 1]:
            run += 1
        m[x + 4] = run
    return 0


def push(m: MutableSequence[int], heap: int, size: int, x: int) -> int:
    """Adds a span to a heap of ``size``, at the top of which is the one that an instant belongs to; the new size."""
    at = size
    while at > 0 and goes_before(m, x, m[heap + (at - 1) // 2]):
        m[heap + at] = m[heap + (at - 1) // 2]
        at = (at - 1) // 2
    m[heap + at] = x
    return size + 1


def pop(m: MutableSequence[int], heap: int, size: int) -> int:
    """Takes the top of a heap away; the new size."""
    size -= 1
    x = m[heap + size]
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and goes_before(m, m[heap + child + 1], m[heap + child]):
            child += 1
        if not goes_before(m, m[heap + child], x):
            break
        m[heap + at] = m[heap + child]
        at = child
    m[heap + at] = x
    return size


def lay(m: MutableSequence[int], first: int, n: int, ends: int, heap: int) -> int:
    """Goes through the edges of ``n`` spans in order, with those that are open in a heap; returns how many pieces there are."""
    width = m[12]
    begun = 0
    ended = 0
    size = 0
    pieces = 0
    start = m[first]
    while True:
        while begun < n and m[first + begun * width] <= start:
            size = push(m, heap, size, first + begun * width)
            begun += 1
        while ended < n and m[ends + ended] <= start:
            ended += 1
        while size > 0 and m[m[heap] + 1] <= start:
            size = pop(m, heap, size)
        if ended == n:
            return pieces
        end = m[ends + ended]
        if begun < n and m[first + begun * width] < end:
            end = m[first + begun * width]
        if size > 0:
            pieces += add_piece(m, m[heap], pieces, start, end)
        start = end


def add_piece(m: MutableSequence[int], x: int, pieces: int, start: int, end: int) -> int:
    """Adds [start, end) of span ``x``, or lengthens the piece before it; returns how many pieces that adds."""
    before = m[7] - m[12]
    if pieces > 0 and m[before + 1] == start and m[before + 2] == m[x + 2]:
        m[before + 1] = end
        return 0
    put(m, start, end, m[x + 2], m[x + 3], 0)
    return 1


def cover(m: MutableSequence[int], k: MutableSequence[int], start: int, end: int, counted: int) -> int:
    """How much of [start, end) the outages cover of which ``counted`` holds."""
    first = m[7]
    x = m[6]
    n = 0
    for _ in range(m[23]):
        if k[x + counted] == 1 and m[x + counted] != 0:
            p = max(start, m[x])
            q = min(end, m[x + 1])
            if p < q:
                m[first + 2 * n] = p
                m[first + 2 * n + 1] = q
                n += 1
        x += m[11]
    n = unite(m, first, n)
    total = 0
    for i in range(n):
        total += m[first + 2 * i + 1] - m[first + 2 * i]
    return total
