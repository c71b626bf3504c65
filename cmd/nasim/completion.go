package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

// shells are those that a completion script can be made for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "print a shell's completion script",
		Long: `Print the script that makes a shell complete nasim's commands, flags, keys of
--set and names of figures. SHELL is bash, zsh, fish or powershell. In bash it
needs the package bash-completion.`,
		Example: `  source <(nasim completion bash)
  nasim completion zsh > "${fpath[1]}/_nasim"
  nasim completion fish > ~/.config/fish/completions/nasim.fish`,
		Annotations: map[string]string{statusNote: simpleStatuses},
		Args:        exactly("SHELL"),
		ValidArgs:   shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			case "fish":
				return root.GenFishCompletion(a.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.stdout)
			}
			return usage(cmd, "there is no completion for %q; the shells are bash, zsh, fish, powershell", args[0])
		},
	}
}

func completeConfigs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

func completeRuns(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeValues proposes a flag's values. An unknown flag is our own slip.
func completeValues(cmd *cobra.Command, flag string, values []string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

// completeKeys proposes the configuration's keys, each with a suffix, and after
// key= the names that the key allows.
func completeKeys(cmd *cobra.Command, flag, suffix string) {
	must(cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		if path, _, ok := strings.Cut(begun, "="); ok && suffix == "=" {
			var values []string
			for _, choice := range config.Choices(path) {
				values = append(values, path+"="+choice)
			}
			return values, cobra.ShellCompDirectiveNoFileComp
		}
		var keys []string
		for _, path := range config.Paths() {
			keys = append(keys, path+suffix)
		}
		return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}))
}

func completeRunFlags(cmd *cobra.Command) {
	completeValues(cmd, "progress", progressModes)
	completeKeys(cmd, "set", "=")
	must(cmd.MarkFlagDirname("out"))
}

// must panics on an error that only a slip in this program can make.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// keyPaths completes the paths of --by as --set does.
func keyPaths(cmd *cobra.Command, written []string) ([]string, error) {
	var full []string
	for _, path := range written {
		key, err := config.FullPath(path)
		if err != nil {
			return nil, usage(cmd, "--by %w", err)
		}
		full = append(full, key)
	}
	return full, nil
}
