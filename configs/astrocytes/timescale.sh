#!/bin/sh
# What each astrocyte costs, and how long it has to be given: all configurations of this folder, on a flat
# head (0:3 of tiny-vision) and a sharp one (2:2).
#
#   configs/astrocytes/timescale.sh [DIR]
#
# runs each as it is and draws DIR/figures/astrocytes.png, the error budgets; then each with 400 random
# hidden neurons and reads of 1 ms to 100 s, all else as it is, and draws timescale.png, the error against
# the read. What is done is not done again. Some minutes, most of them for the calcium of cells.
# NASIM names the program; READS the reads; FEATURES the hidden layer (empty: each one's own).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nasim=${NASIM:-nasim}
mkdir -p "${1:-astrocytes}"
cd "${1:-astrocytes}"
features=${FEATURES-'{map: positive, neurons: 400}'}
once='--set solver.method=exact --set record.remedy=none --set record.arrays=summary --set record.features=false --no-figures --quiet'

for config in "$here"/*.yaml; do
  $nasim run "$config" $once
done >shipped.txt
for config in "$here"/*.yaml; do
  for read in ${READS:-1ms 2ms 5ms 10ms 20ms 50ms 100ms 200ms 500ms 1s 2s 5s 10s 20s 50s 100s}; do
    set -- --set "network.schedule.read=$read"
    if [ "$features" ] && grep -q 'features:' "$config"; then # a replicator has no hidden layer
      set -- "$@" --set "network.features=$features"
    fi
    $nasim run "$config" $once "$@"
  done
done >reads.txt
$nasim plot $(cat shipped.txt) --figure astrocytes --out figures
$nasim plot $(sort -u reads.txt) --figure timescale --out figures
