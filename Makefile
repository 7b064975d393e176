# The same targets for people and for CI. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run build web test test-rust test-web test-browser soak lint fmt types bench bench-large fuzz screenshots clean

# Where cargo builds.
TARGET := $(or $(CARGO_TARGET_DIR),./target)
WEB_SOURCES := $(shell git ls-files web 2>/dev/null || find web -path web/node_modules -prune -o -type f -print)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build the web client and the server, start it on SQLite in ./data
	$(TARGET)/release/chirm serve

build: web ## build both
	scripts/need.sh build
	cargo build --release

web: web/dist/index.html ## build the web client

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	scripts/need.sh web
	npm --prefix web ci --no-audit --no-fund

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run build

test: web ## install what the tests need, run every test, end with a summary
	scripts/need.sh test
	cargo build
	scripts/test.sh

test-rust: ## the server's tests alone
	scripts/need.sh test
	scripts/test.sh rust

test-web: web/node_modules/.package-lock.json ## the web client's unit tests alone
	scripts/test.sh web

test-browser: web ## the tests in a browser alone
	scripts/need.sh test
	cargo build
	scripts/test.sh browser

soak: ## crashes, lost power and other faults in full, for two hours; SCENARIO=kill COUNT=1000 SEED=7 choose
	scripts/need.sh soak
	scripts/soak.sh $(if $(SCENARIO),"$(SCENARIO)" "$(COUNT)" "$(SEED)")

lint: web/node_modules/.package-lock.json ## formatting, clippy, docs, licences, types
	scripts/need.sh build
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet
	scripts/licences.sh
	npm --prefix web run lint
	npm --prefix web run types

fmt: web/node_modules/.package-lock.json ## format everything
	cargo fmt
	npm --prefix web run format

types: ## write what is generated from the server's types
	CHIRM_UPDATE=1 cargo test --lib -- is_current are_current

bench: ## criterion benches, and their table
	scripts/need.sh build
	cargo bench --bench chirm

LARGE ?= target/large
bench-large: ## ten million messages: fill LARGE (target/large) once, then measure pages, hellos and starts
	scripts/need.sh build
	cargo build --release --bin chirm --example large
	$(TARGET)/release/examples/large fill $(LARGE)
	$(TARGET)/release/examples/large measure $(LARGE) $(TARGET)/release/chirm

FUZZ_SECONDS ?= 300
fuzz: ## fuzz what strangers send, each target for FUZZ_SECONDS (300); needs cargo-fuzz
	CHIRM_FUZZ_CORPUS=fuzz/corpus cargo test --lib fuzz::
	cp Cargo.lock fuzz/Cargo.lock
	for target in frames request rest names; do \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run -s none $$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096 || exit 1; done

screenshots: web ## take the pictures in docs/images
	scripts/need.sh test
	cargo build
	npm --prefix web run screenshots

clean: ## remove what was built
	cargo clean
	rm -rf web/dist web/node_modules
