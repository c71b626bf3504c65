# Everything here needs Go alone, but fixtures and models (Python, see
# models/README.md) and bench-peers (a C++ compiler, Boost, SUNDIALS, SciPy).
PY ?= python3
OUT ?= runs

build:
	go build -o nasim ./cmd/nasim

test:
	go test ./...

lint:
	gofmt -l .
	go vet ./...
	go tool staticcheck ./...

bench:
	go test -run '^$$' -bench . ./internal/kernel ./pkg/integrator ./pkg/model

# The peers of bench/peers and nasim on the reference problem.
bench-peers:
	$(MAKE) -C bench/peers run
	go test -run '^$$' -bench ReferenceProblem ./pkg/model

# The generic kernels, which every processor has.
test-generic:
	NASIM_KERNEL=generic go test ./...

# Reference numbers by SciPy, PyTorch, Hugging Face and Pillow.
fixtures:
	$(PY) pkg/model/testdata/network_reference.py
	$(PY) pkg/model/testdata/epsilon_reference.py
	$(PY) pkg/model/features/testdata/features_reference.py
	$(PY) models/fixtures.py

# Trains the embedded transformers anew: hours.
models:
	$(PY) models/prepare_text.py
	$(PY) models/train_text.py --export
	$(PY) models/train_vision.py --export
	$(PY) models/fixtures.py

# Every shipped configuration at full size, each checked by NumPy.
configs: build
	set -e; for config in configs/*.yaml; do \
		run=$$(./nasim run $$config); \
		$(PY) docs/check_run.py $$run | tail -n 1; \
	done
	NASIM=./nasim configs/sweep.sh

clean:
	rm -f nasim

.PHONY: build test lint bench bench-peers test-generic fixtures models configs clean
