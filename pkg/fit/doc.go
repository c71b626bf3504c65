// Package fit learns the hidden layer of an attention head: separate tunings of queries and keys whose features make the
// network's sums those of the head's softmax (science §12).
//
//	φ_q(q) = exp(W_q x_q + b_q)                       x = [y, relu(D y + c)]: the token, and dendrites that sum it first
//	φ_k(k) = exp(W_k x_k + b_k + Σ_j u_j k'_j²)       y: q' = A⁻ᵀ(q − q̄), k' = A(k − k̄)
//
// Free of charge are a positive factor of φ_q, which attention does not see, the centring of the keys and the balance A; a factor
// of a key is not free, and its exponent is learned (u). What is minimised is the mean over queries of KL(softmax‖network), by Adam
// on minibatches of whole inputs, from a start that needs no training: neurons tuned to sums q' + k' of pairs that attend each other.
// What is told of a fit is its error on inputs that neither the fit nor any choice in it has seen.
//
// The maps of all heads of a model may then be tuned together by what the model answers with all of them in place ([Jointly]): the
// loss is KL(model‖model with maps), or 1 − cosine of the embeddings, and its gradient comes back through the model, whose weights
// stay as they are, to every [StandIn].
//
// Arrays are flat, row-major, token after token. A head's queries and keys are in the scaling in which q·k is the score. Training is
// in float32; every formula is generic, and its float64 form is what the gradients are checked in.
//
// References: Kozachkov, Kastanenka & Krotov 2023 for the network; Zhang et al. 2024, arXiv 2402.04347 (Hedgehog), for learned
// feature maps and the loss; Kingma & Ba 2015, arXiv 1412.6980, for Adam.
package fit
