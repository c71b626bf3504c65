"""Writes the arrays that the tests read; run here, with NumPy 2.

golden.npz   what NumPy writes for the arrays of TestMemberBytes
varied.npz   element types, byte orders and layouts of TestVaried, deflated
version2.npy, version3.npy   the later formats of the header
"""

import numpy as np

ramp = np.arange(24)

np.savez(
    "golden.npz",
    matrix=np.arange(12, dtype="<f8").reshape(3, 4) / 3,
    special=np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324]),
    scalar=np.float64(2.5),
    empty=np.zeros((0, 3)),
    cube=np.arange(24, dtype="<i8").reshape(2, 3, 4) - 12,
    single=np.array([1.5, -2.25], "<f4"),
    truth=np.array([[True], [False]]),
    words=np.array([["a", "", "neuron"], ["é", "𝛷", "日本"]]),
    blank=np.array(["", ""]),
    many=np.zeros((1,) * 64),
)

layouts = {
    "fortran": np.asfortranarray(ramp.reshape(4, 6).astype("<f8")),
    "fortran3": np.asfortranarray(ramp.reshape(2, 3, 4).astype("<i4")),
    "fortran1": np.asfortranarray(np.arange(3.0)),
    "bool": np.array([True, False, True]),
    "half": np.array([0, -0.0, 1, -2.5, 65504, 2**-24, 2**-14, np.inf, -np.inf, np.nan], "<f2"),
    "words": np.asfortranarray(np.array([["ab", "c"], ["", "𝛷"]])),
    "words_big": np.array(["neuron", "Glía"]).astype(">U6"),
    "exact": np.array([2**53, -(2**53), 2**62, -(2**63)], "<i8"),
    "inexact": np.array([1, 2**53 + 1], "<i8"),
    "above": np.array([2**64 - 1], "<u8"),
    "edge": np.array([2**63 - 1], "<i8"),
    "complex": np.zeros(2, "<c16"),
    "time": np.zeros(2, "<M8[s]"),
    "fields": np.zeros(2, [("x", "<f8"), ("y", "<i4")]),
    "bytes": np.array([b"abc"]),
    "long": np.zeros(2, "<f8").astype(np.longdouble),
}
for order in "<>":
    for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
        sign = 1 if kind[0] == "u" else -1
        layouts[("little_" if order == "<" else "big_") + kind] = (sign * (ramp.reshape(4, 6) + 100)).astype(order + kind)
np.savez_compressed("varied.npz", **layouts)

for version in (2, 3):
    with open(f"version{version}.npy", "wb") as out:
        np.lib.format.write_array(out, np.arange(5.0), version=(version, 0))
