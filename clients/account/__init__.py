"""The account: what stands by the records, what was booked for it, and a register of the outages that it rests on."""
