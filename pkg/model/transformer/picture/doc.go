// Package picture reads picture files and turns them into the numbers that vision models were trained on, as the published image
// processors do: those of Hugging Face transformers with the Python Imaging Library (Pillow).
//
//	p, err := picture.Decode("cat.jpg", raw)                          // upright, 8 bits, grey or red, green, blue
//	processor, err := picture.ParseProcessor(preprocessorConfig, "vit")
//	in, err := processor.Apply(p, 3)                                  // in.Values: channels × height × width
//
// # What is read
//
// PNG, JPEG (baseline and progressive; grey, YCbCr, RGB, CMYK, YCCK), GIF (its first frame), BMP, TIFF (1, 8 and 16 bits; plain,
// LZW, Deflate, PackBits, fax) and WebP (lossy, lossless; of an animation the first frame). Orientation, in Exif or XMP, is
// applied as ImageOps.exif_transpose applies it. Everything else is refused, by name where it can be told.
//
// All levels are Pillow's own, bit for bit: the tests hold every format, mode, filter and shape to it (testdata/make_reference.py).
// Its decoder of JPEG rounds otherwise than Go's, hence internal/jpeg. Three things are refused that Pillow lets pass:
//
//   - Transparent pixels. transformers has two answers: its load_image shows what lies hidden under them, its processors put
//     them on white. Opaque pictures with an alpha channel are read.
//   - Grey pictures of 16 bits with levels above 255. Pillow clips them all to white. Colour pictures of 16 bits are read; their
//     upper 8 bits count, as in Pillow.
//   - A GIF whose first frame leaves a part of the picture open, which has no colour. Pillow puts the first of the palette.
//
// # What is done to it
//
// preprocessor_config.json of the ViT, DeiT, BiT (DINOv2), CLIP, SigLIP, BEiT, PVT and ConvNeXT processors, with the defaults of
// each, is followed key by key; a key that would change pixels in a way that is not known here is refused by name. Sizes, crops,
// which pad with zeros, and resizing, in integers, are those of transformers' PIL classes with Pillow 13, bit for bit. Known
// differences from others:
//
//   - transformers' torchvision classes resize in their own integers: up to 1 level. They pad by another pixel where the number
//     of rows or columns is odd, and their nearest pixel may be the next one. They have no box and no hamming filter.
//   - Pillow before 13, and torchvision, always resize rows first; Pillow 13 columns if the height shrinks by more than twice
//     what the width does, as that of a telephone's screenshot. This is 1 level for bilinear, box and hamming; for bicubic and
//     lanczos, which overshoot and are clipped after each pass, 4 and 9 at most in a photograph, up to 60 in black and white noise.
//   - transformers rescales and normalises in float32, this package in float64.
//
// A centre crop is computed alone, without the rest of the resized picture, so that a picture of any shape takes memory in
// proportion to its own size and to the model's.
package picture
