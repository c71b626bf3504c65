package model

import (
	"os"
	"strings"
	"testing"
)

// What can be recorded is what the page of the run directory lists, one row each:
// a trajectory's arrays, but for those that say when and of which neurons.
func TestChannelsAreThoseOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/run-directory.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "\n## trajectory.npz\n")
	if !found {
		t.Fatal("the page has no section of the trajectory")
	}
	rows := map[string]bool{}
	for _, line := range strings.Split(table, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 3 && strings.HasPrefix(strings.TrimSpace(cells[2]), "T, S") {
			rows[strings.Trim(cells[1], " `")] = true
		}
	}
	told := map[string]bool{}
	for _, channel := range Channels() {
		if !rows[channel.Name] {
			t.Errorf("docs/run-directory.md has no row of %s", channel.Name)
		}
		told[channel.Name] = true
	}
	for name := range told {
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("docs/run-directory.md has a row of %s, which cannot be recorded", name)
	}
}
