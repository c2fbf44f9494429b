"""Where everything lies: in a record, in the tables of the reader, in the plan of a version. One name for each place.

Compiled, each is a number of C (``places.pxd``), so that the modules beside this one read as they do here.
"""

# fmt: off
ABSENT = -1

# A record: numbers, ABSENT where not given; texts as the place of their first byte and how many there are; lists as their
# first entry and how many.
MODE = 0
EXPLAIN = 1
AS_OF = 2
REQUEST_ID = 3
REQUEST_ID_BYTES = 4
POLICY = 5
POLICY_ID = 6
POLICY_ID_BYTES = 7
VERSION = 8
VERSION_BYTES = 9
SUBSCRIBER = 10
SUBSCRIBER_ID = 11
SUBSCRIBER_ID_BYTES = 12
PLAN_TYPE = 13
FEE = 14
FEE_CURRENCY = 15
FEE_CURRENCY_BYTES = 16
ALLOWANCE = 17
REMAINING = 18
ADDED_SERVICES = 19
CUSTOMER_TYPE = 20
PAYMENT = 21
ZONE = 22
ZONE_BYTES = 23
CYCLE = 24
CYCLE_START = 25
CYCLE_END = 26
CYCLE_TOLD = 27
CYCLE_FIRST = 28
CYCLE_COUNT = 29
BEFORE = 30
BEFORE_FIRST = 31
BEFORE_COUNT = 32
FACTS = 33
FACTS_COUNT = 34
CLAIM = 35
CLAIM_CHANNEL = 36
CLAIMED_AT = 37
CLAIM_START = 38
CLAIM_END = 39
NOTICE = 40
NOTICE_CHANNEL = 41
LANGUAGES = 42
LANGUAGES_COUNT = 43
OUTAGES = 44
LATEST_START = 45
LATEST_END = 46
IS_CLAIM = 47
EARLIER = 48
EARLIER_COUNT = 49
GRANTED = 50
GRANTED_COUNT = 51
MONTHS = 52
MONTHS_COUNT = 53
MONTHS_ENTRIES = 54
RESOLVED = 55

# An outage, from where it begins in the record.
STARTED = 0
ENDED = 1
REPORTED = 2
ANNOUNCED = 3
CAUSE = 4
IMPACT = 5
SERVICES = 6
SERVICES_COUNT = 7
OUTAGE_ID = 8
OUTAGE_ID_BYTES = 9
PARTY = 10
PARTY_BYTES = 11
OUTAGE_FACTS = 12
OUTAGE_FACTS_COUNT = 13
AREAS = 14
TIME_SOURCE = 15
NOTICE_SECONDS = 16
RANK = 17
PARTY_RANK = 18
OUTAGE_RESOLVED = 19

# An entry of a map or of a list of texts: its name, and what it holds in up to three numbers; and, once they are resolved, the
# number of the benefit that it names, the outage (its place in the record) and the month (-1: any).
NAME = 0
NAME_BYTES = 1
KIND = 2
GIVEN = 3
A = 4
B = 5
C = 6
OF_BENEFIT = 7
OF_OUTAGE = 8
OF_MONTH = 9
ENTRY_PLACES = 10

# What was granted before for an outage is an entry too: the benefit is its name, A how much.
OUTAGE_NAME = 2
OUTAGE_NAME_BYTES = 3
MONTH_NAME = 5
MONTH_NAME_BYTES = 6

# Kinds of a value, by the numbers of their fields.
INTEGER = 1
RATIO = 2
TEXT = 3
YES_OR_NO = 4
MONEY = 5
INSTANT = 6
DATE = 7
INTERVALS = 8

# What is done with a field: first those that are numbers, then those that say how many bytes they have.
TAKE_NUMBER = 1
TAKE_ENUM = 2
TAKE_SERVICE = 3
TAKE_YES = 4
TAKE_TEXT = 5
TAKE_ID = 6
TAKE_PARTY = 7
TAKE_COUNTED = 8
TAKE_LANGUAGE = 9
TAKE_INSTANT = 10
TAKE_MESSAGE = 11
TAKE_OUTAGE = 12
TAKE_ENTRY = 13
TAKE_INTERVAL = 14
TAKE_MONTH = 15
TAKE_SERVICES = 16

# A field in the tables: what is done, where to, up to what, the bit that tells it was there, the message in it, where its
# numbers begin, and what is set before.
FIELD_DOES = 0
FIELD_PLACE = 1
FIELD_MOST = 2
FIELD_BIT = 3
FIELD_MESSAGE = 4
FIELD_BASE = 5
FIELD_MARK = 6
FIELD_ZERO = 7
FIELD_PLACES = 8

# The head of the tables of the reader.
MOST_INSTANT = 0
MOST_ITEMS = 1
MOST_TEXT = 2
MOST_OUTAGES = 3
MOST_ENTRIES = 4
MOST_INTERVALS = 5
OUTAGE_WIDTH = 6
FIRST_OUTAGE = 7
FIRST_ENTRY = 8
FIRST_INTERVAL = 9
ROOT_REQUEST = 10
ROOT_DEFAULTS = 11
BLANK_RECORD = 12
BLANK_OUTAGE = 13
READER_HEAD = 14

# The head of a plan: where things are in memory, in its own tables and in its bytes.
MILLION = 0
LARGEST = 1
MOST_QUANTITY = 2
FIRST_ROW = 3
FIRST_MONTH = 4
MONTH_PLACES = 5
ROW_FIRST_OUTAGE = 6
OUTAGE_PLACES = 7
AT_CLAIM = 8
AT_CLAIMED_AT = 9
AT_CLAIM_START = 10
AT_CLAIM_END = 11
AT_APPLICATION = 12
AT_NOTICE = 13
AT_AS_OF = 14
AT_CYCLE_TOLD = 15
AT_CLAIMED_FROM = 16
AT_CLAIMED_UNTIL = 17
AT_GAPS = 18
AT_BEFORE = 19
AT_BY_MONTH = 20
WIDENS = 21
WIDEN = 22
BENEFITS = 23
BENEFIT_TABLE = 24
FACT_TABLE = 25
FACTS_DECLARED = 26
OUTAGE_FACT_TABLE = 27
OUTAGE_FACTS_DECLARED = 28
ROW_LOADS = 29
ROW_LOADS_COUNT = 30
OUTAGE_LOADS = 31
OUTAGE_LOADS_COUNT = 32
KEY_ROW = 33
KEY_ROW_COUNT = 34
KEY_OUTAGE = 35
KEY_OUTAGE_COUNT = 36
KEY_MONTH = 37
KEY_MONTH_COUNT = 38
KEY_TEXTS = 39
KEY_TEXTS_COUNT = 40
KEY_OUTAGE_TEXTS = 41
KEY_OUTAGE_TEXTS_COUNT = 42
READS_SERVICES = 43
READS_PARTY = 44
READS_AS_OF = 45
READS_FEE = 46
CURRENCY = 47
CURRENCY_BYTES = 48
LIMITS = 49
LIMITS_COUNT = 50
NEEDS_PLAN = 51
NEEDS_CAUSE = 52
NEEDS_IMPACT = 53
CHANNELS = 54
HAS_NOTICE = 55
LANGUAGE_TABLE = 56
LANGUAGE_COUNT = 57
DIVIDES = 58
ZONE_AT = 59
IN_FORCE_FROM = 60
IN_FORCE_UNTIL = 61
DIGEST = 62
POLICY_NAME = 63
POLICY_NAME_BYTES = 64
AT_OUTCOME = 65
AT_REASONS = 66
AT_WARNINGS = 67
AT_OUTSIDE = 68
AT_OCCASION_OUTCOME = 69
AT_OCCASION_REASONS = 70
GROUPS = 71
GROUP_TABLE = 72
CORRECTIONS = 73
AT_MERGED = 74
AT_KEPT = 75
AT_WEIGHED = 76
OCCASION_PLACES = 77
PIECES = 78
CLAUSES = 79
STAGES = 80
STAGE_REASONS = 81
HAS_RECOURSE = 82
AT_PARTIES = 83
RECOURSE_MONEY = 84
RECOURSE_MONEY_BYTES = 85
STAMP = 86
STAMP_BYTES = 87
WEIGHT_SCALE = 88
MISSING_FACT = 89
RESOLVED_END = 90
OUTAGE_RESOLVED_END = 91
PLAN_HEAD = 92

# A benefit in a plan.
BENEFIT_NAME = 0
BENEFIT_NAME_BYTES = 1
BENEFIT_IN_CYCLE = 2
BENEFIT_BY_MONTH = 3
BENEFIT_AT_STAGE = 4
BENEFIT_AT_QUANTITY = 5
BENEFIT_AT_GRANTED = 6
BENEFIT_AT_BEFORE = 7
BENEFIT_AT_SHARES = 8
BENEFIT_COMPONENTS = 9
BENEFIT_COMPONENTS_COUNT = 10
BENEFIT_FRONT = 11
BENEFIT_FRONT_BYTES = 12
BENEFIT_BACK = 13
BENEFIT_BACK_BYTES = 14
BENEFIT_QUOTE_FRONT = 15
BENEFIT_QUOTE_FRONT_BYTES = 16
BENEFIT_QUOTE_BACK = 17
BENEFIT_QUOTE_BACK_BYTES = 18
BENEFIT_MARK = 19
BENEFIT_NAMED = 20
BENEFIT_NAMED_BYTES = 21
BENEFIT_PLACES = 22

# A component in a plan, by its registers in an occasion, and which of the clocks in the group counts for it (-1: none).
COMPONENT_AT_STAGE = 0
COMPONENT_AT_PARTS = 1
COMPONENT_TIME = 2
COMPONENT_PLACES = 3

# Benefits that share their occasions, in a plan: of what kind these are, their list, the numbers of the benefits, the clocks,
# and the names of the benefits as an occasion has them.
GROUP_KIND = 0
GROUP_AT_LIST = 1
GROUP_BENEFITS = 2
GROUP_BENEFITS_COUNT = 3
GROUP_TIMES = 4
GROUP_NAMES = 5
GROUP_NAMES_BYTES = 6
GROUP_PLACES = 7

# Kinds of occasions of which a key says more than the outages.
OF_A_MONTH = 3
OF_A_CYCLE = 4

# An occasion in memory, as policy/calculator/machine_occasions.py lays it out, and an item of its outages.
OCCASION_START = 0
OCCASION_END = 1
OCCASION_ITEMS = 2
OCCASION_ITEMS_COUNT = 3
OCCASION_LABEL = 5
OCCASION_RANK = 7
OCCASION_MONTH = 8
ITEM_PLACES = 3

# The time of a clock in an occasion, in a plan.
TIME_AT_STAGE = 0
TIME_AT_SPANS = 1
TIME_PLACES = 2

# An outage's part of a grant, and what is owed for an outage, in memory.
SHARE_PLACES = 4
PARTY_PLACES = 3

# A declared attribute in a plan: its name, its type, its limit, its codes, and where it stands when it is resolved.
FACT_NAME = 0
FACT_NAME_BYTES = 1
FACT_TYPE = 2
FACT_MOST = 3
FACT_CODES = 4
FACT_CODES_COUNT = 5
FACT_TO = 6
FACT_PLACES = 7

# A fact in a plan that goes to memory: from where, to which register, by which bits, and how.
LOAD_FROM = 0
LOAD_TO = 1
LOAD_BITS = 2
LOAD_HOW = 3
LOAD_PLACES = 4

# What the rows that name a policy or a version in one way are decided by: the first of its versions, how many there are, and
# what of outages picks one.
CHOICE_FIRST = 0
CHOICE_COUNT = 1
CHOICE_PINNED = 2
CHOICE_PLACES = 3

# What is counted of answers by one version: by outcome; by outcome and reason (0: none); what is to be recovered; and of each
# benefit what was granted: of all, by cause (each one more, 0 where it was not given), plan type (likewise) and mode.
ALL_OUTCOMES = 5
ALL_REASONS = 18
ALL_CAUSES = 18
ALL_PLANS = 4
ALL_MODES = 3
SUM_OF_REASONS = ALL_OUTCOMES
SUM_RECOVERED = SUM_OF_REASONS + ALL_OUTCOMES * ALL_REASONS
SUM_OF_BENEFITS = SUM_RECOVERED + 1
SUM_OF_CAUSES = 1
SUM_OF_PLANS = SUM_OF_CAUSES + ALL_CAUSES
SUM_OF_MODES = SUM_OF_PLANS + ALL_PLANS
SUMS_OF_BENEFIT = SUM_OF_MODES + ALL_MODES
MIXED = 16
NO_OUTAGE = 17

# Steps, as server/limits.py has them.
QUESTION_STEPS = 60000
STEPS_OF_ATTRIBUTE = 2
STEPS_OF_FULL = 8

# The stage from which on a component came to count.
STAGE_OF_COUNT = 8

# Months that are taken, counted from year 0: 1969-12 to 2100-01.
FIRST_MONTH_TAKEN = 23639
LAST_MONTH_TAKEN = 25200

# How a fact goes to memory.
LOAD_GIVEN = 0
LOAD_ALWAYS = 1
LOAD_INTERVALS = 2
LOAD_INTERVALS_OR_NONE = 3
LOAD_CYCLE = 4


# A reason or a warning in a plan that is the same in every answer: what it says, and of one that names an outage what stands
# around the number.
PIECE = 0
PIECE_BYTES = 1
PIECE_NUMBER = 2
PIECE_BEFORE = 3
PIECE_BEFORE_BYTES = 4
PIECE_AFTER = 5
PIECE_AFTER_BYTES = 6
PIECE_PLACES = 7

# A clause in a plan: as it stands in a reason.
CLAUSE_REASON = 0
CLAUSE_REASON_BYTES = 1
CLAUSE_PLACES = 2

# An outcome, and an explanation, by their places in the contract's words.
CANNOT_DECIDE = 3
FULL = 2
# fmt: on

RECORD_ZEROS = frozenset({
    REQUEST_ID, REQUEST_ID_BYTES, POLICY_ID, POLICY_ID_BYTES, VERSION, VERSION_BYTES, SUBSCRIBER_ID, SUBSCRIBER_ID_BYTES,
    FEE_CURRENCY, FEE_CURRENCY_BYTES, ADDED_SERVICES, ZONE, ZONE_BYTES, CYCLE_FIRST, CYCLE_COUNT, BEFORE_FIRST, BEFORE_COUNT,
    FACTS, FACTS_COUNT, LANGUAGES, LANGUAGES_COUNT, OUTAGES, EARLIER, EARLIER_COUNT, GRANTED, GRANTED_COUNT, MONTHS,
    MONTHS_COUNT, MONTHS_ENTRIES,
})  # fmt: skip
"""What is 0 in a record of which nothing is read yet; all else is ABSENT."""
OUTAGE_ZEROS = frozenset({
    SERVICES, SERVICES_COUNT, OUTAGE_ID, OUTAGE_ID_BYTES, PARTY, PARTY_BYTES, OUTAGE_FACTS, OUTAGE_FACTS_COUNT, AREAS,
})  # fmt: skip
