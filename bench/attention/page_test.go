package main

import (
	"testing"

	"github.com/nasim-sim/nasim/bench/internal/page"
)

// The page has a place for what is measured here.
func TestPage(t *testing.T) {
	if err := page.Check("../../docs/performance.md", attentionBlock, productsBlock, paperBlock); err != nil {
		t.Error(err)
	}
}
