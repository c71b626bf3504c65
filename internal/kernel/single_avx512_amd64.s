#include "textflag.h"

// exp, GELU and its kin in float32 with AVX-512: the steps of
// single_avx2_amd64.s, 16 elements at a time. Z16 … Z22 hold the first seven
// constants of singleExp, Z6 … Z10 the polynomial's coefficients.

#define SINGLECONSTANTS \
	LEAQ         ·singleExp(SB), AX; \
	VBROADCASTSS 0(AX), Z16; \
	VBROADCASTSS 4(AX), Z17; \
	VBROADCASTSS 8(AX), Z18; \
	VBROADCASTSS 12(AX), Z19; \
	VBROADCASTSS 16(AX), Z20; \
	VBROADCASTSS 20(AX), Z21; \
	VBROADCASTSS 24(AX), Z22; \
	VBROADCASTSS 28(AX), Z6; \
	VBROADCASTSS 32(AX), Z7; \
	VBROADCASTSS 36(AX), Z8; \
	VBROADCASTSS 40(AX), Z9; \
	VBROADCASTSS 44(AX), Z10

// BOUND keeps the argument, Z0, within ±110; a NaN stays.
#define BOUND \
	VMINPS Z0, Z20, Z0; \
	VMAXPS Z0, Z21, Z0

// REDUCE leaves r in Z0 and n in Z1.
#define REDUCE \
	VMOVAPS      Z17, Z1; \
	VFMADD231PS  Z16, Z0, Z1; \
	VSUBPS       Z17, Z1, Z1; \
	VFNMADD231PS Z18, Z1, Z0; \
	VFNMADD231PS Z19, Z1, Z0

// EXPOFREST turns r in Z0 into exp r in Z2.
#define EXPOFREST \
	VMULPS      Z0, Z0, Z3; \
	VMOVAPS     Z6, Z2; \
	VFMADD213PS Z7, Z0, Z2; \
	VFMADD213PS Z8, Z0, Z2; \
	VFMADD213PS Z9, Z0, Z2; \
	VFMADD213PS Z10, Z0, Z2; \
	VFMADD213PS Z0, Z3, Z2; \
	VADDPS      Z22, Z2, Z2

// MASK16 sets K1 to select the first CX of 16 elements, or jumps if there are none.
#define MASK16(none) \
	TESTQ CX, CX; \
	JZ    none; \
	MOVL  $1, BX; \
	SHLL  CX, BX; \
	DECL  BX; \
	KMOVW BX, K1

// func expSum32AVX512(dst, src []float32, shift float32) float32
TEXT ·expSum32AVX512(SB), NOSPLIT, $0-60
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         src_base+24(FP), SI
	VBROADCASTSS shift+48(FP), Z23
	SINGLECONSTANTS
	VPXORQ       Z4, Z4, Z4
	SUBQ         $16, CX
	JLT          tail

loop:
	VADDPS    (SI), Z23, Z0
	BOUND
	REDUCE
	EXPOFREST
	VSCALEFPS Z1, Z2, Z2
	VADDPS    Z2, Z4, Z4
	VMOVUPS   Z2, (DI)
	ADDQ      $64, SI
	ADDQ      $64, DI
	SUBQ      $16, CX
	JGE       loop

tail:
	ADDQ $16, CX
	MASK16(sum)
	VMOVUPS.Z (SI), K1, Z0
	VADDPS    Z0, Z23, Z0
	BOUND
	REDUCE
	EXPOFREST
	VSCALEFPS Z1, Z2, Z2
	VADDPS    Z2, Z4, K1, Z4
	VMOVUPS   Z2, K1, (DI)

sum:
	VEXTRACTF64X4 $1, Z4, Y0
	VADDPS        Y0, Y4, Y0
	VEXTRACTF128  $1, Y0, X1
	VADDPS        X1, X0, X0
	VPERMILPD     $1, X0, X1
	VADDPS        X1, X0, X0
	VMOVSHDUP     X0, X1
	VADDSS        X1, X0, X0
	VZEROUPPER
	MOVSS         X0, ret+56(FP)
	RET

// GELU takes x in Z0 to x Φ(x) in Z2. Z11 … Z15 hold the constants of
// geluConstants, R11 points to G's coefficients, Z23 selects a magnitude and
// Z24 is −0.
#define GELU \
	VMOVAPS     Z0, Z25; \
	VPANDD      Z23, Z0, Z0; \
	VMINPS      Z0, Z15, Z0; \
	VADDPS      Z11, Z0, Z3; \
	VDIVPS      Z3, Z22, Z3; \
	VMOVAPS     Z22, Z4; \
	VFMADD231PS Z12, Z3, Z4; \
	VMULPS      Z3, Z0, Z5; \
	VMOVAPS     Z26, Z3; \
	VFMADD213PS Z27, Z4, Z3; \
	VFMADD213PS Z28, Z4, Z3; \
	VFMADD213PS Z29, Z4, Z3; \
	VFMADD213PS Z30, Z4, Z3; \
	VFMADD213PS Z31, Z4, Z3; \
	VFMADD213PS.BCST 24(R11), Z4, Z3; \
	VFMADD213PS.BCST 28(R11), Z4, Z3; \
	VFMADD213PS.BCST 32(R11), Z4, Z3; \
	VFMADD213PS.BCST 36(R11), Z4, Z3; \
	VMULPS      Z5, Z3, Z5; \
	VMOVAPS     Z0, Z4; \
	VMULPS      Z0, Z0, Z0; \
	VFMSUB213PS Z0, Z4, Z4; \
	VMULPS      Z13, Z0, Z0; \
	REDUCE; \
	VFMADD231PS Z13, Z4, Z0; \
	EXPOFREST; \
	VMULPS      Z5, Z2, Z2; \
	VSCALEFPS   Z1, Z2, Z2; \
	VMAXPS      Z25, Z24, Z25; \
	VSUBPS      Z2, Z25, Z2

// func gelu32AVX512(x []float32)
TEXT ·gelu32AVX512(SB), NOSPLIT, $0-24
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	SINGLECONSTANTS
	LEAQ ·geluConstants(SB), R10
	LEAQ ·geluCoefficients(SB), R11
	LEAQ ·singleLimits(SB), R9
	VBROADCASTSS 0(R10), Z11
	VBROADCASTSS 4(R10), Z12
	VBROADCASTSS 8(R10), Z13
	VBROADCASTSS 12(R10), Z15
	VPBROADCASTD 0(R9), Z23
	VPBROADCASTD 16(R9), Z24
	VBROADCASTSS 0(R11), Z26
	VBROADCASTSS 4(R11), Z27
	VBROADCASTSS 8(R11), Z28
	VBROADCASTSS 12(R11), Z29
	VBROADCASTSS 16(R11), Z30
	VBROADCASTSS 20(R11), Z31
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (DI), Z0
	GELU
	VMOVUPS Z2, (DI)
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ $16, CX
	MASK16(done)
	VMOVUPS.Z (DI), K1, Z0
	GELU
	VMOVUPS   Z2, K1, (DI)

done:
	VZEROUPPER
	RET

// SIGMOIDPRODUCT takes x in Z0 to x σ(linear x + cubic x³) in Z2, with −linear in
// Z11, −cubic in Z12 and the bounds of x in Z13, Z14.
#define SIGMOIDPRODUCT \
	VMAXPS      Z0, Z13, Z4; \
	VMINPS      Z4, Z14, Z0; \
	VMULPS      Z0, Z0, Z3; \
	VFMADD213PS Z11, Z12, Z3; \
	VMULPS      Z3, Z0, Z0; \
	BOUND; \
	REDUCE; \
	EXPOFREST; \
	VSCALEFPS   Z1, Z2, Z2; \
	VADDPS      Z22, Z2, Z2; \
	VDIVPS      Z2, Z4, Z2

// func sigmoidProduct32AVX512(x []float32, linear, cubic float32)
TEXT ·sigmoidProduct32AVX512(SB), NOSPLIT, $0-32
	MOVQ         x_base+0(FP), DI
	MOVQ         x_len+8(FP), CX
	SINGLECONSTANTS
	LEAQ         ·sigmoidConstants(SB), R10
	LEAQ         ·singleLimits(SB), R9
	VBROADCASTSS linear+24(FP), Z11
	VBROADCASTSS cubic+28(FP), Z12
	VPBROADCASTD 16(R9), Z15
	VPXORD       Z15, Z11, Z11
	VPXORD       Z15, Z12, Z12
	VBROADCASTSS 0(R10), Z13
	VBROADCASTSS 4(R10), Z14
	SUBQ         $16, CX
	JLT          tail

loop:
	VMOVUPS (DI), Z0
	SIGMOIDPRODUCT
	VMOVUPS Z2, (DI)
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ $16, CX
	MASK16(done)
	VMOVUPS.Z (DI), K1, Z0
	SIGMOIDPRODUCT
	VMOVUPS   Z2, K1, (DI)

done:
	VZEROUPPER
	RET
