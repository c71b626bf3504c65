#include "textflag.h"

// The AVX-512 micro-kernels: 8 rows × 3 vectors of C, in Z0 … Z23. A step of k
// loads a row of B (Z24 … Z26) and, one by one, the 8 elements of a column of A
// (Z27, Z28 in turn), and does 24 fused multiply-adds.
//
// SI: A, with R9, R10, R11, R12 once, 3, 5 and 7 times the way from row to row and
// R13 from step to step; DI: B, BX from step to step; CX: steps left, DX: row of
// C, R8: its stride. All in bytes.

// ROW adds one element of A times the row of B to a row of C.
#define ROW(BROADCAST, FMA, at, t, c0, c1, c2) \
	BROADCAST at, t; \
	FMA       Z24, t, c0; \
	FMA       Z25, t, c1; \
	FMA       Z26, t, c2

// STEP is one step of k.
#define STEP(LOAD, BROADCAST, FMA) \
	LOAD (DI), Z24; \
	LOAD 64(DI), Z25; \
	LOAD 128(DI), Z26; \
	ADDQ BX, DI; \
	ROW(BROADCAST, FMA, (SI), Z27, Z0, Z1, Z2); \
	ROW(BROADCAST, FMA, (SI)(R9*1), Z28, Z3, Z4, Z5); \
	ROW(BROADCAST, FMA, (SI)(R9*2), Z27, Z6, Z7, Z8); \
	ROW(BROADCAST, FMA, (SI)(R10*1), Z28, Z9, Z10, Z11); \
	ROW(BROADCAST, FMA, (SI)(R9*4), Z27, Z12, Z13, Z14); \
	ROW(BROADCAST, FMA, (SI)(R11*1), Z28, Z15, Z16, Z17); \
	ROW(BROADCAST, FMA, (SI)(R10*2), Z27, Z18, Z19, Z20); \
	ROW(BROADCAST, FMA, (SI)(R12*1), Z28, Z21, Z22, Z23); \
	ADDQ R13, SI

// PACKEDSTEP is STEP number i from packed panels, w the width of an element: the
// processor need not add up addresses.
#define PACKEDSTEP(LOAD, BROADCAST, FMA, w, i) \
	LOAD (192*i+0)(DI), Z24; \
	LOAD (192*i+64)(DI), Z25; \
	LOAD (192*i+128)(DI), Z26; \
	ROW(BROADCAST, FMA, (8*w*i+0*w)(SI), Z27, Z0, Z1, Z2); \
	ROW(BROADCAST, FMA, (8*w*i+1*w)(SI), Z28, Z3, Z4, Z5); \
	ROW(BROADCAST, FMA, (8*w*i+2*w)(SI), Z27, Z6, Z7, Z8); \
	ROW(BROADCAST, FMA, (8*w*i+3*w)(SI), Z28, Z9, Z10, Z11); \
	ROW(BROADCAST, FMA, (8*w*i+4*w)(SI), Z27, Z12, Z13, Z14); \
	ROW(BROADCAST, FMA, (8*w*i+5*w)(SI), Z28, Z15, Z16, Z17); \
	ROW(BROADCAST, FMA, (8*w*i+6*w)(SI), Z27, Z18, Z19, Z20); \
	ROW(BROADCAST, FMA, (8*w*i+7*w)(SI), Z28, Z21, Z22, Z23)

// SET writes a row of C: alpha (Z30) times the sums.
#define SET(LOAD, MUL, c0, c1, c2) \
	MUL  Z30, c0, c0; \
	MUL  Z30, c1, c1; \
	MUL  Z30, c2, c2; \
	LOAD c0, (DX); \
	LOAD c1, 64(DX); \
	LOAD c2, 128(DX); \
	ADDQ R8, DX

// ADD writes a row of C: alpha times the sums + beta (Z31) times what is there.
// Not fused, so that the Go code that finishes tiles at the edge agrees.
#define ADD(LOAD, MUL, PLUS, c0, c1, c2) \
	MUL  Z30, c0, c0; \
	MUL  Z30, c1, c1; \
	MUL  Z30, c2, c2; \
	MUL  (DX), Z31, Z24; \
	MUL  64(DX), Z31, Z25; \
	MUL  128(DX), Z31, Z26; \
	PLUS Z24, c0, c0; \
	PLUS Z25, c1, c1; \
	PLUS Z26, c2, c2; \
	LOAD c0, (DX); \
	LOAD c1, 64(DX); \
	LOAD c2, 128(DX); \
	ADDQ R8, DX

#define EACHROW(DO) \
	DO(Z0, Z1, Z2); \
	DO(Z3, Z4, Z5); \
	DO(Z6, Z7, Z8); \
	DO(Z9, Z10, Z11); \
	DO(Z12, Z13, Z14); \
	DO(Z15, Z16, Z17); \
	DO(Z18, Z19, Z20); \
	DO(Z21, Z22, Z23)

#define CLEAR(c0, c1, c2) \
	VPXORQ c0, c0, c0; \
	VPXORQ c1, c1, c1; \
	VPXORQ c2, c2, c2

// FETCH asks for a row of C, which is needed only after all of k.
#define FETCH(c0, c1, c2) \
	PREFETCHT0 (AX); \
	PREFETCHT0 64(AX); \
	PREFETCHT0 128(AX); \
	ADDQ       R8, AX

#define STEP64 STEP(VMOVUPD, VBROADCASTSD, VFMADD231PD)
#define PACKEDSTEP64(i) PACKEDSTEP(VMOVUPD, VBROADCASTSD, VFMADD231PD, 8, i)
#define SET64(c0, c1, c2) SET(VMOVUPD, VMULPD, c0, c1, c2)
#define ADD64(c0, c1, c2) ADD(VMOVUPD, VMULPD, VADDPD, c0, c1, c2)

// func tile64AVX512(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows int)
TEXT ·tile64AVX512(SB), NOSPLIT, $0-144
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ stepB+88(FP), BX
	MOVQ c_base+104(FP), DX
	MOVQ ldc+128(FP), R8
	SHLQ $3, R8
	SHLQ $3, R9
	SHLQ $3, R13
	SHLQ $3, BX
	SHLQ $3, panelA+56(FP)
	LEAQ (R9)(R9*2), R10
	LEAQ (R9)(R9*4), R11
	LEAQ (R10)(R9*4), R12

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ DX, AX
	EACHROW(FETCH)
	EACHROW(CLEAR)
	MOVQ k+0(FP), CX
	CMPQ R13, $64
	JNE  one
	CMPQ R9, $8
	JNE  one
	CMPQ BX, $192
	JNE  one
	SUBQ $4, CX
	JLT  rest

packed:
	PACKEDSTEP64(0)
	PACKEDSTEP64(1)
	PACKEDSTEP64(2)
	PACKEDSTEP64(3)
	ADDQ $256, SI
	ADDQ $768, DI
	SUBQ $4, CX
	JGE  packed

rest:
	ADDQ $4, CX
	JZ   done

one:
	STEP64
	DECQ CX
	JNZ  one

done:
	VBROADCASTSD alpha+8(FP), Z30
	VBROADCASTSD beta+96(FP), Z31
	MOVQ         beta+96(FP), AX
	SHLQ         $1, AX
	JNZ          add
	EACHROW(SET64)
	JMP          next

add:
	EACHROW(ADD64)

next:
	MOVQ panelA+56(FP), AX
	ADDQ AX, a_base+16(FP)
	SUBQ $8, rows+136(FP)
	JG   tile
	VZEROUPPER
	RET

#define STEP32 STEP(VMOVUPS, VBROADCASTSS, VFMADD231PS)
#define PACKEDSTEP32(i) PACKEDSTEP(VMOVUPS, VBROADCASTSS, VFMADD231PS, 4, i)
#define SET32(c0, c1, c2) SET(VMOVUPS, VMULPS, c0, c1, c2)
#define ADD32(c0, c1, c2) ADD(VMOVUPS, VMULPS, VADDPS, c0, c1, c2)

// func tile32AVX512(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows int)
TEXT ·tile32AVX512(SB), NOSPLIT, $0-144
	MOVQ rowA+40(FP), R9
	MOVQ stepA+48(FP), R13
	MOVQ stepB+88(FP), BX
	MOVQ c_base+104(FP), DX
	MOVQ ldc+128(FP), R8
	SHLQ $2, R8
	SHLQ $2, R9
	SHLQ $2, R13
	SHLQ $2, BX
	SHLQ $2, panelA+56(FP)
	LEAQ (R9)(R9*2), R10
	LEAQ (R9)(R9*4), R11
	LEAQ (R10)(R9*4), R12

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ DX, AX
	EACHROW(FETCH)
	EACHROW(CLEAR)
	MOVQ k+0(FP), CX
	CMPQ R13, $32
	JNE  one
	CMPQ R9, $4
	JNE  one
	CMPQ BX, $192
	JNE  one
	SUBQ $4, CX
	JLT  rest

packed:
	PACKEDSTEP32(0)
	PACKEDSTEP32(1)
	PACKEDSTEP32(2)
	PACKEDSTEP32(3)
	ADDQ $128, SI
	ADDQ $768, DI
	SUBQ $4, CX
	JGE  packed

rest:
	ADDQ $4, CX
	JZ   done

one:
	STEP32
	DECQ CX
	JNZ  one

done:
	VBROADCASTSS alpha+8(FP), Z30
	VBROADCASTSS beta+96(FP), Z31
	MOVL         beta+96(FP), AX
	SHLL         $1, AX
	JNZ          add
	EACHROW(SET32)
	JMP          next

add:
	EACHROW(ADD32)

next:
	MOVQ panelA+56(FP), AX
	ADDQ AX, a_base+16(FP)
	SUBQ $8, rows+136(FP)
	JG   tile
	VZEROUPPER
	RET
