#include "textflag.h"
#include "single_avx2_amd64.h"

// Rows of float32 with AVX2: maxima, sums, what adds and scales. 16 elements at a
// time, in the order of rows_avx512_amd64.s.

// func max32AVX2(x []float32) float32
TEXT ·max32AVX2(SB), NOSPLIT, $0-28
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVL         $0xff800000, BX // -Inf
	MOVQ         BX, X0
	VBROADCASTSS X0, Y0
	VMOVAPS      Y0, Y1
	VMOVAPS      Y0, Y2
	VMOVAPS      Y0, Y3
	SUBQ         $32, CX
	JLT          rest

block:
	VMAXPS (SI), Y0, Y0
	VMAXPS 32(SI), Y1, Y1
	VMAXPS 64(SI), Y2, Y2
	VMAXPS 96(SI), Y3, Y3
	ADDQ   $128, SI
	SUBQ   $32, CX
	JGE    block

rest:
	ADDQ   $16, CX
	JLT    tail
	VMAXPS (SI), Y0, Y0
	VMAXPS 32(SI), Y1, Y1
	ADDQ   $64, SI
	SUBQ   $16, CX

tail:
	ADDQ      $16, CX
	MASK16(most)
	LOADMASKED(SI, Y5, Y6, Y7, Y8)
	VBLENDVPS Y7, Y5, Y2, Y5
	VBLENDVPS Y8, Y6, Y3, Y6
	VMAXPS    Y5, Y2, Y2
	VMAXPS    Y6, Y3, Y3

most:
	VMAXPS       Y2, Y0, Y0
	VMAXPS       Y3, Y1, Y1
	VMAXPS       Y1, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VPERMILPD    $1, X0, X1
	VMAXPS       X1, X0, X0
	VMOVSHDUP    X0, X1
	VMAXSS       X1, X0, X0
	VZEROUPPER
	MOVSS        X0, ret+24(FP)
	RET

// func scale32AVX2(x []float32, by float32)
TEXT ·scale32AVX2(SB), NOSPLIT, $0-28
	MOVQ         x_base+0(FP), DI
	MOVQ         x_len+8(FP), CX
	VBROADCASTSS by+24(FP), Y15
	SUBQ         $16, CX
	JLT          tail

loop:
	VMULPS  (DI), Y15, Y0
	VMULPS  32(DI), Y15, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ   $16, CX
	MASK16(done)
	LOADMASKED(DI, Y0, Y1, Y2, Y3)
	VMULPS Y0, Y15, Y0
	VMULPS Y1, Y15, Y1
	STOREMASKED(Y0, Y1, DI, Y2, Y3)

done:
	VZEROUPPER
	RET

// func add32AVX2(dst, x []float32)
TEXT ·add32AVX2(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ x_base+24(FP), SI
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VADDPS  (SI), Y0, Y0
	VADDPS  32(SI), Y1, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ   $16, CX
	MASK16(done)
	LOADMASKED(DI, Y0, Y1, Y2, Y3)
	LOADMASKED(SI, Y4, Y5, Y2, Y3)
	VADDPS Y4, Y0, Y0
	VADDPS Y5, Y1, Y1
	STOREMASKED(Y0, Y1, DI, Y2, Y3)

done:
	VZEROUPPER
	RET

// func multiply32AVX2(x, by, sum []float32)
TEXT ·multiply32AVX2(SB), NOSPLIT, $0-72
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	MOVQ by_base+24(FP), SI
	MOVQ sum_base+48(FP), R8
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VMULPS  (SI), Y0, Y0
	VMULPS  32(SI), Y1, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VADDPS  (R8), Y0, Y0
	VADDPS  32(R8), Y1, Y1
	VMOVUPS Y0, (R8)
	VMOVUPS Y1, 32(R8)
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ   $16, CX
	MASK16(done)
	LOADMASKED(DI, Y0, Y1, Y6, Y7)
	LOADMASKED(SI, Y2, Y3, Y6, Y7)
	LOADMASKED(R8, Y4, Y5, Y6, Y7)
	VMULPS Y2, Y0, Y0
	VMULPS Y3, Y1, Y1
	STOREMASKED(Y0, Y1, DI, Y6, Y7)
	VADDPS Y4, Y0, Y0
	VADDPS Y5, Y1, Y1
	STOREMASKED(Y0, Y1, R8, Y6, Y7)

done:
	VZEROUPPER
	RET

// SUM16 adds up Y0 … Y3, 16 float64, in X0.
#define SUM16 \
	VADDPD       Y2, Y0, Y0; \
	VADDPD       Y3, Y1, Y1; \
	VADDPD       Y1, Y0, Y0; \
	VEXTRACTF128 $1, Y0, X1; \
	VADDPD       X1, X0, X0; \
	VPERMILPD    $1, X0, X1; \
	VADDSD       X1, X0, X0

#define CLEARSUMS \
	VXORPD Y0, Y0, Y0; \
	VXORPD Y1, Y1, Y1; \
	VXORPD Y2, Y2, Y2; \
	VXORPD Y3, Y3, Y3

// func sum32AVX2(x []float32) float64
TEXT ·sum32AVX2(SB), NOSPLIT, $0-32
	MOVQ x_base+0(FP), SI
	MOVQ x_len+8(FP), CX
	CLEARSUMS
	SUBQ $16, CX
	JLT  tail

loop:
	VCVTPS2PD (SI), Y4
	VCVTPS2PD 16(SI), Y5
	VCVTPS2PD 32(SI), Y6
	VCVTPS2PD 48(SI), Y7
	VADDPD    Y4, Y0, Y0
	VADDPD    Y5, Y1, Y1
	VADDPD    Y6, Y2, Y2
	VADDPD    Y7, Y3, Y3
	ADDQ      $64, SI
	SUBQ      $16, CX
	JGE       loop

tail:
	ADDQ         $16, CX
	MASK16(sum)
	LOADMASKED(SI, Y4, Y6, Y8, Y9)
	VEXTRACTF128 $1, Y4, X5
	VEXTRACTF128 $1, Y6, X7
	VCVTPS2PD    X4, Y4
	VCVTPS2PD    X5, Y5
	VCVTPS2PD    X6, Y6
	VCVTPS2PD    X7, Y7
	VADDPD       Y4, Y0, Y0
	VADDPD       Y5, Y1, Y1
	VADDPD       Y6, Y2, Y2
	VADDPD       Y7, Y3, Y3

sum:
	SUM16
	VZEROUPPER
	MOVSD X0, ret+24(FP)
	RET

// func squares32AVX2(x []float32, mean float64) float64
TEXT ·squares32AVX2(SB), NOSPLIT, $0-40
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	VBROADCASTSD mean+24(FP), Y15
	CLEARSUMS
	SUBQ         $16, CX
	JLT          tail

loop:
	VCVTPS2PD   (SI), Y4
	VCVTPS2PD   16(SI), Y5
	VCVTPS2PD   32(SI), Y6
	VCVTPS2PD   48(SI), Y7
	VSUBPD      Y15, Y4, Y4
	VSUBPD      Y15, Y5, Y5
	VSUBPD      Y15, Y6, Y6
	VSUBPD      Y15, Y7, Y7
	VFMADD231PD Y4, Y4, Y0
	VFMADD231PD Y5, Y5, Y1
	VFMADD231PD Y6, Y6, Y2
	VFMADD231PD Y7, Y7, Y3
	ADDQ        $64, SI
	SUBQ        $16, CX
	JGE         loop

tail:
	ADDQ         $16, CX
	MASK16(sum)
	LOADMASKED(SI, Y4, Y6, Y8, Y9)
	VEXTRACTF128 $1, Y4, X5
	VEXTRACTF128 $1, Y6, X7
	VCVTPS2PD    X4, Y4
	VCVTPS2PD    X5, Y5
	VCVTPS2PD    X6, Y6
	VCVTPS2PD    X7, Y7
	VSUBPD       Y15, Y4, Y4
	VSUBPD       Y15, Y5, Y5
	VSUBPD       Y15, Y6, Y6
	VSUBPD       Y15, Y7, Y7
	VPMOVSXDQ    (DX), Y8
	VPMOVSXDQ    16(DX), Y9
	VPMOVSXDQ    32(DX), Y10
	VPMOVSXDQ    48(DX), Y11
	VANDPD       Y8, Y4, Y4
	VANDPD       Y9, Y5, Y5
	VANDPD       Y10, Y6, Y6
	VANDPD       Y11, Y7, Y7
	VFMADD231PD  Y4, Y4, Y0
	VFMADD231PD  Y5, Y5, Y1
	VFMADD231PD  Y6, Y6, Y2
	VFMADD231PD  Y7, Y7, Y3

sum:
	SUM16
	VZEROUPPER
	MOVSD X0, ret+32(FP)
	RET

// AFFINE takes x in Y0, Y4 to ((x − high) − low) by · scale + shift, with high, low
// and by in Y13, Y14, Y15, scale in Y1, Y5 and shift in Y2, Y6.
#define AFFINE \
	VSUBPS      Y13, Y0, Y0; \
	VSUBPS      Y13, Y4, Y4; \
	VSUBPS      Y14, Y0, Y0; \
	VSUBPS      Y14, Y4, Y4; \
	VMULPS      Y15, Y0, Y0; \
	VMULPS      Y15, Y4, Y4; \
	VFMADD213PS Y2, Y1, Y0; \
	VFMADD213PS Y6, Y5, Y4

// func affine32AVX2(dst, x, scale, shift []float32, high, low, by float32)
TEXT ·affine32AVX2(SB), NOSPLIT, $0-108
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         x_base+24(FP), SI
	MOVQ         scale_base+48(FP), R8
	MOVQ         shift_base+72(FP), R10
	VBROADCASTSS high+96(FP), Y13
	VBROADCASTSS low+100(FP), Y14
	VBROADCASTSS by+104(FP), Y15
	SUBQ         $16, CX
	JLT          tail

loop:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y4
	VMOVUPS (R8), Y1
	VMOVUPS 32(R8), Y5
	VMOVUPS (R10), Y2
	VMOVUPS 32(R10), Y6
	AFFINE
	VMOVUPS Y0, (DI)
	VMOVUPS Y4, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, R8
	ADDQ    $64, R10
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ $16, CX
	MASK16(done)
	LOADMASKED(SI, Y0, Y4, Y8, Y9)
	LOADMASKED(R8, Y1, Y5, Y8, Y9)
	LOADMASKED(R10, Y2, Y6, Y8, Y9)
	AFFINE
	STOREMASKED(Y0, Y4, DI, Y8, Y9)

done:
	VZEROUPPER
	RET

// func divideAVX2(x []float64, by float64)
TEXT ·divideAVX2(SB), NOSPLIT, $0-32
	MOVQ         x_base+0(FP), DI
	MOVQ         x_len+8(FP), CX
	VBROADCASTSD by+24(FP), Y15
	SUBQ         $4, CX
	JLT          tail

loop:
	VMOVUPD (DI), Y0
	VDIVPD  Y15, Y0, Y0
	VMOVUPD Y0, (DI)
	ADDQ    $32, DI
	SUBQ    $4, CX
	JGE     loop

tail:
	ADDQ $4, CX
	JZ   done

single:
	VMOVSD (DI), X0
	VDIVSD X15, X0, X0
	VMOVSD X0, (DI)
	ADDQ   $8, DI
	DECQ   CX
	JNZ    single

done:
	VZEROUPPER
	RET
