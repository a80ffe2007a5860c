/* What is timed: subjects, each with inputs of two classes. */
#ifndef WT_TESTS_TIMING_TIMING_H
#define WT_TESTS_TIMING_TIMING_H

#include "crypto/library.h"

enum { CLASSES = 2, INPUTS = 32 }; /* inputs of each class */

struct subject {
    const char *name;
    bool differs; /* it is a twin, which has to be found out */
    const void *how;
    /* NULL: it cannot be made here. */
    void *(*make)(struct wt_crypto *crypto, const void *how);
    void (*release)(void *made);
    /* Lays the input out; not timed. */
    void (*prepare)(void *made, unsigned class, unsigned input);
    void (*run)(void *made);
};

/* Lists that end with a name of NULL. */
extern const struct subject subjects_cbc[], subjects_rsa[], subjects_equal[], subjects_ticket[];

/* The same numbers in each run. */
uint32_t noise(void);
void make_noise(uint8_t *p, size_t n);

#endif
