// exp of two vectors of float32 with AVX2: the steps of exp1 in exp.go, fused,
// with the constants of singleExp. Y0 and Y4 hold the arguments, Y8 … Y11 the
// first four constants, AX points to all, R9 to singleLimits; Y1, Y5 hold the
// bits of n + 1.5·2²³, Y2, Y6 the result, Y3, Y7, Y15 are used up.

#define SINGLECONSTANTS \
	LEAQ         ·singleExp(SB), AX; \
	LEAQ         ·singleLimits(SB), R9; \
	VBROADCASTSS 0(AX), Y8; \
	VBROADCASTSS 4(AX), Y9; \
	VBROADCASTSS 8(AX), Y10; \
	VBROADCASTSS 12(AX), Y11

// IFBEYOND jumps if one of Y0, Y4 is a NaN or beyond the limit.
#define IFBEYOND(limit, label) \
	VPBROADCASTD 0(R9), Y15; \
	VPAND        Y15, Y0, Y3; \
	VPAND        Y15, Y4, Y7; \
	VPMAXSD      Y3, Y7, Y3; \
	VPBROADCASTD limit(R9), Y15; \
	VPCMPGTD     Y15, Y3, Y3; \
	VMOVMSKPS    Y3, BX; \
	TESTL        BX, BX; \
	JNZ          label

// BOUND keeps the arguments within ±110; a NaN stays.
#define BOUND \
	VBROADCASTSS 16(AX), Y15; \
	VMINPS       Y0, Y15, Y0; \
	VMINPS       Y4, Y15, Y4; \
	VBROADCASTSS 20(AX), Y15; \
	VMAXPS       Y0, Y15, Y0; \
	VMAXPS       Y4, Y15, Y4

// REDUCE leaves r in x and n + 1.5·2²³ in t.
#define REDUCE(x, t, n) \
	VMOVAPS      Y9, t; \
	VFMADD231PS  Y8, x, t; \
	VSUBPS       Y9, t, n; \
	VFNMADD231PS Y10, n, x; \
	VFNMADD231PS Y11, n, x

#define HORNER(at) \
	VBROADCASTSS at(AX), Y15; \
	VFMADD213PS  Y15, Y0, Y2; \
	VFMADD213PS  Y15, Y4, Y6

// EXPOFREST turns r in Y0, Y4 into exp r in Y2, Y6.
#define EXPOFREST \
	VMULPS       Y0, Y0, Y3; \
	VMULPS       Y4, Y4, Y7; \
	VBROADCASTSS 28(AX), Y2; \
	VMOVAPS      Y2, Y6; \
	HORNER(32); \
	HORNER(36); \
	HORNER(40); \
	HORNER(44); \
	VFMADD213PS  Y0, Y3, Y2; \
	VFMADD213PS  Y4, Y7, Y6; \
	VBROADCASTSS 24(AX), Y15; \
	VADDPS       Y15, Y2, Y2; \
	VADDPS       Y15, Y6, Y6

// SCALENORMAL multiplies Y2, Y6 by 2ⁿ where the products are normal numbers.
#define SCALENORMAL \
	VPSLLD $23, Y1, Y1; \
	VPSLLD $23, Y5, Y5; \
	VPADDD Y1, Y2, Y2; \
	VPADDD Y5, Y6, Y6

// SCALEANY does so in two steps, as 2ⁿ itself may be no normal number.
#define SCALE1(y, t, s) \
	VPSUBD Y9, t, t; \
	VPSRAD $1, t, s; \
	VPSUBD s, t, t; \
	VPADDD Y15, s, s; \
	VPADDD Y15, t, t; \
	VPSLLD $23, s, s; \
	VPSLLD $23, t, t; \
	VMULPS s, y, y; \
	VMULPS t, y, y

#define SCALEANY \
	VPBROADCASTD 12(R9), Y15; \
	SCALE1(Y2, Y1, Y3); \
	SCALE1(Y6, Y5, Y7)

// MASK16 points DX at masks of CX of 16 elements, CX < 16, or jumps if there are
// none.
#define MASK16(none) \
	TESTQ CX, CX; \
	JZ    none; \
	LEAQ  ·selection32+64(SB), DX; \
	MOVQ  CX, BX; \
	SHLQ  $2, BX; \
	SUBQ  BX, DX

// LOADMASKED and STOREMASKED move such elements by way of the masks m, n.
#define LOADMASKED(from, a, b, m, n) \
	VMOVUPS    (DX), m; \
	VMOVUPS    32(DX), n; \
	VMASKMOVPS (from), m, a; \
	VMASKMOVPS 32(from), n, b

#define STOREMASKED(a, b, to, m, n) \
	VMOVUPS    (DX), m; \
	VMOVUPS    32(DX), n; \
	VMASKMOVPS a, m, (to); \
	VMASKMOVPS b, n, 32(to)
