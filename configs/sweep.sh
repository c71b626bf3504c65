#!/bin/sh
# Sweeps the number of hidden neurons and the calcium time constant over three
# seeds, two runs at a time, and sets the runs side by side. A run that is
# complete is not done again: if the sweep is cut short, start it again.
#
#   configs/sweep.sh            runs go to runs/ in the current directory
#
# NASIM names the program (default: nasim); SEEDS, NEURONS and TAUS the grid.
set -eu
config=$(dirname "$0")/synthetic.yaml
nasim=${NASIM:-nasim}

for seed in ${SEEDS:-1 2 3}; do
	for m in ${NEURONS:-300 1000 3000 10000}; do
		for tau in ${TAUS:-10ms 50ms 150ms}; do
			echo "--seed $seed --set network.features.neurons=$m --set network.astrocyte.tau_calcium=$tau"
		done
	done
done | xargs -P 2 -L 1 "$nasim" run "$config" --quiet --threads 1 --no-figures |
	sort | xargs "$nasim" compare
