package transformer

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/model/transformer/family"
)

// Softmax returns the attention matrix of one head, attention[t·n+s] = exp(q_t·k_s) / Z_t, and logZ[t] = ln Z_t with
// Z_t = Σ_s exp(q_t·k_s) (science §2, rung A0). q and k are n × d, row-major, already divided by d^(1/4) each (see ScaleHead).
// With causal, row t sums over s ≤ t only and the other entries are 0.
//
// Every row is shifted by its maximum, so the matrix is right wherever the scores are finite; Z itself may exceed the largest
// float64, which is why its logarithm is returned (Z = exp(logZ) may be +Inf).
//
// Softmax panics if the slices' lengths do not fit n and d.
func Softmax(q, k []float64, n, d int, causal bool) (attention, logZ []float64) {
	checkShapes(q, k, n, d)
	attention, logZ = make([]float64, n*n), make([]float64, n)
	softmaxRows(q, k, n, d, 0, causal, attention, logZ)
	return attention, logZ
}

// rowsAtOnce is how many rows SoftmaxRows holds: enough for the matrix product to run at nearly full speed.
const rowsAtOnce = 64

// SoftmaxRows computes the matrix of Softmax, to the same bits, without holding it: visit is given some rows at a time, in order,
// attention[(t−first)·n+s] for t from first on. The rows are overwritten once it returns, so the memory taken is linear in n.
//
// SoftmaxRows panics if the slices' lengths do not fit n and d.
func SoftmaxRows(q, k []float64, n, d int, causal bool, visit func(first int, attention []float64)) (logZ []float64) {
	checkShapes(q, k, n, d)
	logZ = make([]float64, n)
	rows := make([]float64, min(rowsAtOnce, n)*n)
	for first := 0; first < n; first += rowsAtOnce {
		last := min(first+rowsAtOnce, n)
		block := rows[:(last-first)*n]
		softmaxRows(q[first*d:last*d], k, n, d, first, causal, block, logZ[first:last])
		visit(first, block)
	}
	return logZ
}

func checkShapes(q, k []float64, n, d int) {
	if len(q) != n*d || len(k) != n*d {
		panic(fmt.Sprintf("transformer.Softmax: %d and %d numbers for %d tokens of size %d", len(q), len(k), n, d))
	}
}

// softmaxRows sets the rows of the attention matrix that begin with row first, one for each entry of logZ; q holds their queries.
func softmaxRows(q, k []float64, n, d, first int, causal bool, attention, logZ []float64) {
	matmul(false, true, len(logZ), n, d, q, k, attention)
	for i := range logZ {
		row := attention[i*n : (i+1)*n]
		visible := row
		if causal {
			visible = row[:first+i+1]
			clear(row[first+i+1:])
		}
		logZ[i] = softmaxRow(visible)
	}
}

// softmaxRow replaces scores by their softmax and returns the logarithm of their sum of exponentials.
func softmaxRow(scores []float64) float64 {
	greatest := math.Inf(-1)
	for _, x := range scores {
		greatest = max(greatest, x) // NaN propagates, as it should
	}
	kernel.Exp(scores, scores, -greatest)
	sum := 0.0
	for _, e := range scores {
		sum += e
	}
	for s := range scores {
		scores[s] /= sum
	}
	return greatest + portable.Log(sum)
}

// ScaleHead returns x / d^(1/4): queries and keys in the scaling in which q·k is the attention score q_raw·k_raw/√d.
func ScaleHead(x []float64, d int) []float64 { return scaled(x, headPart(d)) }

func headPart(d int) float64 { return 1 / math.Sqrt(math.Sqrt(float64(d))) }

// Scaled returns the head's queries and keys in the scaling in which q·k is the attention score.
func (h HeadState) Scaled() (q, k []float64) { return scaled(h.Q, h.Part), scaled(h.K, h.Part) }

func scaled[T family.Real](x []T, by T) []T {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = v * by
	}
	return y
}

// softmaxOf is Softmax in either precision.
func softmaxOf[T family.Real](q, k []T, n, d int, causal bool) (attention []T, logZ []float64) {
	switch q := any(q).(type) {
	case []float64:
		a, logZ := Softmax(q, any(k).([]float64), n, d, causal)
		return any(a).([]T), logZ
	case []float32:
		a, logZ := softmax32(q, any(k).([]float32), n, d, causal)
		return any(a).([]T), logZ
	}
	panic("unreachable")
}

func softmax32(q, k []float32, n, d int, causal bool) (attention []float32, logZ []float64) {
	attention, logZ = make([]float32, n*n), make([]float64, n)
	kernel.Gemm32(false, true, n, n, d, 1, q, d, k, d, 0, attention, n)
	for t := range n {
		row := attention[t*n : (t+1)*n]
		visible := row
		if causal {
			visible = row[:t+1]
			clear(row[t+1:])
		}
		logZ[t] = softmaxRow32(visible)
	}
	return attention, logZ
}

// softmaxRow32 is softmaxRow in float32.
func softmaxRow32(scores []float32) float64 {
	greatest := float32(math.Inf(-1))
	for _, x := range scores {
		greatest = max(greatest, x)
	}
	sum := float32(0)
	for i, x := range scores {
		scores[i] = float32(portable.Exp(float64(x - greatest)))
		sum += scores[i]
	}
	for s := range scores {
		scores[s] /= sum
	}
	return float64(greatest) + portable.Log(float64(sum))
}
