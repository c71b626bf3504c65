package config

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestFrozen: the identity values are those of testdata/frozen.txt, whatever the
// defaults are. A new key adds its line; a line that is there never changes: a key
// whose default changes gets the old one as its Frozen value.
func TestFrozen(t *testing.T) {
	var lines []string
	for _, k := range keys {
		lines = append(lines, strings.TrimSpace(k.Path+": "+k.frozen()))
	}
	slices.Sort(lines)
	written, err := os.ReadFile("testdata/frozen.txt")
	if err != nil {
		t.Fatal(err)
	}
	if now := strings.Join(lines, "\n") + "\n"; now != string(written) {
		t.Errorf("the identity values are now\n%s", now)
	}
}

func identityOf(t *testing.T, text string, sets ...string) string {
	t.Helper()
	cfg, problems := Read(strings.NewReader(text), "c.yaml", "", sets)
	if problems != nil {
		t.Fatal(problems)
	}
	return string(Identity(cfg))
}

const bare = "nasim: 1\ninput: {synthetic: {}}\n"

// TestIdentity: what is written out makes no other run, what differs does.
func TestIdentity(t *testing.T) {
	// What can be recorded now, where that is more than at first.
	recorded, at := "", slices.IndexFunc(keys, func(k Key) bool { return k.Path == "record.variables" })
	if now := bracketed(usualVariables); now != keys[at].Frozen {
		recorded = "record.variables: " + now + "\n"
	}
	// The dynamics of the first version, which new defaults have replaced.
	first := []string{"query_gain=none", "learning_rate=1", "drive=ungated", "baseline=1", "schedule.read=250ms", "schedule.gap=0ms"}
	if got, want := identityOf(t, bare, first...), "input: synthetic\n"+recorded; got != want {
		t.Errorf("all first defaults: %q, want %q", got, want)
	}
	if got := identityOf(t, bare, "seed=16", "solver.method=dopri5", "solver.rtol=1.0e-6", "tau_calcium=0.05s"); got != identityOf(t, bare) {
		t.Errorf("defaults written out: %q", got)
	}
	if got, want := identityOf(t, bare, append(first, "tau_calcium=60ms", "map=trig")...), "input: synthetic\nnetwork.astrocyte.tau_calcium: 60ms\nnetwork.features.map: trig\n"+recorded+"solver.method: none\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestIdentityOfTheFuture: a new key renames no run, and a new default no run but
// those that it changes: they are not confused with those of the old default.
func TestIdentityOfTheFuture(t *testing.T) {
	was := keys
	t.Cleanup(func() { keys = was })
	plain, slow := identityOf(t, bare), identityOf(t, bare, "tau_calcium=60ms")

	keys = slices.Insert(slices.Clone(was), 3, Key{Path: "record.model", Default: "false", field: func(c *Config) any { return new(bool) }})
	if identityOf(t, bare) != plain || identityOf(t, bare, "tau_calcium=60ms") != slow {
		t.Error("a new key renames runs")
	}
	keys = slices.Clone(was)
	at := slices.IndexFunc(keys, func(k Key) bool { return k.Path == "network.astrocyte.tau_calcium" })
	keys[at].Default, keys[at].Frozen = "60ms", "50ms"
	if identityOf(t, bare) != slow || identityOf(t, bare, "tau_calcium=50ms") != plain {
		t.Error("a new default renames runs, or confuses them")
	}
}
