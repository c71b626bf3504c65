package transformer

import (
	"encoding/binary"
	"hash/crc32"
)

// pngCheck is the checksum that ends a PNG chunk of this type and content.
func pngCheck(chunk []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))
}
