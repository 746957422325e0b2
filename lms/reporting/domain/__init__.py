"""Pure rules of figures over units."""
