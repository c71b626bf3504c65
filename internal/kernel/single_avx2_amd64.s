#include "textflag.h"
#include "single_avx2_amd64.h"

// exp, GELU and its kin in float32 with AVX2, 16 elements at a time. Most blocks
// need neither bounds nor results below the smallest normal number: they skip
// those steps, which would change no bit.

// func expSum32AVX2(dst, src []float32, shift float32) float32
TEXT ·expSum32AVX2(SB), NOSPLIT, $0-60
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         src_base+24(FP), SI
	VBROADCASTSS shift+48(FP), Y12
	SINGLECONSTANTS
	VXORPS       Y13, Y13, Y13
	VXORPS       Y14, Y14, Y14
	SUBQ         $16, CX
	JLT          tail

loop:
	VADDPS (SI), Y12, Y0
	VADDPS 32(SI), Y12, Y4
	IFBEYOND(4, beyond)
	REDUCE(Y0, Y1, Y2)
	REDUCE(Y4, Y5, Y6)
	EXPOFREST
	SCALENORMAL

write:
	VADDPS  Y2, Y13, Y13
	VADDPS  Y6, Y14, Y14
	VMOVUPS Y2, (DI)
	VMOVUPS Y6, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ $16, CX
	MASK16(sum)
	LOADMASKED(SI, Y0, Y4, Y1, Y5)
	VADDPS Y0, Y12, Y0
	VADDPS Y4, Y12, Y4
	BOUND
	REDUCE(Y0, Y1, Y2)
	REDUCE(Y4, Y5, Y6)
	EXPOFREST
	SCALEANY
	STOREMASKED(Y2, Y6, DI, Y1, Y5)
	VANDPS Y1, Y2, Y2
	VANDPS Y5, Y6, Y6
	VADDPS Y2, Y13, Y13
	VADDPS Y6, Y14, Y14

sum:
	VADDPS       Y14, Y13, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0
	VPERMILPD    $1, X0, X1
	VADDPS       X1, X0, X0
	VMOVSHDUP    X0, X1
	VADDSS       X1, X0, X0
	VZEROUPPER
	MOVSS        X0, ret+56(FP)
	RET

beyond:
	BOUND
	REDUCE(Y0, Y1, Y2)
	REDUCE(Y4, Y5, Y6)
	EXPOFREST
	SCALEANY
	JMP write

// TAILHORNER is a step of G(t), t in Y12, Y13.
#define TAILHORNER(at) \
	VBROADCASTSS at(R11), Y15; \
	VFMADD213PS  Y15, Y12, Y3; \
	VFMADD213PS  Y15, Y13, Y7

// NORMALTAIL takes a = |x| in Y0, Y4 to a G(t)/(a + K) exp r in Y2, Y6, with n in Y1,
// Y5. What rounding a² leaves out, e, is taken off r.
#define NORMALTAIL \
	VBROADCASTSS 0(R10), Y15; \
	VADDPS       Y15, Y0, Y3; \
	VADDPS       Y15, Y4, Y7; \
	VBROADCASTSS 24(AX), Y15; \
	VDIVPS       Y3, Y15, Y3; \
	VDIVPS       Y7, Y15, Y7; \
	VMOVAPS      Y15, Y12; \
	VMOVAPS      Y15, Y13; \
	VBROADCASTSS 4(R10), Y15; \
	VFMADD231PS  Y15, Y3, Y12; \
	VFMADD231PS  Y15, Y7, Y13; \
	VMULPS       Y3, Y0, Y14; \
	VMOVUPS      Y14, weight-64(SP); \
	VMULPS       Y7, Y4, Y14; \
	VMOVUPS      Y14, weight-32(SP); \
	VBROADCASTSS (R11), Y3; \
	VMOVAPS      Y3, Y7; \
	TAILHORNER(4); \
	TAILHORNER(8); \
	TAILHORNER(12); \
	TAILHORNER(16); \
	TAILHORNER(20); \
	TAILHORNER(24); \
	TAILHORNER(28); \
	TAILHORNER(32); \
	TAILHORNER(36); \
	VMULPS       weight-64(SP), Y3, Y12; \
	VMULPS       weight-32(SP), Y7, Y13; \
	VMULPS       Y0, Y0, Y3; \
	VMULPS       Y4, Y4, Y7; \
	VFMSUB213PS  Y3, Y0, Y0; \
	VFMSUB213PS  Y7, Y4, Y4; \
	VBROADCASTSS 8(R10), Y15; \
	VMULPS       Y15, Y3, Y3; \
	VMULPS       Y15, Y7, Y7; \
	REDUCE(Y3, Y1, Y2); \
	REDUCE(Y7, Y5, Y6); \
	VFMADD213PS  Y3, Y15, Y0; \
	VFMADD213PS  Y7, Y15, Y4; \
	EXPOFREST; \
	VMULPS       Y12, Y2, Y2; \
	VMULPS       Y13, Y6, Y6

// MAGNITUDE takes the arguments in Y0, Y4 to their magnitudes, BOUNDED ones.
#define MAGNITUDE \
	VPBROADCASTD 0(R9), Y15; \
	VPAND        Y15, Y0, Y0; \
	VPAND        Y15, Y4, Y4

#define BOUNDED \
	VBROADCASTSS 12(R10), Y15; \
	VMINPS       Y0, Y15, Y0; \
	VMINPS       Y4, Y15, Y4

// LESSTAIL leaves max(x, −0) − tail in Y2, Y6, for x in Y0, Y4.
#define LESSTAIL \
	VBROADCASTSS 16(R9), Y15; \
	VMAXPS       Y0, Y15, Y0; \
	VMAXPS       Y4, Y15, Y4; \
	VSUBPS       Y2, Y0, Y2; \
	VSUBPS       Y6, Y4, Y6

// func gelu32AVX2(x []float32)
TEXT ·gelu32AVX2(SB), NOSPLIT, $64-24
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	SINGLECONSTANTS
	LEAQ ·geluConstants(SB), R10
	LEAQ ·geluCoefficients(SB), R11
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y4
	IFBEYOND(8, beyond)
	MAGNITUDE
	NORMALTAIL
	SCALENORMAL

write:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y4
	LESSTAIL
	VMOVUPS Y2, (DI)
	VMOVUPS Y6, 32(DI)
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ $16, CX
	MASK16(done)
	LOADMASKED(DI, Y0, Y4, Y1, Y5)
	MAGNITUDE
	BOUNDED
	NORMALTAIL
	SCALEANY
	LOADMASKED(DI, Y0, Y4, Y1, Y5)
	LESSTAIL
	STOREMASKED(Y2, Y6, DI, Y1, Y5)

done:
	VZEROUPPER
	RET

beyond:
	MAGNITUDE
	BOUNDED
	NORMALTAIL
	SCALEANY
	JMP write

// KEEPFROM and KEEPTO bound Y0, Y4 from below and above; a NaN stays.
#define KEEPFROM \
	VBROADCASTSS 0(R10), Y15; \
	VMAXPS       Y0, Y15, Y0; \
	VMAXPS       Y4, Y15, Y4

#define KEEPTO \
	VBROADCASTSS 4(R10), Y15; \
	VMINPS       Y0, Y15, Y0; \
	VMINPS       Y4, Y15, Y4

// ARGUMENT takes x in Y0, Y4 to −(linear + cubic x²) x, with −linear in Y13 and
// −cubic in Y14.
#define ARGUMENT \
	VMULPS      Y0, Y0, Y3; \
	VMULPS      Y4, Y4, Y7; \
	VFMADD213PS Y13, Y14, Y3; \
	VFMADD213PS Y13, Y14, Y7; \
	VMULPS      Y3, Y0, Y0; \
	VMULPS      Y7, Y4, Y4

// OVERSUM leaves x/(1 + exp) in Y2, Y6, for x in Y0, Y4 and exp in Y2, Y6.
#define OVERSUM \
	VBROADCASTSS 24(AX), Y15; \
	VADDPS       Y15, Y2, Y2; \
	VADDPS       Y15, Y6, Y6; \
	VDIVPS       Y2, Y0, Y2; \
	VDIVPS       Y6, Y4, Y6

// func sigmoidProduct32AVX2(x []float32, linear, cubic float32)
TEXT ·sigmoidProduct32AVX2(SB), NOSPLIT, $0-32
	MOVQ         x_base+0(FP), DI
	MOVQ         x_len+8(FP), CX
	SINGLECONSTANTS
	LEAQ         ·sigmoidConstants(SB), R10
	VBROADCASTSS linear+24(FP), Y13
	VBROADCASTSS cubic+28(FP), Y14
	VPBROADCASTD 16(R9), Y15
	VXORPS       Y15, Y13, Y13
	VXORPS       Y15, Y14, Y14
	SUBQ         $16, CX
	JLT          tail

loop:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y4
	ARGUMENT
	IFBEYOND(4, beyond)
	REDUCE(Y0, Y1, Y2)
	REDUCE(Y4, Y5, Y6)
	EXPOFREST
	SCALENORMAL
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y4

write:
	OVERSUM
	VMOVUPS Y2, (DI)
	VMOVUPS Y6, 32(DI)
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ $16, CX
	MASK16(done)
	LOADMASKED(DI, Y0, Y4, Y1, Y5)
	KEEPFROM
	KEEPTO
	ARGUMENT
	BOUND
	REDUCE(Y0, Y1, Y2)
	REDUCE(Y4, Y5, Y6)
	EXPOFREST
	SCALEANY
	LOADMASKED(DI, Y0, Y4, Y1, Y5)
	KEEPFROM
	OVERSUM
	STOREMASKED(Y2, Y6, DI, Y1, Y5)

done:
	VZEROUPPER
	RET

beyond:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y4
	KEEPFROM
	KEEPTO
	ARGUMENT
	BOUND
	REDUCE(Y0, Y1, Y2)
	REDUCE(Y4, Y5, Y6)
	EXPOFREST
	SCALEANY
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y4
	KEEPFROM
	JMP     write
