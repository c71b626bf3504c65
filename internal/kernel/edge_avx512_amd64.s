#include "textflag.h"

// The AVX-512 micro-kernels for tiles that stick out of C. They do the same
// sums as those in tile_avx512_amd64.s, but only for the 1, 2 or 3 vectors that
// hold columns of C, and write only what belongs to it: K1, K2, K3 select the
// columns of each vector, R10 counts the rows. A is at SI and, from row 4 on, at
// R12; R9 and AX are once and 3 times the way from row to row, R13 and BX those
// from step to step in A and B.

#define ROW1(BROADCAST, FMA, at, c0) \
	BROADCAST at, Z27; \
	FMA       Z24, Z27, c0

#define ROW2(BROADCAST, FMA, at, c0, c1) \
	BROADCAST at, Z27; \
	FMA       Z24, Z27, c0; \
	FMA       Z25, Z27, c1

#define ROW3(BROADCAST, FMA, at, c0, c1, c2) \
	BROADCAST at, Z27; \
	FMA       Z24, Z27, c0; \
	FMA       Z25, Z27, c1; \
	FMA       Z26, Z27, c2

// NEXT ends a step of k.
#define NEXT(loop) \
	ADDQ R13, SI; \
	ADDQ R13, R12; \
	ADDQ BX, DI; \
	DECQ CX; \
	JNZ  loop

// SUMS runs over k, with as many vectors as there are columns for.
#define SUMS(LOAD, BROADCAST, FMA, w) \
	CMPQ R11, $(64/w); \
	JLE  one; \
	CMPQ R11, $(128/w); \
	JLE  two; \
three: \
	LOAD (DI), Z24; \
	LOAD 64(DI), Z25; \
	LOAD 128(DI), Z26; \
	ROW3(BROADCAST, FMA, (SI), Z0, Z1, Z2); \
	ROW3(BROADCAST, FMA, (SI)(R9*1), Z3, Z4, Z5); \
	ROW3(BROADCAST, FMA, (SI)(R9*2), Z6, Z7, Z8); \
	ROW3(BROADCAST, FMA, (SI)(AX*1), Z9, Z10, Z11); \
	ROW3(BROADCAST, FMA, (R12), Z12, Z13, Z14); \
	ROW3(BROADCAST, FMA, (R12)(R9*1), Z15, Z16, Z17); \
	ROW3(BROADCAST, FMA, (R12)(R9*2), Z18, Z19, Z20); \
	ROW3(BROADCAST, FMA, (R12)(AX*1), Z21, Z22, Z23); \
	NEXT(three); \
	JMP  write; \
two: \
	LOAD (DI), Z24; \
	LOAD 64(DI), Z25; \
	ROW2(BROADCAST, FMA, (SI), Z0, Z1); \
	ROW2(BROADCAST, FMA, (SI)(R9*1), Z3, Z4); \
	ROW2(BROADCAST, FMA, (SI)(R9*2), Z6, Z7); \
	ROW2(BROADCAST, FMA, (SI)(AX*1), Z9, Z10); \
	ROW2(BROADCAST, FMA, (R12), Z12, Z13); \
	ROW2(BROADCAST, FMA, (R12)(R9*1), Z15, Z16); \
	ROW2(BROADCAST, FMA, (R12)(R9*2), Z18, Z19); \
	ROW2(BROADCAST, FMA, (R12)(AX*1), Z21, Z22); \
	NEXT(two); \
	JMP  write; \
one: \
	LOAD (DI), Z24; \
	ROW1(BROADCAST, FMA, (SI), Z0); \
	ROW1(BROADCAST, FMA, (SI)(R9*1), Z3); \
	ROW1(BROADCAST, FMA, (SI)(R9*2), Z6); \
	ROW1(BROADCAST, FMA, (SI)(AX*1), Z9); \
	ROW1(BROADCAST, FMA, (R12), Z12); \
	ROW1(BROADCAST, FMA, (R12)(R9*1), Z15); \
	ROW1(BROADCAST, FMA, (R12)(R9*2), Z18); \
	ROW1(BROADCAST, FMA, (R12)(AX*1), Z21); \
	NEXT(one)

// WRITE sets one vector of a row of C to alpha (Z30) times the sums, plus beta
// (Z31) times what is there if K4, the selected columns or none, says so.
#define WRITE(LOAD, MUL, PLUS, at, select, old, c) \
	MUL    Z30, c, c; \
	LOAD.Z at(DX), old, Z24; \
	MUL    Z31, Z24, Z24; \
	PLUS   Z24, c, old, c; \
	LOAD   c, select, at(DX)

#define WRITEROW(LOAD, MUL, PLUS, c0, c1, c2) \
	WRITE(LOAD, MUL, PLUS, 0, K1, K4, c0); \
	WRITE(LOAD, MUL, PLUS, 64, K2, K5, c1); \
	WRITE(LOAD, MUL, PLUS, 128, K3, K6, c2); \
	ADDQ R8, DX; \
	DECQ R10; \
	JZ   done

#define CLEAR(c0, c1, c2) \
	VPXORQ c0, c0, c0; \
	VPXORQ c1, c1, c1; \
	VPXORQ c2, c2, c2

#define EACHROW(DO) \
	DO(Z0, Z1, Z2); \
	DO(Z3, Z4, Z5); \
	DO(Z6, Z7, Z8); \
	DO(Z9, Z10, Z11); \
	DO(Z12, Z13, Z14); \
	DO(Z15, Z16, Z17); \
	DO(Z18, Z19, Z20); \
	DO(Z21, Z22, Z23)

// SELECT sets K1, K2, K3 to the first R11 columns, n to a vector, and K4, K5,
// K6, where C is read, to the same, or to none if AX, beta, is 0.
#define SELECT(n) \
	MOVQ  $1, BX; \
	MOVQ  R11, CX; \
	SHLQ  CX, BX; \
	DECQ  BX; \
	KMOVW BX, K1; \
	SHRQ  $n, BX; \
	KMOVW BX, K2; \
	SHRQ  $n, BX; \
	KMOVW BX, K3; \
	KXORW K4, K4, K4; \
	KXORW K5, K5, K5; \
	KXORW K6, K6, K6; \
	TESTQ AX, AX; \
	JZ    selected; \
	KMOVW K1, K4; \
	KMOVW K2, K5; \
	KMOVW K3, K6; \
selected:

#define WRITE64(c0, c1, c2) WRITEROW(VMOVUPD, VMULPD, VADDPD, c0, c1, c2)

// func edge64AVX512(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows, columns int)
TEXT ·edge64AVX512(SB), NOSPLIT, $0-152
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ c_base+104(FP), DX
	MOVQ ldc+128(FP), R8
	MOVQ columns+144(FP), R11
	SHLQ $3, R8
	SHLQ $3, R9
	SHLQ $3, R13
	SHLQ $3, stepB+88(FP)
	SHLQ $3, panelA+56(FP)

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ stepB+88(FP), BX
	LEAQ (R9)(R9*2), AX
	LEAQ (SI)(R9*4), R12
	EACHROW(CLEAR)
	MOVQ k+0(FP), CX
	SUMS(VMOVUPD, VBROADCASTSD, VFMADD231PD, 8)

write:
	VBROADCASTSD alpha+8(FP), Z30
	VBROADCASTSD beta+96(FP), Z31
	MOVQ         beta+96(FP), AX
	SHLQ         $1, AX
	SELECT(8)
	MOVQ rows+136(FP), R10
	EACHROW(WRITE64)

done:
	MOVQ panelA+56(FP), AX
	ADDQ AX, a_base+16(FP)
	SUBQ $8, rows+136(FP)
	JG   tile
	VZEROUPPER
	RET

#define WRITE32(c0, c1, c2) WRITEROW(VMOVUPS, VMULPS, VADDPS, c0, c1, c2)

// func edge32AVX512(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows, columns int)
TEXT ·edge32AVX512(SB), NOSPLIT, $0-152
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ c_base+104(FP), DX
	MOVQ ldc+128(FP), R8
	MOVQ columns+144(FP), R11
	SHLQ $2, R8
	SHLQ $2, R9
	SHLQ $2, R13
	SHLQ $2, stepB+88(FP)
	SHLQ $2, panelA+56(FP)

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ stepB+88(FP), BX
	LEAQ (R9)(R9*2), AX
	LEAQ (SI)(R9*4), R12
	EACHROW(CLEAR)
	MOVQ k+0(FP), CX
	SUMS(VMOVUPS, VBROADCASTSS, VFMADD231PS, 4)

write:
	VBROADCASTSS alpha+8(FP), Z30
	VBROADCASTSS beta+96(FP), Z31
	MOVL         beta+96(FP), AX
	SHLL         $1, AX
	SELECT(16)
	MOVQ rows+136(FP), R10
	EACHROW(WRITE32)

done:
	MOVQ panelA+56(FP), AX
	ADDQ AX, a_base+16(FP)
	SUBQ $8, rows+136(FP)
	JG   tile
	VZEROUPPER
	RET
