#include "textflag.h"

// Packing of panels (AVX2, used by the AVX-512 path too: it is bound by memory).
//
// SI: source, R8: its stride in bytes, DI: panel, R9: its width in bytes,
// CX: steps of k left.

// FETCHNEXT asks for the same columns of the next 4 rows: a run of k is too
// short for the processor to see the pattern. An address past the matrix, after
// the last rows, does no harm.
#define FETCHNEXT \
	LEAQ       (SI)(R8*4), BX; \
	PREFETCHT0 (BX); \
	PREFETCHT0 (BX)(R8*1); \
	PREFETCHT0 (BX)(R8*2); \
	PREFETCHT0 (BX)(R10*1)

// func turn64AVX2(panel []float64, width int, x []float64, stride, k int)
//
// Transposes 4 rows of x: panel[p*width + r] = x[r*stride + p] for r < 4 and
// p < k, k a multiple of 4.
TEXT ·turn64AVX2(SB), NOSPLIT, $0-72
	MOVQ panel_base+0(FP), DI
	MOVQ width+24(FP), R9
	MOVQ x_base+32(FP), SI
	MOVQ stride+56(FP), R8
	MOVQ k+64(FP), CX
	SHLQ $3, R8
	SHLQ $3, R9
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11
	SUBQ $4, CX
	JLT  done

loop:
	FETCHNEXT
	VMOVUPD    (SI), Y0
	VMOVUPD    (SI)(R8*1), Y1
	VMOVUPD    (SI)(R8*2), Y2
	VMOVUPD    (SI)(R10*1), Y3
	VUNPCKLPD  Y1, Y0, Y4
	VUNPCKHPD  Y1, Y0, Y5
	VUNPCKLPD  Y3, Y2, Y6
	VUNPCKHPD  Y3, Y2, Y7
	VPERM2F128 $0x20, Y6, Y4, Y0
	VPERM2F128 $0x20, Y7, Y5, Y1
	VPERM2F128 $0x31, Y6, Y4, Y2
	VPERM2F128 $0x31, Y7, Y5, Y3
	VMOVUPD    Y0, (DI)
	VMOVUPD    Y1, (DI)(R9*1)
	VMOVUPD    Y2, (DI)(R9*2)
	VMOVUPD    Y3, (DI)(R11*1)
	ADDQ       $32, SI
	LEAQ       (DI)(R9*4), DI
	SUBQ       $4, CX
	JGE        loop

done:
	VZEROUPPER
	RET

// func turn32AVX2(panel []float32, width int, x []float32, stride, k int)
//
// turn64AVX2 in single precision.
TEXT ·turn32AVX2(SB), NOSPLIT, $0-72
	MOVQ panel_base+0(FP), DI
	MOVQ width+24(FP), R9
	MOVQ x_base+32(FP), SI
	MOVQ stride+56(FP), R8
	MOVQ k+64(FP), CX
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11
	SUBQ $4, CX
	JLT  done

loop:
	FETCHNEXT
	VMOVUPS   (SI), X0
	VMOVUPS   (SI)(R8*1), X1
	VMOVUPS   (SI)(R8*2), X2
	VMOVUPS   (SI)(R10*1), X3
	VUNPCKLPS X1, X0, X4
	VUNPCKHPS X1, X0, X5
	VUNPCKLPS X3, X2, X6
	VUNPCKHPS X3, X2, X7
	VUNPCKLPD X6, X4, X0
	VUNPCKHPD X6, X4, X1
	VUNPCKLPD X7, X5, X2
	VUNPCKHPD X7, X5, X3
	VMOVUPS   X0, (DI)
	VMOVUPS   X1, (DI)(R9*1)
	VMOVUPS   X2, (DI)(R9*2)
	VMOVUPS   X3, (DI)(R11*1)
	ADDQ      $16, SI
	LEAQ      (DI)(R9*4), DI
	SUBQ      $4, CX
	JGE       loop

done:
	VZEROUPPER
	RET

// TURN4 puts columns side by side: 4 columns of 4 rows, in each half of Y0 … Y3,
// become 4 rows of 4.
#define TURN4 \
	VUNPCKLPS Y1, Y0, Y4; \
	VUNPCKHPS Y1, Y0, Y5; \
	VUNPCKLPS Y3, Y2, Y6; \
	VUNPCKHPS Y3, Y2, Y7; \
	VUNPCKLPD Y6, Y4, Y0; \
	VUNPCKHPD Y6, Y4, Y1; \
	VUNPCKLPD Y7, Y5, Y2; \
	VUNPCKHPD Y7, Y5, Y3

// func turn8AVX2(panel []float32, width int, x []float32, stride, k int)
//
// turn32AVX2 of 8 rows.
TEXT ·turn8AVX2(SB), NOSPLIT, $0-72
	MOVQ panel_base+0(FP), DI
	MOVQ width+24(FP), R9
	MOVQ x_base+32(FP), SI
	MOVQ stride+56(FP), R8
	MOVQ k+64(FP), CX
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10
	LEAQ (R9)(R9*2), R11
	LEAQ (SI)(R8*4), DX
	SUBQ $4, CX
	JLT  done

loop:
	LEAQ        (DX)(R8*4), BX
	PREFETCHT0  (BX)
	PREFETCHT0  (BX)(R8*1)
	PREFETCHT0  (BX)(R8*2)
	PREFETCHT0  (BX)(R10*1)
	LEAQ        (BX)(R8*4), BX
	PREFETCHT0  (BX)
	PREFETCHT0  (BX)(R8*1)
	PREFETCHT0  (BX)(R8*2)
	PREFETCHT0  (BX)(R10*1)
	VMOVUPS     (SI), X0
	VMOVUPS     (SI)(R8*1), X1
	VMOVUPS     (SI)(R8*2), X2
	VMOVUPS     (SI)(R10*1), X3
	VINSERTF128 $1, (DX), Y0, Y0
	VINSERTF128 $1, (DX)(R8*1), Y1, Y1
	VINSERTF128 $1, (DX)(R8*2), Y2, Y2
	VINSERTF128 $1, (DX)(R10*1), Y3, Y3
	TURN4
	VMOVUPS     Y0, (DI)
	VMOVUPS     Y1, (DI)(R9*1)
	VMOVUPS     Y2, (DI)(R9*2)
	VMOVUPS     Y3, (DI)(R11*1)
	ADDQ        $16, SI
	ADDQ        $16, DX
	LEAQ        (DI)(R9*4), DI
	SUBQ        $4, CX
	JGE         loop

done:
	VZEROUPPER
	RET

// The gathering of panels: R9 bytes, a multiple of 16, from each of CX rows of the source,
// for each of R12 neighbours, R10 bytes (R11: 3 times that) apart. Rows lie far apart, often
// each in a page of its own: neighbours that share a line of the cache are copied together.
// R13 is the way to the row that is asked for, 8 ahead: the processor does not see the
// pattern soon enough.

// QUARTERS gathers panels of 16 bytes, a line of four at once, two rows at a time.
#define QUARTERS \
quarters: \
	SUBQ        $4, R12; \
	JLT         restOfFour; \
	MOVQ        SI, AX; \
	MOVQ        DI, DX; \
	MOVQ        CX, BX; \
	SUBQ        $2, BX; \
	JLT         oddRow; \
twoRows: \
	PREFETCHT1  (AX)(R13*1); \
	VMOVUPS     (AX), X0; \
	VMOVUPS     16(AX), X1; \
	VMOVUPS     32(AX), X2; \
	VMOVUPS     48(AX), X3; \
	ADDQ        R8, AX; \
	VINSERTF128 $1, (AX), Y0, Y0; \
	VINSERTF128 $1, 16(AX), Y1, Y1; \
	VINSERTF128 $1, 32(AX), Y2, Y2; \
	VINSERTF128 $1, 48(AX), Y3, Y3; \
	ADDQ        R8, AX; \
	VMOVUPS     Y0, (DX); \
	VMOVUPS     Y1, (DX)(R10*1); \
	VMOVUPS     Y2, (DX)(R10*2); \
	VMOVUPS     Y3, (DX)(R11*1); \
	ADDQ        $32, DX; \
	SUBQ        $2, BX; \
	JGE         twoRows; \
oddRow: \
	TESTQ       $1, CX; \
	JZ          nextFour; \
	VMOVUPS     (AX), X0; \
	VMOVUPS     16(AX), X1; \
	VMOVUPS     32(AX), X2; \
	VMOVUPS     48(AX), X3; \
	VMOVUPS     X0, (DX); \
	VMOVUPS     X1, (DX)(R10*1); \
	VMOVUPS     X2, (DX)(R10*2); \
	VMOVUPS     X3, (DX)(R11*1); \
nextFour: \
	ADDQ        $64, SI; \
	LEAQ        (DI)(R10*4), DI; \
	JMP         quarters; \
restOfFour: \
	ADDQ        $4, R12

// PAIRS gathers panels of whole vectors, two at once.
#define PAIRS \
pairs: \
	SUBQ       $2, R12; \
	JLT        restOfTwo; \
	MOVQ       SI, R11; \
	MOVQ       CX, DX; \
rowOfTwo: \
	MOVQ       R11, BX; \
	MOVQ       R9, AX; \
vectorOfTwo: \
	PREFETCHT1 (BX)(R13*1); \
	VMOVUPS    (BX), Y0; \
	VMOVUPS    (BX)(R9*1), Y1; \
	VMOVUPS    Y0, (DI); \
	VMOVUPS    Y1, (DI)(R10*1); \
	ADDQ       $32, BX; \
	ADDQ       $32, DI; \
	SUBQ       $32, AX; \
	JNZ        vectorOfTwo; \
	PREFETCHT1 (BX)(R13*1); \
	PREFETCHT1 64(BX)(R13*1); \
	ADDQ       R8, R11; \
	DECQ       DX; \
	JNZ        rowOfTwo; \
	LEAQ       (SI)(R9*2), SI; \
	ADDQ       R10, DI; \
	JMP        pairs; \
restOfTwo: \
	ADDQ       $2, R12

// SINGLES gathers panels one by one.
#define SINGLES \
singles: \
	DECQ       R12; \
	JLT        done; \
	MOVQ       SI, R11; \
	MOVQ       CX, DX; \
row: \
	MOVQ       R11, BX; \
	MOVQ       R9, AX; \
	SUBQ       $32, AX; \
	JLT        half; \
vector: \
	PREFETCHT1 (BX)(R13*1); \
	VMOVUPS    (BX), Y0; \
	VMOVUPS    Y0, (DI); \
	ADDQ       $32, BX; \
	ADDQ       $32, DI; \
	SUBQ       $32, AX; \
	JGE        vector; \
half: \
	TESTQ      $16, R9; \
	JZ         next; \
	VMOVUPS    (BX), X0; \
	VMOVUPS    X0, (DI); \
	ADDQ       $16, DI; \
next: \
	ADDQ       R8, R11; \
	DECQ       DX; \
	JNZ        row; \
	ADDQ       R9, SI; \
	JMP        singles

#define GATHER \
	TESTQ CX, CX; \
	JZ    done; \
	MOVQ  R8, R13; \
	SHLQ  $3, R13; \
	MOVQ  CX, R10; \
	IMULQ R9, R10; \
	LEAQ  (R10)(R10*2), R11; \
	CMPQ  R9, $16; \
	JNE   wider; \
	QUARTERS; \
	JMP   singles; \
wider: \
	TESTQ $16, R9; \
	JNZ   singles; \
	PAIRS; \
	SINGLES; \
done: \
	VZEROUPPER; \
	RET

// func gather64AVX2(panels []float64, width, neighbours int, x []float64, stride, k int)
//
// panels[(q*k + p)*width + r] = x[p*stride + q*width + r] for r < width, a multiple of 4,
// p < k and q < neighbours.
TEXT ·gather64AVX2(SB), NOSPLIT, $0-80
	MOVQ panels_base+0(FP), DI
	MOVQ width+24(FP), R9
	MOVQ neighbours+32(FP), R12
	MOVQ x_base+40(FP), SI
	MOVQ stride+64(FP), R8
	MOVQ k+72(FP), CX
	SHLQ $3, R8
	SHLQ $3, R9
	GATHER

// func gather32AVX2(panels []float32, width, neighbours int, x []float32, stride, k int)
//
// gather64AVX2 in single precision.
TEXT ·gather32AVX2(SB), NOSPLIT, $0-80
	MOVQ panels_base+0(FP), DI
	MOVQ width+24(FP), R9
	MOVQ neighbours+32(FP), R12
	MOVQ x_base+40(FP), SI
	MOVQ stride+64(FP), R8
	MOVQ k+72(FP), CX
	SHLQ $2, R8
	SHLQ $2, R9
	GATHER
