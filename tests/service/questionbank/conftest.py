"""The people that these tests start from."""

from tests.factories.people import staff

__all__ = ["staff"]
