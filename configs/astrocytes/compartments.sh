#!/bin/sh
# How fast calcium has to spread in an astrocyte of compartments: configs/astrocytes/compartments.yaml, a
# flat head (0:3 of tiny-vision) and a sharp one (2:2), with 5, 25 and 125 compartments.
#
#   configs/astrocytes/compartments.sh [DIR]
#
# runs each at exchanges of nothing to 3e6/s, with diffusion over 1 and 10 um, and one compartment beside
# them, and draws DIR/figures/compartments.png. What is done is not done again. Half a minute.
# NASIM names the program; COMPARTMENTS their numbers, which divide 625; EXCHANGES the rates.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nasim=${NASIM:-nasim}
mkdir -p "${1:-astrocytes}"
cd "${1:-astrocytes}"
run="$nasim run $here/compartments.yaml --set solver.method=exact --set record.remedy=none --set record.arrays=summary --set record.features=false --no-figures --quiet"

{
  $run --set network.astrocyte.compartments=1
  for compartments in ${COMPARTMENTS:-5 25 125}; do
    for exchange in ${EXCHANGES:-0 0.1 0.3 1 3 10 30 100 300 1e3 3e3 1e4 3e4 1e5 3e5 1e6 3e6}; do
      $run --set "network.astrocyte.compartments=$compartments" --set "network.astrocyte.exchange=$exchange/s"
    done
    for length in 1um 10um; do
      $run --set "network.astrocyte.compartments=$compartments" --set "network.astrocyte.length=$length"
    done
  done
} >compartments.txt
$nasim plot $(sort -u compartments.txt) --figure compartments --out figures
