// SUNDIALS' vectors with operations of their own, and what checks its calls.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nvector/nvector_serial.h>

static double *values(N_Vector x) { return N_VGetArrayPointer(x); }

// Debian's SUNDIALS is compiled without optimisation, so that its own vector
// operations would take 90 % of the time. These are those that the solvers
// spend it in, compiled as the right-hand side is.
static sunindextype length;

static void linear_sum(realtype a, N_Vector x, realtype b, N_Vector y, N_Vector z) {
  const double *X = values(x), *Y = values(y);
  double *Z = values(z);
  for (sunindextype i = 0; i < length; i++) Z[i] = a * X[i] + b * Y[i];
}

static void scale(realtype c, N_Vector x, N_Vector z) {
  const double *X = values(x);
  double *Z = values(z);
  for (sunindextype i = 0; i < length; i++) Z[i] = c * X[i];
}

static void constant(realtype c, N_Vector z) { std::fill_n(values(z), length, c); }

static void absolute(N_Vector x, N_Vector z) {
  const double *X = values(x);
  double *Z = values(z);
  for (sunindextype i = 0; i < length; i++) Z[i] = std::fabs(X[i]);
}

static void add_constant(N_Vector x, realtype b, N_Vector z) {
  const double *X = values(x);
  double *Z = values(z);
  for (sunindextype i = 0; i < length; i++) Z[i] = X[i] + b;
}

static void inverse(N_Vector x, N_Vector z) {
  const double *X = values(x);
  double *Z = values(z);
  for (sunindextype i = 0; i < length; i++) Z[i] = 1 / X[i];
}

static realtype minimum(N_Vector x) {
  const double *X = values(x);
  double least = X[0];
  for (sunindextype i = 1; i < length; i++) least = X[i] < least ? X[i] : least;
  return least;
}

static realtype weighted_norm(N_Vector x, N_Vector w) {
  const double *X = values(x), *W = values(w);
  double sum = 0;
  for (sunindextype i = 0; i < length; i++) sum += X[i] * W[i] * X[i] * W[i];
  return std::sqrt(sum / length);
}

// z = sum of c_k x_k, where z may be x_0; in one pass over pieces that stay in
// the first-level cache.
static int linear_combination(int n, realtype *c, N_Vector *x, N_Vector z) {
  const sunindextype piece = 512;
  double *Z = values(z);
  for (sunindextype from = 0; from < length; from += piece) {
    sunindextype to = std::min(from + piece, length);
    const double *X = values(x[0]);
    for (sunindextype i = from; i < to; i++) Z[i] = c[0] * X[i];
    for (int k = 1; k < n; k++) {
      X = values(x[k]);
      for (sunindextype i = from; i < to; i++) Z[i] += c[k] * X[i];
    }
  }
  return 0;
}

static void replace_operations(N_Vector y) {
  y->ops->nvlinearsum = linear_sum;
  y->ops->nvscale = scale;
  y->ops->nvconst = constant;
  y->ops->nvabs = absolute;
  y->ops->nvaddconst = add_constant;
  y->ops->nvinv = inverse;
  y->ops->nvmin = minimum;
  y->ops->nvwrmsnorm = weighted_norm;
  y->ops->nvlinearcombination = linear_combination;
}

static void check(int flag, const char *what) {
  if (flag < 0) {
    fprintf(stderr, "%s failed: %d\n", what, flag);
    exit(1);
  }
}
