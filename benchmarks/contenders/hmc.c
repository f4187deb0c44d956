/* The notebook's algorithm as plain loops in C, float64, chain after chain. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64*: Marsaglia 2003, Vigna 2016. */
static double uniform(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return ((*state * 2685821657736338717ULL >> 11) + 0.5) / 9007199254740992.0;
}

static void normals(double *out, int count, uint64_t *state) {
  for (int k = 0; k < count; k += 2) {
    double radius = sqrt(-2 * log(uniform(state))), angle = 2 * M_PI * uniform(state);
    out[k] = radius * cos(angle);
    if (k + 1 < count) out[k + 1] = radius * sin(angle);
  }
}

static void push(const double *phi, double *momentum, int size, double kappa, double coupling, double step) {
  for (int i = 0; i < size; i++) {
    const double *row = phi + i * size;
    const double *up = phi + (i + 1 == size ? 0 : i + 1) * size, *down = phi + (i == 0 ? size - 1 : i - 1) * size;
    for (int j = 0; j < size; j++) {
      double here = row[j];
      double near = up[j] + down[j] + row[j + 1 == size ? 0 : j + 1] + row[j == 0 ? size - 1 : j - 1];
      momentum[i * size + j] += step * (2 * kappa * near + 2 * here * (2 * coupling * (1 - here * here) - 1));
    }
  }
}

static double energy(const double *phi, const double *momentum, int size, double kappa, double coupling) {
  double total = 0;
  for (int i = 0; i < size; i++) {
    const double *row = phi + i * size, *up = phi + (i + 1 == size ? 0 : i + 1) * size;
    for (int j = 0; j < size; j++) {
      double here = row[j], square = here * here, pushed = momentum[i * size + j];
      total += -2 * kappa * here * (up[j] + row[j + 1 == size ? 0 : j + 1]);
      total += (1 - 2 * coupling) * square + coupling * square * square + pushed * pushed / 2;
    }
  }
  return total;
}

void advance(double *fields, int chains, int size, int count, int steps, double step, double kappa, double coupling,
             uint64_t *state) {
  int volume = size * size;
  double *phi = malloc(volume * sizeof *phi), *momentum = malloc(volume * sizeof *momentum);
  for (int chain = 0; chain < chains; chain++) {
    double *field = fields + (size_t)chain * volume;
    for (int trajectory = 0; trajectory < count; trajectory++) {
      memcpy(phi, field, volume * sizeof *phi);
      normals(momentum, volume, state);
      double before = energy(phi, momentum, size, kappa, coupling);
      push(phi, momentum, size, kappa, coupling, step / 2);
      for (int leap = 0; leap < steps; leap++) {
        for (int k = 0; k < volume; k++) phi[k] += step * momentum[k];
        push(phi, momentum, size, kappa, coupling, leap < steps - 1 ? step : step / 2);
      }
      if (uniform(state) < exp(before - energy(phi, momentum, size, kappa, coupling)))
        memcpy(field, phi, volume * sizeof *phi);
    }
  }
  free(phi);
  free(momentum);
}
