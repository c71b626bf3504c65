// The stiff problems of pkg/integrator/problems by CVODE's BDF methods of
// SUNDIALS 6, with Newton's iteration and a dense matrix.
//
//   stiff PROBLEM RTOL ATOL analytic|differences SECONDS
//
// It solves the problem again and again, each time from nothing, for at least
// SECONDS and prints steps, evaluations, those of the differences included,
// Jacobians, the shortest time of a solution, and the state at the end.
#include "vectors.h"
#include <chrono>
#include <cstring>
#include <cvode/cvode.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <vector>

// A right-hand side, and its Jacobian by columns: J[row + n column], zeroed before.
typedef void (*Derivative)(const double *y, double *dy);
typedef void (*Jacobian)(const double *y, double *J);

struct Problem {
  const char *name;
  double end;
  std::vector<double> start;
  Derivative derivative;
  Jacobian jacobian;
};

static void robertson(const double *y, double *dy) {
  double a = 0.04 * y[0], b = 1e4 * y[1] * y[2], c = 3e7 * y[1] * y[1];
  dy[0] = -a + b, dy[1] = a - b - c, dy[2] = c;
}

static void robertson_jacobian(const double *y, double *J) {
  J[0] = -0.04, J[3] = 1e4 * y[2], J[6] = 1e4 * y[1];
  J[1] = 0.04, J[4] = -1e4 * y[2] - 6e7 * y[1], J[7] = -1e4 * y[1];
  J[5] = 6e7 * y[1];
}

static void van_der_pol(const double *y, double *dy) { dy[0] = y[1], dy[1] = 1e6 * ((1 - y[0] * y[0]) * y[1] - y[0]); }

static void van_der_pol_jacobian(const double *y, double *J) {
  J[2] = 1, J[1] = 1e6 * (-2 * y[0] * y[1] - 1), J[3] = 1e6 * (1 - y[0] * y[0]);
}

static void hires(const double *y, double *dy) {
  double bound = 280 * y[5] * y[7];
  dy[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007;
  dy[1] = 1.71 * y[0] - 8.75 * y[1];
  dy[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4];
  dy[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3];
  dy[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6];
  dy[5] = -bound + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6];
  dy[6] = bound - 1.81 * y[6];
  dy[7] = -dy[6];
}

static void hires_jacobian(const double *y, double *J) {
  auto set = [&](int row, int column, double partial) { J[row + 8 * column] += partial; };
  set(0, 0, -1.71), set(0, 1, 0.43), set(0, 2, 8.32), set(1, 0, 1.71), set(1, 1, -8.75);
  set(2, 2, -10.03), set(2, 3, 0.43), set(2, 4, 0.035), set(3, 1, 8.32), set(3, 2, 1.71), set(3, 3, -1.12);
  set(4, 4, -1.745), set(4, 5, 0.43), set(4, 6, 0.43), set(5, 3, 0.69), set(5, 4, 1.71), set(5, 5, -0.43);
  set(5, 6, 0.69), set(6, 6, -1.81), set(7, 6, 1.81);
  for (int row = 5; row < 8; row++) {
    double sign = row == 6 ? 280 : -280;
    set(row, 5, sign * y[7]), set(row, 7, sign * y[5]);
  }
}

static void orego(const double *y, double *dy) {
  dy[0] = 77.27 * (y[1] + y[0] * (1 - 8.375e-6 * y[0] - y[1]));
  dy[1] = (y[2] - (1 + y[0]) * y[1]) / 77.27;
  dy[2] = 0.161 * (y[0] - y[2]);
}

static void orego_jacobian(const double *y, double *J) {
  J[0] = 77.27 * (1 - 2 * 8.375e-6 * y[0] - y[1]), J[3] = 77.27 * (1 - y[0]);
  J[1] = -y[1] / 77.27, J[4] = -(1 + y[0]) / 77.27, J[7] = 1 / 77.27;
  J[2] = 0.161, J[8] = -0.161;
}

// Division that emerges: calcium p, p s for division, output f.
static const int neurons = 40, outputs = 16;
static const double tau_p = 0.05, tau_s = 0.01, tau_n = 0.01;
static double hidden[neurons], drive[outputs][neurons]; // drive: weight times hidden

static std::vector<double> division_start() {
  std::vector<double> start(2 * neurons + outputs);
  for (int a = 0; a < neurons; a++) {
    hidden[a] = 0.5 + (7 * a % 11) / 10.0;
    start[a] = hidden[a] * (0.2 + (3 * a % 7) / 4.0);
    for (int i = 0; i < outputs; i++) drive[i][a] = ((3 * i + 5 * a) % 13 - 6.0) / neurons * hidden[a];
  }
  return start;
}

static void division(const double *y, double *dy) {
  const double *p = y, *s = y + neurons, *f = s + neurons;
  double sum = 0;
  for (int a = 0; a < neurons; a++) sum += p[a];
  for (int a = 0; a < neurons; a++) {
    dy[a] = outputs * (sum - neurons * p[a]) / tau_p;
    dy[neurons + a] = (1 - p[a] * s[a]) / tau_s;
  }
  for (int i = 0; i < outputs; i++) {
    double sum = -f[i];
    for (int a = 0; a < neurons; a++) sum += drive[i][a] * s[a];
    dy[2 * neurons + i] = sum / tau_n;
  }
}

static void division_jacobian(const double *y, double *J) {
  const int n = 2 * neurons + outputs;
  for (int a = 0; a < neurons; a++) {
    for (int b = 0; b < neurons; b++) J[b + n * a] = outputs / tau_p;
    J[a + n * a] -= outputs * neurons / tau_p;
    J[neurons + a + n * a] = -y[neurons + a] / tau_s;
    J[neurons + a + n * (neurons + a)] = -y[a] / tau_s;
    for (int i = 0; i < outputs; i++) J[2 * neurons + i + n * (neurons + a)] = drive[i][a] / tau_n;
  }
  for (int i = 2 * neurons; i < n; i++) J[i + n * i] = -1 / tau_n;
}

static int derivative(realtype, N_Vector y, N_Vector dy, void *user) {
  ((const Problem *)user)->derivative(values(y), values(dy));
  return 0;
}

static int jacobian(realtype, N_Vector y, N_Vector, SUNMatrix J, void *user, N_Vector, N_Vector, N_Vector) {
  ((const Problem *)user)->jacobian(values(y), SUNDenseMatrix_Data(J));
  return 0;
}

// Debian's operations on matrices are not optimised either. These are those
// that CVODE calls, on one dense matrix by columns.
static int zero(SUNMatrix A) {
  std::fill_n(SUNDenseMatrix_Data(A), length * length, 0);
  return 0;
}

static int copy(SUNMatrix A, SUNMatrix B) {
  std::copy_n(SUNDenseMatrix_Data(A), length * length, SUNDenseMatrix_Data(B));
  return 0;
}

static int scale_add_identity(realtype c, SUNMatrix A) {
  double *X = SUNDenseMatrix_Data(A);
  for (sunindextype i = 0; i < length * length; i++) X[i] *= c;
  for (sunindextype i = 0; i < length; i++) X[i + length * i] += 1;
  return 0;
}

static std::vector<sunindextype> pivots;

static int factorise(SUNLinearSolver, SUNMatrix A) {
  double *X = SUNDenseMatrix_Data(A);
  for (sunindextype k = 0; k < length; k++) {
    double *column = X + length * k;
    sunindextype pivot = k;
    for (sunindextype i = k + 1; i < length; i++)
      if (std::fabs(column[i]) > std::fabs(column[pivot])) pivot = i;
    if (column[pivot] == 0) return k + 1;
    pivots[k] = pivot;
    if (pivot != k)
      for (sunindextype j = 0; j < length; j++) std::swap(X[k + length * j], X[pivot + length * j]);
    double inverse = 1 / column[k];
    for (sunindextype i = k + 1; i < length; i++) column[i] *= inverse;
    for (sunindextype j = k + 1; j < length; j++) {
      double *other = X + length * j, factor = other[k];
      if (factor == 0) continue;
      for (sunindextype i = k + 1; i < length; i++) other[i] -= factor * column[i];
    }
  }
  return 0;
}

static int substitute(SUNLinearSolver, SUNMatrix A, N_Vector x, N_Vector b, realtype) {
  const double *X = SUNDenseMatrix_Data(A);
  double *x_ = values(x);
  if (x != b) std::copy_n(values(b), length, x_);
  for (sunindextype k = 0; k < length; k++) std::swap(x_[k], x_[pivots[k]]);
  for (sunindextype k = 0; k < length; k++)
    for (sunindextype i = k + 1; i < length; i++) x_[i] -= x_[k] * X[i + length * k];
  for (sunindextype k = length - 1; k >= 0; k--) {
    x_[k] /= X[k + length * k];
    for (sunindextype i = 0; i < k; i++) x_[i] -= x_[k] * X[i + length * k];
  }
  return 0;
}

static double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: stiff PROBLEM RTOL ATOL analytic|differences SECONDS\n");
    return 2;
  }
  Problem problems[] = {
      {"robertson", 1e11, {1, 0, 0}, robertson, robertson_jacobian},
      {"van der pol", 2, {2, 0}, van_der_pol, van_der_pol_jacobian},
      {"hires", 321.8122, {1, 0, 0, 0, 0, 0, 0, 0.0057}, hires, hires_jacobian},
      {"orego", 360, {1, 2, 3}, orego, orego_jacobian},
      {"emergent division", 0.05, division_start(), division, division_jacobian},
  };
  const Problem *problem = nullptr;
  for (const Problem &p : problems)
    if (!strcmp(p.name, argv[1])) problem = &p;
  if (!problem) {
    fprintf(stderr, "no problem is called %s\n", argv[1]);
    return 2;
  }
  double rtol = atof(argv[2]), atol = atof(argv[3]), least = atof(argv[5]);
  bool analytic = !strcmp(argv[4], "analytic");
  length = problem->start.size();
  pivots.resize(length);
  std::vector<double> seconds, end(length);
  long steps, evaluations, of_differences, jacobians;
  for (double begin = now(); seconds.empty() || now() - begin < least;) {
    double start = now(), reached;
    SUNContext context;
    SUNContext_Create(nullptr, &context);
    N_Vector y = N_VNew_Serial(length, context);
    replace_operations(y);
    std::copy(problem->start.begin(), problem->start.end(), values(y));
    SUNMatrix A = SUNDenseMatrix(length, length, context);
    A->ops->zero = zero, A->ops->copy = copy, A->ops->scaleaddi = scale_add_identity;
    SUNLinearSolver linear = SUNLinSol_Dense(y, A, context);
    linear->ops->setup = factorise, linear->ops->solve = substitute;
    void *solver = CVodeCreate(CV_BDF, context);
    check(CVodeInit(solver, derivative, 0, y), "CVODE");
    check(CVodeSStolerances(solver, rtol, atol), "tolerances");
    CVodeSetUserData(solver, (void *)problem);
    check(CVodeSetLinearSolver(solver, linear, A), "linear solver");
    if (analytic) check(CVodeSetJacFn(solver, jacobian), "Jacobian");
    CVodeSetMaxNumSteps(solver, 1000000);
    CVodeSetStopTime(solver, problem->end);
    check(CVode(solver, problem->end, y, &reached, CV_NORMAL), "CVODE");
    CVodeGetNumSteps(solver, &steps);
    CVodeGetNumRhsEvals(solver, &evaluations);
    CVodeGetNumLinRhsEvals(solver, &of_differences);
    CVodeGetNumJacEvals(solver, &jacobians);
    std::copy_n(values(y), length, end.begin());
    CVodeFree(&solver);
    SUNLinSolFree(linear);
    SUNMatDestroy(A);
    N_VDestroy(y);
    SUNContext_Free(&context);
    seconds.push_back(now() - start);
  }
  printf("%ld %ld %ld %.9g", steps, evaluations + of_differences, jacobians, *std::min_element(seconds.begin(), seconds.end()));
  for (double x : end) printf(" %.17g", x);
  printf("\n");
}
