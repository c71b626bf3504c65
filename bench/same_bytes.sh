#!/bin/sh
# Runs small configurations here and on another processor, by emulation, with the
# generic kernels, and compares the bytes of their numbers.
# Usage: same_bytes.sh [GOARCH] [EMULATOR]   (Debian: qemu-user-static)
set -eu
arch=${1:-arm64} emulator=${2:-qemu-aarch64-static}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
CGO_ENABLED=0 go build -o "$work/here" ./cmd/nasim
CGO_ENABLED=0 GOARCH=$arch go build -o "$work/there" ./cmd/nasim
export NASIM_KERNEL=generic
compare() { # config, settings
	config=$1
	shift
	for setting; do set -- "$@" --set "$setting"; shift; done
	rm -rf "$work/a" "$work/b"
	"$work/here" run "configs/$config" "$@" --quiet --no-figures --out "$work/a" >/dev/null
	$emulator "$work/there" run "configs/$config" "$@" --quiet --no-figures --out "$work/b" >/dev/null
	for file in metrics.json outputs.npz features.npz trajectory.npz; do
		if [ -f "$work/a/$file" ]; then cmp "$work/a/$file" "$work/b/$file"; fi
	done
	echo "same bytes: $config $*"
}
compare image.yaml network.features.neurons=100
compare causal.yaml network.features.neurons=60 network.features.rows=orthogonal
compare leak-20s.yaml network.features.neurons=60 solver.method=exact
compare synthetic.yaml network.features.neurons=200 network.features.map=trig
compare synthetic.yaml network.features.neurons=100 network.features.map=hyperbolic solver.method=tsit5 input.synthetic.tokens=20
compare synthetic.yaml network.features.neurons=1 network.features.map=positive_cosine input.synthetic.tokens=16
