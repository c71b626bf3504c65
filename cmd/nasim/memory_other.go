//go:build !linux

package main

// machineMemory is how many bytes of memory the machine has; here it is not known.
func machineMemory() (bytes int64, ok bool) { return 0, false }
