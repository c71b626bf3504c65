#include "textflag.h"

// exp with AVX2: the eighths' way of exp.go, fused. A slice goes six vectors at a
// time as long as SIX can do it, and the rest two vectors at a time.
//
// The two are in Y0 … Y3 and Y4 … Y7; Y8 … Y13 hold the first six constants of
// expConstants, Y14 the shift; coefficients pass through Y15. The bits of t = h/8 +
// 1.5·2⁴⁹ + 512 hold h + 4096 in their lower half. 2^(h/8) is applied in two steps where it
// may be below the smallest normal number; most blocks need neither that nor bounds: they skip
// those steps, which would change no bit.

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

// TOGETHER sets h to the lower halves of the numbers in t and t2, which LOOKUP wants side by side.
#define TOGETHER(t, t2, h) VSHUFPS $0x88, t2, t, h

// LOOKUP sets p and p2 to 2^(h/8), normal numbers, of h + 4096 in the eight places of h. Their
// bits are looked up by halves: expHigh holds the upper ones of 2^(j/8) less what adding h + 4096
// to them, three bits below the exponent, adds besides h − j.
#define LOOKUP(h, high, low, p, p2) \
	VPERMD     ·expHigh(SB), h, high; \
	VPERMD     ·expLow(SB), h, low; \
	VPSLLD     $17, h, h; \
	VPADDD     h, high, high; \
	VPUNPCKLDQ high, low, p; \
	VPUNPCKHDQ high, low, p2

// EXPOFREST turns r in Y0, Y4 into exp r − 1 in Y2, Y6.
#define EXPOFREST \
	VBROADCASTSD (BX), Y2; \
	VMOVAPD      Y2, Y6; \
	HORNER(1); \
	HORNER(2); \
	HORNER(3); \
	HORNER(4); \
	HORNER(5); \
	VMULPD       Y0, Y2, Y2; \
	VMULPD       Y4, Y6, Y6; \
	VFMADD213PD  Y0, Y0, Y2; \
	VFMADD213PD  Y4, Y4, Y6

// SCALENORMAL sets Y2, Y6 to 2^(h/8) (1 + Y2) and so on, where these are normal numbers.
#define SCALENORMAL \
	TOGETHER(Y1, Y5, Y15); \
	LOOKUP(Y15, Y3, Y7, Y1, Y5); \
	VFMADD213PD Y1, Y1, Y2; \
	VFMADD213PD Y5, Y5, Y6

// HALVE takes 2ⁿ out of t's h + 4096, n about half of h/8, and sets s to it.
#define HALVE(t, s) \
	VPSRAD $4, t, s; \
	VPSLLD $3, s, Y15; \
	VPSUBD Y15, t, t

// TWOS turns n in s into 2ⁿ. Y15 is the exponent of 1.
#define TWOS(s) \
	VPADDD Y15, s, s; \
	VPSLLQ $52, s, s

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
	HALVE(Y1, Y0); \
	HALVE(Y5, Y4); \
	SCALENORMAL; \
	VPBROADCASTQ ·exponentBias(SB), Y15; \
	TWOS(Y0); \
	TWOS(Y4); \
	VMULPD       Y0, Y2, Y2; \
	VMULPD       Y4, Y6, Y6

// SIX is exp of arguments in Y0 … Y5, into dst, or a jump if an |h| is 4096 or more or there is
// a NaN. Six vectors are what keeps the fused steps going, each of which waits for the one
// before, and leaves no registers for h or 2^(h/8): dst holds them in the meantime. They are looked
// up between the fused steps, as a processor does not look far enough ahead to do both at a time.
// Here t = 2⁻⁵¹h + 2 + 2⁻³⁹, whose bits are h + 4096 and one more, that of 2; of another number, as
// of NaN, a bit is set that these have not, so that those of all may be looked at together. Constants are
// loaded for six steps at once: a fused step that loads takes longer.
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

#define KEEP(q, q2, at) \
	TOGETHER(q, q2, Y15); \
	VMOVDQU Y15, at(DI)

#define POWERS(at) \
	VMOVDQU at(DI), Y12; \
	LOOKUP(Y12, Y13, Y14, Y12, Y13); \
	VMOVDQU Y12, at(DI); \
	VMOVDQU Y13, (at+32)(DI)

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
	VMOVUPD 288(AX), Y12; \
	VMOVUPD 0(AX), Y15; \
	EACH(ROUND); \
	VPOR    Y6, Y7, Y13; \
	VPOR    Y8, Y9, Y14; \
	VPOR    Y10, Y11, Y15; \
	VPOR    Y13, Y14, Y14; \
	VPOR    Y14, Y15, Y14; \
	VPTEST  320(AX), Y14; \
	JNZ     beyond; \
	KEEP(Y6, Y7, 0); \
	KEEP(Y8, Y9, 64); \
	KEEP(Y10, Y11, 128); \
	EACH(WHOLE); \
	VMOVUPD 32(AX), Y14; \
	VMOVUPD 64(AX), Y15; \
	EACH(TAKEHI); \
	EACH(TAKELO); \
	EACH(FIRST); \
	COEFFICIENT(1); \
	POWERS(0); \
	COEFFICIENT(2); \
	POWERS(64); \
	COEFFICIENT(3); \
	POWERS(128); \
	COEFFICIENT(4); \
	COEFFICIENT(5); \
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
	LEAQ         ·expEighthCoefficients(SB), BX
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
