package dataset

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// NPZ reads the pictures of a NumPy file: an array of uint8, images [I, rows, columns] or [I, rows, columns, 1 or 3], and labels [I]
// where there is one. The arrays are held.
func NPZ(path string, limit int) (*Set, error) {
	sum, err := sumOf(path)
	if err != nil {
		return nil, err
	}
	f, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	s := &Set{Files: []File{{filepath.Base(path), sum}}, name: strconv.Itoa}
	var labels []int64
	var labelled, shape []int
	var pixels []uint8
	for _, name := range f.Names() {
		switch name {
		case "images":
			pixels, shape, err = f.Uint8(name)
		case "labels":
			labels, labelled, err = f.Int64(name)
		}
		if err != nil {
			return nil, err
		}
	}
	channels := 1
	if len(shape) == 4 {
		channels = shape[3]
	}
	switch {
	case shape == nil:
		return nil, fmt.Errorf("%s holds no array images, only %s; wanted is images [I, rows, columns] or [I, rows, columns, 3] of uint8", path, strings.Join(f.Names(), ", "))
	case len(shape) != 3 && len(shape) != 4 || channels != 1 && channels != 3 || len(pixels) == 0:
		return nil, fmt.Errorf("%s: images has the shape %v; wanted is [I, rows, columns] or [I, rows, columns, 3]", path, shape)
	case labelled != nil && (len(labelled) != 1 || labelled[0] != shape[0]):
		return nil, fmt.Errorf("%s: labels has the shape %v, and images %v; wanted is a label for each picture, [%d]", path, labelled, shape, shape[0])
	}
	s.length, s.held = limited(shape[0], limit), len(pixels)+8*len(labels)
	size := shape[1] * shape[2] * channels
	s.picture = func(i int) (*picture.Picture, error) {
		return &picture.Picture{Width: shape[2], Height: shape[1], Channels: channels, Pix: pixels[i*size : (i+1)*size]}, nil
	}
	if labelled != nil {
		s.label = func(i int) (string, error) { return strconv.FormatInt(labels[i], 10), nil }
	}
	return s, nil
}
