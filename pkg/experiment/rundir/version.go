package rundir

import (
	"runtime"
	"runtime/debug"
)

// release is the version of nasim that this source is, or will be.
const release = "0.1.0"

// ThisVersion is the program that is running. The commit comes from the build,
// with "+changes" where the source was not committed; it is "unknown" where the
// build did not record it.
func ThisVersion() Version {
	v := Version{Version: release, Commit: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed && v.Commit != "unknown" {
		v.Commit += "+changes"
	}
	return v
}
