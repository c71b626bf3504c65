#include "textflag.h"

// exp with AVX-512: the eighths' way of exp.go, fused. Constants stay in
// registers: Z16 … Z21 in the order of expConstants, Z23 the shift,
// Z6 … Z11 the polynomial's coefficients, Z14 the powers of 2 by eighths.

#define BODY \
	VADDPD       Z23, Z0, Z0; \
	VMINPD       Z0, Z20, Z0; \
	VMAXPD       Z0, Z21, Z0; \
	VMOVAPD      Z17, Z1; \
	VFMADD231PD  Z16, Z0, Z1; \
	VPERMPD      Z14, Z1, Z3; \
	VSUBPD       Z17, Z1, Z1; \
	VFNMADD231PD Z18, Z1, Z0; \
	VFNMADD231PD Z19, Z1, Z0; \
	VMOVAPD      Z6, Z2; \
	VFMADD213PD  Z7, Z0, Z2; \
	VFMADD213PD  Z8, Z0, Z2; \
	VFMADD213PD  Z9, Z0, Z2; \
	VFMADD213PD  Z10, Z0, Z2; \
	VFMADD213PD  Z11, Z0, Z2; \
	VMULPD       Z0, Z2, Z2; \
	VFMADD213PD  Z0, Z0, Z2; \
	VFMADD213PD  Z3, Z3, Z2; \
	VSCALEFPD    Z1, Z2, Z2

// FOUR is exp of arguments in Z0, Z24 … Z26, into Z2, Z30, Z31 and Z5. It takes them
// unbounded, and jumps if an |h| is 2²⁰ or more, or there is a NaN.
#define EACH(step) \
	step(Z0, Z1, Z2, Z3); \
	step(Z24, Z27, Z30, Z4); \
	step(Z25, Z28, Z31, Z15); \
	step(Z26, Z29, Z5, Z22)

#define ROUND(x, t, q, p) \
	VADDPD      Z23, x, x; \
	VMOVAPD     Z17, t; \
	VFMADD231PD Z16, x, t; \
	VPTERNLOGQ  $0xF6, Z20, t, Z4

#define RESIDUE(x, t, q, p) \
	VPERMPD      Z14, t, p; \
	VSUBPD       Z17, t, t; \
	VFNMADD231PD Z18, t, x; \
	VMOVAPD      Z6, q; \
	VFNMADD231PD Z19, t, x

#define STEP7(x, t, q, p) VFMADD213PD Z7, x, q
#define STEP8(x, t, q, p) VFMADD213PD Z8, x, q
#define STEP9(x, t, q, p) VFMADD213PD Z9, x, q
#define STEP10(x, t, q, p) VFMADD213PD Z10, x, q
#define STEP11(x, t, q, p) VFMADD213PD Z11, x, q

#define LAST(x, t, q, p) \
	VMULPD      x, q, q; \
	VFMADD213PD x, x, q; \
	VFMADD213PD p, p, q; \
	VSCALEFPD   t, q, q

#define FOUR(beyond) \
	VPXORQ     Z4, Z4, Z4; \
	EACH(ROUND); \
	VPTESTMQ   Z21, Z4, K1; \
	KORTESTW   K1, K1; \
	JNZ        beyond; \
	EACH(RESIDUE); \
	EACH(STEP7); \
	EACH(STEP8); \
	EACH(STEP9); \
	EACH(STEP10); \
	EACH(STEP11); \
	EACH(LAST)

// What follows is fetched some way ahead: much that is exponentiated lies beyond the
// second-level cache.

// func expAVX512(dst, src []float64, shift float64)
TEXT ·expAVX512(SB), NOSPLIT, $0-56
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         src_base+24(FP), SI
	VBROADCASTSD shift+48(FP), Z23
	LEAQ         ·expConstants(SB), AX
	VBROADCASTSD 0(AX), Z16
	VBROADCASTSD ·expOffset(SB), Z17
	VBROADCASTSD 16(AX), Z18
	VBROADCASTSD 24(AX), Z19
	LEAQ         ·expEighthCoefficients(SB), AX
	VBROADCASTSD 0(AX), Z6
	VBROADCASTSD 8(AX), Z7
	VBROADCASTSD 16(AX), Z8
	VBROADCASTSD 24(AX), Z9
	VBROADCASTSD 32(AX), Z10
	VBROADCASTSD 40(AX), Z11
	VMOVUPD      ·expEighths(SB), Z14
	SUBQ         $32, CX
	JLT          few
	VBROADCASTSD ·expOffset+8(SB), Z20
	VBROADCASTSD ·expOffset+16(SB), Z21

four:
	PREFETCHT0 2048(SI)
	PREFETCHT0 2112(SI)
	PREFETCHT0 2176(SI)
	PREFETCHT0 2240(SI)
	VMOVUPD (SI), Z0
	VMOVUPD 64(SI), Z24
	VMOVUPD 128(SI), Z25
	VMOVUPD 192(SI), Z26
	FOUR(few)
	VMOVUPD Z2, (DI)
	VMOVUPD Z30, 64(DI)
	VMOVUPD Z31, 128(DI)
	VMOVUPD Z5, 192(DI)
	ADDQ    $256, SI
	ADDQ    $256, DI
	SUBQ    $32, CX
	JGE     four

few:
	LEAQ         ·expConstants(SB), AX
	VBROADCASTSD 32(AX), Z20
	VBROADCASTSD 40(AX), Z21
	ADDQ         $24, CX
	JLT          tail

loop:
	VMOVUPD (SI), Z0
	BODY
	VMOVUPD Z2, (DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $8, CX
	JGE     loop

tail:
	ADDQ      $8, CX
	JZ        done
	MOVL      $1, AX
	SHLL      CX, AX
	DECL      AX
	KMOVW     AX, K1
	VMOVUPD.Z (SI), K1, Z0
	BODY
	VMOVUPD   Z2, K1, (DI)

done:
	VZEROUPPER
	RET
