package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func commands() []*cobra.Command {
	root := newRoot(&app{})
	return append([]*cobra.Command{root}, root.Commands()...)
}

// TestHelpPages: each page has examples, and ends with the exit statuses.
func TestHelpPages(t *testing.T) {
	for _, cmd := range commands() {
		if !cmd.IsAvailableCommand() && cmd.HasParent() {
			continue
		}
		var stdout, stderr bytes.Buffer
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		if status := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); status != 0 || stderr.Len() > 0 {
			t.Errorf("%s: status %d, %s", args, status, &stderr)
		}
		page := stdout.String()
		at := strings.Index(page, "\nExamples:\n  nasim ")
		if cmd.Name() == "completion" {
			at = strings.Index(page, "\nExamples:\n  source ")
		}
		end := strings.LastIndex(page, "\nExit status:\n  0 ")
		if at < 0 || end < at {
			t.Errorf("%s: examples at %d, exit status at %d of\n%s", args, at, end, page)
		}
		for _, line := range strings.Split(page, "\n") {
			if len(line) > 100 {
				t.Errorf("%s: a line of %d columns: %s", args, len(line), line)
			}
		}
	}
}

// TestManualPages: each page holds what the help page does.
func TestManualPages(t *testing.T) {
	for _, cmd := range commands() {
		if !cmd.IsAvailableCommand() && cmd.HasParent() {
			continue
		}
		var text bytes.Buffer
		if err := page(cmd, &text); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{".SH NAME", ".SH DESCRIPTION", ".SH EXIT STATUS", ".SH EXAMPLE"} {
			if !strings.Contains(text.String(), part+"\n") {
				t.Errorf("%s: no %s in\n%s", cmd.CommandPath(), part, &text)
			}
		}
		var again bytes.Buffer
		if err := page(cmd, &again); err != nil || !bytes.Equal(text.Bytes(), again.Bytes()) {
			t.Errorf("%s: the page is not the same twice (%v)", cmd.CommandPath(), err)
		}
	}
}
