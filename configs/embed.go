// Package configs holds, of the shipped configurations' inputs, the text and the picture that are
// ours and that nasim inspect reads where it is given none.
//
// Embedding needs the files below this folder, hence this package; it has no other purpose.
package configs

import _ "embed"

// Abstract is a paragraph of English, in UTF-8.
//
//go:embed inputs/abstract.txt
var Abstract []byte

// Drawing is the picture of a shirt, a PNG file of 280 × 280 pixels.
//
//go:embed inputs/drawing-shirt.png
var Drawing []byte
