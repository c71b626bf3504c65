package compare

import (
	"slices"
	"testing"
)

// WithCause adds a row to the table of causes, in place of that of the floor, for the
// length of a test.
func WithCause(t *testing.T, c Cause) {
	t.Helper()
	before := causes
	causes = append(slices.DeleteFunc(slices.Clone(causes), func(c Cause) bool { return c.Name == floor.Name }), c)
	t.Cleanup(func() { causes = before })
}
