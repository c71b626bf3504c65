#include "textflag.h"

// exp with AVX-512: the steps of exp1 in exp.go, fused. Constants stay in
// registers: Z16 … Z22 in the order of expConstants, Z23 the shift,
// Z6 … Z15 the polynomial's coefficients.

#define BODY \
	VADDPD       Z23, Z0, Z0; \
	VMINPD       Z0, Z20, Z0; \
	VMAXPD       Z0, Z21, Z0; \
	VMOVAPD      Z17, Z1; \
	VFMADD231PD  Z16, Z0, Z1; \
	VSUBPD       Z17, Z1, Z1; \
	VFNMADD231PD Z18, Z1, Z0; \
	VFNMADD231PD Z19, Z1, Z0; \
	VMULPD       Z0, Z0, Z3; \
	VMOVAPD      Z6, Z2; \
	VFMADD213PD  Z7, Z0, Z2; \
	VFMADD213PD  Z8, Z0, Z2; \
	VFMADD213PD  Z9, Z0, Z2; \
	VFMADD213PD  Z10, Z0, Z2; \
	VFMADD213PD  Z11, Z0, Z2; \
	VFMADD213PD  Z12, Z0, Z2; \
	VFMADD213PD  Z13, Z0, Z2; \
	VFMADD213PD  Z14, Z0, Z2; \
	VFMADD213PD  Z15, Z0, Z2; \
	VFMADD213PD  Z0, Z3, Z2; \
	VADDPD       Z22, Z2, Z2; \
	VSCALEFPD    Z1, Z2, Z2

// func expAVX512(dst, src []float64, shift float64)
TEXT ·expAVX512(SB), NOSPLIT, $0-56
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         src_base+24(FP), SI
	VBROADCASTSD shift+48(FP), Z23
	LEAQ         ·expConstants(SB), AX
	VBROADCASTSD 0(AX), Z16
	VBROADCASTSD 8(AX), Z17
	VBROADCASTSD 16(AX), Z18
	VBROADCASTSD 24(AX), Z19
	VBROADCASTSD 32(AX), Z20
	VBROADCASTSD 40(AX), Z21
	VBROADCASTSD 48(AX), Z22
	LEAQ         ·expCoefficients(SB), AX
	VBROADCASTSD 0(AX), Z6
	VBROADCASTSD 8(AX), Z7
	VBROADCASTSD 16(AX), Z8
	VBROADCASTSD 24(AX), Z9
	VBROADCASTSD 32(AX), Z10
	VBROADCASTSD 40(AX), Z11
	VBROADCASTSD 48(AX), Z12
	VBROADCASTSD 56(AX), Z13
	VBROADCASTSD 64(AX), Z14
	VBROADCASTSD 72(AX), Z15
	SUBQ         $8, CX
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
