package experiment

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"sync"

	"github.com/nasim-sim/nasim/internal/disk"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// A journal keeps the replies to the inputs of a set as they come, in a file beside the run, so that a process that is killed loses
// none that was finished: the next one of the same run takes them from there. It is a line that says which run it is of, and then
// records, each
//
//	length of what follows, CRC-32 of it (4 bytes each, little-endian), length of the JSON (4 bytes), JSON, numbers (float64)
//
// A record that is cut off or damaged, and what comes after it, is not there.
type journal struct {
	mu     sync.Mutex
	file   *os.File
	path   string  // "" for one that is nobody's but this process's
	end    int64   // of what is written
	places []int64 // of each input's record; 0: there is none
	done   int
}

// record is what is kept of an input.
type record struct {
	Reply compare.Reply `json:"reply"`
	Cut   int           `json:"cut,omitempty"` // tokens of a text that are not read
	Parts []part        `json:"parts,omitempty"`
	// numbers are the parts', one after another.
	numbers []float64
}

// part says whose numbers follow.
type part struct {
	Who     string `json:"who"`
	Rows    int    `json:"rows"` // of logits; 0: an embedding
	Columns int    `json:"columns"`
}

// journalOf is the journal of the run that is to be at a path.
func journalOf(path string) string { return rundir.Beside(path, "replies") }

// openJournal opens the journal of a run of so many inputs, with what is there of it already. Where another process has it, or
// without a path, it is a file that goes when it is closed.
func openJournal(path, hash string, inputs int) (*journal, error) {
	j := &journal{path: path, places: make([]int64, inputs)}
	head := fmt.Sprintf("nasim replies 1 %s\n", hash)
	var err error
	if path != "" {
		if j.file, err = lockedFile(path, os.O_CREATE); err != nil {
			return nil, rundir.Explain(err)
		}
	}
	if j.file == nil {
		if j.file, err = os.CreateTemp("", "nasim-replies-*"); err != nil {
			return nil, rundir.Explain(err)
		}
		os.Remove(j.file.Name()) // it goes when it is closed
		j.path = ""
	}
	if err := j.resume(head); err != nil {
		return nil, errors.Join(rundir.Explain(err), j.file.Close())
	}
	return j, nil
}

// lockedFile opens a file and takes it for this process; it is nil where another has it.
func lockedFile(path string, flags int) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|flags, 0o666)
		if err != nil {
			return nil, err
		}
		if !disk.Lock(f) {
			return nil, f.Close()
		}
		opened, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(opened, there) {
			return f, nil
		}
		f.Close() // who had it has removed it meanwhile
	}
}

// dropJournal removes the journal of a run that is complete, which a process that was killed has left.
func dropJournal(path string) {
	if f, err := lockedFile(path, 0); err == nil && f != nil {
		os.Remove(path) // what cannot be removed is in nobody's way
		f.Close()
	}
}

// resume reads what is there, and drops what is of no use.
func (j *journal) resume(head string) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	from, size := bufio.NewReaderSize(j.file, 1<<16), info.Size()
	line := make([]byte, len(head))
	j.end = int64(len(head))
	if _, err := io.ReadFull(from, line); err != nil || string(line) != head {
		if err := j.file.Truncate(0); err != nil {
			return err
		}
		_, err := j.file.WriteAt([]byte(head), 0)
		return err
	}
	for {
		raw, err := readRecord(from, size-j.end)
		if err != nil {
			break
		}
		var r record
		if err := r.decode(raw); err != nil || r.Reply.Index < 0 || r.Reply.Index >= len(j.places) {
			break
		}
		if j.places[r.Reply.Index] == 0 {
			j.done++
		}
		j.places[r.Reply.Index] = j.end
		j.end += recordHead + int64(len(raw))
	}
	return j.file.Truncate(j.end)
}

// Sizes in bytes: of what comes before a record, and of the largest.
const (
	recordHead = 8
	mostRecord = 1 << 30
)

var errDamaged = errors.New("the record is damaged")

// readRecord reads a record of which, with what comes before it, there are so many bytes at most.
func readRecord(from io.Reader, most int64) ([]byte, error) {
	var head [recordHead]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint32(head[:]))
	if length < 4 || length > min(mostRecord, most-recordHead) {
		return nil, errDamaged
	}
	raw := make([]byte, length)
	if _, err := io.ReadFull(from, raw); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(raw) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, errDamaged
	}
	return raw, nil
}

func (r *record) decode(raw []byte) error {
	size := int64(binary.LittleEndian.Uint32(raw))
	if size > int64(len(raw)-4) || (int64(len(raw)-4)-size)%8 != 0 {
		return errDamaged
	}
	if err := json.Unmarshal(raw[4:4+size], r); err != nil {
		return err
	}
	r.numbers = make([]float64, (int64(len(raw)-4)-size)/8)
	for i := range r.numbers {
		r.numbers[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[4+size+int64(8*i):]))
	}
	return nil
}

// put adds a record. It is with the operating system when put returns.
func (j *journal) put(r *record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	raw := make([]byte, recordHead+4, recordHead+4+len(text)+8*len(r.numbers))
	binary.LittleEndian.PutUint32(raw[recordHead:], uint32(len(text)))
	raw = append(raw, text...)
	for _, x := range r.numbers {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(x))
	}
	if len(raw) > mostRecord {
		return fmt.Errorf("the answers to %s take %d bytes; ask for fewer arrays (record.arrays: summary)", r.Reply.Input, len(raw))
	}
	binary.LittleEndian.PutUint32(raw, uint32(len(raw)-recordHead))
	binary.LittleEndian.PutUint32(raw[4:], crc32.ChecksumIEEE(raw[recordHead:]))
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.WriteAt(raw, j.end); err != nil {
		return rundir.Explain(err)
	}
	j.places[r.Reply.Index] = j.end
	j.end += int64(len(raw))
	j.done++
	return nil
}

// has reports whether there is a record of an input.
func (j *journal) has(index int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.places[index] > 0
}

// get reads the record of an input.
func (j *journal) get(index int) (*record, error) {
	left := j.end - j.places[index]
	raw, err := readRecord(io.NewSectionReader(j.file, j.places[index], left), left)
	r := new(record)
	if err == nil {
		err = r.decode(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("the reply to input %d cannot be read again from %s: %w", index, j.file.Name(), err)
	}
	return r, nil
}

// close closes the journal and leaves it for whoever goes on.
func (j *journal) close() error { return j.file.Close() }

// remove closes the journal of a run that is complete.
func (j *journal) remove() error {
	if j.path != "" {
		os.Remove(j.path) // before it is closed, and with that free
	}
	return j.file.Close()
}
