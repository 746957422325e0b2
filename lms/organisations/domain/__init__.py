"""Pure rules of the tree of unions."""
