package plotting

import (
	"bytes"
	"testing"
)

// BenchmarkWrite draws the figures of a text of 236 tokens into files.
func BenchmarkWrite(b *testing.B) {
	makers := map[string]func() (*Figure, error){
		"normalizer": func() (*Figure, error) { return Normalizer(normalizerInput(236)) },
		"attention":  func() (*Figure, error) { return Attention(attentionInput(236)) },
		"traces":     func() (*Figure, error) { return Traces(tracesInput(236, false)) },
		"budget":     func() (*Figure, error) { return Budget(budgetInput(4)) },
		"output":     func() (*Figure, error) { return Output(outputInput(4, 236)) },
	}
	for _, name := range Names() {
		for _, format := range Formats() {
			b.Run(name+"/"+format, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f, err := makers[name]()
					if err != nil {
						b.Fatal(err)
					}
					var file bytes.Buffer
					if err := f.Write(&file, format); err != nil {
						b.Fatal(err)
					}
					b.SetBytes(int64(file.Len()))
				}
			})
		}
	}
}
