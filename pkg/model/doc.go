// Package model is the neuron–astrocyte network of Kozachkov, Kastanenka &
// Krotov (PNAS 2023) for one attention head: m hidden neurons with tuning φ,
// d_v output neurons, the Hebbian synapses H between them, and an astrocyte
// whose calcium p divides the synapses' effect (science §1).
//
// A [Head] holds what the circuit is given: φ(q), φ(k) and v of N tokens. Three
// descriptions of the same circuit answer what it computes:
//
//   - [Head.Discrete]: sums instead of dynamics; equals kernel attention with φ.
//   - [Head.Exact]: the differential equations of [Parameters], solved in closed
//     form segment by segment (science §4).
//   - [Head.Integrate]: the same equations by a one-step method, in the few
//     coordinates that the state moves in; [Head.IntegrateFull] integrates every
//     h, f, g, p and H as one large state, and is the reference for the former.
//
// # The astrocyte
//
// What divides is made in three parts that combine freely (calcium.go): a drive, what the
// astrocyte's processes collect of g and h; a calcium model, which follows it, at once or
// late; and a read-out, which makes P of the calcium. Calcium models and read-outs are
// tables of small interfaces, states that settle and change. Linear calcium under a read-out
// without a state of its own has a closed form (response.go); the equations of others
// are integrated within the closed form of all else (apart.go).
//
// The astrocyte may be compartments, each with its own part of the neurons, which exchange
// what diffuses (compartments.go). Circuits that are not an astrocyte in three parts are networks
// of their own: division that emerges (emergent.go) and gains of tokens (replicator.go).
//
// # The coordinates
//
// Within a segment (one token written or read, or a blank) the drives are
// constant and everything but p is linear in fixed vectors: with Δf = f(0) − v,
//
//	h = uφ + b h(0)             f = v + z Δf                      (writing)
//	g = c g(0) + c₁φ + c₂h(0)   f = x f(0) + x₁ Hφ + x₂ Hh(0)     (reading)
//	H = e H(0) + v (e₁φ + e₂h(0))ᵀ + Δf (e₃φ + e₄h(0))ᵀ
//
// so a segment is known once a dozen scalars are ([coefficients]), whatever m
// and d_v. A one-step method commutes with linear maps: integrating the
// scalars gives the same numbers as integrating the vectors.
//
// Two machines take a head through its segments.
//
// By time (network.go, block.go): segment after segment, for any solver of one,
// with samples on the way. h and g are held as coordinates in the span of the
// features, of which the Gram matrix is all that is needed.
//
// By what depends on what (passage.go), for the closed forms: their coefficients
// are known beforehand but for the calcium and the read-out, so all h and g go
// first, a tile of neurons at a time; then the calcium; then the values, as matrix
// products. So outputs cost time linear in N, m and d_v, and H exists by tiles.
//
// A product is converted to float64 before it is added to anything, here and
// wherever else a run's numbers are made: else some processors would round the
// two operations once, and other machines get other numbers (internal/portable).
//
// The outputs are linear in the values. Carrying the identity beside v yields
// the effective attention matrix A_eff with the outputs in one pass.
package model
