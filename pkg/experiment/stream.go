package experiment

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
)

// Purposes of random streams.
const (
	streamFeatures    = "features"    // a head's feature map
	streamSynthetic   = "synthetic"   // a head's Gaussian queries, keys and values
	streamProjections = "projections" // a head's freshly initialised maps to queries, keys and values
)

// stream returns the random stream of one consumer. Each (purpose, layer, head)
// has its own, so that choosing other heads or adding a consumer shifts none.
func stream(seed uint64, purpose string, layer, head int) *rand.Rand {
	key := sha256.Sum256(fmt.Appendf(nil, "nasim stream 1\x00%d\x00%s\x00%d\x00%d", seed, purpose, layer, head))
	return rand.New(rand.NewChaCha8(key))
}
