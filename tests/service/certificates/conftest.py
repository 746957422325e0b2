"""The class and the learners that tests of certificates start from."""

from tests.factories.certificates import land, learner, make_learner, make_person, training

__all__ = ["land", "learner", "make_learner", "make_person", "training"]
