#include "textflag.h"

// exp with AVX2: the halves' way of exp.go, fused. A slice goes six vectors at a
// time as long as SIX can do it, and the rest two vectors at a time.
//
// The two are in Y0 … Y3 and Y4 … Y7; Y8 … Y13 hold the first six constants of
// expConstants, Y14 the shift; coefficients pass through Y15. The bits of t = h/2 +
// 1.5·2⁵¹ hold h = 2n or 2n + 1 in their lower half; 2ⁿ is applied in two steps, as 2ⁿ
// itself may be below the smallest normal number. Most blocks need neither bounds nor
// results below it: they skip those steps, which would change no bit.

#define BOUND(x) \
	VMINPD x, Y12, x; \
	VMAXPD x, Y13, x

#define REDUCE(x, t, n) \
	VMOVAPD      Y9, t; \
	VFMADD231PD  Y8, x, t; \
	VSUBPD       Y9, t, n; \
	VFNMADD231PD Y10, n, x; \
	VFNMADD231PD Y11, n, x

#define HORNER(i) \
	VBROADCASTSD (8*i)(BX), Y15; \
	VFMADD213PD  Y15, Y0, Y2; \
	VFMADD213PD  Y15, Y4, Y6

// ROOT sets p to 1 or √2, as table holds them, of t's h.
#define ROOT(t, p, table) \
	VPADDQ    t, t, p; \
	VPERMILPD p, table, p

// SCALE multiplies y by 2ⁿ, using s and t (which holds h) up.
#define SCALE(y, t, s) \
	VPSRAD $1, t, t; \
	VPSRAD $1, t, s; \
	VPSUBD s, t, t; \
	VPADDD Y15, s, s; \
	VPADDD Y15, t, t; \
	VPSLLQ $52, s, s; \
	VPSLLQ $52, t, t; \
	VMULPD s, y, y; \
	VMULPD t, y, y

// EXPOFREST turns r in Y0, Y4 into exp r − 1 in Y2, Y6.
#define EXPOFREST \
	VBROADCASTSD (BX), Y2; \
	VMOVAPD      Y2, Y6; \
	HORNER(1); \
	HORNER(2); \
	HORNER(3); \
	HORNER(4); \
	HORNER(5); \
	HORNER(6); \
	HORNER(7); \
	VMULPD       Y0, Y2, Y2; \
	VMULPD       Y4, Y6, Y6; \
	VFMADD213PD  Y0, Y0, Y2; \
	VFMADD213PD  Y4, Y4, Y6

// POWERS sets p to √2 ʰ, a normal number, and changes t. Y15 is the table of expWide.
#define POWERS(t, p) \
	ROOT(t, p, Y15); \
	VPSLLQ $51, t, t; \
	VPADDQ t, p, p

// SCALENORMAL sets Y2, Y6 to √2 ʰ (1 + Y2) and so on, where these are normal numbers.
#define SCALENORMAL \
	VMOVUPD     ·expWide+448(SB), Y15; \
	POWERS(Y1, Y3); \
	POWERS(Y5, Y7); \
	VFMADD213PD Y3, Y3, Y2; \
	VFMADD213PD Y7, Y7, Y6

// IFBEYOND jumps if an argument, in Y0 or Y4, is a NaN, or so large that its exp
// may be no normal number.
#define IFBEYOND(label) \
	VPBROADCASTQ ·expLimits(SB), Y15; \
	VPAND        Y15, Y0, Y3; \
	VPAND        Y15, Y4, Y7; \
	VPMAXSD      Y3, Y7, Y3; \
	VPBROADCASTQ ·expLimits+8(SB), Y15; \
	VPCMPGTD     Y15, Y3, Y3; \
	VMOVMSKPD    Y3, DX; \
	TESTL        DX, DX; \
	JNZ          label

// ANY is exp of any numbers.
#define ANY \
	BOUND(Y0); \
	BOUND(Y4); \
	REDUCE(Y0, Y1, Y2); \
	REDUCE(Y4, Y5, Y6); \
	EXPOFREST; \
	VBROADCASTF128 ·expRoots(SB), Y15; \
	ROOT(Y1, Y3, Y15); \
	ROOT(Y5, Y7, Y15); \
	VFMADD213PD Y3, Y3, Y2; \
	VFMADD213PD Y7, Y7, Y6; \
	VPBROADCASTQ ·exponentBias(SB), Y15; \
	SCALE(Y2, Y1, Y3); \
	SCALE(Y6, Y5, Y7)

// SIX is exp of arguments in Y0 … Y5, into dst, or a jump if an |n| is 512 or more
// or there is a NaN. Six vectors are what keeps the fused steps going, each of which
// waits for the one before, and leaves no register for √2 ʰ: dst holds it in the meantime.
// √2 ʰ(1 + s) is rounded as √2(1 + s) is, or 1 + s. Y12 is the number that makes whole, and Y13 the
// table, both of expWide. Constants are loaded for six steps at once: a fused step that
// loads takes longer.
#define EACH(step) \
	step(Y0, Y6, 0); \
	step(Y1, Y7, 32); \
	step(Y2, Y8, 64); \
	step(Y3, Y9, 96); \
	step(Y4, Y10, 128); \
	step(Y5, Y11, 160)

#define ROUND(x, q, at) \
	VMOVAPD     Y12, q; \
	VFMADD231PD Y15, x, q

#define NEAR(x, q, at) \
	VPADDQ 384(AX), q, Y15; \
	VPOR   Y15, Y14, Y14

#define POWER(x, q, at) \
	ROOT(q, Y15, Y13); \
	VPSLLQ  $51, q, Y14; \
	VPADDQ  Y14, Y15, Y15; \
	VMOVDQU Y15, at(DI)

#define WHOLE(x, q, at) VSUBPD Y12, q, q

#define TAKEHI(x, q, at) VFNMADD231PD Y14, q, x

#define TAKELO(x, q, at) VFNMADD231PD Y15, q, x

#define FIRST(x, q, at) VMOVUPD 96(AX), q

#define STEP(x, q, at) VFMADD213PD Y15, x, q

#define COEFFICIENT(i) \
	VMOVUPD (96+32*i)(AX), Y15; \
	EACH(STEP)

#define LAST(x, q, at) \
	VMULPD      x, q, q; \
	VFMADD213PD x, x, q

#define TIMES(x, q, at) \
	VMOVUPD     at(DI), Y15; \
	VFMADD213PD Y15, Y15, q; \
	VMOVUPD     q, at(DI)

#define SIX(beyond) \
	VMOVUPD 0(AX), Y15; \
	VPXOR   Y14, Y14, Y14; \
	EACH(ROUND); \
	EACH(NEAR); \
	VPTEST  416(AX), Y14; \
	JNZ     beyond; \
	EACH(POWER); \
	EACH(WHOLE); \
	VMOVUPD 32(AX), Y14; \
	VMOVUPD 64(AX), Y15; \
	EACH(TAKEHI); \
	EACH(TAKELO); \
	EACH(FIRST); \
	COEFFICIENT(1); \
	COEFFICIENT(2); \
	COEFFICIENT(3); \
	COEFFICIENT(4); \
	COEFFICIENT(5); \
	COEFFICIENT(6); \
	COEFFICIENT(7); \
	EACH(LAST); \
	EACH(TIMES)

// What follows is fetched some way ahead: much that is exponentiated lies beyond the
// second-level cache.

// func expAVX2(dst, src []float64, shift float64)
TEXT ·expAVX2(SB), NOSPLIT, $0-56
	MOVQ         dst_base+0(FP), DI
	MOVQ         dst_len+8(FP), CX
	MOVQ         src_base+24(FP), SI
	SUBQ         $24, CX
	JLT          few
	LEAQ         ·expWide(SB), AX
	VMOVUPD      352(AX), Y12
	VMOVDQU      448(AX), Y13

six:
	PREFETCHT0   2048(SI)
	PREFETCHT0   2112(SI)
	PREFETCHT0   2176(SI)
	VBROADCASTSD shift+48(FP), Y15
	VADDPD       (SI), Y15, Y0
	VADDPD       32(SI), Y15, Y1
	VADDPD       64(SI), Y15, Y2
	VADDPD       96(SI), Y15, Y3
	VADDPD       128(SI), Y15, Y4
	VADDPD       160(SI), Y15, Y5
	SIX(few)
	ADDQ         $192, SI
	ADDQ         $192, DI
	SUBQ         $24, CX
	JGE          six

few:
	ADDQ         $24, CX
	VBROADCASTSD shift+48(FP), Y14
	LEAQ         ·expConstants(SB), AX
	LEAQ         ·expHalfCoefficients(SB), BX
	VBROADCASTSD 0(AX), Y8
	VBROADCASTSD 8(AX), Y9
	VBROADCASTSD 16(AX), Y10
	VBROADCASTSD 24(AX), Y11
	VBROADCASTSD 32(AX), Y12
	VBROADCASTSD 40(AX), Y13
	SUBQ         $8, CX
	JLT          tail

loop:
	VADDPD (SI), Y14, Y0
	VADDPD 32(SI), Y14, Y4
	IFBEYOND(beyond)
	REDUCE(Y0, Y1, Y2)
	REDUCE(Y4, Y5, Y6)
	EXPOFREST
	SCALENORMAL

write:
	VMOVUPD Y2, (DI)
	VMOVUPD Y6, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, DI
	SUBQ    $8, CX
	JGE     loop

tail:
	ADDQ       $8, CX
	JZ         done
	LEAQ       ·selection+96(SB), DX
	SHLQ       $3, CX
	SUBQ       CX, DX
	VMOVUPD    (DX), Y1
	VMOVUPD    32(DX), Y5
	VMASKMOVPD (SI), Y1, Y0
	VMASKMOVPD 32(SI), Y5, Y4
	VADDPD     Y14, Y0, Y0
	VADDPD     Y14, Y4, Y4
	ANY
	VMOVUPD    (DX), Y1
	VMOVUPD    32(DX), Y5
	VMASKMOVPD Y2, Y1, (DI)
	VMASKMOVPD Y6, Y5, 32(DI)

done:
	VZEROUPPER
	RET

beyond:
	ANY
	JMP write
