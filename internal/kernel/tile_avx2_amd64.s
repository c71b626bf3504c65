#include "textflag.h"

// The AVX2 micro-kernels: 4 rows × 3 vectors of C, in Y0 … Y11. A step of k
// loads a row of B (Y12 … Y14) and, one by one, the 4 elements of a column of A
// (Y15), and does 12 fused multiply-adds.
//
// SI: A, with R9 and R10 once and 3 times the way from row to row and R13 from
// step to step; DI: B, BX from step to step; CX: steps left, DX: row of C, R8:
// its stride. All in bytes.

// ROW adds one element of A times the row of B to a row of C.
#define ROW(BROADCAST, FMA, at, c0, c1, c2) \
	BROADCAST at, Y15; \
	FMA       Y12, Y15, c0; \
	FMA       Y13, Y15, c1; \
	FMA       Y14, Y15, c2

// STEP is one step of k.
#define STEP(LOAD, BROADCAST, FMA) \
	LOAD (DI), Y12; \
	LOAD 32(DI), Y13; \
	LOAD 64(DI), Y14; \
	ADDQ BX, DI; \
	ROW(BROADCAST, FMA, (SI), Y0, Y1, Y2); \
	ROW(BROADCAST, FMA, (SI)(R9*1), Y3, Y4, Y5); \
	ROW(BROADCAST, FMA, (SI)(R9*2), Y6, Y7, Y8); \
	ROW(BROADCAST, FMA, (SI)(R10*1), Y9, Y10, Y11); \
	ADDQ R13, SI

// PACKEDSTEP is STEP number i from packed panels, w the width of an element: the
// processor need not add up addresses.
#define PACKEDSTEP(LOAD, BROADCAST, FMA, w, i) \
	LOAD (96*i+0)(DI), Y12; \
	LOAD (96*i+32)(DI), Y13; \
	LOAD (96*i+64)(DI), Y14; \
	ROW(BROADCAST, FMA, (4*w*i+0*w)(SI), Y0, Y1, Y2); \
	ROW(BROADCAST, FMA, (4*w*i+1*w)(SI), Y3, Y4, Y5); \
	ROW(BROADCAST, FMA, (4*w*i+2*w)(SI), Y6, Y7, Y8); \
	ROW(BROADCAST, FMA, (4*w*i+3*w)(SI), Y9, Y10, Y11)

// SET writes a row of C: alpha (Y12) times the sums.
#define SET(LOAD, MUL, c0, c1, c2) \
	MUL  Y12, c0, c0; \
	MUL  Y12, c1, c1; \
	MUL  Y12, c2, c2; \
	LOAD c0, (DX); \
	LOAD c1, 32(DX); \
	LOAD c2, 64(DX); \
	ADDQ R8, DX

// ADD writes a row of C: alpha times the sums + beta (Y13) times what is there.
// Not fused, so that the Go code that finishes tiles at the edge agrees.
#define ADD(LOAD, MUL, PLUS, c0, c1, c2) \
	MUL  Y12, c0, c0; \
	MUL  Y12, c1, c1; \
	MUL  Y12, c2, c2; \
	MUL  (DX), Y13, Y14; \
	MUL  32(DX), Y13, Y15; \
	PLUS Y14, c0, c0; \
	MUL  64(DX), Y13, Y14; \
	PLUS Y15, c1, c1; \
	PLUS Y14, c2, c2; \
	LOAD c0, (DX); \
	LOAD c1, 32(DX); \
	LOAD c2, 64(DX); \
	ADDQ R8, DX

#define EACHROW(DO) \
	DO(Y0, Y1, Y2); \
	DO(Y3, Y4, Y5); \
	DO(Y6, Y7, Y8); \
	DO(Y9, Y10, Y11)

#define CLEAR(c0, c1, c2) \
	VXORPS c0, c0, c0; \
	VXORPS c1, c1, c1; \
	VXORPS c2, c2, c2

// FETCH asks for a row of C, which is needed only after all of k.
#define FETCH(c0, c1, c2) \
	PREFETCHT0 (AX); \
	PREFETCHT0 64(AX); \
	ADDQ       R8, AX

#define STEP64 STEP(VMOVUPD, VBROADCASTSD, VFMADD231PD)
#define PACKEDSTEP64(i) PACKEDSTEP(VMOVUPD, VBROADCASTSD, VFMADD231PD, 8, i)
#define SET64(c0, c1, c2) SET(VMOVUPD, VMULPD, c0, c1, c2)
#define ADD64(c0, c1, c2) ADD(VMOVUPD, VMULPD, VADDPD, c0, c1, c2)

// func tile64AVX2(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows int)
TEXT ·tile64AVX2(SB), NOSPLIT, $0-144
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

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ DX, AX
	EACHROW(FETCH)
	EACHROW(CLEAR)
	MOVQ k+0(FP), CX
	CMPQ R13, $32
	JNE  one
	CMPQ R9, $8
	JNE  one
	CMPQ BX, $96
	JNE  one
	SUBQ $4, CX
	JLT  rest

packed:
	PACKEDSTEP64(0)
	PACKEDSTEP64(1)
	PACKEDSTEP64(2)
	PACKEDSTEP64(3)
	ADDQ $128, SI
	ADDQ $384, DI
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
	VBROADCASTSD alpha+8(FP), Y12
	VBROADCASTSD beta+96(FP), Y13
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
	SUBQ $4, rows+136(FP)
	JG   tile
	VZEROUPPER
	RET

#define STEP32 STEP(VMOVUPS, VBROADCASTSS, VFMADD231PS)
#define PACKEDSTEP32(i) PACKEDSTEP(VMOVUPS, VBROADCASTSS, VFMADD231PS, 4, i)
#define SET32(c0, c1, c2) SET(VMOVUPS, VMULPS, c0, c1, c2)
#define ADD32(c0, c1, c2) ADD(VMOVUPS, VMULPS, VADDPS, c0, c1, c2)

// func tile32AVX2(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows int)
TEXT ·tile32AVX2(SB), NOSPLIT, $0-144
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

tile:
	MOVQ a_base+16(FP), SI
	MOVQ b_base+64(FP), DI
	MOVQ DX, AX
	EACHROW(FETCH)
	EACHROW(CLEAR)
	MOVQ k+0(FP), CX
	CMPQ R13, $16
	JNE  one
	CMPQ R9, $4
	JNE  one
	CMPQ BX, $96
	JNE  one
	SUBQ $4, CX
	JLT  rest

packed:
	PACKEDSTEP32(0)
	PACKEDSTEP32(1)
	PACKEDSTEP32(2)
	PACKEDSTEP32(3)
	ADDQ $64, SI
	ADDQ $384, DI
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
	VBROADCASTSS alpha+8(FP), Y12
	VBROADCASTSS beta+96(FP), Y13
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
	SUBQ $4, rows+136(FP)
	JG   tile
	VZEROUPPER
	RET
