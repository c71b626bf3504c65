package config

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Source       string // the file's name, "standard input", or "--set path=value"
	Line, Column int    // from 1; 0 where there is none, as in a --set
	Path         string // the key, as in network.astrocyte.tau_calcium; empty for the file as a whole
	Found        string // what is wrong
	Allowed      string // what would be right; may be empty
	Fix          string // what to do; may be empty
}

// String is "source:line:column: path: found; allowed; fix", without the parts
// that are empty.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Source)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Found)
	for _, part := range []string{p.Allowed, p.Fix} {
		if part != "" {
			b.WriteString("; " + part)
		}
	}
	return b.String()
}

// Problems is all that is wrong with a configuration, in the order of the file,
// those of --set last. It is an error when it is not empty.
type Problems []Problem

// Error is one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// place is where a value was read.
type place struct {
	source       string
	line, column int
}

// Problem makes a problem with a key of a loaded configuration, at the place in
// the file (or the --set) where the key or, failing that, the nearest section
// around it was given. Code that finds trouble only later, such as a head that
// the model does not have, reports it so.
func (c *Config) Problem(path, found, allowed, fix string) Problem {
	problem := Problem{Path: path, Found: found, Allowed: allowed, Fix: fix}
	for at := path; ; {
		if w, ok := c.where[at]; ok {
			problem.Source, problem.Line, problem.Column = w.source, w.line, w.column
			return problem
		}
		if at == "" {
			return problem
		}
		at = parent(at)
	}
}

// parent is the path of the section that holds a key; "" for the file itself.
func parent(path string) string {
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		return path[:dot]
	}
	return ""
}

// leaf is a path's last name.
func leaf(path string) string {
	return path[strings.LastIndexByte(path, '.')+1:]
}
