"""PyTorch's softmax attention on one CPU thread, timed on request.

    attention_torch.py HEADS TOKENS DIM

Prints a line with PyTorch's version, then answers each line that it reads with
the seconds (median over a quarter of a second each) of

    float32 scaled_dot_product_attention, the same in float64,
    and softmax(q kᵀ/√d) v written out in float32,

for all heads together, inputs given, outputs made. bench/attention starts it.
"""
import statistics
import sys
import time

import torch

DURATION = 0.25  # seconds for which each is repeated


def median_seconds(compute):
    each, end = [], time.perf_counter() + DURATION
    compute()
    while not each or time.perf_counter() < end:
        start = time.perf_counter()
        compute()
        each.append(time.perf_counter() - start)
    return statistics.median(each)


def main():
    heads, tokens, dim = map(int, sys.argv[1:4])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    single = [torch.randn(1, heads, tokens, dim) for _ in range(3)]
    double = [x.double() for x in single]
    attention = torch.nn.functional.scaled_dot_product_attention

    def written_out():
        q, k, v = single
        return torch.softmax(q @ k.transpose(-1, -2) * dim**-0.5, -1) @ v

    print("PyTorch", torch.__version__, flush=True)
    with torch.inference_mode():
        for _ in sys.stdin:
            times = [median_seconds(lambda: attention(*single)), median_seconds(lambda: attention(*double)), median_seconds(written_out)]
            print(*times, flush=True)


main()
