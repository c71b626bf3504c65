// Package rundir makes run directories: their names, the manifest in them, and
// the rule that a directory is either complete or not there.
//
// The contract: what is under a run's final name is complete. A run is written
// beside its target, in a hidden directory of the same parent, made durable, and
// renamed when everything is in it. If it fails or is interrupted, [Partial.Discard]
// leaves nothing. Two processes may write the same run at once: one of them
// renames first, the other finds a complete run of the same identity and is
// content. Nothing is ever replaced but a directory that holds a manifest of
// nasim and, down to its last subdirectory, no file but those that the manifest
// lists and those that the caller knows ([Target.Known]), and that only when
// asked; it is exchanged with the new one in one step, where the system can, and
// removed last. A process that is killed outright (SIGKILL, a power cut) can leave
// its hidden directory, .NAME.partial-HOST-PID-…, or a run that it was replacing,
// .NAME.replaced-HOST-PID-…. The next run of the same target removes it, or puts
// the run back ([Target.Recover]), if it was left on this host and the process is
// dead: on a shared file system its owner may be alive on another machine.
//
// A run is complete only as long as its files are what they were: the manifest
// has the SHA-256 of each ([Manifest.Verify]).
//
//	target := rundir.Target{Path: filepath.Join("runs", identity), Identity: identity}
//	if done, err := target.Check(); done || err != nil {
//		return err // complete already, or not to be written
//	}
//	partial, err := rundir.Create(target)
//	if err != nil {
//		return err
//	}
//	defer partial.Discard() // does nothing once the run is complete
//	… // write files into partial.Dir(), the manifest last (WriteManifest)
//	return partial.Complete()
//
// The package knows nothing of what a run computes. Errors name the path, what is
// wrong with it and the remedy.
package rundir
