package npz

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// npy is a .npy file: its header's text, by default of four float64, and bytes.
func npy(text string, elements int) []byte {
	head := append([]byte(magic), 1, 0, byte(len(text)), byte(len(text)>>8))
	return append(append(head, text...), make([]byte, elements)...)
}

// dictionary is a header's text with one entry replaced.
func dictionary(key, value string) string {
	entries := map[string]string{"descr": "'<f8'", "fortran_order": "False", "shape": "(4,)"}
	entries[key] = value
	return fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n", entries["descr"], entries["fortran_order"], entries["shape"])
}

// TestBadHeaders: every way in which a file can be other than a .npy array is
// refused, in a sentence that says what and where.
func TestBadHeaders(t *testing.T) {
	good := npy(dictionary("", ""), 32)
	changed := func(at int, to ...byte) []byte {
		content := bytes.Clone(good)
		copy(content[at:], to)
		return content
	}
	cases := map[string]struct {
		content []byte
		want    string // after file and array
	}{
		"version 0":            {changed(6, 0), "format version 0.0; 1.0, 2.0 and 3.0 are known"},
		"version 4.1":          {changed(6, 4, 1), "format version 4.1; 1.0, 2.0 and 3.0 are known"},
		"no version":           {good[:7], "too short for a .npy header: unexpected EOF"},
		"only the magic":       {good[:6], "too short for a .npy header: unexpected EOF"},
		"no length":            {good[:8], "cut off within the header: unexpected EOF"},
		"half a length":        {good[:9], "cut off within the header: unexpected EOF"},
		"half of a 2.0 length": {append([]byte(magic), 2, 0, 16, 0), "cut off within the header: unexpected EOF"},
		"no text":              {good[:10], "cut off within the header: unexpected EOF"},
		"half a text":          {good[:30], "cut off within the header: unexpected EOF"},
		"length beyond":        {changed(8, 0xff, 0xff), "cut off within the header: unexpected EOF"},
		"length of 16 MiB":     {append([]byte(magic), 2, 0, 0, 0, 0, 1), "header of 16777216 bytes; at most 65536 are allowed"},
		"length too short":     {changed(8, 20, 0), `header "{'descr': '<f8', 'fo": a quote is not closed`},

		"no dictionary":     {npy("['<f8']", 32), `header "['<f8']": no dictionary`},
		"empty":             {npy("{}", 32), `header "{}": descr, fortran_order and shape are needed`},
		"no shape":          {npy("{'descr': '<f8', 'fortran_order': False}", 32), `…: descr, fortran_order and shape are needed`},
		"no end":            {npy("{'descr': '<f8', ", 32), `…: no quoted string where one is due`},
		"key not quoted":    {npy("{descr: '<f8'}", 32), `…: no quoted string where one is due`},
		"key not closed":    {npy("{'descr: 8}", 32), `…: a quote is not closed`},
		"no colon":          {npy("{'descr' '<f8'}", 32), `…: key "descr" repeated or without a value`},
		"key twice":         {npy("{'descr': '<f8', 'descr': '<f8'}", 32), `…: key "descr" repeated or without a value`},
		"no comma":          {npy("{'descr': '<f8' 'shape': ()}", 32), `…: no comma between entries`},
		"unknown key":       {npy("{'order': 'C'}", 32), `…: unknown key "order"; descr, fortran_order and shape are known`},
		"text after":        {npy(dictionary("", "")+"x", 32), `…: text after the dictionary`},
		"long":              {npy("{'"+strings.Repeat("d", 200), 32), `header "{'` + strings.Repeat("d", 118) + `"…: a quote is not closed`},
		"fields":            {npy(dictionary("descr", "[('a', '<f8')]"), 32), `…: structured element types are not read; save each field as an array of its own`},
		"order 1":           {npy(dictionary("fortran_order", "1"), 32), `…: fortran_order is neither True nor False`},
		"order lower case":  {npy(dictionary("fortran_order", "false"), 32), `…: fortran_order is neither True nor False`},
		"shape a number":    {npy(dictionary("shape", "4"), 32), `…: shape is no tuple`},
		"shape a list":      {npy(dictionary("shape", "[4]"), 32), `…: shape is no tuple`},
		"shape not closed":  {npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4,", 32), `…: a length in shape is no whole number that fits a machine word`},
		"negative":          {npy(dictionary("shape", "(-4,)"), 32), `…: a length in shape is no whole number that fits a machine word`},
		"fraction":          {npy(dictionary("shape", "(4.0,)"), 32), `…: no comma between lengths in shape`},
		"nothing":           {npy(dictionary("shape", "(4,,)"), 32), `…: a length in shape is no whole number that fits a machine word`},
		"length of 2^63":    {npy(dictionary("shape", "(9223372036854775808,)"), 32), `…: a length in shape is no whole number that fits a machine word`},
		"65 dimensions":     {npy(dictionary("shape", "("+strings.Repeat("1,", 65)+")"), 8), `…: more than 64 dimensions`},
		"product of 2^64":   {npy(dictionary("shape", "(4294967296, 4294967296)"), 32), "shape (4294967296, 4294967296) has more elements than memory can address"},
		"bytes of 2^63 + 8": {npy(dictionary("shape", "(1152921504606846977,)"), 8), "shape (1152921504606846977,) of <f8 needs 1152921504606846977 elements of 8 bytes, but 8 bytes follow the header; the file is cut off or damaged"},

		"one byte less":   {good[:len(good)-1], "shape (4,) of <f8 needs 4 elements of 8 bytes, but 31 bytes follow the header; the file is cut off or damaged"},
		"one byte more":   {append(bytes.Clone(good), 0), "shape (4,) of <f8 needs 4 elements of 8 bytes, but 33 bytes follow the header; the file is cut off or damaged"},
		"no elements":     {npy(dictionary("", ""), 0), "shape (4,) of <f8 needs 4 elements of 8 bytes, but 0 bytes follow the header; the file is cut off or damaged"},
		"bytes of none":   {npy(dictionary("shape", "(0,)"), 1), "shape (0,) of <f8 needs 0 elements of 8 bytes, but 1 bytes follow the header; the file is cut off or damaged"},
		"bytes of scalar": {npy(dictionary("shape", "()"), 16), "shape () of <f8 needs 1 elements of 8 bytes, but 16 bytes follow the header; the file is cut off or damaged"},
	}
	for _, descr := range []string{"", "f8", "<f", "<f8 ", "<fx", "<f-8", "=f8", "|f8", "<f1", "<f3", "<f16", "<i3", "<u16", "<b2", "|i2", "<c8", "<O8", "|S8", "<U999999999"} {
		cases["element type "+descr] = struct {
			content []byte
			want    string
		}{npy(dictionary("descr", "'"+descr+"'"), 32), fmt.Sprintf("element type %q where float16, float32, float64 or an integer type is allowed", descr)}
	}
	for name, c := range cases {
		path := place(t, "a.npy", c.content)
		_, _, err := open(t, path).Float64("a")
		start, end, _ := strings.Cut("npz: "+path+`: array "a": `+c.want, "…: ")
		if end == "" && (err == nil || err.Error() != start) ||
			end != "" && (err == nil || !strings.HasPrefix(err.Error(), start) || !strings.HasSuffix(err.Error(), ": "+end)) {
			t.Errorf("%s:\ngot  %v\nwant %s", name, err, c.want)
		}
	}
}

// TestBadElementTypes: an element type that has no such values is named.
func TestBadElementTypes(t *testing.T) {
	f := open(t, place(t, "a.npy", npy(dictionary("descr", "'<b2'"), 8)))
	if x, _, err := f.Bool("a"); err == nil || !strings.HasSuffix(err.Error(), `element type "<b2" where bool is allowed`) {
		t.Errorf("bool of two bytes: %v, %v", x, err)
	}
	for _, descr := range []string{"<U-1", "<U268435457", "U1", "=U1"} {
		f := open(t, place(t, "a.npy", npy(dictionary("descr", "'"+descr+"'"), 16)))
		if x, _, err := f.Strings("a"); err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf("element type %q where '<U' (Unicode strings) is allowed", descr)) {
			t.Errorf("%s: %v, %v", descr, x, err)
		}
	}
}

// TestGoodHeaders: what NumPy and others write in other ways is read.
func TestGoodHeaders(t *testing.T) {
	for _, text := range []string{
		dictionary("", ""),
		`{"descr": "<f8", "fortran_order": False, "shape": (4,)}`,
		"{'shape': (2, 2), 'fortran_order': True, 'descr': '<f8'}",
		"{'descr':'>f8','fortran_order':False,'shape':(4L,),}",
		" { 'descr' : '<i8' , 'fortran_order' : False , 'shape' : ( 2 , 2 ) , } \n",
		"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 4, 1)}",
	} {
		if x, _, err := open(t, place(t, "a.npy", npy(text, 32))).Float64("a"); err != nil || len(x) != 4 {
			t.Errorf("%s: %v, %v", text, x, err)
		}
	}
	for version := byte(2); version <= 3; version++ {
		text := dictionary("", "")
		content := append([]byte(magic), version, 0, byte(len(text)), 0, 0, 0)
		content = append(append(content, text...), make([]byte, 32)...)
		if x, _, err := open(t, place(t, "a.npy", content)).Float64("a"); err != nil || len(x) != 4 {
			t.Errorf("version %d.0: %v, %v", version, x, err)
		}
	}
}

// TestBadMembers: of an archive, the member that is wrong is named.
func TestBadMembers(t *testing.T) {
	archive := func(members ...any) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for i := 0; i < len(members); i += 2 {
			m, err := w.CreateHeader(&zip.FileHeader{Name: members[i].(string), Method: zip.Store})
			must(t, err)
			_, err = m.Write(members[i+1].([]byte))
			must(t, err)
		}
		must(t, w.Close())
		return out.Bytes()
	}
	good := npy(dictionary("", ""), 32)
	path := place(t, "a.npz", archive("q.npy", good, "k.npy", []byte("PK and no array"), "v.npy", good[:40], "notes.txt", []byte("text"), "deep/x.npy", good))
	f := open(t, path)
	if names := strings.Join(f.Names(), " "); names != "q k v deep/x" {
		t.Errorf("names %s", names)
	}
	for name, want := range map[string]string{
		"q": "", "deep/x": "",
		"k":     `array "k": starts with "PK and"; a .npy array starts with "\x93NUMPY"`,
		"v":     `array "v": cut off within the header: unexpected EOF`,
		"notes": `no array "notes"; the file holds q, k, v, deep/x`,
	} {
		_, _, err := f.Float64(name)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != "npz: "+path+": "+want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if _, other := f.Array(name); (other == nil) != (want == "") {
			t.Errorf("Array(%s): %v", name, other)
		}
	}
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"twice":      {archive("q.npy", good, "q.npy", good), `two members are called "q.npy"`},
		"no members": {archive(), ""},
		"half":       {archive("q.npy", good)[:100], "the .npz archive is damaged or cut off: zip: not a valid zip file"},
		"text":       {[]byte("q,k,v\n"), `starts with "q,k,v\n": neither a .npz archive nor a .npy array`},
		"one byte":   {[]byte("P"), `starts with "P": neither a .npz archive nor a .npy array`},
	} {
		path := place(t, "b.npz", c.content)
		f, err := Open(path)
		if c.want != "" {
			if err == nil || err.Error() != "npz: "+path+": "+c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		must(t, err)
		if _, _, err := f.Float64("q"); err == nil || !strings.HasSuffix(err.Error(), `no array "q"; the file holds no arrays`) {
			t.Errorf("%s: %v", name, err)
		}
		must(t, f.Close())
	}
}
