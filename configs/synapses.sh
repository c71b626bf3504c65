#!/bin/sh
# Output error against synapses, m·d_v, of every map on all heads of tiny-vision: the figure that says how
# much of a transformer's attention fits into one astrocyte.
#
#   configs/synapses.sh train-images-idx3-ubyte.gz [DIR]
#
# fits hidden layers at each size to 1 600 pictures of Fashion-MNIST's training file, runs them and the
# drawn maps (five seeds each) on the ankle boot, a picture of its test file, and draws
# DIR/figures/synapses.png and, of the largest fit, fit.png. What is done is not done again. On two cores
# half an hour, nearly all of it the fits. NASIM names the program; MAPS the drawn maps, as map or map:rows;
# SYNAPSES the sizes; SEEDS the seeds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
case $1 in /*) train=$1 ;; *) train=$PWD/$1 ;; esac
nasim=${NASIM:-nasim}
mkdir -p "${2:-synapses}"
cd "${2:-synapses}"
values=16 # d_v of tiny-vision: so many synapses has a hidden neuron
heads='--set layers=all --set heads=all'
once='--set solver.method=none --set record.remedy=none --set record.arrays=summary --no-figures --quiet'

for synapses in ${SYNAPSES:-250 1000 2500 10000 40000}; do
  m=$(((synapses + values - 1) / values))
  for map in ${MAPS:-positive positive:orthogonal trig elu1}; do
    rows=iid
    case $map in *:*) rows=${map#*:} ;; esac
    for seed in ${SEEDS:-1 2 3 4 5}; do
      $nasim run "$here/image.yaml" $heads $once --seed "$seed" \
        --set "network.features={map: ${map%:*}, rows: $rows, neurons: $(((m + 1) / 2 * 2))}" # even: those of some maps come in pairs
    done
  done
  [ -f "maps-$m.npz" ] || $nasim fit "$here/image.yaml" $heads --set "fit.neurons=$m" --out "maps-$m.npz" \
    --set "input={images: {idx: '$train', limit: 1600}}" >"maps-$m.txt"
  $nasim run "$here/image.yaml" $heads $once --set "network.features={map: learned, file: maps-$m.npz}"
done >runs.txt
$nasim plot $(sort -u runs.txt) --figure synapses --out figures
$nasim plot "maps-$m.npz" --figure fit --out figures
