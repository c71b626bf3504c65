package plotting

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// stampResolution inserts the pHYs chunk (PNG specification, section 11.3.4.3)
// behind the header, so that a word processor places the picture at its size on
// paper. Anything that does not start like a PNG file is returned as it is.
func stampResolution(png []byte, dpi int) []byte {
	const header = 8 + 4 + 4 + 13 + 4 // signature; length, type, body and sum of IHDR
	if len(png) < header || string(png[12:16]) != "IHDR" {
		return png
	}
	perMetre := uint32(math.Round(float64(dpi) / 0.0254))
	chunk := binary.BigEndian.AppendUint32(nil, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // the unit is the metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	stamped := append([]byte{}, png[:header]...)
	stamped = append(stamped, chunk...)
	return append(stamped, png[header:]...)
}
