#!/bin/sh
# Small runs of every kind, each recomputed by check_run.py: both schedules,
# positive and signed maps, maps that know the data, invariances, a map that is
# fitted, gains, leaks, gaps, limits, features that are given.
# They leave nothing behind.
#
#   docs/check_small.sh            takes a few seconds
#
# NASIM names the program (default: nasim), PY a Python with NumPy.
set -eu
docs=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
py=${PY:-python3}

small='nasim: 1
input: {synthetic: {tokens: 12, dim: 6, values: 5}}
network: {features: {neurons: 48}}'
given="nasim: 1
input: {tensors: {file: $dir/given.npz}}"
"$py" -c "
import sys, numpy
x = numpy.random.default_rng(16).gamma(2, size=(3, 2, 9, 20))
numpy.savez(sys.argv[1], phi_q=x[0], phi_k=x[1], v=x[2, :, :, :4] - 2)" "$dir/given.npz"

# Whole models: one input, and sets of pictures and texts.
some='transformer: {select: ["1:2", "3:*"]}
network: {features: {neurons: 48}}
record: {remedy: none, attention: false}'
sentence="nasim: 1
input: {text: {string: 'The calcium of a [MASK] is a slow [MASK].'}}
$some"
image="nasim: 1
input: {image: {file: $docs/../configs/inputs/fashion-bag.png}}
$some"
pictures="nasim: 1
input: {images: {dir: $docs/../configs/inputs, labels: $dir/labels.csv}}
$some"
noise="nasim: 1
input: {images: {npz: $dir/noise.npz}}
$some"
texts="nasim: 1
input: {texts: {file: $dir/texts.txt}}
$some"
cat >"$dir/labels.csv" <<-LABELS
	file,label
	drawing-shirt.png,6
	fashion-ankle-boot.png,9
	fashion-bag.png,8
	fashion-dress.png,3
	fashion-pullover.png,2
	fashion-sneaker.png,7
	fashion-trouser.png,1
LABELS
printf '%s\n' 'A star of calcium.' 'The capital of [MASK] is a [MASK] city.' 'Neurons say what many other neurons have said.' One >"$dir/texts.txt"
"$py" -c "
import sys, numpy
rng = numpy.random.default_rng(16)
x = numpy.repeat(numpy.repeat(rng.integers(256, size=(40, 4, 4)), 7, 1), 7, 2)
numpy.savez(sys.argv[1], images=x.astype(numpy.uint8), labels=rng.integers(10, size=40))" "$dir/noise.npz"

# Hidden layers fitted to the heads, in a few steps.
echo "$noise" | sed 's/, attention: false//' >"$dir/fit.yaml"
"${NASIM:-nasim}" fit "$dir/fit.yaml" --set fit.neurons=40 --set fit.dendrites=6 --set fit.steps=20 --quiet --out "$dir/maps.npz" >/dev/null

# One run a line: its name, its configuration, what is set in it.
while read -r name config sets; do
	eval "text=\$$config"
	for set in $sets; do
		set -- "$@" --set "$set"
	done
	echo "$text" | "${NASIM:-nasim}" run - "$@" --quiet --no-figures --out "$dir/runs/$name" >/dev/null
	set --
done <<-RUNS
	bidirectional small transformer.heads=[0,1]
	causal small schedule.order=causal
	exact small solver.method=exact
	first-equations small drive=ungated learning_rate=1 baseline=1 query_gain=none schedule.read=250ms schedule.gap=0ms
	ungated-gap small drive=ungated schedule.gap=40ms schedule.order=causal solver.method=exact
	reading-causal small drive=reading schedule.gap=40ms schedule.order=causal learning_rate=0.9 tau_hebbian=5s
	hold-short small drive=hold schedule.read=100ms schedule.gap=100ms tau_calcium=40ms baseline=3 solver.method=exact
	hold-bidirectional small learning_rate=1 solver.method=exact
	balanced-signed small map=trig query_gain=balanced synthetic.norm=0.5 solver.method=exact
	balanced-elu1 small map=elu1 query_gain=balanced
	leak small tau_hebbian=2s tau_presynaptic=3s
	leak-gap-causal small tau_hebbian=2s tau_presynaptic=3s schedule.gap=30ms schedule.order=causal
	gap small schedule.gap=30ms solver.method=rk4 step=1ms
	full small solver.state=full
	quasi-static small tau_hidden=0ms tau_output=0ms tau_calcium=0ms
	slow small tau_calcium=150ms schedule.read=40ms schedule.order=causal
	no-attention small record.attention=false
	hyperbolic-rate small map=hyperbolic query_gain=rate
	positive-equalised small query_gain=equalised schedule.order=causal
	positive-cosine-norm small map=positive_cosine query_gain=norm
	truncated small map=truncated_positive rows=orthogonal
	elu1 small map=elu1
	cosine small map=cosine solver.method=exact synthetic.norm=0.5
	cosine-discrete small map=cosine query_gain=norm
	trig-causal small map=trig solver.method=exact synthetic.norm=0.5 schedule.order=causal
	clipped-sine small map=clipped_sine solver.method=exact synthetic.norm=0.5
	linear small map=linear
	floor small astrocyte.floor=0.9 solver.method=exact
	floor-alone small astrocyte.floor=0.9 tau_hidden=0ms tau_output=0ms tau_calcium=0ms schedule.order=causal
	simplex small map=positive rows=simplex query_gain=balanced
	oprf small map=oprf
	dense-causal small map=dense schedule.order=causal rows=orthogonal
	gauss small map=gauss rows=simplex query_gain=norm
	gauss-causal small map=gauss schedule.order=causal
	pairs small map=pairs
	pairs-causal small map=pairs schedule.order=causal query_gain=rate
	center small invariances=center
	balance small invariances=balance map=hyperbolic
	both-pairs small invariances=both map=pairs
	both-oprf-causal small invariances=both map=oprf schedule.order=causal
	both-trig small invariances=both map=trig solver.method=exact synthetic.norm=0.5
	both-elu1 small invariances=both map=elu1
	both-ideal small invariances=both map=ideal query_gain=balanced
	learned image map=learned features.file=$dir/maps.npz record.attention=true
	learned-embedded image map=learned record.attention=true query_gain=balanced
	learned-trained image map=learned features.file=$dir/maps.npz schedule.order=causal query_gain=trained
	both-file image invariances=both map=pairs features.file=$dir/maps.npz record.attention=true
	center-file-ideal image invariances=center map=ideal features.file=$dir/maps.npz record.attention=true
	receptor small readout=receptor half_effect=0.1
	receptor-causal small readout=receptor half_effect=0.3 schedule.order=causal tau_hebbian=5s solver.method=exact
	slow-receptor small readout=receptor half_effect=0.3 tau_receptor=30ms
	event small readout=event half_effect=0.3 threshold=1.1
	rise small tau_rise=20ms
	rise-causal small tau_rise=90ms drive=reading schedule.order=causal solver.method=exact tau_presynaptic=4s
	late small tau_rise=20ms latency=30ms schedule.order=causal
	li-rinzel small calcium=li-rinzel schedule.read=8s record.every=50ms
	de-pitta small calcium=de-pitta schedule.read=8s record.every=50ms
	no-astrocyte small circuit=none
	no-astrocyte-causal small circuit=none schedule.order=causal solver.method=exact
	frozen-coupling small coupling_plasticity=false
	frozen-coupling-causal small coupling_plasticity=false schedule.order=causal solver.method=exact drive=ungated
	ideal-no-astrocyte small map=ideal circuit=none
	emergent-division small circuit=emergent-division
	replicator small circuit=replicator
	replicator-causal small circuit=replicator schedule.order=causal solver.method=exact tau_gain=200ms
	replicator-at-once small circuit=replicator tau_gain=0ms
	ideal small map=ideal
	ideal-causal small map=ideal schedule.order=causal schedule.gap=30ms tau_hebbian=2s query_gain=norm solver.method=exact
	ideal-equalised small map=ideal query_gain=equalised schedule.order=causal record.attention=false
	given given solver.method=exact
	given-causal given tau_hebbian=2s schedule.order=causal
	model-text sentence record.model=true
	swap-text sentence swap.mode=free-running
	swap-text-kernel sentence swap.mode=free-running swap.rung=kernel
	swap-forced sentence swap.mode=teacher-forced swap.rung=solver
	swap-image image swap.mode=free-running swap.rung=solver
	set-pictures pictures swap.mode=free-running
	set-forced pictures swap.mode=teacher-forced
	set-alone pictures swap.mode=none
	set-noise noise swap.mode=free-running swap.controls=[uniform]
	set-summary noise swap.mode=free-running record.arrays=summary
	set-texts texts swap.mode=free-running
RUNS
"$py" "$docs/check_run.py" "$dir"/runs/*

# What is said of the heads of a model, from the arrays of a run of all of them.
picture=$docs/../configs/inputs/drawing-shirt.png
"${NASIM:-nasim}" run "$docs/../configs/image.yaml" --set "input.image.file=$picture" --set layers=all --set heads=all \
	--set solver.method=none --set record.remedy=none --quiet --no-figures --out "$dir/heads" >/dev/null
"${NASIM:-nasim}" inspect tiny-vision --image "$picture" --format csv --quiet >"$dir/heads.csv"
"$py" "$docs/check_heads.py" "$dir/heads" "$dir/heads.csv"
