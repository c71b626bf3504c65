#!/usr/bin/env python3
"""Put map files of one model together: merge_maps.py OUT.npz MAP.npz… Of a head that several hold, the last counts.

For heads that are fitted in several runs of nasim fit: hard ones with more neurons than easy ones, or some layers at a time. The provenance is that
of the first, with the files of all and, of keys whose values differ, all values.
"""
import json
import sys

import numpy as np

PADDING = {"b_q": -np.inf, "b_k": -np.inf}
PER_NEURON = ["W_q", "W_k", "b_q", "b_k", "gain"]


def main(out, *paths):
    files = [np.load(p) for p in paths]
    provenance = [json.loads(bytes(f["provenance"])) for f in files]
    if len({p["model_sha256"] for p in provenance}) > 1:
        sys.exit("the map files are of different models")
    of = {(l, h): (f, i) for f in files for i, (l, h) in enumerate(zip(f["layer"].tolist(), f["head"].tolist()))}
    heads = [of[key] for key in sorted(of)]
    most = max(int(f["neurons"][i]) for f, i in heads)
    arrays = {}
    for name in files[0].files:
        if not all(name in f.files for f in files):
            sys.exit(f"{name} is not in all of them")
        if name == "provenance":
            continue
        if name.startswith("trial_"):
            arrays[name] = np.concatenate([f[name] for f in files])
            continue
        rows = []
        for f, i in heads:
            row = f[name][i]
            if name in PER_NEURON:
                row = row[:int(f["neurons"][i])]
                more = np.full((most - len(row), *row.shape[1:]), PADDING.get(name, 0), row.dtype)
                row = np.concatenate([row, more])
            rows.append(row)
        arrays[name] = np.array(rows)
    one = provenance[0]
    for p in provenance[1:]:
        one["data_sha256"].update(p["data_sha256"])
    for key in one["config"]:
        one["config"][key] = "; ".join(dict.fromkeys(str(p["config"].get(key, "")) for p in provenance))
    arrays["provenance"] = np.frombuffer(json.dumps(one).encode(), np.uint8)
    np.savez_compressed(out, **arrays)
    print(f"{out}: {len(heads)} heads, {most} neurons at most")


if __name__ == "__main__":
    main(*sys.argv[1:])
