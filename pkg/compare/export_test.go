package compare

import (
	"slices"
	"testing"
)

// WithCause adds a row to the table of causes for the length of a test.
func WithCause(t *testing.T, c Cause) {
	t.Helper()
	before := causes
	causes = append(slices.Clone(causes), c)
	t.Cleanup(func() { causes = before })
}
