// What the peers were built from: the libraries, the compiler and its flags.
#include <boost/version.hpp>
#include <cstdio>
#include <sundials/sundials_config.h>

int main() {
#ifdef __clang__
  const char *compiler = __VERSION__; // it names itself
#else
  const char *compiler = "GCC " __VERSION__;
#endif
  printf("Boost %d.%d, SUNDIALS %s, %s %s\n", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, SUNDIALS_VERSION, compiler, FLAGS);
}
