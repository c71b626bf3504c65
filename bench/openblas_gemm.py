"""Matrix products by OpenBLAS on one CPU thread, timed on request.

Prints a line with the versions of NumPy and OpenBLAS, then answers each line
that it reads,

    gemm f64|f32 N|T N|T m n k seconds

(precision, whether A and B are given as their transposes, sizes, for how long)
with the GFLOP/s of the shortest product. bench/gemm starts it, once for each
processor that OpenBLAS is to take itself for.
"""
import sys
import time

import numpy as np


def version():
    try:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    except (TypeError, KeyError):
        blas = {"name": "an unknown BLAS", "version": ""}
    if "openblas" not in blas["name"]:
        sys.exit(f"NumPy {np.__version__} computes by {blas['name']}, not OpenBLAS: take NumPy from PyPI")
    return f"NumPy {np.__version__}, OpenBLAS {blas['version']}"


def gemm(precision, trans_a, trans_b, m, n, k, seconds):
    # Two arrays even for a Gram matrix: of matmul(x, x.T), NumPy computes only half.
    kind = {"f64": np.float64, "f32": np.float32}[precision]
    a = np.ones((k, m), kind).T if trans_a == "T" else np.ones((m, k), kind)
    b = np.ones((n, k), kind).T if trans_b == "T" else np.ones((k, n), kind)
    c = np.empty((m, n), kind)
    np.matmul(a, b, out=c)
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        start = time.perf_counter()
        np.matmul(a, b, out=c)
        best = min(best, time.perf_counter() - start)
    return 2 * m * n * k / best / 1e9


def main():
    print(version(), flush=True)
    for line in sys.stdin:
        _, precision, trans_a, trans_b, m, n, k, seconds = line.split()
        print(gemm(precision, trans_a, trans_b, int(m), int(n), int(k), float(seconds)), flush=True)


main()
