#include "textflag.h"

// Rows of float32 with AVX-512: maxima, sums, what adds and scales, 16 elements
// at a time.

// MASK16 sets K1 to select the first CX of 16 elements, or jumps if there are none.
#define MASK16(none) \
	TESTQ CX, CX; \
	JZ    none; \
	MOVL  $1, BX; \
	SHLL  CX, BX; \
	DECL  BX; \
	KMOVW BX, K1

// func max32AVX512(x []float32) float32
TEXT ·max32AVX512(SB), NOSPLIT, $0-28
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVL         $0xff800000, BX // -Inf
	MOVQ         BX, X0
	VBROADCASTSS X0, Z0
	VMOVAPS      Z0, Z1
	SUBQ         $32, CX
	JLT          rest

block:
	VMAXPS (SI), Z0, Z0
	VMAXPS 64(SI), Z1, Z1
	ADDQ   $128, SI
	SUBQ   $32, CX
	JGE    block

rest:
	ADDQ   $16, CX
	JLT    tail
	VMAXPS (SI), Z0, Z0
	ADDQ   $64, SI
	SUBQ   $16, CX

tail:
	ADDQ   $16, CX
	MASK16(most)
	VMAXPS (SI), Z1, K1, Z1

most:
	VMAXPS        Z1, Z0, Z0
	VEXTRACTF64X4 $1, Z0, Y1
	VMAXPS        Y1, Y0, Y0
	VEXTRACTF128  $1, Y0, X1
	VMAXPS        X1, X0, X0
	VPERMILPD     $1, X0, X1
	VMAXPS        X1, X0, X0
	VMOVSHDUP     X0, X1
	VMAXSS        X1, X0, X0
	VZEROUPPER
	MOVSS         X0, ret+24(FP)
	RET

// func scale32AVX512(x []float32, by float32)
TEXT ·scale32AVX512(SB), NOSPLIT, $0-28
	MOVQ         x_base+0(FP), DI
	MOVQ         x_len+8(FP), CX
	VBROADCASTSS by+24(FP), Z15
	SUBQ         $16, CX
	JLT          tail

loop:
	VMULPS  (DI), Z15, Z0
	VMOVUPS Z0, (DI)
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ      $16, CX
	MASK16(done)
	VMOVUPS.Z (DI), K1, Z0
	VMULPS    Z0, Z15, Z0
	VMOVUPS   Z0, K1, (DI)

done:
	VZEROUPPER
	RET

// func add32AVX512(dst, x []float32)
TEXT ·add32AVX512(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ x_base+24(FP), SI
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (DI), Z0
	VADDPS  (SI), Z0, Z0
	VMOVUPS Z0, (DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ      $16, CX
	MASK16(done)
	VMOVUPS.Z (DI), K1, Z0
	VMOVUPS.Z (SI), K1, Z1
	VADDPS    Z1, Z0, Z0
	VMOVUPS   Z0, K1, (DI)

done:
	VZEROUPPER
	RET

// func multiply32AVX512(x, by, sum []float32)
TEXT ·multiply32AVX512(SB), NOSPLIT, $0-72
	MOVQ x_base+0(FP), DI
	MOVQ x_len+8(FP), CX
	MOVQ by_base+24(FP), SI
	MOVQ sum_base+48(FP), R8
	SUBQ $16, CX
	JLT  tail

loop:
	VMOVUPS (DI), Z0
	VMULPS  (SI), Z0, Z0
	VMOVUPS Z0, (DI)
	VADDPS  (R8), Z0, Z0
	VMOVUPS Z0, (R8)
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ      $16, CX
	MASK16(done)
	VMOVUPS.Z (DI), K1, Z0
	VMOVUPS.Z (SI), K1, Z1
	VMOVUPS.Z (R8), K1, Z2
	VMULPS    Z1, Z0, Z0
	VMOVUPS   Z0, K1, (DI)
	VADDPS    Z2, Z0, Z0
	VMOVUPS   Z0, K1, (R8)

done:
	VZEROUPPER
	RET

// SUM16 adds up Z0, Z1, 16 float64, in X0.
#define SUM16 \
	VADDPD        Z1, Z0, Z0; \
	VEXTRACTF64X4 $1, Z0, Y1; \
	VADDPD        Y1, Y0, Y0; \
	VEXTRACTF128  $1, Y0, X1; \
	VADDPD        X1, X0, X0; \
	VPERMILPD     $1, X0, X1; \
	VADDSD        X1, X0, X0

// func sum32AVX512(x []float32) float64
TEXT ·sum32AVX512(SB), NOSPLIT, $0-32
	MOVQ   x_base+0(FP), SI
	MOVQ   x_len+8(FP), CX
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	SUBQ   $16, CX
	JLT    tail

loop:
	VCVTPS2PD (SI), Z2
	VCVTPS2PD 32(SI), Z3
	VADDPD    Z2, Z0, Z0
	VADDPD    Z3, Z1, Z1
	ADDQ      $64, SI
	SUBQ      $16, CX
	JGE       loop

tail:
	ADDQ          $16, CX
	MASK16(sum)
	VMOVUPS.Z     (SI), K1, Z2
	VEXTRACTF64X4 $1, Z2, Y3
	VCVTPS2PD     Y2, Z2
	VCVTPS2PD     Y3, Z3
	VADDPD        Z2, Z0, Z0
	VADDPD        Z3, Z1, Z1

sum:
	SUM16
	VZEROUPPER
	MOVSD X0, ret+24(FP)
	RET

// func squares32AVX512(x []float32, mean float64) float64
TEXT ·squares32AVX512(SB), NOSPLIT, $0-40
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	VBROADCASTSD mean+24(FP), Z15
	VPXORQ       Z0, Z0, Z0
	VPXORQ       Z1, Z1, Z1
	SUBQ         $16, CX
	JLT          tail

loop:
	VCVTPS2PD   (SI), Z2
	VCVTPS2PD   32(SI), Z3
	VSUBPD      Z15, Z2, Z2
	VSUBPD      Z15, Z3, Z3
	VFMADD231PD Z2, Z2, Z0
	VFMADD231PD Z3, Z3, Z1
	ADDQ        $64, SI
	SUBQ        $16, CX
	JGE         loop

tail:
	ADDQ          $16, CX
	MASK16(sum)
	VMOVUPS.Z     (SI), K1, Z2
	VEXTRACTF64X4 $1, Z2, Y3
	VCVTPS2PD     Y2, Z2
	VCVTPS2PD     Y3, Z3
	SHRL          $8, BX
	KMOVW         BX, K2
	VSUBPD        Z15, Z2, Z2
	VSUBPD        Z15, Z3, Z3
	VFMADD231PD   Z2, Z2, K1, Z0
	VFMADD231PD   Z3, Z3, K2, Z1

sum:
	SUM16
	VZEROUPPER
	MOVSD X0, ret+32(FP)
	RET

// AFFINE takes x in Z0 to ((x − high) − low) by · scale + shift, with high, low and by
// in Z13, Z14, Z15, scale in Z1 and shift in Z2.
#define AFFINE \
	VSUBPS      Z13, Z0, Z0; \
	VSUBPS      Z14, Z0, Z0; \
	VMULPS      Z15, Z0, Z0; \
	VFMADD213PS Z2, Z1, Z0

// func affine32AVX512(dst, x, scale, shift []float32, high, low, by float32)
TEXT ·affine32AVX512(SB), NOSPLIT, $0-108
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         x_base+24(FP), SI
	MOVQ         scale_base+48(FP), R8
	MOVQ         shift_base+72(FP), R10
	VBROADCASTSS high+96(FP), Z13
	VBROADCASTSS low+100(FP), Z14
	VBROADCASTSS by+104(FP), Z15
	SUBQ         $16, CX
	JLT          tail

loop:
	VMOVUPS (SI), Z0
	VMOVUPS (R8), Z1
	VMOVUPS (R10), Z2
	AFFINE
	VMOVUPS Z0, (DI)
	ADDQ    $64, SI
	ADDQ    $64, R8
	ADDQ    $64, R10
	ADDQ    $64, DI
	SUBQ    $16, CX
	JGE     loop

tail:
	ADDQ      $16, CX
	MASK16(done)
	VMOVUPS.Z (SI), K1, Z0
	VMOVUPS.Z (R8), K1, Z1
	VMOVUPS.Z (R10), K1, Z2
	AFFINE
	VMOVUPS   Z0, K1, (DI)

done:
	VZEROUPPER
	RET

// func divideAVX512(x []float64, by float64)
TEXT ·divideAVX512(SB), NOSPLIT, $0-32
	MOVQ         x_base+0(FP), DI
	MOVQ         x_len+8(FP), CX
	VBROADCASTSD by+24(FP), Z15
	SUBQ         $8, CX
	JLT          tail

loop:
	VMOVUPD (DI), Z0
	VDIVPD  Z15, Z0, Z0
	VMOVUPD Z0, (DI)
	ADDQ    $64, DI
	SUBQ    $8, CX
	JGE     loop

tail:
	ADDQ      $8, CX
	MASK16(done)
	VMOVUPD.Z (DI), K1, Z0
	VDIVPD    Z15, Z0, Z0
	VMOVUPD   Z0, K1, (DI)

done:
	VZEROUPPER
	RET
