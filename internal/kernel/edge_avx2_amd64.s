#include "textflag.h"

// The AVX2 micro-kernels for tiles that stick out of C. They do the same sums as
// those in tile_avx2_amd64.s, but only for the 1, 2 or 3 vectors that hold
// columns of C, and write only what belongs to it, by way of the stack: R11 holds
// the bytes of its columns, R10 the rows of a tile. R9 and AX are once and 3 times
// the way from row to row of A, R13 and BX those from step to step in A and B.

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

// SUMS runs over k, with as many vectors as R11 bytes of columns need.
#define SUMS(LOAD, BROADCAST, FMA) \
	CMPQ R11, $32; \
	JLE  one; \
	CMPQ R11, $64; \
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

// PUT puts alpha (Y12) times a row's sums on the stack.
#define PUT(MUL, at, c0, c1, c2) \
	MUL     Y12, c0, c0; \
	MUL     Y12, c1, c1; \
	MUL     Y12, c2, c2; \
	VMOVUPS c0, sums-(384-at)(SP); \
	VMOVUPS c1, sums-(352-at)(SP); \
	VMOVUPS c2, sums-(320-at)(SP)

#define PUTALL(MUL) \
	PUT(MUL, 0, Y0, Y1, Y2); \
	PUT(MUL, 96, Y3, Y4, Y5); \
	PUT(MUL, 192, Y6, Y7, Y8); \
	PUT(MUL, 288, Y9, Y10, Y11)

// WRITE takes R11 bytes of each of the tile's rows from there to C, and goes on to
// the next tile: whole vectors, and then 16, 8 and 4 bytes, for stores under a mask
// are slow. Unless AX, the bits of beta, is 0, beta (Y13) times what is there is added,
// which is read under the mask Y15.
#define WRITE(MUL, PLUS) \
	LEAQ sums-384(SP), SI; \
	MOVQ $4, R10; \
	CMPQ R10, rows+136(FP); \
	JLE  row; \
	MOVQ rows+136(FP), R10; \
row: \
	MOVQ SI, BX; \
	MOVQ DX, DI; \
	MOVQ R11, CX; \
	SUBQ $32, CX; \
	JLT  part; \
vector: \
	VMOVUPS (BX), Y0; \
	TESTQ   AX, AX; \
	JZ      set; \
	MUL     (DI), Y13, Y14; \
	PLUS    Y14, Y0, Y0; \
set: \
	VMOVUPS Y0, (DI); \
	ADDQ    $32, BX; \
	ADDQ    $32, DI; \
	SUBQ    $32, CX; \
	JGE     vector; \
part: \
	ADDQ    $32, CX; \
	JZ      next; \
	VMOVUPS (BX), Y0; \
	TESTQ   AX, AX; \
	JZ      quarters; \
	VMASKMOVPS (DI), Y15, Y14; \
	MUL     Y13, Y14, Y14; \
	PLUS    Y14, Y0, Y0; \
quarters: \
	TESTQ   $16, CX; \
	JZ      eighth; \
	VMOVUPS X0, (DI); \
	VEXTRACTF128 $1, Y0, X0; \
	ADDQ    $16, DI; \
eighth: \
	TESTQ   $8, CX; \
	JZ      last; \
	VMOVLPS X0, (DI); \
	VPERMILPD $1, X0, X0; \
	ADDQ    $8, DI; \
last: \
	TESTQ   $4, CX; \
	JZ      next; \
	VMOVSS  X0, (DI); \
next: \
	ADDQ    $96, SI; \
	ADDQ    R8, DX; \
	DECQ    R10; \
	JNZ     row; \
	MOVQ    panelA+56(FP), AX; \
	ADDQ    AX, a_base+16(FP); \
	SUBQ    $4, rows+136(FP); \
	JG      tile; \
	VZEROUPPER; \
	RET

#define CLEAR(c0, c1, c2) \
	VXORPS c0, c0, c0; \
	VXORPS c1, c1, c1; \
	VXORPS c2, c2, c2

#define EACHROW(DO) \
	DO(Y0, Y1, Y2); \
	DO(Y3, Y4, Y5); \
	DO(Y6, Y7, Y8); \
	DO(Y9, Y10, Y11)

// FETCH asks for a row of C, which may be another's beyond the tile's.
#define FETCH(c0, c1, c2) \
	PREFETCHT0 (AX); \
	PREFETCHT0 -1(AX)(R11*1); \
	ADDQ       R8, AX

// SELECT sets Y15 to a mask of what R11 bytes hold beyond whole vectors.
#define SELECT \
	LEAQ    ·selection+96(SB), R12; \
	MOVQ    R11, CX; \
	ANDQ    $31, CX; \
	SUBQ    CX, R12; \
	VMOVUPS (R12), Y15

// func edge64AVX2(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows, columns int)
TEXT ·edge64AVX2(SB), NOSPLIT, $384-152
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ c_base+104(FP), DX
	MOVQ ldc+128(FP), R8
	MOVQ columns+144(FP), R11
	SHLQ $3, R8
	SHLQ $3, R9
	SHLQ $3, R13
	SHLQ $3, R11
	SHLQ $3, stepB+88(FP)
	SHLQ $3, panelA+56(FP)

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ stepB+88(FP), BX
	MOVQ DX, AX
	EACHROW(FETCH)
	EACHROW(CLEAR)
	LEAQ (R9)(R9*2), AX
	MOVQ k+0(FP), CX
	SUMS(VMOVUPD, VBROADCASTSD, VFMADD231PD)

write:
	VBROADCASTSD alpha+8(FP), Y12
	VBROADCASTSD beta+96(FP), Y13
	PUTALL(VMULPD)
	SELECT
	MOVQ         beta+96(FP), AX
	SHLQ         $1, AX
	WRITE(VMULPD, VADDPD)

// func edge32AVX2(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows, columns int)
TEXT ·edge32AVX2(SB), NOSPLIT, $384-152
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ c_base+104(FP), DX
	MOVQ ldc+128(FP), R8
	MOVQ columns+144(FP), R11
	SHLQ $2, R8
	SHLQ $2, R9
	SHLQ $2, R13
	SHLQ $2, R11
	SHLQ $2, stepB+88(FP)
	SHLQ $2, panelA+56(FP)

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ stepB+88(FP), BX
	MOVQ stepB+88(FP), BX
	MOVQ DX, AX
	EACHROW(FETCH)
	EACHROW(CLEAR)
	LEAQ (R9)(R9*2), AX
	MOVQ k+0(FP), CX
	SUMS(VMOVUPS, VBROADCASTSS, VFMADD231PS)

write:
	VBROADCASTSS alpha+8(FP), Y12
	VBROADCASTSS beta+96(FP), Y13
	PUTALL(VMULPS)
	SELECT
	MOVL         beta+96(FP), AX
	SHLL         $1, AX
	WRITE(VMULPS, VADDPS)
