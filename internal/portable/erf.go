package portable

import "math"

// erfCoefficients are those of e, erf x = x + x e(x²) for |x| ≤ 1, and
// erfcCoefficients those of x e^{x²} erfc x for 1 ≤ x ≤ 28, in (x − 4)/(x + 4)
// (testdata/coefficients.py): they leave erf wrong by 1.1e-17 and erfc by 7e-17
// of itself.
var (
	erfCoefficients = [...]float64{
		-0x1.29b9f1b3df556p-38,
		0x1.7f072188e194dp-34,
		-0x1.4e607b41a6416p-30,
		0x1.fc4356498c2d9p-27,
		-0x1.5f6d925a0bc7ap-23,
		0x1.b9e6509b9867dp-20,
		-0x1.f4d2561aeafd4p-17,
		0x1.f9a326c233146p-14,
		-0x1.c02db3feeb579p-11,
		0x1.565bcd0e6502dp-8,
		-0x1.b82ce312889bap-6,
		0x1.ce2f21a042bdep-4,
		-0x1.812746b0379e7p-2,
		0x1.06eba8214db69p-3,
	}
	erfcCoefficients = [...]float64{
		-0x1.d6458302864d9p-27,
		0x1.ba5f3d3fefd60p-25,
		0x1.3d6103dbad457p-25,
		-0x1.e7fdec9673a74p-22,
		0x1.2b87f12482cabp-22,
		0x1.9a638316c3788p-19,
		-0x1.db0df001af389p-18,
		-0x1.796b1687dd882p-17,
		0x1.6b2cce0a23e7dp-14,
		-0x1.23c169e03d7f0p-13,
		-0x1.81e1bf58d8744p-12,
		0x1.7e2591e12b5b3p-9,
		-0x1.4be8336cba5cep-7,
		0x1.99b1a2fc1e283p-6,
		-0x1.8fe3de80739e6p-5,
		0x1.4135abc9628eap-4,
		-0x1.ae15a7fd2121ap-4,
		0x1.dbdcdede70fb6p-4,
		-0x1.a070bc6920ad0p-4,
		0x1.e9412fa33c749p-5,
		0x1.18932bf08e154p-1,
	}
)

// Erf returns the error function within 2 units: half a unit of the last sum and
// less than one of x e, at most a sixth of the result.
func Erf(x float64) float64 {
	const most = 6 // erf rounds to 1 before
	a := math.Abs(x)
	switch {
	case a <= 1:
		return x + float64(x*polynomial(erfCoefficients[:], float64(x*x)))
	case a < most:
		return math.Copysign(1-tail(a), x)
	case math.IsNaN(x):
		return x
	}
	return math.Copysign(1, x)
}

// Erfc returns 1 − erf x within 6 units; below the smallest normal number,
// within one of the smallest subnormal.
func Erfc(x float64) float64 {
	const most = 28 // erfc is less than the smallest float64 before
	switch {
	case x < 1:
		return 1 - Erf(x)
	case x < most:
		return tail(x)
	case math.IsNaN(x):
		return x
	}
	return 0
}

// tail is erfc for 1 ≤ x ≤ 28. x² itself, rounded, would put e^{−x²} wrong by
// x² units; so the square of x's first half is taken out, which is exact.
func tail(x float64) float64 {
	const firstHalf = 1<<64 - 1<<27
	head := math.Float64frombits(math.Float64bits(x) & firstHalf)
	correction := Exp(-float64((x - head) * (x + head)))
	scaled := polynomial(erfcCoefficients[:], (x-4)/(x+4))
	return float64(Exp(-float64(head*head)) * float64(correction*scaled/x))
}
