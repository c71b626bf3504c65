#include "textflag.h"

// The AVX2 micro-kernels for tiles that stick out of C. They do the same sums as
// those in tile_avx2_amd64.s, but only for the 1, 2 or 3 vectors that hold
// columns of C, and write only what belongs to it: R12 points to the masks of
// the columns, R11 counts these, R10 the rows. R9 and AX are once and 3 times the
// way from row to row of A, R13 and BX those from step to step in A and B.

#define ROW1(BROADCAST, FMA, at, c0) \
	BROADCAST at, Y15; \
	FMA       Y12, Y15, c0

#define ROW2(BROADCAST, FMA, at, c0, c1) \
	BROADCAST at, Y15; \
	FMA       Y12, Y15, c0; \
	FMA       Y13, Y15, c1

#define ROW3(BROADCAST, FMA, at, c0, c1, c2) \
	BROADCAST at, Y15; \
	FMA       Y12, Y15, c0; \
	FMA       Y13, Y15, c1; \
	FMA       Y14, Y15, c2

// NEXT ends a step of k.
#define NEXT(loop) \
	ADDQ R13, SI; \
	ADDQ BX, DI; \
	DECQ CX; \
	JNZ  loop

// SUMS runs over k, with as many vectors as there are columns for.
#define SUMS(LOAD, BROADCAST, FMA, w) \
	CMPQ R11, $(32/w); \
	JLE  one; \
	CMPQ R11, $(64/w); \
	JLE  two; \
three: \
	LOAD (DI), Y12; \
	LOAD 32(DI), Y13; \
	LOAD 64(DI), Y14; \
	ROW3(BROADCAST, FMA, (SI), Y0, Y1, Y2); \
	ROW3(BROADCAST, FMA, (SI)(R9*1), Y3, Y4, Y5); \
	ROW3(BROADCAST, FMA, (SI)(R9*2), Y6, Y7, Y8); \
	ROW3(BROADCAST, FMA, (SI)(AX*1), Y9, Y10, Y11); \
	NEXT(three); \
	JMP  write; \
two: \
	LOAD (DI), Y12; \
	LOAD 32(DI), Y13; \
	ROW2(BROADCAST, FMA, (SI), Y0, Y1); \
	ROW2(BROADCAST, FMA, (SI)(R9*1), Y3, Y4); \
	ROW2(BROADCAST, FMA, (SI)(R9*2), Y6, Y7); \
	ROW2(BROADCAST, FMA, (SI)(AX*1), Y9, Y10); \
	NEXT(two); \
	JMP  write; \
one: \
	LOAD (DI), Y12; \
	ROW1(BROADCAST, FMA, (SI), Y0); \
	ROW1(BROADCAST, FMA, (SI)(R9*1), Y3); \
	ROW1(BROADCAST, FMA, (SI)(R9*2), Y6); \
	ROW1(BROADCAST, FMA, (SI)(AX*1), Y9); \
	NEXT(one)

// SET sets one vector of a row of C to alpha (Y12) times the sums, under a mask.
#define SET(MASKED, MUL, at, c) \
	VMOVUPS at(R12), Y15; \
	MUL     Y12, c, c; \
	MASKED  c, Y15, at(DX)

// ADD sets it to alpha times the sums + beta (Y13) times what is there.
#define ADD(MASKED, MUL, PLUS, at, c) \
	VMOVUPS at(R12), Y15; \
	MUL     Y12, c, c; \
	MASKED  at(DX), Y15, Y14; \
	MUL     Y13, Y14, Y14; \
	PLUS    Y14, c, c; \
	MASKED  c, Y15, at(DX)

// SETROW and ADDROW write the vectors of a row that hold columns of C.
#define SETROW(MASKED, MUL, w, c0, c1, c2, next) \
	SET(MASKED, MUL, 0, c0); \
	CMPQ R11, $(32/w); \
	JLE  next; \
	SET(MASKED, MUL, 32, c1); \
	CMPQ R11, $(64/w); \
	JLE  next; \
	SET(MASKED, MUL, 64, c2); \
next: \
	ADDQ R8, DX; \
	DECQ R10; \
	JZ   done

#define ADDROW(MASKED, MUL, PLUS, w, c0, c1, c2, next) \
	ADD(MASKED, MUL, PLUS, 0, c0); \
	CMPQ R11, $(32/w); \
	JLE  next; \
	ADD(MASKED, MUL, PLUS, 32, c1); \
	CMPQ R11, $(64/w); \
	JLE  next; \
	ADD(MASKED, MUL, PLUS, 64, c2); \
next: \
	ADDQ R8, DX; \
	DECQ R10; \
	JZ   done

#define CLEAR(c0, c1, c2) \
	VXORPS c0, c0, c0; \
	VXORPS c1, c1, c1; \
	VXORPS c2, c2, c2

#define CLEARALL \
	CLEAR(Y0, Y1, Y2); \
	CLEAR(Y3, Y4, Y5); \
	CLEAR(Y6, Y7, Y8); \
	CLEAR(Y9, Y10, Y11)

// SELECT points R12 at masks for R11 columns.
#define SELECT(w) \
	LEAQ  ·selection+96(SB), R12; \
	IMUL3Q $w, R11, AX; \
	SUBQ  AX, R12

// func edge64AVX2(k int, alpha float64, a []float64, rowA, stepA int, b []float64, stepB int, beta float64, c []float64, ldc, rows, columns int)
TEXT ·edge64AVX2(SB), NOSPLIT, $0-144
	MOVQ a_base+16(FP), SI
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ b_base+56(FP), DI
	MOVQ stepB+80(FP), BX
	MOVQ c_base+96(FP), DX
	MOVQ ldc+120(FP), R8
	MOVQ rows+128(FP), R10
	MOVQ columns+136(FP), R11
	SHLQ $3, R8
	SHLQ $3, R9
	SHLQ $3, R13
	SHLQ $3, BX
	LEAQ (R9)(R9*2), AX
	CLEARALL
	MOVQ k+0(FP), CX
	SUMS(VMOVUPD, VBROADCASTSD, VFMADD231PD, 8)

write:
	VBROADCASTSD alpha+8(FP), Y12
	VBROADCASTSD beta+88(FP), Y13
	SELECT(8)
	MOVQ         beta+88(FP), AX
	SHLQ         $1, AX
	JNZ          add
	SETROW(VMASKMOVPD, VMULPD, 8, Y0, Y1, Y2, set0)
	SETROW(VMASKMOVPD, VMULPD, 8, Y3, Y4, Y5, set1)
	SETROW(VMASKMOVPD, VMULPD, 8, Y6, Y7, Y8, set2)
	SETROW(VMASKMOVPD, VMULPD, 8, Y9, Y10, Y11, set3)

add:
	ADDROW(VMASKMOVPD, VMULPD, VADDPD, 8, Y0, Y1, Y2, add0)
	ADDROW(VMASKMOVPD, VMULPD, VADDPD, 8, Y3, Y4, Y5, add1)
	ADDROW(VMASKMOVPD, VMULPD, VADDPD, 8, Y6, Y7, Y8, add2)
	ADDROW(VMASKMOVPD, VMULPD, VADDPD, 8, Y9, Y10, Y11, add3)

done:
	VZEROUPPER
	RET

// func edge32AVX2(k int, alpha float32, a []float32, rowA, stepA int, b []float32, stepB int, beta float32, c []float32, ldc, rows, columns int)
TEXT ·edge32AVX2(SB), NOSPLIT, $0-144
	MOVQ a_base+16(FP), SI
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ b_base+56(FP), DI
	MOVQ stepB+80(FP), BX
	MOVQ c_base+96(FP), DX
	MOVQ ldc+120(FP), R8
	MOVQ rows+128(FP), R10
	MOVQ columns+136(FP), R11
	SHLQ $2, R8
	SHLQ $2, R9
	SHLQ $2, R13
	SHLQ $2, BX
	LEAQ (R9)(R9*2), AX
	CLEARALL
	MOVQ k+0(FP), CX
	SUMS(VMOVUPS, VBROADCASTSS, VFMADD231PS, 4)

write:
	VBROADCASTSS alpha+8(FP), Y12
	VBROADCASTSS beta+88(FP), Y13
	SELECT(4)
	MOVL         beta+88(FP), AX
	SHLL         $1, AX
	JNZ          add
	SETROW(VMASKMOVPS, VMULPS, 4, Y0, Y1, Y2, set0)
	SETROW(VMASKMOVPS, VMULPS, 4, Y3, Y4, Y5, set1)
	SETROW(VMASKMOVPS, VMULPS, 4, Y6, Y7, Y8, set2)
	SETROW(VMASKMOVPS, VMULPS, 4, Y9, Y10, Y11, set3)

add:
	ADDROW(VMASKMOVPS, VMULPS, VADDPS, 4, Y0, Y1, Y2, add0)
	ADDROW(VMASKMOVPS, VMULPS, VADDPS, 4, Y3, Y4, Y5, add1)
	ADDROW(VMASKMOVPS, VMULPS, VADDPS, 4, Y6, Y7, Y8, add2)
	ADDROW(VMASKMOVPS, VMULPS, VADDPS, 4, Y9, Y10, Y11, add3)

done:
	VZEROUPPER
	RET
