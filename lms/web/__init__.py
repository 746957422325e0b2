"""What all pages share: guards, sign-in state, rendering, errors, forms, JSON endpoints, headers."""
