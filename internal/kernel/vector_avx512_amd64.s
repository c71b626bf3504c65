#include "textflag.h"

// The vector kernels with AVX-512. Blocks of 4 vectors, then single ones, then
// what is left under a mask (K1). Their sums are laid out as in the AVX2
// kernels, so that both give the same bits.

// MASK sets K1 to the lowest CX bits and skips to the label if there are none.
#define MASK(none) \
	TESTQ CX, CX; \
	JZ    none; \
	MOVL  $1, AX; \
	SHLL  CX, AX; \
	DECL  AX; \
	KMOVW AX, K1

// func dotAVX512(x, y []float64) float64
TEXT ·dotAVX512(SB), NOSPLIT, $0-56
	MOVQ   x_base+0(FP), SI
	MOVQ   x_len+8(FP), CX
	MOVQ   y_base+24(FP), DI
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3
	SUBQ   $32, CX
	JLT    rest

block:
	VMOVUPD     (SI), Z4
	VMOVUPD     64(SI), Z5
	VMOVUPD     128(SI), Z6
	VMOVUPD     192(SI), Z7
	VFMADD231PD (DI), Z4, Z0
	VFMADD231PD 64(DI), Z5, Z1
	VFMADD231PD 128(DI), Z6, Z2
	VFMADD231PD 192(DI), Z7, Z3
	ADDQ        $256, SI
	ADDQ        $256, DI
	SUBQ        $32, CX
	JGE         block

rest:
	ADDQ $24, CX
	JLT  tail

single:
	VMOVUPD     (SI), Z4
	VFMADD231PD (DI), Z4, Z0
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $8, CX
	JGE         single

tail:
	ADDQ $8, CX
	MASK(sum)
	VMOVUPD.Z   (SI), K1, Z4
	VMOVUPD.Z   (DI), K1, Z5
	VFMADD231PD Z5, Z4, Z0

sum:
	VADDPD        Z1, Z0, Z0
	VADDPD        Z3, Z2, Z2
	VADDPD        Z2, Z0, Z0
	VEXTRACTF64X4 $1, Z0, Y1
	VADDPD        Y1, Y0, Y0
	VEXTRACTF128  $1, Y0, X1
	VADDPD        X1, X0, X0
	VUNPCKHPD     X0, X0, X1
	VADDSD        X1, X0, X0
	VZEROUPPER
	MOVSD         X0, ret+48(FP)
	RET

// func axpyAVX512(alpha float64, x, y []float64)
TEXT ·axpyAVX512(SB), NOSPLIT, $0-56
	VBROADCASTSD alpha+0(FP), Z31
	MOVQ         x_base+8(FP), SI
	MOVQ         x_len+16(FP), CX
	MOVQ         y_base+32(FP), DI
	SUBQ         $32, CX
	JLT          rest

block:
	VMOVUPD     (DI), Z0
	VMOVUPD     64(DI), Z1
	VMOVUPD     128(DI), Z2
	VMOVUPD     192(DI), Z3
	VFMADD231PD (SI), Z31, Z0
	VFMADD231PD 64(SI), Z31, Z1
	VFMADD231PD 128(SI), Z31, Z2
	VFMADD231PD 192(SI), Z31, Z3
	VMOVUPD     Z0, (DI)
	VMOVUPD     Z1, 64(DI)
	VMOVUPD     Z2, 128(DI)
	VMOVUPD     Z3, 192(DI)
	ADDQ        $256, SI
	ADDQ        $256, DI
	SUBQ        $32, CX
	JGE         block

rest:
	ADDQ $24, CX
	JLT  tail

single:
	VMOVUPD     (DI), Z0
	VFMADD231PD (SI), Z31, Z0
	VMOVUPD     Z0, (DI)
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $8, CX
	JGE         single

tail:
	ADDQ $8, CX
	MASK(done)
	VMOVUPD.Z   (SI), K1, Z1
	VMOVUPD.Z   (DI), K1, Z0
	VFMADD231PD Z1, Z31, Z0
	VMOVUPD     Z0, K1, (DI)

done:
	VZEROUPPER
	RET

// func decayRank1AVX512(decay float64, x, y, a []float64)
TEXT ·decayRank1AVX512(SB), NOSPLIT, $0-80
	VBROADCASTSD decay+0(FP), Z31
	MOVQ         x_base+8(FP), BX
	MOVQ         x_len+16(FP), R8
	MOVQ         y_base+32(FP), R9
	MOVQ         y_len+40(FP), R10
	MOVQ         a_base+56(FP), DI
	TESTQ        R8, R8
	JZ           done

row:
	VBROADCASTSD (BX), Z30
	MOVQ         R9, SI
	MOVQ         R10, CX
	SUBQ         $32, CX
	JLT          rest

block:
	VMULPD      (DI), Z31, Z0
	VMULPD      64(DI), Z31, Z1
	VMULPD      128(DI), Z31, Z2
	VMULPD      192(DI), Z31, Z3
	VFMADD231PD (SI), Z30, Z0
	VFMADD231PD 64(SI), Z30, Z1
	VFMADD231PD 128(SI), Z30, Z2
	VFMADD231PD 192(SI), Z30, Z3
	VMOVUPD     Z0, (DI)
	VMOVUPD     Z1, 64(DI)
	VMOVUPD     Z2, 128(DI)
	VMOVUPD     Z3, 192(DI)
	ADDQ        $256, SI
	ADDQ        $256, DI
	SUBQ        $32, CX
	JGE         block

rest:
	ADDQ $24, CX
	JLT  tail

single:
	VMULPD      (DI), Z31, Z0
	VFMADD231PD (SI), Z30, Z0
	VMOVUPD     Z0, (DI)
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $8, CX
	JGE         single

tail:
	ADDQ $8, CX
	MASK(next)
	VMOVUPD.Z   (DI), K1, Z0
	VMOVUPD.Z   (SI), K1, Z1
	VMULPD      Z31, Z0, Z0
	VFMADD231PD Z1, Z30, Z0
	VMOVUPD     Z0, K1, (DI)
	LEAQ        (DI)(CX*8), DI

next:
	ADDQ $8, BX
	DECQ R8
	JNZ  row

done:
	VZEROUPPER
	RET
