// Package side is another program that measures when asked: it prints its version,
// then answers each line on its standard input with a line of numbers.
package side

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Side is such a program at work.
type Side struct {
	Version string // its first line

	process *exec.Cmd
	ask     io.WriteCloser
	answers *bufio.Reader
}

// Start starts a command, with some variables added to the environment, and waits
// for its version.
func Start(environment []string, command ...string) (*Side, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), environment...)
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Side{process: cmd, ask: ask, answers: bufio.NewReader(answers)}
	if s.Version, err = s.answers.ReadString('\n'); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%s did not start: %w", strings.Join(command, " "), err)
	}
	s.Version = strings.TrimSpace(s.Version)
	return s, nil
}

// Stop ends the program and waits for it. It may be called again.
func (s *Side) Stop() {
	if s.process.ProcessState == nil {
		s.ask.Close()
		s.process.Wait() // its failure has been reported by what it did not answer
	}
}

// Measure asks a question and reads the numbers of its answer.
func (s *Side) Measure(question string, numbers ...any) error {
	if _, err := fmt.Fprintln(s.ask, question); err != nil {
		return err
	}
	if _, err := fmt.Fscanln(s.answers, numbers...); err != nil {
		return fmt.Errorf("no answer to %q: %w", question, err)
	}
	return nil
}
