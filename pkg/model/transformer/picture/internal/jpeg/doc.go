// Package jpeg decodes JPEG pictures to the very levels that libjpeg-turbo gives, the decoder behind the Python Imaging Library
// and so behind the processors of published vision models. The standard (ITU-T T.81) leaves the rounding of the inverse cosine
// transform, the enlarging of the colour differences and the conversion of colours to the decoder; Go's image/jpeg rounds
// otherwise in all three, up to four levels of a channel. Here all is in integers, as there:
//
//	bits → coefficients      huffman.go, sequential.go, progressive.go
//	coefficients → levels    idct.go: the transform of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 13 fraction bits
//	levels → full size       upsample.go: linear interpolation of colour differences
//	full size → colours      colour.go: YCbCr, RGB, CMYK, YCCK
//
// Decoded are baseline, extended and progressive Huffman-coded pictures of 8 bits in 1, 3 or 4 components. Arithmetic coding,
// lossless and hierarchical pictures, 12 bits, and progressive ones that lack their last scans are refused, each by name; so is
// whatever is damaged or ends early, which Pillow refuses too or fills with grey.
package jpeg
