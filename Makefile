# make is the whole interface of this project; every target runs from a fresh checkout.
# A Go toolchain is enough. With a C compiler at hand the tests run under the race detector.

FUZZTIME     = 5s
STATICCHECK  = honnef.co/go/tools/cmd/staticcheck@v0.8.2
PLATFORMS    = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
BENCH        = -sizes S -n 3

.POSIX:
.PHONY: all build demo test lint fuzz bench golden cross clean

all: build

# One static binary: it is copied to machines that have nothing else.
build:
	@mkdir -p build
	CGO_ENABLED=0 go build -trimpath -o build/ ./cmd/esync

# The story of an engagement, told by the real program on real documents.
demo: build
	go run ./internal/demo -esync build/esync

# A test that is skipped says so only with -v; the last line here says it when no network can be made of namespaces.
# The limit keeps garbage of parallel tests down. "go env CGO_ENABLED" says 0 where there is no C compiler, and the race detector needs one.
test:
	@race=; test "$$(go env CGO_ENABLED)" != 1 || race=-race; \
	echo "go test $$race -timeout 25m ./..."; GOMEMLIMIT=1GiB go test $$race -timeout 25m ./...
	@go test -count=1 -v -run "^TestSupported$$" ./internal/netlab | grep SKIPPED || true

# The layer rules are a test of their own, named here because they are rules of style.
lint:
	@wrong=$$(gofmt -l .); test -z "$$wrong" || { echo "gofmt would change:"; echo "$$wrong"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go test ./internal/layers

# Every fuzz target of the module, one after the other, FUZZTIME each.
fuzz:
	@bash .ci/fuzz $(FUZZTIME)

# Beside git, rsync, borg, restic and unison, where they are installed: make bench BENCH="-sizes S,M -n 5".
bench: build
	go run ./internal/bench run -esync build/esync $(BENCH)

# Writes the golden files anew; the change is then read in review.
golden:
	@set -e; for dir in $$(find . -name '*_test.go' -exec grep -q 'flag\.Bool("update"' {} \; -exec dirname {} \; | sort -u); do \
		go test $$dir -run Golden -update; \
	done

cross:
	@set -e; for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; \
		echo "build and vet $$platform"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath ./...; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go vet ./...; \
	done

clean:
	rm -rf build
