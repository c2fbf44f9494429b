"""What the desk asks most tests."""

OUTAGE = "2026-03-04T08:00+08:00/2026-03-04T11:30+08:00,EQUIPMENT_FAILURE,id=out-1"
WHO = ("--subscriber", "138", "--plan-type", "DATA", "--fee", "129.00", "--allowance", "20GiB", "--remaining", "1GiB")
