//go:build unix

// Command compartments measures what nasim run takes with C compartments beside one, and
// writes the table into docs/astrocytes.md. Usage:
//
//	go run ./bench/compartments [-page docs/astrocytes.md] [-rounds 3] [-only li-rinzel]
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/turn"
)

const block = "compartments-cost"

// counts divide the 400 hidden neurons of every row.
var counts = []int{2, 4, 8, 25, 100, 400}

// A row is a configuration with one compartment, to which others are added.
type row struct {
	name string
	sets string
	most int // compartments; 0: all counts
}

var rows = []row{
	{"`exact`", "solver.method=exact", 0},
	{"`line`", "solver.method=exact coupling=line", 0},
	{"`all`", "solver.method=exact coupling=all", 0},
	{"causal", "solver.method=exact order=causal", 0},
	{"with a rise of 0.1 s", "solver.method=exact tau_rise=100ms", 0},
	{"late by 0.4 s", "solver.method=exact latency=400ms", 0},
	{"receptors, p_h = 0.03", "solver.method=exact readout=receptor half_effect=0.03", 0},
	{"receptors that take 2 s", "solver.method=exact readout=receptor half_effect=0.03 tau_receptor=2s", 100},
	{"release in events", "solver.method=exact readout=event half_effect=1 threshold=1", 100},
	{"`li-rinzel`, reads of 30 s", "solver.method=exact calcium=li-rinzel read=30s", 100},
	{"`de-pitta`, reads of 30 s", "solver.method=exact calcium=de-pitta read=30s", 100},
	{"`dopri5`", "", 0},
	{"`rodas5p`", "solver.method=rodas5p", 100},
	{"`dopri5`, late by 0.4 s", "latency=400ms", 0},
	{"`dopri5`, receptors that take 2 s", "readout=receptor half_effect=0.03 tau_receptor=2s", 100},
	{"`dopri5`, `li-rinzel`, reads of 30 s", "calcium=li-rinzel read=30s", 100},
	{"`dopri5`, `de-pitta`, reads of 30 s", "calcium=de-pitta read=30s", 100},
}

func main() {
	log.SetFlags(0)
	file := flag.String("page", "", "page whose block "+block+" to write")
	rounds := flag.Int("rounds", 3, "rounds, of which the median counts")
	only := flag.String("only", "", "measure only rows whose name or settings have this in them")
	flag.Parse()
	if err := run(*file, *rounds, *only); err != nil {
		log.Fatal(err)
	}
}

func run(file string, rounds int, only string) error {
	if err := page.Check(file, block); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "compartments")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "nasim")
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/nasim").CombinedOutput(); err != nil {
		return fmt.Errorf("go build ./cmd/nasim: %w\n%s", err, out)
	}
	var table strings.Builder
	table.WriteString("| times one | one |")
	for _, count := range counts {
		fmt.Fprintf(&table, " C = %d |", count)
	}
	table.WriteString("\n|---|---|" + strings.Repeat("---|", len(counts)) + "\n")
	for _, row := range rows {
		if !strings.Contains(row.name+" "+row.sets, only) {
			continue
		}
		line, err := row.measure(binary, folder, rounds)
		if err != nil {
			return err
		}
		log.Print(line)
		table.WriteString(line + "\n")
	}
	table.WriteString("| C/8 + 1.5 | |")
	for _, count := range counts {
		fmt.Fprintf(&table, " %s |", page.Decimal(allowed(count), 2))
	}
	table.WriteString("\n")
	fmt.Print(table.String())
	if only != "" {
		return nil
	}
	return page.Write(file, page.Block{Name: block, Text: table.String()})
}

func allowed(count int) float64 { return float64(count)/8 + 1.5 }

// measure returns the row's line of the table; what is above what is allowed is bold.
func (row row) measure(binary, folder string, rounds int) (string, error) {
	some := []int{1}
	for _, count := range counts {
		if row.most == 0 || count <= row.most {
			some = append(some, count)
		}
	}
	var candidates []turn.Candidate
	for _, count := range some {
		candidates = append(candidates, turn.Candidate{Name: fmt.Sprintf("%s, C = %d", row.name, count), Run: func() (float64, error) {
			return row.seconds(binary, folder, count)
		}})
	}
	seconds, err := turn.Rounds(rounds, candidates, nil)
	if err != nil {
		return "", err
	}
	line := fmt.Sprintf("| %s | %s s |", row.name, page.Decimal(turn.Median(seconds[0]), 2))
	for i, count := range counts {
		if i+1 >= len(some) {
			line += " |"
			continue
		}
		times := turn.Ratio(seconds[i+1], seconds[0]).Median
		text := page.Decimal(times, 2)
		if times > allowed(count) {
			text = "**" + text + "**"
		}
		line += " " + text + " |"
	}
	return line, nil
}

// seconds returns the processor time of a run.
func (row row) seconds(binary, folder string, count int) (float64, error) {
	args := []string{"run", "configs/image.yaml", "--out", filepath.Join(folder, "run"), "--force", "--quiet"}
	sets := append(strings.Fields(row.sets), "features.neurons=400")
	if count > 1 {
		sets = append(sets, fmt.Sprintf("compartments=%d", count))
	}
	for _, set := range sets {
		if count > 1 || !strings.HasPrefix(set, "coupling=") {
			args = append(args, "--set", set)
		}
	}
	command := exec.Command(binary, args...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		return 0, fmt.Errorf("nasim %s: %w\n%s", strings.Join(args, " "), err, out.String())
	}
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9, nil
}
