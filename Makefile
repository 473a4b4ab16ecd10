# The things one does here. `make` alone lists them.
.PHONY: help build test lint docs bench

help:    ## list these
	@sed -n 's/^\([a-z]*\): *## /  make \1	/p' $(MAKEFILE_LIST)
build:   ## build smoothlab into ./bin
	go build -o bin/smoothlab ./cmd/smoothlab
test:    ## the README's test command
	go test ./...
lint:    ## formatting and golangci-lint
	.ci/lint
docs:    ## rewrite generated pages, then build the site into ./site
	go test ./internal/docgen -update
	.ci/site
bench:   ## compare this machine's speed with PyTorch
	go run ./bench
