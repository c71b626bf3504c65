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

// FOURSUMS sets a to the sums of a, b, c and d: of each, the pairs' first.
#define FOURSUMS(a, b, c, d) \
	VHADDPD    b, a, a; \
	VHADDPD    d, c, c; \
	VPERM2F128 $0x20, c, a, b; \
	VPERM2F128 $0x31, c, a, d; \
	VADDPD     d, b, a

// Of four rows at a time: in the place of those that are missing at the end, the first is taken.

// func dotsAVX512(x, rows []float64, stride int, sums []float64)
TEXT ·dotsAVX512(SB), NOSPLIT, $0-80
	MOVQ x_base+0(FP), SI
	MOVQ rows_base+24(FP), R8
	MOVQ stride+48(FP), R12
	MOVQ sums_base+56(FP), DI
	MOVQ sums_len+64(FP), R13
	SHLQ $3, R12
	SUBQ $4, R13
	JLT  few

four:
	LEAQ (R8)(R12*1), R9
	LEAQ (R8)(R12*2), R10
	LEAQ (R9)(R12*2), R11

rows:
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3
	XORQ   BX, BX
	MOVQ   x_len+8(FP), CX
	SUBQ   $8, CX
	JLT    tail

block:
	VMOVUPD     (SI)(BX*8), Z4
	VFMADD231PD (R8)(BX*8), Z4, Z0
	VFMADD231PD (R9)(BX*8), Z4, Z1
	VFMADD231PD (R10)(BX*8), Z4, Z2
	VFMADD231PD (R11)(BX*8), Z4, Z3
	ADDQ        $8, BX
	SUBQ        $8, CX
	JGE         block

tail:
	ADDQ        $8, CX
	MASK(sum)
	VMOVUPD.Z   (SI)(BX*8), K1, Z4
	VMOVUPD.Z   (R8)(BX*8), K1, Z5
	VMOVUPD.Z   (R9)(BX*8), K1, Z6
	VMOVUPD.Z   (R10)(BX*8), K1, Z7
	VMOVUPD.Z   (R11)(BX*8), K1, Z8
	VFMADD231PD Z5, Z4, Z0
	VFMADD231PD Z6, Z4, Z1
	VFMADD231PD Z7, Z4, Z2
	VFMADD231PD Z8, Z4, Z3

sum:
	VEXTRACTF64X4 $1, Z0, Y4
	VEXTRACTF64X4 $1, Z1, Y5
	VEXTRACTF64X4 $1, Z2, Y6
	VEXTRACTF64X4 $1, Z3, Y7
	VADDPD        Y4, Y0, Y0
	VADDPD        Y5, Y1, Y1
	VADDPD        Y6, Y2, Y2
	VADDPD        Y7, Y3, Y3
	FOURSUMS(Y0,  Y1, Y2, Y3)
	TESTQ         R13, R13
	JLT           last
	VADDPD        (DI), Y0, Y0
	VMOVUPD       Y0, (DI)
	ADDQ          $32, DI
	LEAQ          (R8)(R12*4), R8
	SUBQ          $4, R13
	JGE           four

few:
	ADDQ $4, R13
	JZ   done
	MOVQ R8, R9
	MOVQ R8, R10
	MOVQ R8, R11
	CMPQ R13, $2
	JLT  lastRows
	ADDQ R12, R9
	CMPQ R13, $3
	JLT  lastRows
	LEAQ (R8)(R12*2), R10

lastRows:
	SUBQ $4, R13
	JMP  rows

last:
	LEAQ      4(R13), CX
	MASK(done)
	VMOVUPD.Z (DI), K1, Y1
	VADDPD    Y1, Y0, Y0
	VMOVUPD   Y0, K1, (DI)

done:
	VZEROUPPER
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

// func scaleAVX512(alpha float64, x []float64)
TEXT ·scaleAVX512(SB), NOSPLIT, $0-32
	VBROADCASTSD alpha+0(FP), Z31
	MOVQ         x_base+8(FP), SI
	MOVQ         x_len+16(FP), CX
	SUBQ         $32, CX
	JLT          rest

block:
	VMULPD  (SI), Z31, Z0
	VMULPD  64(SI), Z31, Z1
	VMULPD  128(SI), Z31, Z2
	VMULPD  192(SI), Z31, Z3
	VMOVUPD Z0, (SI)
	VMOVUPD Z1, 64(SI)
	VMOVUPD Z2, 128(SI)
	VMOVUPD Z3, 192(SI)
	ADDQ    $256, SI
	SUBQ    $32, CX
	JGE     block

rest:
	ADDQ $24, CX
	JLT  tail

single:
	VMULPD  (SI), Z31, Z0
	VMOVUPD Z0, (SI)
	ADDQ    $64, SI
	SUBQ    $8, CX
	JGE     single

tail:
	ADDQ $8, CX
	MASK(done)
	VMOVUPD.Z (SI), K1, Z0
	VMULPD    Z0, Z31, Z0
	VMOVUPD   Z0, K1, (SI)

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

// SUM8 adds up the 8 elements of a Z register in the lowest of its X.
#define SUM8(z, y, x) \
	VEXTRACTF64X4 $1, z, Y20; \
	VADDPD        Y20, y, y; \
	VEXTRACTF64X2 $1, y, X20; \
	VADDPD        X20, x, x; \
	VPERMILPD     $1, x, X20; \
	VADDSD        X20, x, x

// func quotientsAVX512(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64)
TEXT ·quotientsAVX512(SB), NOSPLIT, $0-168
	VBROADCASTSD a0+0(FP), Z10
	VBROADCASTSD a1+8(FP), Z11
	VBROADCASTSD a2+16(FP), Z12
	VBROADCASTSD least+24(FP), Z13
	MOVQ         $0x3ff0000000000000, AX
	VPBROADCASTQ AX, Z14
	MOVQ         x_base+32(FP), SI
	MOVQ         x_len+40(FP), CX
	MOVQ         y_base+56(FP), DI
	MOVQ         z_base+80(FP), R8
	MOVQ         w_base+104(FP), R9
	MOVQ         u_base+128(FP), R10
	VPXORQ       Z0, Z0, Z0
	VPXORQ       Z1, Z1, Z1
	XORQ         BX, BX
	SUBQ         $8, CX
	JLT          tail

block:
	VMULPD      (SI)(BX*8), Z10, Z2
	VFMADD231PD (DI)(BX*8), Z11, Z2
	VFMADD231PD (R8)(BX*8), Z12, Z2
	VMAXPD      Z2, Z13, Z2
	VDIVPD      Z2, Z14, Z2
	VFMADD231PD (R9)(BX*8), Z2, Z0
	VFMADD231PD (R10)(BX*8), Z2, Z1
	ADDQ        $8, BX
	SUBQ        $8, CX
	JGE         block

tail:
	ADDQ $8, CX
	JZ   sum
	MOVL $15, AX // 4 are left
	KMOVW AX, K1
	VMOVUPD      (SI)(BX*8), Y3
	VMOVUPD      (DI)(BX*8), Y4
	VMOVUPD      (R8)(BX*8), Y5
	VMOVUPD      (R9)(BX*8), Y6
	VMOVUPD      (R10)(BX*8), Y7
	VMULPD       Y3, Y10, Y2
	VFMADD231PD  Y4, Y11, Y2
	VFMADD231PD  Y5, Y12, Y2
	VMAXPD       Y2, Y13, Y2
	VDIVPD       Y2, Y14, Y2
	VFMADD231PD  Z6, Z2, K1, Z0
	VFMADD231PD  Z7, Z2, K1, Z1

sum:
	SUM8(Z0, Y0, X0)
	SUM8(Z1, Y1, X1)
	VZEROUPPER
	MOVSD X0, sumW+152(FP)
	MOVSD X1, sumU+160(FP)
	RET

// CARRY adds up the products of x (Z3) with itself, y (Z4) and z (Z5), and
// replaces z and y.
#define CARRY \
	VFMADD231PD Z3, Z3, Z0; \
	VFMADD231PD Z4, Z3, Z1; \
	VFMADD231PD Z5, Z3, Z2; \
	VMULPD      Z5, Z12, Z5; \
	VFMADD231PD Z3, Z13, Z5; \
	VFMADD231PD Z4, Z14, Z5; \
	VMULPD      Z4, Z10, Z4; \
	VFMADD231PD Z3, Z11, Z4

// x comes from beyond the second-level cache, and is fetched ahead.

// func carryAVX512(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64)
TEXT ·carryAVX512(SB), NOSPLIT, $0-136
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVQ         y_base+24(FP), DI
	MOVQ         z_base+48(FP), R8
	VBROADCASTSD b0+72(FP), Z10
	VBROADCASTSD b1+80(FP), Z11
	VBROADCASTSD c0+88(FP), Z12
	VBROADCASTSD c1+96(FP), Z13
	VBROADCASTSD c2+104(FP), Z14
	VPXORQ       Z0, Z0, Z0
	VPXORQ       Z1, Z1, Z1
	VPXORQ       Z2, Z2, Z2
	SUBQ         $8, CX
	JLT          tail

block:
	PREFETCHT0 2048(SI)
	VMOVUPD (SI), Z3
	VMOVUPD (DI), Z4
	VMOVUPD (R8), Z5
	CARRY
	VMOVUPD Z5, (R8)
	VMOVUPD Z4, (DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	SUBQ    $8, CX
	JGE     block

tail:
	ADDQ $8, CX
	MASK(sum)
	VMOVUPD.Z (SI), K1, Z3
	VMOVUPD.Z (DI), K1, Z4
	VMOVUPD.Z (R8), K1, Z5
	CARRY
	VMOVUPD   Z5, K1, (R8)
	VMOVUPD   Z4, K1, (DI)

sum:
	SUM8(Z0, Y0, X0)
	SUM8(Z1, Y1, X1)
	SUM8(Z2, Y2, X2)
	VZEROUPPER
	MOVSD X0, xx+112(FP)
	MOVSD X1, xy+120(FP)
	MOVSD X2, xz+128(FP)
	RET

// func maxAVX512(x []float64) float64
TEXT ·maxAVX512(SB), NOSPLIT, $0-32
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVQ         $0xfff0000000000000, AX // -Inf
	VPBROADCASTQ AX, Z0
	VMOVAPD      Z0, Z1
	VMOVAPD      Z0, Z2
	VMOVAPD      Z0, Z3
	VMOVAPD      Z0, Z4
	SUBQ         $32, CX
	JLT          rest

block:
	VMAXPD (SI), Z0, Z0
	VMAXPD 64(SI), Z1, Z1
	VMAXPD 128(SI), Z2, Z2
	VMAXPD 192(SI), Z3, Z3
	ADDQ   $256, SI
	SUBQ   $32, CX
	JGE    block

rest:
	ADDQ $24, CX
	JLT  tail

single:
	VMAXPD (SI), Z0, Z0
	ADDQ   $64, SI
	SUBQ   $8, CX
	JGE    single

tail:
	ADDQ    $8, CX
	MASK(most)
	VMOVUPD (SI), K1, Z4 // what is masked stays -Inf
	VMAXPD  Z4, Z1, Z1

most:
	VMAXPD        Z1, Z0, Z0
	VMAXPD        Z3, Z2, Z2
	VMAXPD        Z2, Z0, Z0
	VEXTRACTF64X4 $1, Z0, Y1
	VMAXPD        Y1, Y0, Y0
	VEXTRACTF128  $1, Y0, X1
	VMAXPD        X1, X0, X0
	VPERMILPD     $1, X0, X1
	VMAXSD        X1, X0, X0
	VZEROUPPER
	MOVSD         X0, ret+24(FP)
	RET

// func extremesAVX512(x []float64) (least, greatest float64)
TEXT ·extremesAVX512(SB), NOSPLIT, $0-40
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVQ         $0xfff0000000000000, AX // -Inf
	VPBROADCASTQ AX, Z0
	VMOVAPD      Z0, Z1
	VMOVAPD      Z0, Z2
	MOVQ         $0x7ff0000000000000, AX // +Inf
	VPBROADCASTQ AX, Z4
	VMOVAPD      Z4, Z5
	VMOVAPD      Z4, Z6
	SUBQ         $16, CX
	JLT          rest

block:
	VMOVUPD (SI), Z8
	VMOVUPD 64(SI), Z9
	VMAXPD  Z8, Z0, Z0
	VMAXPD  Z9, Z1, Z1
	VMINPD  Z8, Z4, Z4
	VMINPD  Z9, Z5, Z5
	ADDQ    $128, SI
	SUBQ    $16, CX
	JGE     block

rest:
	ADDQ    $8, CX
	JLT     tail
	VMOVUPD (SI), Z8
	VMAXPD  Z8, Z0, Z0
	VMINPD  Z8, Z4, Z4
	ADDQ    $64, SI
	SUBQ    $8, CX

tail:
	ADDQ    $8, CX
	MASK(most)
	VMOVUPD (SI), K1, Z2 // what is masked stays -Inf
	VMOVUPD (SI), K1, Z6 // and +Inf
	VMAXPD  Z2, Z1, Z1
	VMINPD  Z6, Z5, Z5

most:
	VMAXPD        Z1, Z0, Z0
	VMINPD        Z5, Z4, Z4
	VEXTRACTF64X4 $1, Z0, Y1
	VEXTRACTF64X4 $1, Z4, Y5
	VMAXPD        Y1, Y0, Y0
	VMINPD        Y5, Y4, Y4
	VEXTRACTF128  $1, Y0, X1
	VEXTRACTF128  $1, Y4, X5
	VMAXPD        X1, X0, X0
	VMINPD        X5, X4, X4
	VPERMILPD     $1, X0, X1
	VPERMILPD     $1, X4, X5
	VMAXSD        X1, X0, X0
	VMINSD        X5, X4, X4
	VZEROUPPER
	MOVSD         X4, least+24(FP)
	MOVSD         X0, greatest+32(FP)
	RET
