package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

func newMan(a *app) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "man [COMMAND]",
		Short: "print the manual page of nasim or of a command",
		Long: `Print the manual page of nasim or of one of its commands, in the format of man.
With --dir the pages of all commands are written into a directory.`,
		Example: `  nasim man run | man -l -
  nasim man --dir ~/.local/share/man/man1`,
		Annotations: map[string]string{statusNote: simpleStatuses},
		Args:        atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir != "" {
				if len(args) > 0 {
					return usage(cmd, "--dir writes all pages; leave out %q", args[0])
				}
				return writePages(cmd.Root(), dir)
			}
			of := cmd.Root()
			if len(args) > 0 {
				found, rest, err := of.Find(args)
				if err != nil || len(rest) > 0 || found == of {
					return unknownCommand(of, args)
				}
				of = found
			}
			return page(of, a.stdout)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "the directory, `DIR`, for the pages of all commands")
	must(cmd.MarkFlagDirname("dir"))
	return cmd
}

// page writes a command's manual page. The exit statuses, which cobra does not
// know, go at the description's end, as on the help page.
func page(cmd *cobra.Command, to io.Writer) error {
	described := cmd.Long
	defer func() { cmd.Long = described }()
	cmd.DisableAutoGenTag = true
	cmd.Long = paragraphs(described) + "\n\n# EXIT STATUS\n\n" + paragraphs(cmd.Annotations[statusNote])
	released := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	header := &doc.GenManHeader{Title: strings.ToUpper(strings.ReplaceAll(cmd.CommandPath(), " ", "-")), Section: "1",
		Date: &released, Source: "nasim " + rundir.ThisVersion().Version, Manual: "nasim manual"}
	return doc.GenMan(cmd, header, to)
}

// paragraphs turns indented lists, which Markdown would run together, into code.
func paragraphs(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") {
			lines[i] = "    " + strings.TrimPrefix(line, "  ")
			if i > 0 && lines[i-1] != "" && !strings.HasPrefix(lines[i-1], "    ") {
				lines[i] = "\n" + lines[i]
			}
		}
	}
	return strings.Join(lines, "\n")
}

// writePages writes the pages of all commands.
func writePages(root *cobra.Command, dir string) error {
	if _, err := rundir.MakeDir(dir); err != nil {
		return err
	}
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if cmd != root && !cmd.IsAvailableCommand() {
			continue
		}
		var text bytes.Buffer
		if err := page(cmd, &text); err != nil {
			return err
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		err := rundir.ReplaceFile(filepath.Join(dir, name), func(w io.Writer) error {
			_, err := w.Write(text.Bytes())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
