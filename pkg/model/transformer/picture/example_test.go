package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// A wide picture as a DINOv2 model takes it: its shorter edge becomes 4 pixels, and the centre of that is cut out.
func Example() {
	drawn := image.NewGray(image.Rect(0, 0, 16, 8))
	for i := range drawn.Pix {
		drawn.Pix[i] = uint8(i % 16 * 10) // from left to right
	}
	var file bytes.Buffer
	if err := png.Encode(&file, drawn); err != nil {
		fmt.Println(err)
		return
	}
	p, err := picture.Decode("drawn.png", file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	processor, err := picture.ParseProcessor([]byte(`{"size": {"shortest_edge": 4}, "crop_size": 2, "resample": 4, "do_normalize": false}`), "dinov2")
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := processor.Apply(p, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(in.Channels, in.Height, in.Width)
	fmt.Printf("%.3f\n", in.Values)
	// Output:
	// 1 2 2
	// [0.255 0.333 0.255 0.333]
}
