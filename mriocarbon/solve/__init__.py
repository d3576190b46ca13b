"""(I - A)^-1 applied, from Z and x. A is never formed; the inverse only on request."""

from mriocarbon.solve.choose import Machine, Plan, machine
from mriocarbon.solve.solution import Solution
from mriocarbon.solve.system import Leontief, leontief

__all__ = ["Leontief", "Machine", "Plan", "Solution", "leontief", "machine"]
