"""The compiled loop of LMDI over all cells: n x n x columns logarithmic means in one pass.

Numba is imported with this module, so import it inside functions only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from mriocarbon.structure.lmdi import SMALL


def _loop(
    q0: Any, q1: Any, L0: Any, L1: Any, y0: Any, y1: Any, logs: Any, zero0: Any, zero1: Any,
    S: int, effects: Any, sign: Any,
) -> int:  # fmt: skip
    n, columns = y0.shape
    K = logs.shape[0]
    flips = 0
    lq = np.zeros(n)
    for i in range(n):
        if q0[i] != 0.0 and q1[i] != 0.0:
            lq[i] = np.log(abs(q1[i] / q0[i]))
    p0, p1, base = np.zeros(n), np.zeros(n), np.zeros(n)
    lL = np.zeros(n)
    for j in range(n):
        for i in range(n):
            p0[i], p1[i] = q0[i] * L0[j, i], q1[i] * L1[j, i]
            lL[i] = 0.0
            if L0[j, i] != 0.0 and L1[j, i] != 0.0:
                lL[i] = np.log(abs(L1[j, i] / L0[j, i]))
            base[i] = lq[i] + lL[i]
        for c in range(columns):
            a0, a1 = y0[j, c], y1[j, c]
            if a0 == 0.0 and a1 == 0.0:
                continue
            ly = 0.0
            for k in range(K):
                ly += logs[k, j, c]
            for r in range(n // S):
                eq, eL, total, special = 0.0, 0.0, 0.0, 0.0
                for i in range(r * S, (r + 1) * S):
                    v0, v1 = p0[i] * a0, p1[i] * a1
                    if v0 != 0.0 and v1 != 0.0:
                        if (v0 > 0.0) != (v1 > 0.0):
                            special += v1 - v0
                            flips += 1
                            continue
                        d = base[i] + ly
                        if abs(d) < SMALL:
                            w = np.sqrt(abs(v0)) * np.sqrt(abs(v1)) * (1.0 + d * d / 24.0)
                            if v0 < 0.0:
                                w = -w
                        else:
                            w = (v1 - v0) / d
                        eq += w * lq[i]
                        eL += w * lL[i]
                        total += w
                    elif v0 != v1:
                        change = v1 - v0
                        gone = v0 == 0.0
                        nq = (q0[i] if gone else q1[i]) == 0.0
                        nL = (L0[j, i] if gone else L1[j, i]) == 0.0
                        count = int(nq) + int(nL)
                        for k in range(K):
                            count += int(zero0[k, j, c] if gone else zero1[k, j, c])
                        if count == 0:  # underflow: nothing is 0 but the product
                            special += change
                            continue
                        part = change / count
                        if nq:
                            eq += part
                        if nL:
                            eL += part
                        for k in range(K):
                            if zero0[k, j, c] if gone else zero1[k, j, c]:
                                effects[2 + k, r, c] += part
                effects[0, r, c] += eq
                effects[1, r, c] += eL
                for k in range(K):
                    effects[2 + k, r, c] += total * logs[k, j, c]
                sign[r, c] += special
    return flips


run: Any = njit(cache=True, error_model="numpy")(_loop)
