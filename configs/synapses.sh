#!/bin/sh
# Output error against synapses, m·d_v, of maps that are drawn and fitted, on all heads of tiny-vision: the
# figure that says how much of a transformer's attention fits into one astrocyte.
#
#   configs/synapses.sh train-images-idx3-ubyte.gz [DIR]
#
# fits hidden layers of some sizes to 1 600 pictures of Fashion-MNIST's training file, runs them, and drawn
# ones of more sizes (three seeds each), on the ankle boot, a picture of its test file, and draws
# DIR/figures/synapses.png and, of the largest fit, fit.png. What is done is not done again. On two cores
# half an hour, nearly all of it the fits. NASIM names the program; MAPS the drawn maps, as map or map:rows;
# DRAWN and FITTED the synapses; SEEDS the seeds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
case $1 in /*) train=$1 ;; *) train=$PWD/$1 ;; esac
nasim=${NASIM:-nasim}
mkdir -p "${2:-synapses}"
cd "${2:-synapses}"
values=16 # d_v of tiny-vision: so many synapses has a hidden neuron
heads='--set layers=all --set heads=all'
once='--set solver.method=none --set record.remedy=none --set record.arrays=summary --set record.features=false --no-figures --quiet'

for synapses in ${DRAWN:-256 1024 4096 16384 65536 262144 1048576}; do
  for map in ${MAPS:-positive oprf gauss pairs elu1}; do
    rows=iid
    case $map in *:*) rows=${map#*:} ;; esac
    for seed in ${SEEDS:-1 2 3}; do
      $nasim run "$here/image.yaml" $heads $once --seed "$seed" \
        --set "network.features={map: ${map%:*}, rows: $rows, neurons: $((synapses / values))}"
    done
  done
done >runs.txt
floors= # which the map files hold
for synapses in ${FITTED:-256 1008 2512 10000}; do
  m=$((synapses / values))
  floors="$floors maps-$m.npz"
  [ -f "maps-$m.npz" ] || $nasim fit "$here/image.yaml" $heads --set "fit.neurons=$m" --out "maps-$m.npz" \
    --set "input={images: {idx: '$train', limit: 1600}}" >"maps-$m.txt"
  $nasim run "$here/image.yaml" $heads $once --set "network.features={map: learned, file: maps-$m.npz}"
done >>runs.txt
$nasim plot $(sort -u runs.txt) $floors --figure synapses --out figures
$nasim plot "maps-$m.npz" --figure fit --out figures
