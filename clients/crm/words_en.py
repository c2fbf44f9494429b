"""The desk's words in English."""

from clients.crm.words import Words

ENGLISH = Words(
    language="en",
    labels={
        "granted": "Grants",
        "quoted": "So far (a quote, cannot be booked)",
        "why": "Why",
        "know": "Please note",
        "recourse": "To recover from third parties",
        "owes": "{party} owes {amount}",
        "unnamed": "(party not named)",
        "valid_for": "usable for {time} from booking",
        "no_limit": "no time limit",
        "occasion": "for {start} to {end}",
        "window": "usable from {start} until {end}",
        "clause": "clause {clause}",
        "key": "grant key",
        "counted": "Counted {clock} of outage, weighted {weighted}",
        "decided": "Decided by {policy} {version} as of {as_of}",
        "stamp": "decision {decision}, policy sha256 {sha256}, engine {engine}",
        "notice": "Message to the customer",
        "segments": "{segments} segments, {encoding}",
        "how": "How it was worked out",
        "not_applied": "does not apply",
        "clauses": "Clauses",
        "can_do": "What can be done",
        "weighted": "{number} weighted {unit}",
        "all_steps": "Every step, with weights, shares and rules that did not apply: --explain full",
        "utc": "Times are in UTC; --zone shows them in another zone",
        "not_stored": "Nothing of this is stored or booked: file it with --out FILE, and provisioning books it from there",
    },
    outcomes={
        "GRANTED": "Granted: the customer receives the following.",
        "PROVISIONAL": "Provisional: this would be owed by now, and nothing can be booked yet.",
        "NOT_ELIGIBLE": "Not eligible: nothing is owed.",
        "CANNOT_DECIDE": "Cannot be decided: a fact is missing.",
        "NEEDS_REVIEW": "Needs review: a person has to decide.",
    },
    reasons={
        "SERVICE_NOT_COVERED": (
            "The outage did not hit any service of this plan.",
            "Check the plan type. If another service was lost as well, ask for its outage record.",
        ),
        "NO_MATCHING_OUTAGE": (
            "No recorded outage meets the time that the customer names.",
            "Check the times with the customer, or have the network team look for an unrecorded outage.",
        ),
        "CLAIM_TOO_LATE": (
            "The claim was made after the deadline.",
            "There is no claim left under this policy; goodwill is a decision outside of it.",
        ),
        "EXCLUDED_CAUSE": (
            "The operator does not answer for this cause.",
            "If the customer disputes the cause, have the record checked and ask again.",
        ),
        "BELOW_MINIMUM_DURATION": (
            "The outage was shorter than the policy's threshold.",
            "If the customer was without service for longer, file a claim with the time lost.",
        ),
        "MISSING_FACT": ("A fact that the policy needs was not given.", "Look the fact up, add it and ask again."),
        "ALREADY_GRANTED": ("All of it was granted before for these outages.", "Tell the customer what was granted before."),
        "CAP_EXHAUSTED": ("A cap leaves nothing for this billing cycle.", "There is nothing left in this cycle."),
        "CLAIM_EXCEEDS_RECORD": (
            "The record covers less time than the customer names; only recorded time is paid.",
            "If the customer can show a longer outage, have the record checked.",
        ),
        "CAPPED": ("A cap lowered this benefit.", "Nothing further is owed under this policy."),
        "OUTAGE_NOT_COVERED": (
            "The policy does not pay for this kind of outage.",
            "Check cause and impact of the record, and whether another policy applies.",
        ),
        "WITHIN_GRACE": (
            "Service was back within the time that the policy gives for repair.",
            "Check when the fault was reported; the time for repair runs from there.",
        ),
        "CUSTOMER_NOT_COVERED": (
            "The policy does not pay this kind of customer.",
            "Check the customer's data, or use another policy.",
        ),
        "NOTHING_TO_COUNT": ("No whole unit of time came together.", "Nothing can be done unless the record is too short."),
        "ROUNDS_TO_ZERO": ("The amount rounds to zero.", "Nothing can be done; the amount is under the smallest unit."),
        "CLAIM_REQUIRED": ("It is owed, but only on a claim.", "File a claim for the customer (crm claim)."),
        "AMOUNT_AT_DISCRETION": (
            "There is a right, but the policy sets no amount.",
            "Pass it to the person who decides on amounts.",
        ),
    },
    warnings={
        "CALENDAR_NOT_PUBLISHED": "The working days of that year are not published yet; Monday to Friday stood in for them.",
        "OUTAGE_ONGOING": "An outage has not ended; the amount will grow until it does.",
        "CYCLE_TOTAL_UNKNOWN": "It is not known what this billing cycle was granted already; it was taken as nothing.",
        "RESPONSIBLE_PARTY_UNKNOWN": "A third party is liable and is not named in the record.",
        "RULE_UNSETTLED": "The policy itself says that a rule applied here is not settled.",
    },
    kinds={
        "DATA_BYTES": "{quantity} of data",
        "VOICE_SECONDS": "{quantity} of calls",
        "VALUE_ADDED_DAYS": "{quantity} more of the value-added services",
        "VALIDITY_DAYS": "{quantity} more of validity",
        "CREDIT": "{quantity} of credit",
        "UNLIMITED_DATA": "{quantity} of unlimited data",
        "TOP_UP_BONUS": "{quantity} bonus on the next top-up",
    },
    units={"day": ("day", "days"), "h": ("h", "h"), "min": ("min", "min"), "s": ("s", "s")},
)
