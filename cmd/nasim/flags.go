package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

// flagError puts what is wrong with a flag in our words: the flag that was
// probably meant, and what a value should have been.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var number *strconv.NumError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		var flags []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
		if near := config.Nearest(unknown.GetSpecifiedName(), flags); near != nil {
			return usage(cmd, "%w; did you mean --%s?", err, strings.Join(near, " or --"))
		}
	case errors.As(err, &invalid) && errors.As(err, &number):
		name, value := invalid.GetFlag().Name, invalid.GetValue()
		switch {
		case invalid.GetFlag().Value.Type() == "bool":
			return usage(cmd, "--%s=%s: neither true nor false; write --%s alone", name, value, name)
		case errors.Is(number, strconv.ErrRange):
			return usage(cmd, "--%s %s: too large", name, value)
		}
		return usage(cmd, "--%s %s: not a whole number", name, value)
	case errors.As(err, &invalid):
		return usage(cmd, "--%s %s: %w", invalid.GetFlag().Name, invalid.GetValue(), errors.Unwrap(invalid))
	}
	return usage(cmd, "%w", err)
}

// oneOf refuses a flag's value that is not among the allowed ones.
func oneOf(cmd *cobra.Command, flag, value string, allowed []string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	meant := ""
	if near := config.Nearest(value, allowed); near != nil {
		meant = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(cmd, "--%s %s: unknown; %s%s", flag, value, strings.Join(allowed, ", "), meant)
}
