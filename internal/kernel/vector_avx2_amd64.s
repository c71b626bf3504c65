#include "textflag.h"

// The vector kernels with AVX2. Blocks of 8 vectors of 4, then pairs, then what
// is left under a mask. Two vectors here take the place of one of AVX-512: the
// sums are laid out alike, so that both give the same bits.

// MASK sets Y12, Y13 to select the lowest CX of 8 elements and skips to the
// label if there are none.
#define MASK(none) \
	TESTQ   CX, CX; \
	JZ      none; \
	LEAQ    ·selection+96(SB), AX; \
	MOVQ    CX, DX; \
	SHLQ    $3, DX; \
	SUBQ    DX, AX; \
	VMOVUPD (AX), Y12; \
	VMOVUPD 32(AX), Y13

// func dotAVX2(x, y []float64) float64
TEXT ·dotAVX2(SB), NOSPLIT, $0-56
	MOVQ   x_base+0(FP), SI
	MOVQ   x_len+8(FP), CX
	MOVQ   y_base+24(FP), DI
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	VXORPD Y4, Y4, Y4
	VXORPD Y5, Y5, Y5
	VXORPD Y6, Y6, Y6
	VXORPD Y7, Y7, Y7
	SUBQ   $32, CX
	JLT    rest

block:
	VMOVUPD     (SI), Y8
	VMOVUPD     32(SI), Y9
	VMOVUPD     64(SI), Y10
	VMOVUPD     96(SI), Y11
	VFMADD231PD (DI), Y8, Y0
	VFMADD231PD 32(DI), Y9, Y1
	VFMADD231PD 64(DI), Y10, Y2
	VFMADD231PD 96(DI), Y11, Y3
	VMOVUPD     128(SI), Y8
	VMOVUPD     160(SI), Y9
	VMOVUPD     192(SI), Y10
	VMOVUPD     224(SI), Y11
	VFMADD231PD 128(DI), Y8, Y4
	VFMADD231PD 160(DI), Y9, Y5
	VFMADD231PD 192(DI), Y10, Y6
	VFMADD231PD 224(DI), Y11, Y7
	ADDQ        $256, SI
	ADDQ        $256, DI
	SUBQ        $32, CX
	JGE         block

rest:
	ADDQ $24, CX
	JLT  tail

single:
	VMOVUPD     (SI), Y8
	VMOVUPD     32(SI), Y9
	VFMADD231PD (DI), Y8, Y0
	VFMADD231PD 32(DI), Y9, Y1
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $8, CX
	JGE         single

tail:
	ADDQ $8, CX
	MASK(sum)
	VMASKMOVPD  (SI), Y12, Y8
	VMASKMOVPD  32(SI), Y13, Y9
	VMASKMOVPD  (DI), Y12, Y10
	VMASKMOVPD  32(DI), Y13, Y11
	VFMADD231PD Y10, Y8, Y0
	VFMADD231PD Y11, Y9, Y1

sum:
	VADDPD       Y2, Y0, Y0
	VADDPD       Y3, Y1, Y1
	VADDPD       Y6, Y4, Y4
	VADDPD       Y7, Y5, Y5
	VADDPD       Y4, Y0, Y0
	VADDPD       Y5, Y1, Y1
	VADDPD       Y1, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPD       X1, X0, X0
	VUNPCKHPD    X0, X0, X1
	VADDSD       X1, X0, X0
	VZEROUPPER
	MOVSD        X0, ret+48(FP)
	RET

// FOURSUMS sets a to the sums of a, b, c and d: of each, the pairs' first.
#define FOURSUMS(a, b, c, d) \
	VHADDPD    b, a, a; \
	VHADDPD    d, c, c; \
	VPERM2F128 $0x20, c, a, b; \
	VPERM2F128 $0x31, c, a, d; \
	VADDPD     d, b, a

// DOTSTAIL adds the products of a row's last elements with those in Y8, Y9.
#define DOTSTAIL(row, low, high) \
	VMASKMOVPD  (row)(BX*8), Y12, Y10; \
	VMASKMOVPD  32(row)(BX*8), Y13, Y11; \
	VFMADD231PD Y10, Y8, low; \
	VFMADD231PD Y11, Y9, high

// Of four rows at a time: in the place of those that are missing at the end, the first is taken.

// func dotsAVX2(x, rows []float64, stride int, sums []float64)
TEXT ·dotsAVX2(SB), NOSPLIT, $0-80
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
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	VXORPD Y4, Y4, Y4
	VXORPD Y5, Y5, Y5
	VXORPD Y6, Y6, Y6
	VXORPD Y7, Y7, Y7
	XORQ   BX, BX
	MOVQ   x_len+8(FP), CX
	SUBQ   $8, CX
	JLT    tail

block:
	VMOVUPD     (SI)(BX*8), Y8
	VMOVUPD     32(SI)(BX*8), Y9
	VFMADD231PD (R8)(BX*8), Y8, Y0
	VFMADD231PD 32(R8)(BX*8), Y9, Y1
	VFMADD231PD (R9)(BX*8), Y8, Y2
	VFMADD231PD 32(R9)(BX*8), Y9, Y3
	VFMADD231PD (R10)(BX*8), Y8, Y4
	VFMADD231PD 32(R10)(BX*8), Y9, Y5
	VFMADD231PD (R11)(BX*8), Y8, Y6
	VFMADD231PD 32(R11)(BX*8), Y9, Y7
	ADDQ        $8, BX
	SUBQ        $8, CX
	JGE         block

tail:
	ADDQ          $8, CX
	MASK(sum)
	VMASKMOVPD    (SI)(BX*8), Y12, Y8
	VMASKMOVPD    32(SI)(BX*8), Y13, Y9
	DOTSTAIL(R8, Y0, Y1)
	DOTSTAIL(R9, Y2, Y3)
	DOTSTAIL(R10, Y4, Y5)
	DOTSTAIL(R11, Y6, Y7)

sum:
	VADDPD       Y1, Y0, Y0
	VADDPD       Y3, Y2, Y2
	VADDPD       Y5, Y4, Y4
	VADDPD       Y7, Y6, Y6
	FOURSUMS(Y0, Y2, Y4, Y6)
	TESTQ        R13, R13
	JLT          last
	VADDPD       (DI), Y0, Y0
	VMOVUPD      Y0, (DI)
	ADDQ         $32, DI
	LEAQ         (R8)(R12*4), R8
	SUBQ         $4, R13
	JGE          four

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
	LEAQ       4(R13), CX
	MASK(done)
	VMASKMOVPD (DI), Y12, Y1
	VADDPD     Y1, Y0, Y0
	VMASKMOVPD Y0, Y12, (DI)

done:
	VZEROUPPER
	RET

// func axpyAVX2(alpha float64, x, y []float64)
TEXT ·axpyAVX2(SB), NOSPLIT, $0-56
	VBROADCASTSD alpha+0(FP), Y15
	MOVQ         x_base+8(FP), SI
	MOVQ         x_len+16(FP), CX
	MOVQ         y_base+32(FP), DI
	SUBQ         $16, CX
	JLT          rest

block:
	VMOVUPD     (DI), Y0
	VMOVUPD     32(DI), Y1
	VMOVUPD     64(DI), Y2
	VMOVUPD     96(DI), Y3
	VFMADD231PD (SI), Y15, Y0
	VFMADD231PD 32(SI), Y15, Y1
	VFMADD231PD 64(SI), Y15, Y2
	VFMADD231PD 96(SI), Y15, Y3
	VMOVUPD     Y0, (DI)
	VMOVUPD     Y1, 32(DI)
	VMOVUPD     Y2, 64(DI)
	VMOVUPD     Y3, 96(DI)
	ADDQ        $128, SI
	ADDQ        $128, DI
	SUBQ        $16, CX
	JGE         block

rest:
	ADDQ $8, CX
	JLT  tail
	VMOVUPD     (DI), Y0
	VMOVUPD     32(DI), Y1
	VFMADD231PD (SI), Y15, Y0
	VFMADD231PD 32(SI), Y15, Y1
	VMOVUPD     Y0, (DI)
	VMOVUPD     Y1, 32(DI)
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $8, CX

tail:
	ADDQ $8, CX
	MASK(done)
	VMASKMOVPD  (DI), Y12, Y0
	VMASKMOVPD  32(DI), Y13, Y1
	VMASKMOVPD  (SI), Y12, Y2
	VMASKMOVPD  32(SI), Y13, Y3
	VFMADD231PD Y2, Y15, Y0
	VFMADD231PD Y3, Y15, Y1
	VMASKMOVPD  Y0, Y12, (DI)
	VMASKMOVPD  Y1, Y13, 32(DI)

done:
	VZEROUPPER
	RET

// func scaleAVX2(alpha float64, x []float64)
TEXT ·scaleAVX2(SB), NOSPLIT, $0-32
	VBROADCASTSD alpha+0(FP), Y15
	MOVQ         x_base+8(FP), SI
	MOVQ         x_len+16(FP), CX
	SUBQ         $16, CX
	JLT          rest

block:
	VMULPD  (SI), Y15, Y0
	VMULPD  32(SI), Y15, Y1
	VMULPD  64(SI), Y15, Y2
	VMULPD  96(SI), Y15, Y3
	VMOVUPD Y0, (SI)
	VMOVUPD Y1, 32(SI)
	VMOVUPD Y2, 64(SI)
	VMOVUPD Y3, 96(SI)
	ADDQ    $128, SI
	SUBQ    $16, CX
	JGE     block

rest:
	ADDQ $8, CX
	JLT  tail
	VMULPD  (SI), Y15, Y0
	VMULPD  32(SI), Y15, Y1
	VMOVUPD Y0, (SI)
	VMOVUPD Y1, 32(SI)
	ADDQ    $64, SI
	SUBQ    $8, CX

tail:
	ADDQ $8, CX
	MASK(done)
	VMASKMOVPD (SI), Y12, Y0
	VMASKMOVPD 32(SI), Y13, Y1
	VMULPD     Y0, Y15, Y0
	VMULPD     Y1, Y15, Y1
	VMASKMOVPD Y0, Y12, (SI)
	VMASKMOVPD Y1, Y13, 32(SI)

done:
	VZEROUPPER
	RET

// func decayRank1AVX2(decay float64, x, y, a []float64)
TEXT ·decayRank1AVX2(SB), NOSPLIT, $0-80
	VBROADCASTSD decay+0(FP), Y15
	MOVQ         x_base+8(FP), BX
	MOVQ         x_len+16(FP), R8
	MOVQ         y_base+32(FP), R9
	MOVQ         y_len+40(FP), R10
	MOVQ         a_base+56(FP), DI
	TESTQ        R8, R8
	JZ           done

row:
	VBROADCASTSD (BX), Y14
	MOVQ         R9, SI
	MOVQ         R10, CX
	SUBQ         $16, CX
	JLT          rest

block:
	VMULPD      (DI), Y15, Y0
	VMULPD      32(DI), Y15, Y1
	VMULPD      64(DI), Y15, Y2
	VMULPD      96(DI), Y15, Y3
	VFMADD231PD (SI), Y14, Y0
	VFMADD231PD 32(SI), Y14, Y1
	VFMADD231PD 64(SI), Y14, Y2
	VFMADD231PD 96(SI), Y14, Y3
	VMOVUPD     Y0, (DI)
	VMOVUPD     Y1, 32(DI)
	VMOVUPD     Y2, 64(DI)
	VMOVUPD     Y3, 96(DI)
	ADDQ        $128, SI
	ADDQ        $128, DI
	SUBQ        $16, CX
	JGE         block

rest:
	ADDQ $8, CX
	JLT  tail
	VMULPD      (DI), Y15, Y0
	VMULPD      32(DI), Y15, Y1
	VFMADD231PD (SI), Y14, Y0
	VFMADD231PD 32(SI), Y14, Y1
	VMOVUPD     Y0, (DI)
	VMOVUPD     Y1, 32(DI)
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $8, CX

tail:
	ADDQ $8, CX
	MASK(next)
	VMASKMOVPD  (DI), Y12, Y0
	VMASKMOVPD  32(DI), Y13, Y1
	VMASKMOVPD  (SI), Y12, Y2
	VMASKMOVPD  32(SI), Y13, Y3
	VMULPD      Y15, Y0, Y0
	VMULPD      Y15, Y1, Y1
	VFMADD231PD Y2, Y14, Y0
	VFMADD231PD Y3, Y14, Y1
	VMASKMOVPD  Y0, Y12, (DI)
	VMASKMOVPD  Y1, Y13, 32(DI)
	LEAQ        (DI)(CX*8), DI

next:
	ADDQ $8, BX
	DECQ R8
	JNZ  row

done:
	VZEROUPPER
	RET

// SUM4 adds up the 4 elements of a Y register in the lowest of its X.
#define SUM4(y, x) \
	VEXTRACTF128 $1, y, X15; \
	VADDPD       X15, x, x; \
	VPERMILPD    $1, x, X15; \
	VADDSD       X15, x, x

// func quotientsAVX2(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64)
TEXT ·quotientsAVX2(SB), NOSPLIT, $0-168
	VBROADCASTSD a0+0(FP), Y10
	VBROADCASTSD a1+8(FP), Y11
	VBROADCASTSD a2+16(FP), Y12
	VBROADCASTSD least+24(FP), Y13
	MOVQ         $0x3ff0000000000000, AX
	MOVQ         AX, X14
	VBROADCASTSD X14, Y14
	MOVQ         x_base+32(FP), SI
	MOVQ         x_len+40(FP), CX
	MOVQ         y_base+56(FP), DI
	MOVQ         z_base+80(FP), R8
	MOVQ         w_base+104(FP), R9
	MOVQ         u_base+128(FP), R10
	VXORPD       Y0, Y0, Y0
	VXORPD       Y1, Y1, Y1
	VXORPD       Y2, Y2, Y2
	VXORPD       Y3, Y3, Y3
	XORQ         BX, BX
	SUBQ         $8, CX
	JLT          tail

block:
	VMULPD      (SI)(BX*8), Y10, Y4
	VMULPD      32(SI)(BX*8), Y10, Y5
	VFMADD231PD (DI)(BX*8), Y11, Y4
	VFMADD231PD 32(DI)(BX*8), Y11, Y5
	VFMADD231PD (R8)(BX*8), Y12, Y4
	VFMADD231PD 32(R8)(BX*8), Y12, Y5
	VMAXPD      Y4, Y13, Y4
	VMAXPD      Y5, Y13, Y5
	VDIVPD      Y4, Y14, Y4
	VDIVPD      Y5, Y14, Y5
	VFMADD231PD (R9)(BX*8), Y4, Y0
	VFMADD231PD 32(R9)(BX*8), Y5, Y2
	VFMADD231PD (R10)(BX*8), Y4, Y1
	VFMADD231PD 32(R10)(BX*8), Y5, Y3
	ADDQ        $8, BX
	SUBQ        $8, CX
	JGE         block

tail:
	ADDQ        $8, CX
	JZ          sum // else 4 are left
	VMULPD      (SI)(BX*8), Y10, Y4
	VFMADD231PD (DI)(BX*8), Y11, Y4
	VFMADD231PD (R8)(BX*8), Y12, Y4
	VMAXPD      Y4, Y13, Y4
	VDIVPD      Y4, Y14, Y4
	VFMADD231PD (R9)(BX*8), Y4, Y0
	VFMADD231PD (R10)(BX*8), Y4, Y1

sum:
	VADDPD Y2, Y0, Y0
	VADDPD Y3, Y1, Y1
	SUM4(Y0, X0)
	SUM4(Y1, X1)
	VZEROUPPER
	MOVSD  X0, sumW+152(FP)
	MOVSD  X1, sumU+160(FP)
	RET

// CARRY adds up the products of x (Y6) with itself, y (Y7) and z (Y8), and
// replaces z and y.
#define CARRY(xx, xy, xz) \
	VFMADD231PD Y6, Y6, xx; \
	VFMADD231PD Y7, Y6, xy; \
	VFMADD231PD Y8, Y6, xz; \
	VMULPD      Y8, Y11, Y8; \
	VFMADD231PD Y6, Y14, Y8; \
	VFMADD231PD Y7, Y15, Y8; \
	VMULPD      Y7, Y9, Y7; \
	VFMADD231PD Y6, Y10, Y7

// x comes from beyond the second-level cache, and is fetched ahead.

// func carryAVX2(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64)
TEXT ·carryAVX2(SB), NOSPLIT, $0-136
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVQ         y_base+24(FP), DI
	MOVQ         z_base+48(FP), R8
	VBROADCASTSD b0+72(FP), Y9
	VBROADCASTSD b1+80(FP), Y10
	VBROADCASTSD c0+88(FP), Y11
	VBROADCASTSD c1+96(FP), Y14
	VBROADCASTSD c2+104(FP), Y15
	VXORPD       Y0, Y0, Y0
	VXORPD       Y1, Y1, Y1
	VXORPD       Y2, Y2, Y2
	VXORPD       Y3, Y3, Y3
	VXORPD       Y4, Y4, Y4
	VXORPD       Y5, Y5, Y5
	SUBQ         $8, CX
	JLT          tail

block:
	PREFETCHT0 2048(SI)
	VMOVUPD (SI), Y6
	VMOVUPD (DI), Y7
	VMOVUPD (R8), Y8
	CARRY(Y0, Y1, Y2)
	VMOVUPD Y8, (R8)
	VMOVUPD Y7, (DI)
	VMOVUPD 32(SI), Y6
	VMOVUPD 32(DI), Y7
	VMOVUPD 32(R8), Y8
	CARRY(Y3, Y4, Y5)
	VMOVUPD Y8, 32(R8)
	VMOVUPD Y7, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	SUBQ    $8, CX
	JGE     block

tail:
	ADDQ $8, CX
	MASK(sum)
	VMASKMOVPD (SI), Y12, Y6
	VMASKMOVPD (DI), Y12, Y7
	VMASKMOVPD (R8), Y12, Y8
	CARRY(Y0, Y1, Y2)
	VMASKMOVPD Y8, Y12, (R8)
	VMASKMOVPD Y7, Y12, (DI)
	VMASKMOVPD 32(SI), Y13, Y6
	VMASKMOVPD 32(DI), Y13, Y7
	VMASKMOVPD 32(R8), Y13, Y8
	CARRY(Y3, Y4, Y5)
	VMASKMOVPD Y8, Y13, 32(R8)
	VMASKMOVPD Y7, Y13, 32(DI)

sum:
	VADDPD Y3, Y0, Y0
	VADDPD Y4, Y1, Y1
	VADDPD Y5, Y2, Y2
	SUM4(Y0, X0)
	SUM4(Y1, X1)
	SUM4(Y2, X2)
	VZEROUPPER
	MOVSD  X0, xx+112(FP)
	MOVSD  X1, xy+120(FP)
	MOVSD  X2, xz+128(FP)
	RET

// func maxAVX2(x []float64) float64
TEXT ·maxAVX2(SB), NOSPLIT, $0-32
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVQ         $0xfff0000000000000, AX // -Inf
	MOVQ         AX, X0
	VBROADCASTSD X0, Y0
	VMOVAPD      Y0, Y1
	VMOVAPD      Y0, Y2
	VMOVAPD      Y0, Y3
	VMOVAPD      X0, X4
	SUBQ         $16, CX
	JLT          rest

block:
	VMAXPD (SI), Y0, Y0
	VMAXPD 32(SI), Y1, Y1
	VMAXPD 64(SI), Y2, Y2
	VMAXPD 96(SI), Y3, Y3
	ADDQ   $128, SI
	SUBQ   $16, CX
	JGE    block

rest:
	ADDQ $16, CX
	JZ   most

single:
	VMAXSD (SI), X4, X4
	ADDQ   $8, SI
	DECQ   CX
	JNZ    single

most:
	VMAXPD       Y1, Y0, Y0
	VMAXPD       Y3, Y2, Y2
	VMAXPD       Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VMAXPD       X1, X0, X0
	VPERMILPD    $1, X0, X1
	VMAXSD       X1, X0, X0
	VMAXSD       X4, X0, X0
	VZEROUPPER
	MOVSD        X0, ret+24(FP)
	RET

// func extremesAVX2(x []float64) (least, greatest float64)
TEXT ·extremesAVX2(SB), NOSPLIT, $0-40
	MOVQ         x_base+0(FP), SI
	MOVQ         x_len+8(FP), CX
	MOVQ         $0xfff0000000000000, AX // -Inf
	MOVQ         AX, X0
	VBROADCASTSD X0, Y0
	VMOVAPD      Y0, Y1
	MOVQ         $0x7ff0000000000000, AX // +Inf
	MOVQ         AX, X4
	VBROADCASTSD X4, Y4
	VMOVAPD      Y4, Y5
	VMOVAPD      X0, X2
	VMOVAPD      X4, X6
	SUBQ         $8, CX
	JLT          rest

block:
	VMOVUPD (SI), Y8
	VMOVUPD 32(SI), Y9
	VMAXPD  Y8, Y0, Y0
	VMAXPD  Y9, Y1, Y1
	VMINPD  Y8, Y4, Y4
	VMINPD  Y9, Y5, Y5
	ADDQ    $64, SI
	SUBQ    $8, CX
	JGE     block

rest:
	ADDQ $8, CX
	JZ   most

single:
	VMOVSD (SI), X8
	VMAXSD X8, X2, X2
	VMINSD X8, X6, X6
	ADDQ   $8, SI
	DECQ   CX
	JNZ    single

most:
	VMAXPD       Y1, Y0, Y0
	VMINPD       Y5, Y4, Y4
	VEXTRACTF128 $1, Y0, X1
	VEXTRACTF128 $1, Y4, X5
	VMAXPD       X1, X0, X0
	VMINPD       X5, X4, X4
	VPERMILPD    $1, X0, X1
	VPERMILPD    $1, X4, X5
	VMAXSD       X1, X0, X0
	VMINSD       X5, X4, X4
	VMAXSD       X2, X0, X0
	VMINSD       X6, X4, X4
	VZEROUPPER
	MOVSD        X4, least+24(FP)
	MOVSD        X0, greatest+32(FP)
	RET
