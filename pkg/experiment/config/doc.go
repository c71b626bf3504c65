// Package config reads the YAML configuration of an experiment.
//
// The contract: a configuration is either returned complete, with every default
// filled in and every path resolved, or refused with all its problems at once,
// each saying where it is, what was found, what is allowed and how to mend it.
// Nothing is guessed, rounded or ignored.
//
//	cfg, problems := config.Load("text.yaml", []string{"network.features.neurons=1e4"})
//	if problems != nil {
//		return problems // text.yaml:9:20: network.astrocyte.tau_calcium: 50 has no unit; write 50ms or 50s; …
//	}
//	resolved := config.Marshal(cfg) // reads back to the same Config
//
// Every key is described in one table (keys.go), from which come loading, error
// texts, the resolved configuration, the JSON schema ([Schema]) and the reference
// page ([Reference]). To add a key, add its field to the types, and one entry to
// the table.
//
// Times are written with units and held in seconds. Symbols in comments are those
// of science §1, after Kozachkov, Kastanenka and Krotov, "Building transformers
// from neurons and astrocytes", PNAS 120(34), 2023.
package config
