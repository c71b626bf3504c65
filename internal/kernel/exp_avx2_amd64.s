#include "textflag.h"

// exp with AVX2: the steps of exp1 in exp.go, fused, for two vectors at a time
// (Y0 … Y3 and Y4 … Y7). Y8 … Y13 hold the first six constants of expConstants,
// Y14 the shift; coefficients pass through Y15. The bits of t = n + 1.5·2⁵²
// hold n in their lower half; 2ⁿ is applied in two steps, as 2ⁿ itself may be
// below the smallest normal number.

#define REDUCE(x, t, n) \
	VADDPD       Y14, x, x; \
	VMINPD       x, Y12, x; \
	VMAXPD       x, Y13, x; \
	VMOVAPD      Y9, t; \
	VFMADD231PD  Y8, x, t; \
	VSUBPD       Y9, t, n; \
	VFNMADD231PD Y10, n, x; \
	VFNMADD231PD Y11, n, x

#define HORNER(i) \
	VBROADCASTSD (8*i)(BX), Y15; \
	VFMADD213PD  Y15, Y0, Y2; \
	VFMADD213PD  Y15, Y4, Y6

// SCALE multiplies y by 2ⁿ, using s and t (which holds n) up.
#define SCALE(y, t, s) \
	VPSRAD $1, t, s; \
	VPSUBD s, t, t; \
	VPADDD Y15, s, s; \
	VPADDD Y15, t, t; \
	VPSLLQ $52, s, s; \
	VPSLLQ $52, t, t; \
	VMULPD s, y, y; \
	VMULPD t, y, y

#define BODY \
	REDUCE(Y0, Y1, Y2); \
	REDUCE(Y4, Y5, Y6); \
	VMULPD       Y0, Y0, Y3; \
	VMULPD       Y4, Y4, Y7; \
	VBROADCASTSD (BX), Y2; \
	VMOVAPD      Y2, Y6; \
	HORNER(1); \
	HORNER(2); \
	HORNER(3); \
	HORNER(4); \
	HORNER(5); \
	HORNER(6); \
	HORNER(7); \
	HORNER(8); \
	HORNER(9); \
	VFMADD213PD  Y0, Y3, Y2; \
	VFMADD213PD  Y4, Y7, Y6; \
	VBROADCASTSD 48(AX), Y15; \
	VADDPD       Y15, Y2, Y2; \
	VADDPD       Y15, Y6, Y6; \
	VPBROADCASTQ ·exponentBias(SB), Y15; \
	SCALE(Y2, Y1, Y3); \
	SCALE(Y6, Y5, Y7)

// func expAVX2(dst, src []float64, shift float64)
TEXT ·expAVX2(SB), NOSPLIT, $0-56
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         src_base+24(FP), SI
	VBROADCASTSD shift+48(FP), Y14
	LEAQ         ·expConstants(SB), AX
	LEAQ         ·expCoefficients(SB), BX
	VBROADCASTSD 0(AX), Y8
	VBROADCASTSD 8(AX), Y9
	VBROADCASTSD 16(AX), Y10
	VBROADCASTSD 24(AX), Y11
	VBROADCASTSD 32(AX), Y12
	VBROADCASTSD 40(AX), Y13
	SUBQ         $8, CX
	JLT          tail

loop:
	VMOVUPD (SI), Y0
	VMOVUPD 32(SI), Y4
	BODY
	VMOVUPD Y2, (DI)
	VMOVUPD Y6, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $8, CX
	JGE     loop

tail:
	ADDQ       $8, CX
	JZ         done
	LEAQ       ·selection+96(SB), DX
	SHLQ       $3, CX
	SUBQ       CX, DX
	VMOVUPD    (DX), Y1
	VMOVUPD    32(DX), Y5
	VMASKMOVPD (SI), Y1, Y0
	VMASKMOVPD 32(SI), Y5, Y4
	BODY
	VMOVUPD    (DX), Y1
	VMOVUPD    32(DX), Y5
	VMASKMOVPD Y2, Y1, (DI)
	VMASKMOVPD Y6, Y5, 32(DI)

done:
	VZEROUPPER
	RET
