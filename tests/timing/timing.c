/* Welch's t-test over the times of two classes of inputs (README.md). */
#include "timing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef __SSE2__
#include <x86intrin.h>
#endif

static const double threshold = 4.5;
enum { SAMPLES = 1000000, PILOT = 10000 };

uint32_t noise(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

void make_noise(uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)noise();
}

/* Ticks of the processor's clock, nanoseconds elsewhere. */
static uint64_t now(void)
{
#ifdef __SSE2__
    unsigned processor;
    _mm_lfence();
    const uint64_t ticks = __rdtscp(&processor);
    _mm_lfence();
    return ticks;
#else
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
#endif
}

/* Mean and sum of squared deviations, one sample after the other (Welford). */
struct moments {
    double n, mean, squares;
};

static void add(struct moments *m, double x)
{
    const double before = x - m->mean;
    m->n++;
    m->mean += before / m->n;
    m->squares += before * (x - m->mean);
}

static double welch(const struct moments m[CLASSES])
{
    const double variance = m[0].squares / (m[0].n - 1) / m[0].n + m[1].squares / (m[1].n - 1) / m[1].n;
    return variance > 0 ? (m[0].mean - m[1].mean) / sqrt(variance) : m[0].mean == m[1].mean ? 0 : INFINITY;
}

static uint64_t sample(const struct subject *s, void *made, unsigned class)
{
    s->prepare(made, class, noise() % INPUTS);
    const uint64_t begin = now();
    s->run(made);
    return now() - begin;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The time that nine of ten samples do not exceed. */
static uint64_t bound_of(const struct subject *s, void *made)
{
    static uint64_t times[PILOT];
    for (size_t i = 0; i < PILOT; i++)
        times[i] = sample(s, made, noise() % CLASSES);
    qsort(times, PILOT, sizeof *times, by_size);
    return times[PILOT / 10 * 9];
}

/* Whether it is as it has to be. */
static bool measure(const struct subject *s, struct wt_crypto *crypto, unsigned long samples)
{
    struct moments m[CLASSES] = {{0}};
    void *made = s->make(crypto, s->how);
    if (!made) {
        printf("%-44s cannot be made here\n", s->name);
        return false;
    }
    const uint64_t bound = bound_of(s, made);
    for (unsigned long i = 0; i < samples; i++) {
        const unsigned class = noise() % CLASSES;
        const uint64_t time = sample(s, made, class);
        if (time <= bound)
            add(&m[class], (double)time);
    }
    s->release(made);
    const double t = welch(m);
    const bool differs = fabs(t) >= threshold;
    printf("%-44s %9.0f %9.0f  %12.1f %12.1f  %9.2f  %s\n", s->name, m[0].n, m[1].n, m[0].mean, m[1].mean, t,
           differs == s->differs ? differs ? "seen, as it has to be" : "alike"
           : differs             ? "DIFFERS"
                                 : "NOT SEEN");
    fflush(stdout);
    return differs == s->differs;
}

int main(int argc, char **argv)
{
    const struct subject *const lists[] = {subjects_cbc, subjects_equal, subjects_rsa, subjects_ticket};
    const unsigned long samples = argc > 1 ? strtoul(argv[1], NULL, 10) : SAMPLES;
    struct wt_crypto *crypto = wt_crypto_new();
    bool good = crypto && samples > 1;
    if (!good) {
        fprintf(stderr, "usage: timing [SAMPLES [PART OF A NAME]]\n");
        return 2;
    }
    printf("%-44s %9s %9s  %12s %12s  %9s\n", "", "samples", "", "mean", "", "t");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const struct subject *s = lists[i]; s->name; s++)
            if (argc < 3 || strstr(s->name, argv[2]))
                good &= measure(s, crypto, samples);
    wt_crypto_free(crypto);
    return good ? 0 : 1;
}
