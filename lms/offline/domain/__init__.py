"""Pure rules of training that took place elsewhere."""
