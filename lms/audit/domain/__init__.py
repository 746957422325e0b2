"""Pure rules of the record: one form for every value, the chain of seals, what a check may find."""
