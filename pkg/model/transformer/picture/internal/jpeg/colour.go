package jpeg

// The ways in which three or four components hold colours.
const (
	asRGB = iota
	asYCbCr
	asCMYK
	asYCCK
)

// colours tells how, in the order in which decoders ask: JFIF knows one way; Adobe says which; else by the components' names.
func (d *decoder) colours() int {
	if len(d.components) == 4 {
		if d.adobe && d.adobeTag != 0 {
			return asYCCK
		}
		return asCMYK
	}
	switch {
	case d.jfif:
		return asYCbCr
	case d.adobe:
		if d.adobeTag == 0 {
			return asRGB
		}
		return asYCbCr
	}
	if d.components[0].id == 'R' && d.components[1].id == 'G' && d.components[2].id == 'B' {
		return asRGB
	}
	return asYCbCr
}

// image makes the picture of the decoded components.
func (d *decoder) image() *Image {
	out := &Image{Width: d.width, Height: d.height, Channels: 3}
	if len(d.components) == 1 {
		out.Channels = 1
	}
	out.Pix = make([]uint8, out.Channels*d.width*d.height)
	enlargers := make([]*enlarger, len(d.components))
	for i := range d.components {
		enlargers[i] = d.enlarger(&d.components[i])
	}
	rows := make([][]uint8, len(enlargers))
	colours := 0
	if len(rows) > 1 {
		colours = d.colours()
	}
	for y := range d.height {
		for i, e := range enlargers {
			rows[i] = e.at(y)
		}
		line := out.Pix[y*out.Channels*d.width:][:out.Channels*d.width]
		if out.Channels == 1 {
			copy(line, rows[0])
			continue
		}
		for x := range d.width {
			r, g, b := rows[0][x], rows[1][x], rows[2][x]
			if colours == asYCbCr || colours == asYCCK {
				r, g, b = fromYCbCr(r, g, b)
			}
			if len(rows) == 4 {
				if colours == asYCCK { // which codes the complement of the inks
					r, g, b = 255-r, 255-g, 255-b
				}
				r, g, b = fromInks(r, g, b, rows[3][x])
			}
			line[3*x], line[3*x+1], line[3*x+2] = r, g, b
		}
	}
	return out
}

// fromYCbCr is the conversion of JFIF (ITU-R BT.601, full range), with 16 fraction bits.
func fromYCbCr(y, cb, cr uint8) (r, g, b uint8) {
	const half = 1 << 15
	level, blue, red := int(y), int(cb)-128, int(cr)-128
	return clip(level + (91881*red+half)>>16), clip(level + (-22554*blue-46802*red+half)>>16), clip(level + (116130*blue+half)>>16)
}

// fromInks is Pillow's conversion of CMYK. Inks are stored inverted, as Adobe's programs do it; Pillow takes this for granted in
// every JPEG.
func fromInks(cyan, magenta, yellow, black uint8) (r, g, b uint8) {
	paper := int(black)
	covered := func(ink uint8) uint8 {
		t := int(255-ink)*paper + 128
		return clip(paper - (t>>8+t)>>8)
	}
	return covered(cyan), covered(magenta), covered(yellow)
}
