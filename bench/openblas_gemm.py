#!/usr/bin/env python3
"""Compares internal/kernel's matrix products with OpenBLAS on one thread.

    python3 bench/openblas_gemm.py [--rounds 5] [--seconds 0.3] [--match REGEX] [--path avx512|avx2]

Needs Go, and NumPy from PyPI (its wheels carry OpenBLAS). Both sides run in
turn, round after round, so that whatever else the machine does falls on both;
of each, the best time of all rounds counts, and the ratio is that of the best.
OpenBLAS is told which processor to take itself for: SkylakeX where
internal/kernel takes its AVX-512 path, Haswell for AVX2; left alone it may
guess far too low. The sizes are those of BenchmarkGemm, which is the Go side.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

CORETYPE = {"avx512": "SkylakeX", "avx2": "Haswell"}

LINE = re.compile(r"BenchmarkGemm/(f\d\d)/(\w+)/([NT])([NT])/(\d+)x(\d+)x(\d+)\S*\s.*?([\d.]+) GFLOP/s")


def openblas(precision, trans_a, trans_b, m, n, k, seconds):
    """Best GFLOP/s of numpy.matmul; runs in a process of its own (see main)."""
    import time

    import numpy as np

    # Two arrays even for a Gram matrix: of matmul(x, x.T), NumPy computes only half.
    kind = {"f64": np.float64, "f32": np.float32}[precision]
    a = np.ones((k, m) if trans_a else (m, k), kind)
    b = np.ones((n, k) if trans_b else (k, n), kind)
    a = a.T if trans_a else a
    b = b.T if trans_b else b
    c = np.empty((m, n), kind)
    np.matmul(a, b, out=c)
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        start = time.perf_counter()
        np.matmul(a, b, out=c)
        best = min(best, time.perf_counter() - start)
    return 2 * m * n * k / best / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="per size, side and round")
    parser.add_argument("--match", default=".", help="regular expression of precision/transposes/size")
    parser.add_argument("--path", choices=sorted(CORETYPE), default="avx512")
    parser.add_argument("--one", nargs=7, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        precision, trans_a, trans_b, *size = args.one
        print(openblas(precision, trans_a == "T", trans_b == "T", *map(int, size[:3]), float(size[3])))
        return

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    env = dict(os.environ, OPENBLAS_NUM_THREADS="1", OPENBLAS_CORETYPE=CORETYPE[args.path])
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "kernel.test")
        subprocess.run(["go", "test", "-c", "-o", binary, "./internal/kernel"], cwd=root, check=True)

        def ours(pattern, seconds):
            command = [binary, "-test.run", "^$", "-test.cpu", "1", "-test.bench", pattern, "-test.benchtime", f"{seconds}s"]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return [m.groups() for m in map(LINE.match, out.splitlines()) if m]

        cases = [c[:7] for c in ours(f"^BenchmarkGemm$/.*/^{args.path}$", 0.001)]
        cases = [c for c in cases if re.search(args.match, f"{c[0]}/{c[2]}{c[3]}/{c[4]}x{c[5]}x{c[6]}")]
        if not cases:
            sys.exit(f"no size matches {args.match!r}, or this processor has no {args.path}")
        best = {}
        for _ in range(args.rounds):
            for case in cases:
                precision, path, ta, tb, m, n, k = case
                name = f"^BenchmarkGemm$/^{precision}$/^{path}$/^{ta}{tb}$/^{m}x{n}x{k}$"
                go = float(ours(name, args.seconds)[0][7])
                one = [sys.executable, __file__, "--one", precision, ta, tb, m, n, k, str(args.seconds)]
                blas = float(subprocess.run(one, env=env, check=True, capture_output=True, text=True).stdout)
                old = best.get(case, (0, 0))
                best[case] = (max(old[0], go), max(old[1], blas))
        print(f"{'':4}{'op':4}{'m':>6}{'n':>7}{'k':>8}{args.path:>10}{'OpenBLAS':>10}{'ratio':>7}")
        for case, (go, blas) in best.items():
            precision, _, ta, tb, m, n, k = case
            print(f"{precision:4}{ta + tb:4}{m:>6}{n:>7}{k:>8}{go:>10.1f}{blas:>10.1f}{go / blas:>7.2f}")


if __name__ == "__main__":
    main()
