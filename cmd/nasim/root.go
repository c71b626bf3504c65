package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// app is what every command works with.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	quiet  bool

	writing atomic.Bool // a signal must wait until what is half written is removed
}

// say prints a line for people, unless they asked for quiet.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, "nasim: %s\n", brief(fmt.Sprintf(format, args...)))
	}
}

// A line for people is no longer than this many bytes at its beginning and its end,
// whatever it quotes: a path, a name or a value can be of any length.
const (
	longestStart = 1500
	longestEnd   = 500
)

// brief leaves out the middle of a line that is too long to be read.
func brief(line string) string {
	if len(line) <= longestStart+longestEnd+50 {
		return line
	}
	from, to := longestStart, len(line)-longestEnd
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	return fmt.Sprintf("%s … (%d bytes left out) … %s", line[:from], to-from, line[to:])
}

// statusNote is the annotation that holds a command's exit statuses.
const statusNote = "exit statuses"

const simpleStatuses = `  0  done
  2  the command line makes no sense
  1  any other failure`

// helpTemplate puts the exit statuses last on every help page.
const helpTemplate = `{{trimTrailingWhitespaces .Long}}

{{.UsageString}}
Exit status:
{{index .Annotations "` + statusNote + `"}}
`

const usageTemplate = `Usage:{{if not .HasAvailableSubCommands}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{if .HasAvailableSubCommands}}
Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableInheritedFlags}}
Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}`

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "nasim",
		Short: "compare a transformer with a network of neurons and astrocytes",
		Long: `nasim tells how closely a network of neurons and astrocytes can do what a
transformer does, on your own text, image or tensors, and why it falls short
where it does.

Standard output is what you asked for (run: the run's directory; compare: the
table); progress and warnings go to standard error.`,
		Example: `  nasim run configs/text.yaml
  nasim compare runs/text-1a2b3c4d
  nasim run configs/text.yaml --set neurons.tau_output=20ms --seed 3`,
		Annotations: map[string]string{statusNote: `  0    done
  2    found before the work began (usage, configuration, weights, input, output
       directory); nothing was written
  1    any later failure
  129  the terminal was closed (SIGHUP)
  130  interrupted (SIGINT)
  143  terminated (SIGTERM)`},
		SilenceErrors:      true,
		SilenceUsage:       true,
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
		DisableSuggestions: true, // unknownCommand makes its own
		Args:               cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asked, err := cmd.Flags().GetBool("version"); err != nil || asked && len(args) == 0 {
				return errors.Join(err, a.printVersion())
			}
			return unknownCommand(cmd, args)
		},
	}
	root.Flags().Bool("version", false, "print version, commit and kernels, as the command version does")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "print errors only on standard error")
	root.PersistentFlags().BoolP("help", "h", false, "show this page")
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newRun(a), newCompare(a), newPlot(a), newExport(a), newInspect(a), newFit(a), newModels(a), newSchema(a), newVersion(a), newCompletion(a), newMan(a))
	root.SetHelpCommand(newHelp())
	return root
}

// unknownCommand refuses a first argument that is no command.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(cmd, "no command is given; the commands are %s", strings.Join(commandNames(cmd), ", "))
	}
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usage(cmd, "there is no command %q; did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usage(cmd, "there is no command %q; the commands are %s", args[0], strings.Join(commandNames(cmd), ", "))
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// newHelp is nasim help COMMAND, for those who expect it.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:         "help [COMMAND]",
		Short:       "show a command's help page",
		Long:        "Show a command's help page, as nasim COMMAND --help does.",
		Hidden:      true,
		Annotations: map[string]string{statusNote: simpleStatuses},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 || found == nil {
				return unknownCommand(cmd.Root(), args)
			}
			return found.Help()
		},
	}
}

// exactly refuses any other number of arguments; names are those of the page.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage(cmd, "%s is missing", names[len(args)])
		case len(args) > len(names):
			return usage(cmd, "%q is one argument too many", args[len(names)])
		}
		return nil
	}
}

// atMost allows up to n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(cmd, "%q is one argument too many", args[n])
		}
		return nil
	}
}

// someConfigs wants one configuration or more, and standard input once.
func someConfigs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(cmd, "CONFIG.yaml is missing")
	}
	if first := slices.Index(args, "-"); first >= 0 && slices.Contains(args[first+1:], "-") {
		return usage(cmd, "- is given twice; standard input can be read once, and may hold several configurations with lines --- between them")
	}
	return nil
}

// someRuns wants one run directory or more.
func someRuns(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(cmd, "RUN is missing: the directory of a run, such as runs/text-1a2b3c4d")
	}
	return nil
}
